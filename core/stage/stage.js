// The stage: a deck drawn as ruler, cards and pictures, which answer the hand without asking the server.
import { AddressBar, linkQuery, Undo } from './address.js';
import { Card } from './card.js';
import { CHARTS } from './charts.js';
import { copyPicture } from './copy.js';
import { fetchDeck, unpackDeck } from './deck.js';
import { find, html } from './html.js';
import { Ghosts } from './ghosts.js';
import { keyList, listen } from './keys.js';
import { mountDragged } from './dragged.js';
import { mountMoving } from './moving.js';
import { inWords, LARGEST, SMALLEST } from './numbers.js';
import { filled, Picture } from './picture.js';
import { Pictures } from './pictures.js';
import { Player } from './player.js';
import { curve, exit } from './rows.js';
import { Ruler } from './ruler.js';
import { between, endsOf, nearestStop, stopsOf, zonesBehind } from './stops.js';

/** @typedef {import('./deck.js').Deck} Deck */
/**
 * What the page tells: the lanes' rates, where their deck is, and what of the stage can be used.
 * @typedef {{family: string, address?: string, deck?: string, rates: number[], pins: import('./ghosts.js').Pin[],
 *   link?: import('./address.js').LinkWords, locks: {rates: boolean, start: boolean}, hall: boolean, offline?: boolean, theme: string, meterHelp: string,
 *   limits: [number, number], startLimits: [number, number], mostLanes: number, mostPins: number, looks: {letters: string[], colours: Record<string, string[]>, inks: Record<string, string[]>, dashes: number[][]}}} Data
 */

const PATIENCE = 5000;  // ms in which the page comes back with what was undone
const HELD = '.handle.held, input[type=range]:active';
const HELD_LOOK = 100;  // ms between two looks at whether something is held
const REST = 600;  // ms after the last movement until the page is told
const NARROW = 700;  // px: below, one chart for all lanes comes first
const PLAYED = 'lrlab-stage-played';

class Stage {
  /** @param {HTMLElement} root @param {Data} data @param {(name: string, value: unknown) => void} tell */
  constructor(root, data, tell) {
    this.root = root;
    this.tell = tell;
    this.data = data;
    this.undo = undo;
    this.following = 0;
    this.stale = false;
    this.bar = new AddressBar();
    /** @type {number[]} */
    this.rates = [];
    this.hovered = -1;
    /** @type {number[]} */
    this.stops = [];
    /** @type {Card[]} */
    this.cards = [];
    /** @type {Map<string, number>} */
    this.sent = new Map();
    this.ghosts = new Ghosts((place) => this.tell('unpin', place), (words, again) => this.say(words, again));
    this.player = new Player((k) => this.scrubbed(k));
    this.keys = keyList();
    this.tools();
    this.end = listen({
      play: () => this.player.toggle(), step: (by) => this.player.step(by), undo: (way) => this.goBack(way),
      help: () => this.keys.showModal(), steps: () => !this.data.hall,
    });
    this.size = new ResizeObserver(() => this.resized());
    this.size.observe(root);
    this.root.addEventListener('click', (event) => this.copied(/** @type {Element} */ (event.target)));
  }

  /** What stands on the play bar beside the player. */
  tools() {
    const tools = html`<span class="tools">
      <button type="button" class="undo" title="Undo (Ctrl+Z)" aria-label="Undo"><span class="icon" data-icon="undo"></span></button>
      <button type="button" class="redo" title="Redo (Ctrl+Shift+Z)" aria-label="Redo"><span class="icon" data-icon="redo"></span></button>
      <button type="button" class="one" aria-pressed="false" title="All lanes in one chart"><span class="icon" data-icon="one_chart"></span><span class="word"> One chart</span></button>
      <button type="button" class="help" title="Keys" aria-label="Keys">?</button></span>`;
    find(tools, '.undo').addEventListener('click', () => this.goBack(-1));
    find(tools, '.redo').addEventListener('click', () => this.goBack(1));
    find(tools, '.one').addEventListener('click', () => this.together(!this.root.classList.contains('one-chart')));
    find(tools, '.help').addEventListener('click', () => this.keys.showModal());
    this.player.root.append(tools);
    this.status = html`<p class="status" role="status" hidden></p>`;
  }

