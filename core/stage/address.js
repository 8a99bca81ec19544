// The address bar while the hand moves, and the way back: what the page will be sent when the hand rests.
import { asPython } from './numbers.js';

const DELAY = 400;  // ms
const MOST = 200;  // states one can go back to

/**
 * The words of a link around its learning rates: what stands before and after them, and the rates that need no word.
 * @typedef {{before: string, after: string, usual: number[]}} LinkWords
 */

/** The query of a link, as the server writes it. @param {LinkWords} words @param {number[]} rates */
export function linkQuery(words, rates) {
  const usual = rates.length === words.usual.length && rates.every((rate, k) => rate === words.usual[k]);
  const lanes = usual ? [] : rates.map((rate) => `lr=${asPython(rate)}`);
  return [words.before, ...lanes, words.after].filter(Boolean).join('&');
}

/**
 * The address bar. Streamlit writes the same words when the hand rests, and makes no entry of what is there already.
 * A browser takes 5 ms to change it and refuses many changes a second, so it follows the hand with a short delay.
 */
export class AddressBar {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  later;

  /** @type {string | undefined} */
  text;

  /** Show this query: as a new entry of the browser's history, or in place of the newest. @param {string} text @param {boolean} isNew */
  show(text, isNew) {
    if (isNew) this.write(text, true);
    else {
      this.text = text;
      this.later ||= setTimeout(() => this.settle(), DELAY);
    }
  }

  /** Write what has not been written yet. */
  settle() {
    clearTimeout(this.later);
    if (this.later && this.text !== undefined) this.write(this.text, false);
    this.later = undefined;
  }

  /** @param {string} text @param {boolean} isNew */
  write(text, isNew) {
    if (window.location.search.replace(/^\?/, '') === text) return;
    const address = window.location.pathname + (text && `?${text}`);
    try {
      if (isNew) window.history.pushState({}, '', address);
      else window.history.replaceState({}, '', address);
    } catch {
      // Some browsers keep the address of a file as it is: there it does not follow the hand.
    }
  }

  leave() {
    clearTimeout(this.later);
  }
}

/** What one did, to be undone and done again: each state is the query of a link. */
export class Undo {
  constructor() {
    /** @type {string[]} */
    this.states = [];
    this.at = -1;
  }

  /** The state that one is at. */
  get now() {
    return this.states[this.at];
  }

  /** The state now; nothing that was undone can be done again after it. @param {string} state */
  note(state) {
    if (state === this.states[this.at]) return;
    this.states = [...this.states.slice(0, this.at + 1), state].slice(-MOST);
    this.at = this.states.length - 1;
  }

  /** The state to go to, one step back (-1) or on (1); undefined where there is none. @param {-1 | 1} way */
  go(way) {
    if (!this.can(way)) return undefined;
    this.at += way;
    return this.states[this.at];
  }

  /** @param {-1 | 1} way */
  can(way) {
    return this.at + way >= 0 && this.at + way < this.states.length;
  }
}
