/** A deck that can't be had is told in a sentence. */

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';

import { fetchDeck } from '../../../core/stage/deck.js';

const { fetch } = globalThis;
/** @type {string[]} */
let asked = [];

beforeEach(() => {
  asked = [];
  globalThis.document = { baseURI: 'http://lab.example/below/' };
});
afterEach(() => { globalThis.fetch = fetch; delete globalThis.document; });

/** Every request is answered with this. @param {() => Response | Promise<never>} answer */
function answered(answer) {
  globalThis.fetch = async (address) => {
    asked.push(String(address));
    return answer();
  };
}

test('a server that can not be reached', async () => {
  answered(() => { throw new TypeError('Failed to fetch'); });
  await assert.rejects(fetchDeck('deck?lr=0.1'), { message: 'The lab could not be reached' });
  assert.deepEqual(asked, ['http://lab.example/below/deck?lr=0.1'], 'below the path that the lab is served at');
});

test('a refusal in a sentence is told, without its full stop, as more follows', async () => {
  answered(() => new Response("This deck can't be made now: too much is asked for at once.", { status: 503 }));
  await assert.rejects(fetchDeck('deck'), { message: "This deck can't be made now: too much is asked for at once" });
});

for (const [what, body] of Object.entries({ 'a page of HTML': '<html><h1>502 Bad Gateway</h1></html>', 'a very long text': 'x'.repeat(5000) }))
  test(`${what} of a proxy is told by its number`, async () => {
    answered(() => new Response(body, { status: 502 }));
    await assert.rejects(fetchDeck('deck'), { message: 'The lab answered 502' });
  });

for (const body of ['hello, this is a captive portal', '', new Uint8Array([255, 0, 0, 0, 123]), new Uint8Array([2, 0, 0, 0, 123, 125])])
  test(`what is no deck (${String(body).slice(0, 12)}) is told, and is no picture`, async () => {
    answered(() => new Response(body));
    await assert.rejects(fetchDeck('deck'), { message: 'The answer of the lab was cut short, or is none of its own' });
  });