  /** Take what the page tells: at first, and after each of its runs. @param {Data} data */
  async update(data) {
    const before = this.deck ? this.data : undefined;
    this.data = data;
    this.root.classList.toggle('hall', data.hall);
    this.root.classList.toggle('offline', Boolean(data.offline));
    this.root.classList.toggle('dark', data.theme === 'dark');
    data.looks.letters.forEach((letter, lane) => {
      this.root.style.setProperty(`--hue-${letter}`, data.looks.colours[data.theme][lane]);
      this.root.style.setProperty(`--ink-${letter}`, data.looks.inks[data.theme][lane]);
    });
    const told = JSON.stringify(data.rates);
    // A preset, or the way back: what was being moved is no more. Else it stays until it is told.
    if (before && told !== JSON.stringify(before.rates) && !this.sent.has(told)) {
      this.stopResting();
      this.sent.clear();
    }
    if (!before || this.stale || before.family !== data.family || (data.deck && data.deck !== before.deck)) await this.load(data);
    else if (before.theme !== data.theme || before.hall !== data.hall) await this.redraw();
    if (this.data !== data || !this.deck || this.stale) return;
    const echo = this.sent.delete(told);
    if (!echo && !this.unsettled() && told !== JSON.stringify(this.rates)) this.takeRates(data.rates);
    this.lock();
    this.note();
    await this.drawGhosts();
  }

  /** Fetch the deck of another family; the picture stays until it is there. @param {Data} data */
  async load(data) {
    this.root.classList.add('loading');
    this.stale = false;
    try {
      const deck = await (data.deck ? unpackDeck(data.deck) : fetchDeck(/** @type {string} */ (data.address)));
      await this.released();
      if (this.data !== data) return;
      this.deck = deck;
      await this.build();
      this.say(beyondDrawing(deck));
      this.root.classList.remove('loading');
    } catch (problem) {
      this.stale = true;  // what is seen is of other settings: it can be looked at, not moved
      const seen = this.deck ? ' What you see is of the settings before.' : '';
      this.say(`${/** @type {Error} */ (problem).message}.${seen}`, () => this.update(data));
    }
  }

  /** When no handle and no slider is held: what the hand holds is not drawn anew. */
  async released() {
    while (this.root.querySelector(HELD)) await new Promise((go) => { setTimeout(go, HELD_LOOK); });
  }

  /** Words about what can't be shown, with a button to try it again. @param {string} words @param {() => void} [again] */
  say(words, again) {
    const status = /** @type {HTMLElement} */ (this.status);
    status.hidden = !words;
    if (!this.root.contains(status)) this.root.prepend(status);
    status.replaceChildren(words);
    if (!words || !again) return;
    const button = html`<button type="button">Try again</button>`;
    button.addEventListener('click', again);
    status.append(' ', button);
  }

  /** Draw all of a new deck. */
  async build() {
    const deck = /** @type {Deck} */ (this.deck), specs = filled(CHARTS, deck.header), kept = this.root.dataset.ready;
    this.root.style.minHeight = `${this.root.offsetHeight}px`;  // else the page shrinks meanwhile, and scrolls up
    this.finish();
    this.specs = specs;
    this.ruler = new Ruler(specs.ruler, { move: (lane, rate) => this.move(lane, rate), step: (lane, by) => this.step(lane, by) });
    this.one = new Picture(html`<div class="chart" role="img"></div>`, specs.together);
    this.pictures = new Pictures(specs, (place) => this.tell('start', place), this.data.startLimits);
    this.lanes = html`<div class="lanes"></div>`;
    this.more = html`<div class="more st-key-lanes"><button type="button" class="add"><span class="icon" data-icon="add"></span> Add a lane</button></div>`;
    find(this.more, '.add').addEventListener('click', () => this.add());
    const figure = html`<div class="together figure"><button type="button" class="copy" title="Copy this picture" aria-label="Copy the picture of all lanes"><span class="icon" data-icon="content_copy"></span></button></div>`;
    figure.prepend(this.one.place);
    this.one.place.addEventListener('pointermove', (event) => {
      if (this.one?.view && event.pointerType === 'mouse') this.hover(this.one.under(event)[0]);
    });
    this.one.place.addEventListener('pointerleave', () => this.hover(-1));
    this.root.replaceChildren(/** @type {Node} */ (this.status), this.ruler.root, this.player.root, this.ghosts.root, figure, this.lanes, this.more, this.pictures.root, this.keys);
    this.together(this.root.classList.contains('one-chart') || (!kept && this.root.clientWidth < NARROW && !this.data.hall));
    // What has been moved meanwhile, and not been told yet, stays.
    if (!this.unsettled()) this.rates = this.known(this.data.rates);
    else if (this.data.link) this.bar.show(linkQuery(this.data.link, this.rates), false);
    this.ends = undefined;
    this.settle();
    this.player.over(deck.moments);
    this.fill();
    this.pictures.scene(deck, this.data.locks.start, this.data.hall);
    await this.redraw();
    this.root.style.minHeight = '';
    this.root.dataset.ready = '1';
    if (!kept) this.firstTime();
  }

