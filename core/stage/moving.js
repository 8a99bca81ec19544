// Charts of a page that the server lays out: each is drawn once, then fed, and all follow the page's play bar.
import { copyPicture } from './copy.js';
import { find, html, say } from './html.js';
import { listen } from './keys.js';
import { Picture, inAHall, loaded, sight } from './picture.js';
import { Player } from './player.js';
import { Turns } from './turns.js';

const MOVED = 'epoch-shown';  // told on the document; window.epochShown is where it stands
const ALL = 1e15;  // all there is
const SPEAKS = 5000;  // ms between two sentences that are spoken
const turns = new Turns((place) => sight.sees(place));
let spokenAt = -SPEAKS;  // of the page and not of its bar: who hears it hears all of it, whatever is drawn anew

/** Call it with the epoch shown, now and whenever that changes; returns what ends it. @param {(epoch: number) => void} follow */
export function followEpoch(follow) {
  const told = () => follow(window.epochShown ?? ALL);
  document.addEventListener(MOVED, told);
  told();
  return () => document.removeEventListener(MOVED, told);
}

/** @param {number} epoch */
function tellEpoch(epoch) {
  window.epochShown = epoch;
  document.dispatchEvent(new Event(MOVED));
}

/**
 * moments: where the bar stops.  first: the place it begins at.  live: of a run still trained, of which all is shown and
 * nothing can be played.  words: for who hears the page.  events: epochs, each with what is said from there on.
 * @typedef {{moments: number[], unit: string, first: number, live: boolean, words: string, events: [number, string][]}} BarData
 */
class Bar {
  /** @param {HTMLElement} root @param {BarData} data */
  constructor(root, data) {
    this.player = new Player(() => this.show(), data.unit);
    this.happens = html`<p class="happens"></p>`;
    this.spoken = html`<span class="spoken" aria-live="polite"></span>`;
    root.replaceChildren(this.player.root, this.happens, this.spoken);
    root.dataset.ready = '1';
    /** @type {[number, string][]} */
    this.events = [];
    this.live = false;
    this.fresh = true;
    const steps = () => !this.live && !document.querySelector('.slides');  // there arrow keys turn the slides
    this.end = listen({ play: () => this.live || this.player.toggle(), step: (by) => this.player.step(by), steps });
  }

  /** @param {BarData} data */
  update({ moments, first, live, words, events }) {
    const { player } = this, known = moments.length > 1;
    this.live = live;
    this.events = events;
    player.root.hidden = live;
    this.happens.hidden = live || !events.length;
    if (!live) {
      player.over(moments);
      if (this.fresh && known) player.show(first);
      this.fresh = this.fresh && !known;
      this.marks();
    }
    this.speak(live ? words : '');
    this.show();
  }

  /** A tick at the moment at which an event is seen. */
  marks() {
    const { moments } = this.player, line = find(this.player.root, '.line');
    line.querySelectorAll('i').forEach((/** @type {Element} */ tick) => tick.remove());
    for (const [epoch] of this.events) {
      const at = moments.findIndex((each) => each >= epoch), tick = document.createElement('i');
      tick.style.left = `calc(.5rem + (100% - 1rem) * ${(at < 0 ? moments.length - 1 : at) / (moments.length - 1)} - 1px)`;
      line.append(tick);
    }
  }

  /** @param {string} words */
  speak(words) {
    const now = performance.now();
    if (!words) say(this.spoken, '');
    else if (now - spokenAt >= SPEAKS && words !== this.spoken.textContent) {
      spokenAt = now;
      say(this.spoken, words);
    }
  }

  show() {
    const { epoch } = this.player, told = this.events.findLast(([at]) => at <= epoch)?.[1];
    say(this.happens, told ?? '\u00a0');
    if (told) this.player.slider.setAttribute('aria-valuetext', `${find(this.player.root, 'output').textContent}. ${told}`);
    tellEpoch(this.live ? ALL : epoch);
  }

  leave() {
    this.player.stop();
    this.end();
    tellEpoch(ALL);
  }
}

/**
 * spec: Vega-Lite, over the tables.  tables: named so, of Arrow.  words: what it shows.
 * @typedef {{spec: Record<string, any>, words: string, theme: string} & Record<string, any>} ChartData
 */
export class Chart {
  /** @param {HTMLElement} root */
  constructor(root) {
    const figure = html`<div class="figure"><div class="chart" role="img"></div>
      <button type="button" class="copy" title="Copy this picture"><span class="icon" data-icon="content_copy"></span></button></div>`;
    root.replaceChildren(figure);
    this.root = root;
    this.picture = new Picture(find(figure, '.chart'), {});
    this.theme = 'light';
    this.spec = '';
    this.words = '';
    /** @type {Map<string, string>} */
    this.fed = new Map();
    /** @type {{words: string} | undefined} */
    this.data = undefined;
    /** @type {Promise<void> | undefined} */
    this.drawing = undefined;
    this.unfollow = followEpoch((epoch) => this.picture.set('epoch', epoch).run());
    this.size = new ResizeObserver(() => this.picture.fit());
    this.size.observe(this.picture.place);
    const copy = find(figure, '.copy');
    copy.addEventListener('click', () => this.picture.view && copyPicture(copy, this.picture, this.theme));
  }

