// Which charts are in sight. Those are drawn at once; the others when they come into sight, or when the hand pauses.

const PAUSE = 100;  // ms without a change after which what is out of sight is drawn too

/** @typedef {() => unknown} Draw */

export class Sight {
  constructor() {
    /** @type {IntersectionObserver | undefined} */
    this.observer = undefined;
    /** @type {WeakMap<Element, Draw>} */
    this.draws = new WeakMap();
    /** @type {WeakSet<Element>} */
    this.hidden = new WeakSet();
    /** @type {Set<Element>} those whose chart is not drawn as it should be */
    this.waiting = new Set();
  }

  /** Watch the place of a chart, which counts as in sight until the browser says otherwise. @param {Element} place @param {Draw} draw */
  watch(place, draw) {
    this.observer ??= new IntersectionObserver((entries) => entries.forEach((entry) => this.moved(entry.target, entry.isIntersecting)));
    this.draws.set(place, draw);
    this.observer.observe(place);
  }

  /** Draw the chart of a place: now, or where it is out of sight, later. @param {Element} place @returns {unknown} */
  draw(place) {
    if (this.sees(place)) return this.draws.get(place)?.();
    this.waiting.add(place);
    clearTimeout(this.pause);
    this.pause = setTimeout(() => [...this.waiting].forEach((each) => this.catchUp(each)), PAUSE);
    return undefined;
  }

  /** @param {Element} place */
  sees(place) {
    return !this.hidden.has(place);
  }

  /** A place comes into sight, or leaves it. @param {Element} place @param {boolean} seen */
  moved(place, seen) {
    if (!seen) this.hidden.add(place);
    else if (this.hidden.delete(place)) this.catchUp(place);
  }

  /** @param {Element} place */
  catchUp(place) {
    if (this.waiting.delete(place)) this.draws.get(place)?.();
  }

  /** The chart is gone. @param {Element} place */
  leave(place) {
    this.waiting.delete(place);
    this.draws.delete(place);
    this.observer?.unobserve(place);
  }
}
