// The ruler: every learning rate from left to right, with its final loss, zones and limits; a handle for each lane.
import { find, html, say } from './html.js';
import { decades, inWords } from './numbers.js';
import { Picture } from './picture.js';
import { rowsOf } from './rows.js';

const LETTER = 7.5;  // px: one of a limit's words

/** Draws the ruler and tells `move(lane, rate)` where a handle is dragged or stepped to, `let(lane)` when it is let go. */
export class Ruler {
  /** @param {Record<string, any>} spec @param {{move: (lane: number, rate: number) => void, step: (lane: number, by: number) => void}} tell */
  constructor(spec, tell) {
    this.tell = tell;
    this.root = html`<div class="ruler st-key-slide-the-ruler"><div class="track"><div class="chart" role="img"></div></div>
      <p class="about"><span class="zones"></span><span class="limit"></span></p></div>`;
    this.track = find(this.root, '.track');
    this.picture = new Picture(find(this.root, '.chart'), spec);
    this.track.addEventListener('pointerdown', (/** @type {PointerEvent} */ event) => this.clicked(event));
    /** @type {HTMLElement[]} */
    this.handles = [];
    /** @type {number[]} */
    this.places = [];
    this.wide = 0;
    /** @type {[number, number]} */
    this.ends = [1e-6, 1];
  }

  /** What it shows of this deck, over these ends. @param {import('./deck.js').Deck} deck @param {[number, number]} ends */
  show(deck, ends) {
    const { sweep, limit, below } = deck.header, [low, high] = ends;
    this.ends = ends;
    this.limit = limit;
    const edges = [low, limit.overshoot, limit.predicted, high].map((edge) => Math.min(high, Math.max(low, edge)));
    const zones = deck.header.zones.map((/** @type {string} */ zone, /** @type {number} */ k) => ({ from: edges[k], to: edges[k + 1], zone }));
    this.picture.set('low', low).set('high', high).set('powers', decades(low, high, 9));
    this.picture.rows('sweep', rowsOf(sweep)).rows('zones', zones).rows('limits', rowsOf(limit.marks)).rows('below', rowsOf(below));
    find(this.root, '.zones').replaceChildren(...zones.map((/** @type {{zone: string}} */ { zone }, /** @type {number} */ k) => html`<span class="zone zone-${k}"><i></i>${zone}</span>`));
    say(find(this.root, '.limit'), limit.words);
    const told = `Loss after ${sweep.epochs.toLocaleString('en')} epochs for ${sweep.rate.length} learning rates from ${inWords(low)} to ${inWords(high)}. `
      + `Steps overshoot above ${inWords(limit.overshoot)}; unstable above ${inWords(limit.predicted)}.`;
    find(this.root, '.chart').setAttribute('aria-label', told);
    return this.picture.run();
  }

  /** A handle for each lane. @param {string[]} letters @param {boolean} locked */
  lanes(letters, locked) {
    this.handles.forEach((handle) => handle.remove());
    this.wide = 0;
    this.locked = locked;
    this.handles = letters.map((letter, lane) => {
      const handle = html`<div class="handle" data-handle="${letter}" role="slider" tabindex="${locked ? -1 : 0}" aria-label="Learning rate of lane ${letter}, on the ruler"><b>${letter}</b><i></i></div>`;
      handle.style.setProperty('--hue', `var(--hue-${letter})`);
      handle.style.setProperty('--ink', `var(--ink-${letter})`);
      if (locked) handle.setAttribute('aria-disabled', 'true');
      else this.hold(handle, lane);
      this.track.append(handle);
      return handle;
    });
  }

