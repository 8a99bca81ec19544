/** What a seat's page works out before it draws anything. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { answerWords, classSvg, codeOf, curveSvg, inWords, noteWords, numberOf, phaseWords } from '../../room/seat_parts.js';

const SWEEP = { low: 1e-5, high: 1 };

test('a code is taken as people type it, and nothing else is', () => {
  assert.equal(codeOf('ab3cd'), 'AB3CD');
  assert.equal(codeOf(' AB 3-CD '), 'AB3CD');
  for (const text of ['', 'AB3C', 'AB3CDE', 'AB3C/', '../AB', 'ÄB3CD']) assert.equal(codeOf(text), '', text);
});

test('a number may have the comma of a phone\'s keys, a true minus, a power of ten', () => {
  const read = { '4,2': 4.2, '4.2': 4.2, ' −2,5 ': -2.5, '-0,0845': -0.0845, '1e-6': 1e-6, '2,47·10^-5': 2.47e-5, ',5': 0.5, '7.': 7, '+3': 3, '1,234.5': 1234.5, '1,234,567': 1234567 };
  for (const [text, number] of Object.entries(read)) assert.equal(numberOf(text), number, text);
  for (const text of ['', 'w', '1.2.3', '1,2,3', '--1', '4 2x', '1e9999', '.', '-', 'Infinity', '0x10']) assert.ok(Number.isNaN(numberOf(text)), text);
});

test('numbers are written as everywhere in the lab', () => {
  const written = { 4.2: '4.2', '-1': '−1', 0: '0', 22572: '22,572', 0.0845241: '0.08452', 1e-6: '10⁻⁶', 2.47e-5: '2.47\u00a0×\u00a010⁻⁵', 5.61e28: '5.61\u00a0×\u00a010²⁸', 100: '100', 1000: '1,000', 0.001: '0.001', '-0.00012': '−1.2\u00a0×\u00a010⁻⁴', 999999.7: '10⁶' };
  for (const [number, words] of Object.entries(written)) assert.equal(inWords(Number(number)), words);
});

test('a late seat is told which step it joins, in every phase but the last', () => {
  const told = { step: 2, of: 5, round: 1, asked: { kind: 'choice' }, frozen: false };
  for (const phase of ['lobby', 'open', 'closed', 'discuss', 'revealed']) assert.match(phaseWords({ ...told, phase }, true), /^You join at step 3 of 5\. [A-Z]/);
  assert.doesNotMatch(phaseWords({ ...told, phase: 'ended' }, true), /join/);
  assert.match(phaseWords({ ...told, phase: 'open', frozen: true }), /wait/);
});

test('a sweep has no votes and no answers', () => {
  const told = { step: 2, of: 5, round: 2, asked: { kind: 'rate', chooses: true }, frozen: false };
  for (const phase of ['open', 'closed', 'discuss', 'revealed']) assert.doesNotMatch(phaseWords({ ...told, phase }), /vote|answer/);
});

test('an answer is called sent when it is stored, and not before', () => {
  const open = { kind: 'choice', phase: 'open', frozen: false, lost: false, tries: 0, refused: '', pending: undefined, kept: undefined };
  assert.equal(noteWords(open), '');
  assert.equal(noteWords({ ...open, pending: 1 }), 'Sending …');
  assert.match(noteWords({ ...open, pending: 1, kept: 0, tries: 1 }), /^Not stored yet: B\./);
  assert.match(noteWords({ ...open, pending: 1, lost: true }), /^Connection lost, trying again\. Your answer is kept/);
  assert.equal(noteWords({ ...open, kept: 0 }), 'Sent: A. You may still change it.');
  assert.equal(noteWords({ ...open, kept: 0, refused: 'This step is closed.' }), 'This step is closed. Your answer: A.');
  assert.doesNotMatch(noteWords({ ...open, kept: 0, frozen: true }), /change/);
  assert.equal(noteWords({ ...open, kept: 0, phase: 'lobby' }), '');
});

test('an answer in words', () => {
  assert.deepEqual([answerWords('choice', 2), answerWords('number', -2.5), answerWords('rate', 0.01)], ['C', '−2.5', 'rate 0.01']);
});

test('a curve keeps its frame, its words are escaped, and one that left says so', () => {
  const run = { rate: 0.2, points: [[0, 0.5], [1, 1]], left: false, low: '10⁻⁷', high: '100', epochs: 1000, verdict: '<b>"Good"</b>' };
  const drawn = curveSvg(run);
  assert.match(drawn, /<polyline class="own" points="8\.0,88\.0 314\.0,26\.0"\/>/);
  assert.doesNotMatch(drawn, /<b>|left the chart/);
  assert.match(drawn, /1,000 epochs/);
  assert.match(curveSvg({ ...run, left: true }), /The loss left the chart.*>left the chart</s);
  assert.doesNotMatch(curveSvg({ ...run, points: [], left: true }), /undefined|NaN/);
});

test('the class\'s runs: each has its mark, losses that grew stand apart, one\'s own is told', () => {
  const points = [[1e-5, 40], [1e-3, 1], [1e-2, 1e-4], [0.1, 1e200], [0.5, null]];
  const drawn = classSvg({ points, limit: 0.08 }, SWEEP, 1e-3);
  assert.equal(drawn.match(/class="other"/g).length, 3);
  assert.equal(drawn.match(/class="gone"/g).length, 2);
  assert.match(drawn, />you</);
  assert.match(drawn, /class="limit".*/);
  assert.match(drawn, /10⁻⁴ to 40/);
  assert.doesNotMatch(classSvg({ points, limit: null }, SWEEP, 0.3), /you<|class="limit"/);
  for (const few of [[[0.5, null]], [[0.1, 0], [0.2, 0]], [[0.1, 3]]]) assert.doesNotMatch(classSvg({ points: few, limit: null }, SWEEP, 0.1), /NaN|Infinity|undefined/);
});
