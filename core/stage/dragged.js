// A chart with a slider below: each stop has its rows, and the picture follows the hand without a call.
import { find, html, say, sayBold } from './html.js';
import { Chart, arrowRows } from './moving.js';

const RESTED = 600;  // ms after which a hand has rested

/**
 * label: what is dragged.  stops: its values in words.  at: the stop shown first.  alts, says: of each stop, the picture in
 * words and what is said below.  fixed: whether nothing is to be dragged; the slider keeps its room.
 * @typedef {{label: string, stops: string[], at: number, alts: string[], says: string[], fixed: boolean, spec: Record<string, any>, theme: string} & Record<string, any>} DraggedData
 */
class Dragged {
  /** @param {HTMLElement} root */
  constructor(root) {
    const place = html`<div></div>`;
    this.root = root;
    this.bar = html`<label class="dragged-by"><span></span><input type="range" min="0" step="1"><output></output></label>`;
    this.said = html`<p class="said"></p>`;
    root.replaceChildren(place, this.bar, this.said);
    this.chart = new Chart(place);
    this.slider = find(this.bar, 'input');
    this.slider.addEventListener('input', () => this.moved());
    /** @type {(name: string, value: unknown) => void} */
    this.tell = () => {};
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.resting = undefined;
    this.again = this.drawing = false;
  }

  /** @param {DraggedData} data */
  async update(data) {
    const { label, stops, at, alts, says, fixed, spec, theme, ...tables } = data;
    this.data = data;
    this.rows = Object.entries(tables).map(([name, table]) => /** @type {[string, any[][]]} */ ([name, byStop(arrowRows(table), stops.length)]));
    say(find(this.bar, 'span'), label);
    this.bar.style.visibility = fixed || stops.length < 2 ? 'hidden' : '';
    this.said.hidden = says.every((words) => !words);
    this.slider.max = String(stops.length - 1);
    if (!this.resting) this.slider.value = String(at);
    await this.show();
    this.root.dataset.ready = '1';
  }

  moved() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      this.resting = undefined;
      this.tell('rested', Number(this.slider.value));
    }, RESTED);
    this.show();
  }

  /** Draw the stop where the slider stands, one after the other: of two at once Vega draws parts of both. */
  async show() {
    this.again = true;
    if (this.drawing) return;
    this.drawing = true;
    while (this.again) {
      this.again = false;
      await this.draw();
    }
    this.drawing = false;
  }

  async draw() {
    const { data, rows } = this, at = Number(this.slider.value);
    if (!data || !rows) return;
    say(find(this.bar, 'output'), data.stops[at]);
    this.slider.setAttribute('aria-valuetext', data.stops[at]);
    sayBold(this.said, data.says[at]);
    const { spec, theme } = data, { view } = this.chart.picture;
    await this.chart.show({ spec, words: data.alts[at], theme }, rows.map(([name, some]) => [name, some[at]]));
    if (this.chart.picture.view && this.chart.picture.view !== view) await this.chart.picture.ownClips();
  }

  leave() {
    clearTimeout(this.resting);
    this.chart.leave();
  }
}

/** The rows of each stop; of a table that names none, all rows at each. @param {any[]} rows @param {number} stops @returns {any[][]} */
export function byStop(rows, stops) {
  if (!rows.length || !('stop' in rows[0])) return Array.from({ length: stops }, () => rows);
  /** @type {any[][]} */
  const each = Array.from({ length: stops }, () => []);
  for (const row of rows) each[row.stop].push(row);
  return each;
}

/** @type {WeakMap<Element, Dragged>} */
const dragged = new WeakMap();

/**
 * Mount it, or tell it what is new.
 * @param {HTMLElement} root @param {any} data @param {(name: string, value: unknown) => void} tell
 */
export function mountDragged(root, data, tell) {
  const mine = dragged.get(root) ?? new Dragged(root);
  dragged.set(root, mine);
  mine.tell = tell;
  mine.update(data);
  return () => setTimeout(() => {  // at each run of the page as well: gone is only what has left the document
    if (root.isConnected) return;
    mine.leave();
    dragged.delete(root);
  });
}
