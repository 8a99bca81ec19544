// Pinned runs: pale lines in every chart of the loss, and a chip for each with its name.
import { fetchDeck } from './deck.js';
import { find, html } from './html.js';
import { whole } from './rows.js';

/** @typedef {{name: string, address: string, rate: number}} Pin */

export class Ghosts {
  /** @param {(place: number) => void} unpin @param {(words: string, again: () => void) => void} say told what can't be drawn */
  constructor(unpin, say) {
    this.unpin = unpin;
    this.say = say;
    this.root = html`<div class="pins"></div>`;
    /** @type {Map<string, Promise<import('./deck.js').Deck>>} */
    this.decks = new Map();
  }

  /** Name these pins, and fetch their runs; the rows to draw. @param {Pin[]} pins @param {() => void} again */
  async rows(pins, again) {
    this.root.replaceChildren(...pins.map((pin, place) => {
      const chip = html`<span class="pinned"><b>${place + 1}</b><i></i>${pin.name}<button type="button" aria-label="Unpin ${pin.name}" title="Unpin">×</button></span>`;
      find(chip, 'button').addEventListener('click', () => this.unpin(place));
      return chip;
    }));
    return (await Promise.all(pins.map((pin, place) => this.run(pin, String(place + 1), again)))).flat();
  }

  /** @param {Pin} pin @param {string} label @param {() => void} again */
  async run({ name, address, rate }, label, again) {
    if (!this.decks.has(address)) this.decks.set(address, fetchDeck(address));
    try {
      const deck = await /** @type {Promise<import('./deck.js').Deck>} */ (this.decks.get(address)), run = deck.runs.get(rate);
      return run ? whole(run, deck.moments).map((row) => ({ name, label, ...row })) : [];
    } catch (problem) {
      this.decks.delete(address);
      this.say(`The pinned run ${name} can't be drawn: ${/** @type {Error} */ (problem).message}.`, again);
      return [];
    }
  }
}
