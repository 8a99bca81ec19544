// Charts in sight are drawn at once, others when they come into sight or the hand pauses, and none is drawn twice.
import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import { Sight } from '../../../core/stage/sight.js';

let sight, place, drawn;

beforeEach(() => {
  globalThis.IntersectionObserver = class { observe() {} unobserve() {} };
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout'] });
  sight = new Sight();
  place = {};
  drawn = 0;
  sight.watch(place, () => { drawn += 1; });
});

test('a chart in sight is drawn at once', () => {
  sight.draw(place);
  assert.equal(drawn, 1);
  mock.timers.tick(1000);
  assert.equal(drawn, 1);
});

test('a chart out of sight waits for a pause of the hand, and is drawn once', () => {
  sight.moved(place, false);
  for (let movement = 0; movement < 10; movement += 1) {
    sight.draw(place);
    mock.timers.tick(20);
  }
  assert.equal(drawn, 0);
  mock.timers.tick(150);
  assert.equal(drawn, 1);
});

test('a chart that comes into sight while the hand moves is drawn as it comes', () => {
  sight.moved(place, false);
  sight.draw(place);
  sight.moved(place, true);
  assert.equal(drawn, 1);
  sight.draw(place);
  assert.equal(drawn, 2);
  mock.timers.tick(1000);
  assert.equal(drawn, 2);
});

test('a chart that comes into sight with nothing new is left as it is', () => {
  sight.moved(place, false);
  sight.moved(place, true);
  assert.equal(drawn, 0);
});

test('a chart that is gone is never drawn', () => {
  sight.moved(place, false);
  sight.draw(place);
  sight.leave(place);
  mock.timers.tick(1000);
  assert.equal(drawn, 0);
});