  /** Draw every chart anew: a new deck, another theme, a hall. On a page just opened what stands below comes last. */
  async redraw() {
    clearTimeout(this.below);
    const zoom = this.data.hall ? 2 : 1, { theme, looks } = this.data;
    this.cards.forEach((card, lane) => card.curve.set('colour', looks.colours[theme][lane]));
    // All places are measured before the first of them is changed: a browser lays a page out anew for each change.
    const pictures = this.all(), widths = pictures.map((picture) => Math.floor(picture.place.clientWidth / zoom));
    const draw = (/** @type {Picture[]} */ some) => Promise.all(some.map((picture) => picture.draw(theme, zoom, widths[pictures.indexOf(picture)])));
    const below = this.root.dataset.ready ? [] : this.pictures?.all ?? [];
    await draw(pictures.filter((picture) => !below.includes(picture)));
    this.placeHandles();
    await this.paint();
    this.below = setTimeout(() => draw(below));
  }

  placeHandles() {
    this.rates.forEach((rate, lane) => this.ruler?.place(lane, rate, this.words(rate)));
    this.ruler?.spread();
  }

  /** A rate with what it does, for who hears it. @param {number} rate */
  words(rate) {
    const run = this.deck?.runs.get(rate);
    return `${inWords(rate)}${run ? `, ${run.words.heading}` : ''}`;
  }

  /** Every chart of the stage. @returns {Picture[]} */
  all() {
    if (!this.ruler || !this.pictures || !this.one) return [];
    return [this.ruler.picture, ...this.cards.flatMap((card) => [card.curve, card.gauge]), this.one, ...this.pictures.all];
  }

  /** Which rates the ruler and the sliders have. */
  async settle() {
    const deck = /** @type {Deck} */ (this.deck), ends = endsOf(deck, this.rates, this.ends);
    this.ends = ends;
    this.stops = stopsOf(deck, this.rates, ends);
    this.root.style.setProperty('--zones', zonesBehind(this.stops, deck.header.limit));
    this.cards.forEach((card, lane) => card.at(this.rates[lane] ?? card.rate, this.stops));
    await this.ruler?.show(deck, ends);
    this.placeHandles();
  }

  /** As many cards as there are lanes. */
  fill() {
    const { looks, theme } = this.data;
    while (this.cards.length > this.rates.length) this.cards.pop()?.end();
    while (this.cards.length < this.rates.length) {
      const lane = this.cards.length;
      const card = new Card(looks.letters[lane], lane, /** @type {Record<string, any>} */ (this.specs), { colour: looks.colours[theme][lane], dash: looks.dashes[lane] }, {
        rate: (rate) => this.set(lane, rate), stop: (index) => this.set(lane, this.stops[index]),
        remove: () => this.remove(lane), undo: (way) => this.goBack(way), pin: () => this.pin(lane), hover: (epoch) => this.hover(epoch), limits: this.data.limits, meaning: () => this.data.meterHelp,
      });
      this.cards.push(card);
      this.lanes?.append(card.root);
    }
    this.root.dataset.lanes = String(this.rates.length);
    this.ruler?.lanes(looks.letters.slice(0, this.rates.length), this.data.locks.rates);
    this.lock();
    this.cards.forEach((_, lane) => this.show(lane));
  }

  /** What can be used. */
  lock() {
    const { locks, mostLanes, pins, mostPins } = this.data, count = this.rates.length;
    this.root.classList.toggle('locked', locks.rates);
    for (const card of this.cards) {
      card.slider.disabled = card.field.disabled = locks.rates;
      find(card.root, '.remove').disabled = count <= 2;
      find(card.root, '.pin').disabled = pins.length >= mostPins;
    }
    if (this.more) find(this.more, '.add').disabled = count >= mostLanes;
    find(this.player.root, '.undo').disabled = !this.undo.can(-1);
    find(this.player.root, '.redo').disabled = !this.undo.can(1);
  }

