// Charts are made one after another, those in sight first, and what is made is painted before the next.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Turns } from '../../../core/stage/turns.js';

let happened, clock;
const real = globalThis.performance;

beforeEach(() => {
  happened = [];
  clock = 0;
  globalThis.performance = { now: () => clock };
});
test.after(() => { globalThis.performance = real; });

/** Charts by name, each of which takes so many ms; of these names are in sight. */
function make(turns, charts) {
  return Promise.all(Object.entries(charts).map(([name, takes]) => turns.take(name, async () => {
    happened.push(name);
    clock += takes;
  })));
}

function turnsFor(seen) {
  return new Turns((place) => seen.includes(place), async () => { happened.push('painted'); });
}

test('those in sight are made first, after the one that is being made', async () => {
  await make(turnsFor(['c', 'd']), { a: 1, b: 1, c: 1, d: 1 });
  assert.deepEqual(happened, ['a', 'c', 'd', 'b']);
});

test('what took long to make is painted before the next', async () => {
  await make(turnsFor(['a', 'b', 'c']), { a: 40, b: 20, c: 20, d: 1 });
  assert.deepEqual(happened, ['a', 'painted', 'b', 'c', 'painted', 'd']);
});

test('a chart that fails is told to who asked for it, and the others are made', async () => {
  const turns = turnsFor([]);
  const fails = turns.take('a', async () => { throw new Error('no such column'); });
  const made = make(turns, { b: 1 });
  await assert.rejects(fails, /no such column/);
  await made;
  assert.deepEqual(happened, ['b']);
});