  /** @param {ChartData} data */
  update({ spec, words, theme, ...tables }) {
    return this.show({ spec, words, theme }, Object.entries(tables).map(([name, table]) => [name, arrowRows(table)]));
  }

  /** @param {{spec: Record<string, any>, words: string, theme: string}} data @param {[string, any[]][]} rows of each table */
  async show(data, rows) {
    const { picture } = this, { words, theme } = data, hall = data.spec.usermeta?.hall;
    const spec = hall ? { ...data.spec, height: inAHall(hall) } : data.spec, drawn = JSON.stringify(spec);
    this.data = data;
    picture.place.setAttribute('aria-label', words);
    find(this.root, '.copy').setAttribute('aria-label', `Copy this picture: ${words}`);
    this.theme = theme;
    await this.drawing;  // a view that is still made may know other tables
    if (this.data !== data) return;
    if (drawn !== this.spec) {
      this.root.classList.toggle('outdated', this.spec !== '' && this.words !== words);  // another run's, until its turn
      this.spec = drawn;
      picture.spec = spec;
      picture.tables = Object.fromEntries(rows);
      this.fed = new Map(rows.map(([name, some]) => [name, JSON.stringify(some)]));
      const { dataset } = picture.place;
      if (hall) dataset.full = spec.height;
      else ['full', 'height'].forEach((each) => delete dataset[each]);
      picture.place.style.minHeight = `${picture.place.dataset.height ?? spec.height}px`;
      let placed = Promise.resolve();
      const make = () => new Promise((/** @type {(nothing: void) => void} */ made) => {
        placed = picture.draw(theme, 1, undefined, made).finally(made);
      });
      this.drawing = turns.take(picture.place, make).then(() => placed);
      await this.drawing;
      this.root.classList.remove('outdated');
    } else {
      rows.forEach(([name, some]) => this.feed(name, some));
      await picture.now();
    }
    this.words = words;
    this.root.dataset.ready = '1';
    const under = picture.place.querySelector('svg > .before');
    if (under) loaded(picture.place).then(() => under.remove());
  }

  /** Other rows, where they are others: Vega works through all that it is given. @param {string} name @param {any[]} rows */
  feed(name, rows) {
    if (this.picture.tables[name] === rows) return;
    const text = JSON.stringify(rows);
    if (this.fed.get(name) === text) return;
    this.fed.set(name, text);
    if (rows[0]?.image) this.keepUnder();
    this.picture.rows(name, rows);
  }

  /** An image takes moments to load: the one before it lies under it meanwhile. */
  keepUnder() {
    const images = [.../** @type {NodeListOf<SVGImageElement>} */ (this.picture.place.querySelectorAll('svg.marks image'))];
    const image = images.findLast((each) => each.getAttribute('width') !== '0' && each.href.baseVal), svg = image?.ownerSVGElement;
    if (!image || !svg) return;
    const { a, b, c, d, e, f } = image.getCTM() ?? new DOMMatrix(), under = document.createElementNS(svg.namespaceURI, 'g');
    under.setAttribute('class', 'before');
    under.setAttribute('transform', `matrix(${[a, b, c, d, e, f]})`);
    under.append(image.cloneNode());
    svg.querySelector(':scope > .before')?.remove();
    svg.prepend(under);
  }

  leave() {
    this.unfollow();
    this.size.disconnect();
    this.picture.end();
  }
}

/** The rows of a table, as Streamlit hands it on: of Apache Arrow. @param {any} table @returns {Record<string, any>[]} */
export function arrowRows(table) {
  const names = table.schema.fields.map((/** @type {{name: string}} */ field) => field.name);
  const columns = names.map((/** @type {string} */ name) => [...table.getChild(name)]);
  return Array.from({ length: table.numRows }, (_, k) => Object.fromEntries(names.map((/** @type {string} */ name, /** @type {number} */ column) => [name, plain(columns[column][k])])));
}

/** What is no finite number is not drawn. @param {any} value */
function plain(value) {
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'number' && !Number.isFinite(value) ? null : value;
}

/** @type {WeakMap<Element, Bar | Chart>} */
const moving = new WeakMap();

/**
 * A play bar, or a chart that follows it: mounted, or told what is new.
 * @param {HTMLElement} root @param {any} data
 */
export function mountMoving(root, data) {
  const mine = moving.get(root) ?? (root.matches('.bar') ? new Bar(root, data) : new Chart(root));
  moving.set(root, mine);
  mine.update(data);
  return () => setTimeout(() => {  // at each run of the page as well: gone is only what has left the document
    if (root.isConnected) return;
    mine.leave();
    moving.delete(root);
  });
}