  /** Put a lane's run into its card; done when it is drawn. @param {number} lane */
  async show(lane) {
    const rate = this.rates[lane], card = this.cards[lane], deck = /** @type {Deck} */ (this.deck), run = deck.runs.get(rate);
    card.at(rate, this.stops);
    this.ruler?.place(lane, rate, this.words(rate));
    this.ruler?.spread();
    if (run) await card.show(run, deck, this.player.place);
    else this.ask(lane, rate);
  }

  /** Draw what all lanes have in common; done when it is on the screen. */
  async paint() {
    const deck = /** @type {Deck} */ (this.deck), k = this.player.place, { letters } = this.data.looks;
    const lanes = this.rates.map((rate, lane) => ({ letter: letters[lane], rate, run: deck.runs.get(rate) }));
    if (this.root.classList.contains('one-chart')) {
      const { losses } = deck.header.axes, drawn = lanes.filter((lane) => lane.run);
      const named = (/** @type {string} */ lane, /** @type {any[]} */ rows) => rows.map((row) => ({ lane, ...row }));
      this.one?.rows('curves', drawn.flatMap(({ letter, run }) => named(letter, curve(/** @type {any} */ (run), deck.moments, losses))));
      this.one?.rows('names', lanes.map(({ letter, rate }, place) => ({ lane: letter, place, words: `${letter}  ${inWords(rate)}` })));
      this.one?.rows('exits', drawn.flatMap(({ letter, run }) => named(letter, exit(/** @type {any} */ (run), losses))));
      this.one?.place.setAttribute('aria-label', lanes.map(({ letter, run }) => `Lane ${letter}: ${run ? run.words.alt : 'not trained yet.'}`).join(' '));
    }
    this.one?.set('now', deck.moments[k]);
    // It may have been opened just now, before the browser has told that it is in sight.
    const one = this.root.classList.contains('one-chart') ? this.one?.now() : this.one?.run();
    await Promise.all([one, this.pictures?.show(deck, lanes, k)]);
  }

  /** A rate that the deck has not: asked for once, it joins. @param {number} lane @param {number} rate */
  async ask(lane, rate) {
    const { family, deck } = this.data, card = this.cards[lane];
    if (deck) {
      card.wait('Not trained yet');
      return;
    }
    card.wait('Training …');
    try {
      const axis = /** @type {Deck} */ (this.deck).header.axes.losses.map((/** @type {number} */ end) => Math.round(Math.log10(end)));
      const other = await fetchDeck(`${family}&alone=on&axis=${axis.join('_')}&lr=${rate}`);
      if (family !== this.data.family || !this.deck) return;
      this.deck.join(other);
    } catch (problem) {
      if (this.rates[lane] !== rate) return;
      card.wait('Not trained');
      this.say(`Lane ${this.data.looks.letters[lane]}: ${/** @type {Error} */ (problem).message}.`, () => this.ask(lane, rate));
      return;
    }
    this.say('');
    this.settle();
    this.rates.forEach((_, place) => this.show(place));
    await this.paint();
  }

  /** The ruler's handle is dragged: the stop nearest to it. @param {number} lane @param {number} rate */
  move(lane, rate) {
    this.set(lane, nearestStop(this.stops, rate));
  }

  /** A file has the runs it has: the nearest is shown, and that is said. @param {number} lane @param {number} rate */
  async nearest(lane, rate) {
    this.move(lane, rate);
    this.say(`This file has no run at ${inWords(rate)}; ${inWords(this.rates[lane])} is the nearest that it has.`);
  }

  /** Rates that can be shown: of a file those nearest among its runs. @param {number[]} rates */
  known(rates) {
    const all = /** @type {Deck} */ (this.deck).rates;
    return rates.map((rate) => (this.data.offline ? nearestStop(all, rate) : rate));
  }

  /** So many stops up or down. @param {number} lane @param {number} by */
  step(lane, by) {
    const to = this.stops.indexOf(this.rates[lane]) + by;
    this.set(lane, this.stops[Math.max(0, Math.min(this.stops.length - 1, to))]);
  }

  /** Give a lane another rate, and draw it. @param {number} lane @param {number} rate */
  async set(lane, rate) {
    if (this.stale) this.cards[lane].at(this.rates[lane], this.stops);  // its slider goes back
    if (rate === this.rates[lane] || this.data.locks.rates || this.stale) return;
    if (this.data.offline && !this.stops.includes(rate)) {
      this.nearest(lane, rate);
      return;
    }
    const from = performance.now();
    if (this.data.offline) this.say('');
    this.rates[lane] = rate;
    if (!this.stops.includes(rate)) this.settle();
    const drawn = Promise.all([this.show(lane), this.paint()]);
    this.moved();
    await drawn;
    performance.measure('stage:drag', { start: from, end: performance.now() });
  }

