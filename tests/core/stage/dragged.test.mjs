// Which rows a dragged chart shows at each stop of its slider.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byStop } from '../../../core/stage/dragged.js';

test('each stop has its own rows, and one without any has none', () => {
  const rows = [{ stop: 0, w: 1 }, { stop: 2, w: 5 }, { stop: 0, w: 2 }];
  assert.deepEqual(byStop(rows, 3), [[rows[0], rows[2]], [], [rows[1]]]);
});

test('a table that names no stop is shown whole at each', () => {
  const rows = [{ w: 1 }, { w: 2 }];
  assert.deepEqual(byStop(rows, 2), [rows, rows]);
  assert.deepEqual(byStop([], 2), [[], []]);
});
