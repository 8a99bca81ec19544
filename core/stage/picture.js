// A chart: drawn once from its spec, then fed with rows and parameters.
import { Sight } from './sight.js';

const LONGEST_LOAD = 5000;  // ms that an image is waited for at most: who has none sees the rest of the chart
const HALL = 900;  // px of a screen that the heights for a hall are made for
export const sight = new Sight();

/** The height on this screen, px, of what is so high on one of 900. @param {number} height */
export const inAHall = (height) => Math.round(height * Math.min(1.6, window.innerHeight / HALL));

/**
 * A spec with the places it names, "@axes.losses.0", filled by what the header of a deck has there.
 * @param {any} part @param {Record<string, any>} header @returns {any}
 */
export function filled(part, header) {
  if (typeof part === 'string' && /^@[\w.]+$/.test(part)) {
    return part.slice(1).split('.').reduce((inside, name) => inside[name], /** @type {any} */ (header));
  }
  if (Array.isArray(part)) return part.map((each) => filled(each, header));
  if (part === null || typeof part !== 'object') return part;
  return Object.fromEntries(Object.entries(part).map(([name, each]) => [name, filled(each, header)]));
}

/** Images take moments to load: till then what was drawn before stays. @param {HTMLElement} slot */
export async function loaded(slot) {
  const latest = performance.now() + LONGEST_LOAD;
  /** @type {() => SVGImageElement[]} */
  const images = () => [...slot.querySelectorAll('image')];
  const waits = () => images().some((image) => image.getAttribute('width') !== '0' && !image.href.baseVal);
  while (waits() && performance.now() < latest) await new Promise((done) => setTimeout(done, 10));
}

/** One chart in its place. What it was told before it is drawn, or while it is drawn anew, is kept. */
export class Picture {
  /** @param {HTMLElement} place @param {Record<string, any>} spec @param {Record<string, any>} [values] */
  constructor(place, spec, values = {}) {
    this.place = place;
    this.spec = spec;
    /** @type {any} */
    this.view = null;
    /** @type {Record<string, any[]>} */
    this.tables = {};
    /** @type {Record<string, any>} */
    this.values = { ...values };
    this.round = 0;
    this.drawn = 0;
    sight.watch(place, () => this.now());
    place.addEventListener('take-height', (told) => {  // of a slide that is higher than the screen
      const { height, drawn } = /** @type {CustomEvent} */ (told).detail;
      drawn.push(this.take(height));
    });
  }

  /** Take this height. @param {number} height */
  async take(height) {
    this.place.dataset.height = String(height);
    this.place.style.minHeight = `${height}px`;
    if (this.wraps()) await this.draw(this.theme || 'light', this.zoom || 1);
    else await this.view?.height(height).resize().runAsync();
  }

  /** Whether its legend has as many columns as it is wide: resized it would keep the room it had. */
  wraps() {
    return this.view && /"columns":\{/.test(JSON.stringify(this.spec));
  }

  /**
   * Draw it, for a page in this theme; zoom: how much larger than on a screen nearby; width: of its place, where that is
   * known.  made: called once it is made; it is shown when its images are loaded.
   * @param {string} theme @param {number} zoom @param {number} [width] @param {() => void} [made]
   */
  async draw(theme, zoom, width, made = () => {}) {
    this.zoom = zoom;
    this.theme = theme;
    width ??= this.width();
    if (width <= 0) return;
    const mine = (this.round += 1);
    const text = JSON.stringify(this.spec).replace(/(#[0-9A-Fa-f]{6})\|(#[0-9A-Fa-f]{6})/g, theme === 'dark' ? '$2' : '$1');
    const slot = document.createElement('div');
    slot.setAttribute('aria-hidden', 'true');  // told in words by its place; Vega gives each mark a role without a name
    const spec = { ...JSON.parse(text), width }, mode = spec.$schema ? 'vega' : 'vega-lite';
    if (zoom > 1 && spec.usermeta?.hall) spec.height = inAHall(spec.usermeta.hall);
    if (this.place.dataset.height) spec.height = Number(this.place.dataset.height);
    // What it was told stands in the spec, so that it is drawn once.
    const tables = { ...this.tables }, values = { ...this.values };
    if (mode === 'vega-lite') spec.datasets = { ...spec.datasets, ...tables };
    else for (const data of spec.data || []) if (data.name in tables) data.values = tables[data.name];
    for (const signal of spec.signals || spec.params || []) if (signal.name in values) signal.value = values[signal.name];
    const { view } = await window.vegaEmbed(slot, spec, { mode, actions: false, renderer: 'svg', ast: true, tooltip: { theme } });
    if (mine !== this.round) {
      view.finalize();
      return;
    }
    this.view?.finalize();
    this.view = view;
    this.drawn = width;
    for (const [name, rows] of Object.entries(this.tables)) if (rows !== tables[name]) view.data(name, rows);
    for (const [name, value] of Object.entries(this.values)) if (value !== values[name]) view.signal(name, value);
    if (/"columns":\{/.test(text)) view.resize();  // a legend whose columns follow the width was laid out for another one
    await view.runAsync();
    made();
    await loaded(slot);
    if (mine !== this.round) return;
    slot.style.zoom = String(zoom);
    this.place.replaceChildren(slot);
  }

  width() {
    return Math.floor(this.place.clientWidth / (this.zoom || 1));
  }

  /** Give it other rows. @param {string} name @param {any[]} rows */
  rows(name, rows) {
    this.tables[name] = rows;
    this.view?.data(name, rows);
    return this;
  }

  /** Set a parameter. @param {string} name @param {any} value */
  set(name, value) {
    this.values[name] = value;
    this.view?.signal(name, value);
    return this;
  }

  /** Draw what it was told, in sight or not. */
  now() {
    return this.view?.runAsync();
  }

  /** Draw what it was told: at once where it is in sight. */
  run() {
    return sight.draw(this.place);
  }

  /** Take the width of its place, where that has changed. */
  async fit() {
    if (!this.view) {
      if (this.theme) await this.draw(this.theme, this.zoom || 1);
      return;
    }
    const width = this.width();
    if (width > 0 && width !== this.drawn) {
      this.drawn = width;
      if (this.wraps()) await this.draw(this.theme || 'light', this.zoom || 1, width);
      else await this.view.width(width).resize().runAsync();
    }
  }

  /** px from the left of its place at which a value of x stands. @param {number} value */
  across(value) {
    return (this.zoom || 1) * (this.view.origin()[0] + this.view.scale('x')(value));
  }

  /** The values of x and y under a pointer. @param {PointerEvent | MouseEvent} event @returns {[number, number]} */
  under(event) {
    const box = this.place.getBoundingClientRect(), [left, top] = this.view.origin(), zoom = this.zoom || 1;
    const x = this.view.scale('x').invert((event.clientX - box.left) / zoom - left);
    return [x, this.view.scale('y').invert((event.clientY - box.top) / zoom - top)];
  }

  /** The picture as a PNG of two pixels a px, on paper. @param {string} paper @returns {Promise<Blob>} */
  async png(paper) {
    await this.view.runAsync();
    const before = this.view.background();
    const canvas = await this.view.background(paper).toCanvas(2);
    this.view.background(before);
    return new Promise((done) => { canvas.toBlob(done, 'image/png'); });
  }

  end() {
    this.round += 1;
    sight.leave(this.place);
    this.view?.finalize();
    this.view = null;
  }
}