  /** The player is at another moment. @param {number} k */
  async scrubbed(k) {
    if (!this.deck || !this.root.dataset.ready) return;
    const from = performance.now(), deck = this.deck, { letters } = this.data.looks;
    const lanes = this.rates.map((rate, lane) => ({ letter: letters[lane], rate, run: deck.runs.get(rate) }));
    this.one?.set('now', deck.moments[k]);
    const seen = this.root.classList.contains('one-chart') ? this.one?.run() : undefined;
    await Promise.all([seen, this.pictures?.moment(deck, lanes, k), ...this.cards.map((card) => card.moment(deck, k))]);
    performance.measure('stage:scrub', { start: from, end: performance.now() });
  }

  /** Show all lanes at the epoch under the mouse; -1: at the player's again. @param {number} epoch */
  hover(epoch) {
    if (!this.deck) return;
    const { moments } = this.deck, away = (/** @type {number} */ k) => Math.abs(Math.log1p(moments[k]) - Math.log1p(epoch));
    let k = this.player.place;
    if (epoch >= 0) k = moments.reduce((best, _, at) => (away(at) < away(best) ? at : best), 0);
    const at = epoch < 0 ? -1 : moments[k];
    if (at === this.hovered) return;
    this.hovered = at;
    for (const card of this.cards) {
      card.numbers(k);
      card.root.classList.toggle('hovered', at >= 0);
      card.curve.set('hover', at).run();
    }
    this.one?.set('hover', at).run();
    this.pictures?.hover(at);
    this.root.style.setProperty('--hovered', at < 0 ? '""' : `"at epoch ${at.toLocaleString('en')}"`);
  }

