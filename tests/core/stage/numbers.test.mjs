/** What somebody typed is read as it was meant, or refused in a sentence. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readNumber, readRate } from '../../../core/stage/numbers.js';

const LIMITS = [1e-12, 1e6];
const READ = {
  '0.08': 0.08, '.08': 0.08, '8e-2': 0.08, '8E-2': 0.08, '+8e-2': 0.08, ' 0.08 ': 0.08, '0,08': 0.08, '1,5': 1.5,
  '1e-6': 1e-6, '1·10^-6': 1e-6, '1 × 10^-6': 1e-6, '1*10-6': 1e-6, '1x10^3': 1000, '10⁻⁶': 1e-6, '5.61\u00a0×\u00a010²⁸': 5.61e28, '2·10⁻³': 2e-3, '−10⁹': -1e9, '−2': -2, '-2': -2, '5.': 5,
  '1,234,567': 1234567, '12,345,678': 12345678, '0,001': 0.001, '1234,5': 1234.5, '1e5': 1e5, 0: 0,
};

for (const [typed, value] of Object.entries(READ))
  test(`${typed} is read`, () => assert.deepEqual(readNumber(typed), { value }));

for (const typed of ['', '   ', 'abc', '1..2', '1e', 'e5', 'Infinity', 'NaN', '0x10', '1_0', '٣', '--1', '1,2,3', '1.2,3', '<b>1</b>'])
  test(`${typed.slice(0, 20) || 'nothing'} is refused with an example`, () => {
    const { refusal, value } = readNumber(typed);
    assert.equal(value, undefined);
    assert.match(refusal, /Write it as 0\.08, 8e-2 or 1e-6\.$/);
    assert.ok(refusal.length < 100);
  });

test('a comma that may mean either is told with both', () => {
  assert.match(readNumber('1,234').refusal, /may mean 1234 or 1\.234: write it without a comma/);
  assert.match(readNumber('12,500').refusal, /12500 or 12\.5/);
});

test('a learning rate is within its limits, and above 0 for a reason', () => {
  for (const typed of ['1e-12', '1e6', '0.08']) assert.deepEqual(readRate(typed, LIMITS), { value: Number(typed) });
  for (const typed of ['0', '-1', '-1e-30']) assert.match(readRate(typed, LIMITS).refusal, /^A learning rate must be above 0: /);
  for (const typed of ['9e-13', '1000001', '1e400', '1'.repeat(400)]) assert.equal(readRate(typed, LIMITS).refusal, 'A learning rate must be from 1e-12 to 1e6.');
  assert.match(readRate('fast', LIMITS).refusal, /not a number/);
});
