// A lane's card: its rate, its curve, its meter, its numbers and what they mean.
import { find, html, say, sayBold } from './html.js';
import { setIcon } from './icons.js';
import { asTyped, exact, inWords, nextRound, readRate } from './numbers.js';
import { Picture } from './picture.js';
import { curve, exit, numbersAt } from './rows.js';

/** @typedef {import('./deck.js').Run} Run */
const ICONS = { low: 'hourglass_empty', good: 'check_circle', edge: 'warning', high: 'trending_up', open: 'help' };

/**
 * What a card tells of: a rate typed or stepped to, by index of the slider; its remove and pin buttons; the mouse over its curve.
 * @typedef {{rate: (rate: number) => void, stop: (index: number) => void, remove: () => void, pin: () => void, undo: (way: 1 | -1) => void, hover: (epoch: number) => void,
 *   meaning: () => string, limits: [number, number]}} Tell
 */

export class Card {
  /** @param {string} letter @param {number} place @param {Record<string, any>} specs @param {{colour: string, dash: number[]}} looks @param {Tell} tell */
  constructor(letter, place, specs, looks, tell) {
    this.letter = letter;
    this.rate = NaN;
    this.tell = tell;
    this.root = html`<section class="card st-key-lane-${place}" data-lane="${letter}" aria-label="Lane ${letter}">
      <header class="lane-title"><span class="letter">${letter}</span>
        <span class="verdict"><span class="icon"></span><span class="word"></span></span>
        <span class="tools"><button type="button" class="pin" title="Pin this run: it stays as a pale line while you change settings" aria-label="Pin lane ${letter}"><span class="icon" data-icon="pin"></span></button>
        <button type="button" class="remove" title="Remove this lane" aria-label="Remove lane ${letter}"><span class="icon" data-icon="close"></span></button></span></header>
      <div class="rate"><span class="name" aria-hidden="true">learning rate</span>
        <input type="range" min="0" step="1" aria-label="Learning rate of lane ${letter}, slider">
        <input class="number" type="text" inputmode="decimal" autocomplete="off" spellcheck="false" aria-label="Learning rate of lane ${letter}"></div>
      <p class="refusal" role="alert" hidden></p>
      <div class="st-key-part-the-curves-${place}"><div class="figure"><div class="chart loss" role="img"></div><button type="button" class="copy" title="Copy this picture" aria-label="Copy the picture of lane ${letter}"><span class="icon" data-icon="content_copy"></span></button></div>
      </div><div class="st-key-part-the-meter-${place}"><p class="reading">Meter now <strong></strong> <span></span><button type="button" class="what" aria-expanded="false" aria-label="What is the meter?">?</button></p><p class="soft meaning" hidden></p><div class="chart gauge" role="img"></div></div>
      <div class="st-key-part-what-happened-${place}"><dl class="now"></dl>
        <div class="told" aria-live="polite"><p class="why"></p><p class="evidence"></p><p class="advice"></p></div></div></section>`;
    this.root.style.setProperty('--hue', `var(--hue-${letter})`);
    this.root.style.setProperty('--ink', `var(--ink-${letter})`);
    this.curve = new Picture(find(this.root, '.loss'), specs.curve, { colour: looks.colour, dash: looks.dash });
    this.gauge = new Picture(find(this.root, '.gauge'), specs.gauge);
    this.slider = find(this.root, 'input[type=range]');
    this.field = find(this.root, '.number');
    this.listen();
  }

