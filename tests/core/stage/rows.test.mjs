/** Numbers beyond 32 bits are told as such, and a pinned run is cut by the chart it is drawn in alone. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { numbersAt, whole } from '../../../core/stage/rows.js';

/** A run of which only the loss matters. @param {number[]} loss */
const run = (loss) => /** @type {any} */ ({ loss: new Float32Array(loss), w: null, b: null });

test('what 32 bits can not hold is neither 0 nor infinity in words', () => {
  const told = [1e-44, 1e39, NaN, 0, 41.97].map((loss) => numbersAt(run([loss]), 0).loss);
  assert.deepEqual(told, ['below 1.2\u00a0×\u00a010⁻³⁸', 'above 3.4\u00a0×\u00a010³⁸', 'overflow', '0', '41.97']);
});

test('a pinned run has every moment, whatever axis it had where it was pinned', () => {
  const rows = whole(run([44, 1e9, 1e20, Infinity, NaN]), [0, 1, 2, 3, 4]);
  assert.deepEqual(rows.map((row) => row.epoch), [0, 1, 2, 3, 4]);
  assert.deepEqual(rows.map((row) => row.loss), [44, 1e9, Math.fround(1e20), null, null]);
});