  /** @param {HTMLElement} handle @param {number} lane */
  hold(handle, lane) {
    handle.addEventListener('pointerdown', (event) => {
      handle.setPointerCapture(event.pointerId);
      handle.classList.add('held');
      const grip = event.clientX - (handle.getBoundingClientRect().left + handle.offsetWidth / 2);
      const move = (/** @type {PointerEvent} */ moved) => this.tell.move(lane, this.rateAt(moved.clientX - grip));
      const done = () => {
        handle.classList.remove('held');
        handle.removeEventListener('pointermove', move);
        ['pointerup', 'pointercancel', 'lostpointercapture'].forEach((name) => handle.removeEventListener(name, done));
      };
      handle.addEventListener('pointermove', move);
      ['pointerup', 'pointercancel', 'lostpointercapture'].forEach((name) => handle.addEventListener(name, done));
    });
    handle.addEventListener('keydown', (event) => {
      const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 5, PageDown: -5, Home: -1e9, End: 1e9 }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      this.tell.step(lane, by);
    });
  }

  /** A click beside the handles brings the nearest of them there; a finger may only have scrolled. @param {PointerEvent} event */
  clicked(event) {
    if (event.pointerType !== 'mouse' || event.button || this.locked || !this.picture.view) return;
    if (/** @type {Element} */ (event.target).closest('.handle')) return;
    const at = event.clientX - this.track.getBoundingClientRect().left, away = this.places.slice(0, this.handles.length).map((place) => Math.abs(place - at));
    this.tell.move(away.indexOf(Math.min(...away)), this.rateAt(event.clientX));
  }

  /** The rate at a place of the screen. @param {number} clientX */
  rateAt(clientX) {
    const zoom = this.picture.zoom || 1, left = this.track.getBoundingClientRect().left;
    const rate = this.picture.view.scale('x').invert((clientX - left) / zoom - this.picture.view.origin()[0]);
    return Math.min(this.ends[1], Math.max(this.ends[0], rate));
  }

  /** Put a lane's handle at its rate. @param {number} lane @param {number} rate @param {string} words */
  place(lane, rate, words) {
    const handle = this.handles[lane];
    if (!handle || !this.picture.view) return;
    const at = this.picture.across(rate), power = (/** @type {number} */ value) => Math.log10(value).toFixed(4);
    handle.style.left = `${100 * at / (this.picture.drawn * (this.picture.zoom || 1))}%`;  // on paper the picture shrinks
    handle.setAttribute('aria-valuemin', power(this.ends[0]));  // 1e-6 is no number to ARIA
    handle.setAttribute('aria-valuemax', power(this.ends[1]));
    handle.setAttribute('aria-valuenow', power(rate));
    handle.setAttribute('aria-valuetext', words);
    this.places[lane] = at;
  }

  /** Letters that would lie on one another stand beside, their lines where they are. */
  spread() {
    const width = (this.wide ||= this.handles[0].offsetWidth + 2);
    const placed = this.handles.map((handle, lane) => ({ handle, at: this.places[lane] || 0 }));
    placed.sort((a, b) => a.at - b.at);
    const letters = placed.map(({ at }) => at), last = letters.length - 1;
    for (let k = 1; k <= last; k += 1) letters[k] = Math.max(letters[k], letters[k - 1] + width);
    letters[last] = Math.min(letters[last], Math.max(placed[last].at, this.picture.drawn * (this.picture.zoom || 1) - width / 2));
    for (let k = last - 1; k >= 0; k -= 1) letters[k] = Math.min(letters[k], letters[k + 1] - width);
    placed.forEach(({ handle, at }, k) => handle.style.setProperty('--aside', `${letters[k] - at}px`));
    this.clear();
  }

  /** The words of a limit go to its other side where a handle's line would cross them and there it would not. */
  clear() {
    if (!this.picture.view) return;
    const zoom = this.picture.zoom || 1, [left] = this.picture.view.origin(), wide = (/** @type {string} */ words) => zoom * (LETTER * words.length + 10);
    const marks = /** @type {{rate: number, words: string}[]} */ (/** @type {unknown} */ (rowsOf(this.limit?.marks ?? {}))), places = this.places.slice(0, this.handles.length);
    const free = (/** @type {number} */ side) => marks.every(({ rate, words }) => {
      const from = this.picture.across(rate), to = from + side * wide(words), inside = to > zoom * left && to < zoom * this.picture.drawn;
      return inside && !places.some((place) => (place - from) * side >= 0 && Math.abs(place - from) <= Math.abs(to - from));
    });
    const side = [-1, 1].filter(free).length === 1 ? (free(1) ? 1 : -1) : 0;
    if (this.picture.values.side !== side) this.picture.set('side', side).run();
  }
}