  listen() {
    this.slider.addEventListener('input', () => this.tell.stop(Number(this.slider.value)));
    this.field.addEventListener('change', () => this.take());
    this.field.addEventListener('focus', () => { if (this.field.value === this.written) this.write(); });
    this.field.addEventListener('blur', () => { this.take(); if (this.field.value === this.written) this.write(); });
    this.field.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
      if (event.key === 'Enter') this.take();
      if (event.key === 'Escape') this.write();
      const undoes = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z';
      if (undoes && this.field.value === this.written) {  // nothing was typed: the lane's rate is what is undone
        event.preventDefault();
        this.tell.undo(event.shiftKey ? 1 : -1);
      }
      const way = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0;
      if (!way || !this.run) return;
      event.preventDefault();
      this.take();
      if (this.field.value !== this.written) return;  // what was typed can't be
      const [low, high] = this.tell.limits, next = nextRound(this.rate, /** @type {1 | -1} */ (way));
      this.tell.rate(Math.min(high, Math.max(low, next)));
      this.write();
    });
    const what = find(this.root, '.what'), meaning = find(this.root, '.meaning');
    what.addEventListener('click', () => {
      meaning.hidden = !meaning.hidden;
      what.setAttribute('aria-expanded', String(!meaning.hidden));
      say(meaning, this.tell.meaning());
    });
    find(this.root, '.remove').addEventListener('click', () => this.tell.remove());
    find(this.root, '.pin').addEventListener('click', () => this.tell.pin());
    const chart = find(this.root, '.loss');
    chart.addEventListener('pointermove', (/** @type {PointerEvent} */ event) => {
      if (this.curve.view && event.pointerType === 'mouse') this.tell.hover(this.curve.under(event)[0]);
    });
    chart.addEventListener('pointerleave', () => this.tell.hover(-1));
  }

  /** Take what was typed, or say why it can't be. */
  take() {
    if (this.field.value === this.written) return;
    const read = readRate(this.field.value, this.tell.limits), refusal = find(this.root, '.refusal');
    refusal.hidden = !('refusal' in read);
    this.field.setAttribute('aria-invalid', String('refusal' in read));
    if ('refusal' in read) {
      say(refusal, read.refusal);
      return;
    }
    this.tell.rate(read.value);
    this.write();
  }

  /** Write the lane's rate into its field; what was refused is gone. */
  write() {
    // All digits while it is edited; rounded else, as a number that is cut off would be another one.
    this.written = document.activeElement === this.field ? exact(this.rate) : asTyped(inWords(this.rate)).replaceAll(',', '');
    this.field.title = exact(this.rate);
    this.field.value = this.written;
    this.field.removeAttribute('aria-invalid');
    find(this.root, '.refusal').hidden = true;
  }

  /** Where the lane stands among the slider's stops. @param {number} rate @param {number[]} stops */
  at(rate, stops) {
    this.rate = rate;
    this.slider.max = String(stops.length - 1);
    this.slider.value = String(stops.indexOf(rate));
    this.slider.setAttribute('aria-valuetext', inWords(rate));
    if (document.activeElement !== this.field || this.field.value === this.written) this.write();
  }

  /** Show a run, at this place among the moments. @param {Run} run @param {import('./deck.js').Deck} deck @param {number} k */
  show(run, deck, k) {
    this.run = run;
    const losses = deck.header.axes.losses;
    this.root.classList.remove('pending');
    this.curve.rows('curve', curve(run, deck.moments, losses)).rows('exit', exit(run, losses));
    find(this.root, '.loss').setAttribute('aria-label', run.words.alt);
    const { heading, role, title, reason, evidence, advice } = run.words, verdict = find(this.root, '.verdict');
    verdict.dataset.role = role;
    setIcon(find(verdict, '.icon'), ICONS[/** @type {keyof typeof ICONS} */ (role)] || ICONS.open);
    say(find(verdict, '.word'), heading);
    sayBold(find(this.root, '.why'), `**${title}.** ${reason}`);
    sayBold(find(this.root, '.evidence'), this.leaving(run) + evidence);
    sayBold(find(this.root, '.advice'), `→ ${advice}`);
    this.gauge.rows('largest', this.largest(run, deck.header.experiment.plain));
    return this.moment(deck, k);
  }

  /** @param {Run} run */
  leaving(run) {
    const [, edge, left] = run.exits;
    if (!edge) return '';
    return `${edge < 0 ? 'Fell below' : 'Left'} the chart at epoch ${left.toLocaleString('en')}. `;
  }

  /** The largest reading of the run, as a tick with words. @param {Run} run @param {boolean} plain */
  largest(run, plain) {
    const value = run.readings[1];
    return plain && Number.isFinite(value) ? [{ value, words: `most ${inWords(value)}` }] : [];
  }

  /** The numbers at a moment. @param {import('./deck.js').Deck} deck @param {number} k */
  moment(deck, k) {
    if (!this.run) return Promise.resolve();
    const meter = this.run.meter[k], readable = !Number.isNaN(meter), zones = deck.header.zones;
    const zone = Math.abs(meter - 2) < 1e-3 ? 'at the limit' : zones[Math.min(2, Math.max(0, Math.floor(meter)))];
    const known = deck.header.experiment.plain ? zone : '';  // of momentum or mini-batches a single step tells little
    const reading = find(this.root, '.reading');
    say(find(reading, 'strong'), readable ? inWords(Math.abs(meter) < 1e-300 ? 0 : meter) : '–');
    say(find(reading, 'span'), readable ? known : 'not readable: no step, or lost in rounding');
    reading.dataset.zone = readable ? String(Math.min(2, Math.max(0, Math.floor(meter)))) : '';
    find(this.root, '.gauge').setAttribute('aria-label', `Meter ${find(reading, 'strong').textContent}, ${find(reading, 'span').textContent}, on a scale with marks at 1 and 2.`);
    this.gauge.rows('meter', readable ? [{ value: meter }] : []);
    this.numbers(k);
    this.curve.set('now', deck.moments[k]);
    return Promise.all([this.curve.run(), this.gauge.run()]);
  }

  /** @param {number} k */
  numbers(k) {
    if (!this.run) return;
    const told = numbersAt(this.run, k), list = find(this.root, '.now');
    if (list.children.length !== Object.keys(told).length) {
      list.replaceChildren(...Object.keys(told).map((name) => html`<div><dt>${name}</dt><dd></dd></div>`));
    }
    Object.values(told).forEach((text, place) => say(list.children[place].querySelector('dd'), text));
  }

  /** It waits for its run, for this reason. @param {string} words */
  wait(words) {
    this.run = undefined;
    this.root.classList.add('pending');
    say(find(this.root, '.word'), words);
    find(this.root, '.verdict').dataset.role = 'open';
    setIcon(find(this.root, '.verdict .icon'), 'hourglass_empty');
  }

  end() {
    this.curve.end();
    this.gauge.end();
    this.root.remove();
  }
}
