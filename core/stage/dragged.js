// Charts with one slider below: each stop has its rows, and the pictures follow the hand without a call.
import { find, html, say, sayBold } from './html.js';
import { Chart, arrowRows } from './moving.js';

const RESTED = 600;  // ms after which a hand has rested

/**
 * label: what is dragged.  word: its field beside, which shows it as typed.  stops: its values in words.  at: the stop shown first.  charts: side by side, each with the
 * picture in words at each stop.  says: what is said below at each.  fixed: whether nothing is to be dragged; the slider
 * keeps its room.  The tables of chart k are named "k/table".
 * @typedef {{label: string, word: string, typed: string[], stops: string[], at: number, charts: {spec: Record<string, any>, alts: string[]}[], says: string[], fixed: boolean, theme: string} & Record<string, any>} DraggedData
 */
class Dragged {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.row = html`<div class="dragged-charts"></div>`;
    this.bar = html`<label class="dragged-by"><span></span><input type="range" min="0" step="1"><output></output></label>`;
    this.said = html`<p class="said"></p>`;
    root.replaceChildren(this.row, this.bar, this.said);
    /** @type {Chart[]} */
    this.charts = [];
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
    const { label, stops, at, charts, says, fixed } = data;
    this.data = data;
    this.rows = charts.map((_, which) => Object.entries(data).filter(([name]) => name.startsWith(`${which}/`)).map(([name, table]) => (
      /** @type {[string, any[][]]} */ ([name.slice(name.indexOf('/') + 1), byStop(arrowRows(table), stops.length)]))));
    while (this.charts.length > charts.length) this.charts.pop()?.leave();
    while (this.charts.length < charts.length) {
      const place = html`<div></div>`;
      this.row.append(place);
      this.charts.push(new Chart(place));
    }
    [...this.row.children].slice(charts.length).forEach((gone) => gone.remove());
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
    this.follow();
    this.show();
  }

  /** The number field of the same word shows what is dragged; the page gives it the same number once the hand rests. */
  follow() {
    const { word, typed } = this.data ?? {};
    const field = /** @type {HTMLInputElement | null} */ (word ? document.querySelector(`.st-key-${word} input[type="number"]`) : null);
    if (field && typed) field.value = typed[Number(this.slider.value)];
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
    await Promise.all(data.charts.map(({ spec, alts }, which) => (
      this.charts[which].show({ spec, words: alts[at], theme: data.theme }, rows[which].map(([name, some]) => [name, some[at]])))));
  }

  leave() {
    clearTimeout(this.resting);
    this.charts.forEach((chart) => chart.leave());
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