  /** Rates have changed: the address bar shows them at once, the page is told when the hand rests. */
  moved() {
    const { link } = this.data;
    if (link) this.bar.show(linkQuery(link, this.rates), !this.resting);
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.rested(), REST);
  }

  /** The hand has not moved for a while: it rests once it has let go. */
  rested() {
    if (this.root.querySelector(HELD)) this.resting = setTimeout(() => this.rested(), HELD_LOOK);
    else this.rest();
  }

  stopResting() {
    clearTimeout(this.resting);
    this.resting = undefined;
  }

  /** Whether the page has yet to hear of rates, or to answer: what it tells meanwhile is of before. */
  unsettled() {
    for (const [rates, at] of this.sent) if (performance.now() - at > PATIENCE) this.sent.delete(rates);
    return this.resting !== undefined || this.sent.size > 0;
  }

  rest() {
    this.resting = undefined;
    this.bar.settle();
    this.note();
    this.settle();
    if (JSON.stringify(this.rates) === JSON.stringify(this.data.rates) && !this.unsettled()) return;
    this.sent.set(JSON.stringify(this.rates), performance.now());
    this.tell('rested', [...this.rates]);
    if (this.data.deck && !this.data.offline) this.cards.filter((card) => !card.run).forEach((card) => card.wait('Training …'));
  }

  /** Keep what is shown as a state one can come back to. */
  note() {
    const { link } = this.data;
    const state = JSON.stringify({ before: link?.before, after: link?.after, rates: this.rates });
    if (this.following && state !== this.undo.now && performance.now() - this.following < PATIENCE) return;
    this.following = 0;
    if (!this.resting) this.undo.note(state);
    this.lock();
  }

  /** Undo (-1), or do it again (1). @param {-1 | 1} way */
  goBack(way) {
    clearTimeout(this.resting);
    if (this.resting) this.rest();
    const state = this.undo.go(way), { link } = this.data;
    if (!state) return;
    const { before, after, rates } = JSON.parse(state);
    if (!this.following && (!link || (before === link.before && after === link.after))) {
      this.takeRates(rates);
      this.moved();
    } else {
      this.following = performance.now();
      this.tell('link', linkQuery({ .../** @type {import('./address.js').LinkWords} */ (link), before, after }, rates));
    }
    this.lock();
  }

  /** Show other rates, perhaps more or fewer. @param {number[]} rates */
  takeRates(rates) {
    if (!this.deck) return;
    const count = this.rates.length;
    this.rates = this.known(rates);
    this.settle();
    if (count === rates.length) this.cards.forEach((_, lane) => this.show(lane));
    else this.fill();
    this.grow();
  }

  /** Draw the charts of new cards, and all else. */
  async grow() {
    const { theme, hall } = this.data;
    await Promise.all(this.all().filter((picture) => !picture.view).map((picture) => picture.draw(theme, hall ? 2 : 1)));
    this.resized();
    await this.paint();
  }

  /** One lane more, in the middle of the widest gap. */
  add() {
    this.takeRates([...this.rates, between(this.stops, this.rates)]);
    this.cards[this.cards.length - 1].root.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    this.moved();
  }

  /** @param {number} lane */
  remove(lane) {
    this.takeRates(this.rates.filter((_, place) => place !== lane));
    this.moved();
  }

  /** Keep a run in sight. @param {number} lane */
  pin(lane) {
    clearTimeout(this.resting);
    if (this.resting) this.rest();
    this.tell('pin', this.rates[lane]);
  }

  /** Draw the pinned runs, pale. */
  async drawGhosts() {
    const { pins } = this.data, rows = await this.ghosts.rows(pins, () => this.drawGhosts());
    if (pins !== this.data.pins || !this.deck) return;
    const charts = [...this.cards.map((card) => card.curve), this.one];
    await Promise.all(charts.map((picture) => picture?.rows('ghosts', rows).run()));
  }

  /** All lanes in one chart, or one each. @param {boolean} on */
  together(on) {
    this.root.classList.toggle('one-chart', on);
    find(this.player.root, '.one').setAttribute('aria-pressed', String(on));
    if (this.deck && this.root.dataset.ready) this.grow();
  }

  /** The first visit: the run plays once, for who has not asked for stillness. */
  firstTime() {
    if (!this.data.link || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    try {
      if (localStorage.getItem(PLAYED)) return;
      localStorage.setItem(PLAYED, '1');
    } catch {
      return;  // storage is refused: it would play on every visit
    }
    if (this.data.hall) return;  // whoever leaves the slides has seen it
    this.player.show(0);
    this.player.play();
  }

  resized() {
    for (const picture of this.all()) picture.fit().then(() => {
      if (picture === this.ruler?.picture) this.placeHandles();
    });
  }

  /** A click on a copy button. @param {Element} target */
  copied(target) {
    const button = target.closest?.('.copy'), place = button?.parentElement?.querySelector('.chart');
    const picture = this.all().find((each) => each.place === place);
    if (button && picture?.view) copyPicture(button, picture, this.data.theme);
  }

  finish() {
    clearTimeout(this.below);
    this.cards.forEach((card) => card.end());
    this.cards = [];
    this.ruler?.picture.end();
    this.one?.end();
    this.pictures?.end();
  }

  /** Leave nothing behind. */
  leave() {
    this.player.stop();
    this.end();
    this.size.disconnect();
    clearTimeout(this.resting);
    this.bar.leave();
    this.finish();
  }
}

const undo = new Undo();  // of the visit: a page that shows slides for a while mounts another stage

/** Why a deck's losses can't be drawn, where none of them can. @param {Deck} deck */
function beyondDrawing(deck) {
  const [low, high] = deck.header.axes.losses;
  if (high > SMALLEST && low < LARGEST) return '';
  return `The losses of this data lie outside what can be drawn, ${inWords(SMALLEST)} to ${inWords(LARGEST)}: express y in other units.`;
}

/** @type {WeakMap<Element, Stage>} */
const stages = new WeakMap();

/**
 * Mount the stage, or tell it what is new: Streamlit calls this at each run of the page.
 * @param {{parentElement: HTMLElement, data: Data, setTriggerValue: (name: string, value: unknown) => void}} component
 */
export default function mount({ parentElement, data, setTriggerValue }) {
  const root = /** @type {HTMLElement} */ (find(parentElement, '.stage'));
  if (root.matches('.bar, .follows')) return mountMoving(root, data);
  if (root.matches('.dragged')) return mountDragged(root, data, setTriggerValue);
  let stage = stages.get(root);
  if (!stage) {
    stage = new Stage(root, data, setTriggerValue);
    stages.set(root, stage);
  }
  stage.tell = setTriggerValue;
  stage.update(data);
  const mine = stage;
  // At each run of the page as well: gone is only what has left the document.
  return () => setTimeout(() => {
    if (root.isConnected) return;
    mine.leave();
    stages.delete(root);
  });
}
