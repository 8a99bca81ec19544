/** The way back, and the query of a link. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AddressBar, linkQuery, Undo } from '../../../core/stage/address.js';

test('one goes back through what one did, and on again', () => {
  const undo = new Undo();
  assert.deepEqual([undo.can(-1), undo.can(1), undo.go(-1)], [false, false, undefined]);
  for (const state of ['a', 'b', 'b', 'c']) undo.note(state);
  assert.deepEqual([undo.go(-1), undo.go(-1), undo.go(-1), undo.can(-1)], ['b', 'a', undefined, false]);
  assert.deepEqual([undo.go(1), undo.go(1), undo.go(1), undo.can(1)], ['b', 'c', undefined, false]);
});

test('who goes back and does something else has no way on', () => {
  const undo = new Undo();
  for (const state of ['a', 'b', 'c']) undo.note(state);
  undo.go(-1);
  undo.note('b');
  assert.ok(undo.can(1), 'to be where one is, is nothing new');
  undo.note('d');
  assert.ok(!undo.can(1));
  assert.deepEqual([undo.go(-1), undo.go(-1)], ['b', 'a']);
});

test('of very many states the oldest go', () => {
  const undo = new Undo();
  for (let k = 0; k < 1000; k += 1) undo.note(String(k));
  let oldest = '', states = 1;
  for (let state = undo.go(-1); state !== undefined; state = undo.go(-1), states += 1) oldest = state;
  assert.deepEqual([states, oldest], [200, '800']);
});

test('rates that need no word have none, and any other order or number has', () => {
  const words = { before: 'data=x', after: 'epochs=5&v=1', usual: [1e-6, 0.01, 1] };
  assert.equal(linkQuery(words, [1e-6, 0.01, 1]), 'data=x&epochs=5&v=1');
  assert.equal(linkQuery(words, [0.01, 1e-6, 1]), 'data=x&lr=0.01&lr=1e-06&lr=1.0&epochs=5&v=1');
  assert.equal(linkQuery({ ...words, before: '', after: '' }, [1e-6, 0.01]), 'lr=1e-06&lr=0.01');
  assert.equal(linkQuery({ ...words, before: '', after: '' }, [1e-6, 0.01, 1]), '');
});

test('an address that a browser will not change, as of a file, stays, and nothing else stops', () => {
  const refuse = () => { throw new Error('SecurityError'); };
  const asked = [];
  globalThis.window = {
    location: { search: '', pathname: '/lab/compare.html' },
    history: { pushState: (...words) => { asked.push(words[2]); refuse(); }, replaceState: refuse },
  };
  new AddressBar().show('preset=penguins', true);
  assert.deepEqual(asked, ['/lab/compare.html?preset=penguins']);
  delete globalThis.window;
});
