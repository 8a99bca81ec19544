// A deck: many trained learning rates of one experiment, as the server packs them (core/drawing/deck.py).

/**
 * One trained rate. loss, meter: at each moment. w, b: null for a network. between: least and most since the moment before.
 * @typedef {{rate: number, loss: Float32Array, meter: Float32Array, readings: Float32Array, exits: Float32Array,
 *   w: Float32Array | null, b: Float32Array | null, lossBetween: Float32Array, wBetween: Float32Array | null,
 *   words: Record<string, string>}} Run
 */

/** What a deck brings: its moments, its runs by rate, and all that no rate changes (`header`). */
export class Deck {
  /** @param {Record<string, any>} header @param {Map<number, Run>} runs */
  constructor(header, runs) {
    this.header = header;
    /** @type {number[]} */
    this.moments = header.moments;
    this.runs = runs;
    /** @type {number[]} */
    this.rates = [];
    this.sort();
  }

  /** Take another deck's runs in: the same experiment at other rates. @param {Deck} other */
  join(other) {
    for (const [rate, run] of other.runs) this.runs.set(rate, run);
    this.sort();
  }

  sort() {
    this.rates = [...this.runs.keys()].sort((a, b) => a - b);
  }
}

/** The deck of bytes that are no longer compressed. @param {ArrayBuffer} buffer */
export function readDeck(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  /** @type {Record<string, Float32Array>} */
  const arrays = {};
  let at = 4 + length;
  for (const [name, shape] of Object.entries(header.arrays)) {
    arrays[name] = unpacked(new Uint8Array(buffer, at), shape);
    at += 4 * arrays[name].length;
  }
  const runs = new Map(header.rates.map((/** @type {number} */ rate, /** @type {number} */ k) => [rate, runAt(header, arrays, k)]));
  return new Deck(header, runs);
}

/** The numbers of one array: byte planes of whole numbers that differ from the moment before. @param {Uint8Array} bytes @param {number[]} shape */
function unpacked(bytes, shape) {
  const n = shape.reduce((a, b) => a * b), row = n / shape[0], each = row / shape[1], bits = new Uint32Array(n);
  for (let i = 0; i < n; i += 1) {
    bits[i] = bytes[i] | (bytes[n + i] << 8) | (bytes[2 * n + i] << 16) | (bytes[3 * n + i] << 24);
    if (i % row >= each) bits[i] += bits[i - each];
  }
  return new Float32Array(bits.buffer);
}

/** @param {Record<string, any>} header @param {Record<string, Float32Array>} arrays @param {number} k @returns {Run} */
function runAt(header, arrays, k) {
  /** @param {string} name */
  const row = (name) => {
    const array = arrays[name], size = array.length / header.rates.length;
    return array.subarray(k * size, (k + 1) * size);
  };
  const parameters = arrays.parameters ? row('parameters') : null;
  const words = Object.fromEntries(Object.entries(header.words).map(([name, all]) => [name, all[k]]));
  return {
    rate: header.rates[k], words, loss: row('loss'), meter: row('meter'), readings: row('readings'), exits: row('exits'),
    lossBetween: row('loss_between'), wBetween: arrays.w_between ? row('w_between') : null,
    w: parameters && parameters.filter((_, i) => i % 2 === 0), b: parameters && parameters.filter((_, i) => i % 2 === 1),
  };
}

/** The deck at an address; an Error with a sentence where there is none. @param {string} address */
export async function fetchDeck(address) {
  let answer;
  try {
    answer = await fetch(new URL(address, document.baseURI));
  } catch {
    throw new Error('The lab could not be reached');
  }
  if (!answer.ok) {
    const told = (await answer.text()).trim();
    throw new Error(told.length < 300 && !told.startsWith('<') ? told.replace(/\.$/, '') : `The lab answered ${answer.status}`);
  }
  try {
    return readDeck(await answer.arrayBuffer());
  } catch {
    throw new Error('The answer of the lab was cut short, or is none of its own');
  }
}

/** The deck that came along as text (base64 of gzip). @param {string} text */
export async function unpackDeck(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return readDeck(await new Response(plain).arrayBuffer());
}
