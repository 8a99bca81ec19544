// The three pictures of a line being fitted: the data, the loss over (w, b), and w against the epoch.
import { find, html, say } from './html.js';
import { exact, inWords, readWithin } from './numbers.js';
import { Picture } from './picture.js';
import { fit, path, rowsOf, weights } from './rows.js';

/** @typedef {import('./deck.js').Deck} Deck */
/** @typedef {import('./deck.js').Run} Run */
/** @typedef {{letter: string, rate: number, run: Run | undefined}} Lane */

const JUMPS = 'Too high a rate shows here: w jumps from side to side.';

export class Pictures {
  /** @param {Record<string, any>} specs @param {(place: [number, number]) => void} start told where the lanes shall start @param {[number, number]} limits of each of its numbers */
  constructor(specs, start, limits) {
    this.start = start;
    this.limits = limits;
    this.root = html`<div class="pictures">
      <figure class="figure"><h5>The data and each line</h5><div class="chart data" role="img"></div><button type="button" class="copy" title="Copy this picture" aria-label="Copy the picture of the data"><span class="icon" data-icon="content_copy"></span></button><p class="soft count"></p></figure>
      <figure class="figure"><h5>The loss over (w, b)</h5><div class="chart contour" role="img"></div><button type="button" class="copy" title="Copy this picture" aria-label="Copy the picture of the loss"><span class="icon" data-icon="content_copy"></span></button><p class="soft">Each ring is a line of equal loss, each path a lane. <span class="click"></span></p>
        <form class="start st-key-start-fields"><span>Start</span> <label>w <input inputmode="decimal" autocomplete="off" aria-label="Start w"></label> <label>b <input inputmode="decimal" autocomplete="off" aria-label="Start b"></label>
        <button type="button" class="home">Back to 0, 0</button><p class="refusal" role="alert" hidden></p></form></figure>
      <figure class="figure"><h5>w against the epoch</h5><div class="chart weights" role="img"></div><button type="button" class="copy" title="Copy this picture" aria-label="Copy the picture of w"><span class="icon" data-icon="content_copy"></span></button><p class="soft jumps"></p></figure></div>`;
    this.root.querySelectorAll('h5').forEach((title) => title.after(html`<p class="who"></p>`));
    this.data = new Picture(find(this.root, '.data'), specs.data);
    this.contour = new Picture(find(this.root, '.contour'), specs.contour);
    this.weights = new Picture(find(this.root, '.weights'), specs.weights);
    find(this.root, '.contour').addEventListener('click', (/** @type {MouseEvent} */ event) => {
      if (this.locked || !this.contour.view) return;
      const [w, b] = this.contour.under(event);
      start([Number(w.toPrecision(3)), Number(b.toPrecision(3))]);
    });
    const form = find(this.root, '.start');
    /** @type {HTMLInputElement[]} */
    this.fields = [...form.querySelectorAll('input')];
    form.addEventListener('change', () => this.typed());
    form.addEventListener('submit', (/** @type {Event} */ event) => { event.preventDefault(); this.typed(); });
    find(form, '.home').addEventListener('click', () => start([0, 0]));
  }

  /** Start where two typed numbers say, or say why not. */
  typed() {
    const read = this.fields.map((field) => readWithin(field.value, this.limits)), refusal = find(this.root, '.start .refusal');
    const refused = read.find((each) => 'refusal' in each);
    refusal.hidden = !refused;
    if (refused) say(refusal, /** @type {{refusal: string}} */ (refused).refusal);
    else this.start(/** @type {[number, number]} */ (read.map((each) => /** @type {{value: number}} */ (each).value)));
  }

  get all() {
    return [this.data, this.contour, this.weights];
  }

  /** What no rate changes. @param {Deck} deck @param {boolean} locked whether the start can't be chosen @param {boolean} hall */
  scene(deck, locked, hall) {
    this.hall = hall;
    const { points, contours, places, titles } = deck.header, count = deck.header.experiment.points, [start, least] = rowsOf(places);
    this.locked = locked;
    find(this.root, '.contour').classList.toggle('clickable', !locked);
    say(find(this.root, '.click'), locked ? '' : 'Click to start there.');
    this.data.rows('points', rowsOf(points));
    this.contour.rows('contours', rowsOf(contours)).rows('places', rowsOf(places));
    find(this.root, '.start').hidden = locked;
    this.fields.forEach((field, k) => { field.value = exact(k ? start.b : start.w); });
    find(this.root, '.start .refusal').hidden = true;
    find(this.root, '.home').disabled = start.w === 0 && start.b === 0;
    const some = count > points.x.length ? `${points.x.length.toLocaleString('en')} of ${count.toLocaleString('en')} points are drawn.` : '';
    say(find(this.root, '.count'), some);
    find(this.root, '.data').setAttribute('aria-label',
      `${count.toLocaleString('en')} points, ${titles.y} against ${titles.x}, and the line of each lane at the epoch shown.`);
    find(this.root, '.contour').setAttribute('aria-label',
      `Rings of equal loss over w and b around the minimum at w = ${inWords(least.w)}, b = ${inWords(least.b)}, and the path of each `
      + `lane from the start at w = ${inWords(start.w)}, b = ${inWords(start.b)}.`);
  }

  /** The lanes' runs, at this place among the moments. @param {Deck} deck @param {Lane[]} lanes @param {number} k */
  show(deck, lanes, k) {
    const { axes } = deck.header, paths = [], curves = [];
    for (const { letter, run } of lanes) {
      if (!run || !run.w) continue;
      paths.push(...path(letter, run, deck.moments, axes));
      curves.push(...weights(letter, run, deck.moments, axes));
    }
    this.contour.rows('paths', paths);
    this.weights.rows('weights', curves);
    const last = lanes.map(({ run }) => (run && run.w ? inWords(run.w[run.w.length - 1]) : '–')).join(', ');
    find(this.root, '.weights').setAttribute('aria-label', `The slope w of each lane against the epoch. Last values: ${last}.`);
    for (const who of this.hall ? this.root.querySelectorAll('.who') : []) {
      const named = lanes.map(({ letter, rate }) => html`<span class="name" data-lane="${letter}"><b>${letter}</b>${inWords(rate)}</span>`);
      if (who.textContent !== named.map((each) => each.textContent).join('')) who.replaceChildren(...named);
    }
    say(find(this.root, '.jumps'), this.aboutJumps(deck, Math.max(...lanes.map((lane) => lane.rate))));
    return this.moment(deck, lanes, k);
  }

  /** What full-batch gradient descent does to w at these rates. @param {Deck} deck @param {number} fastest */
  aboutJumps(deck, fastest) {
    const { limit, experiment, places } = deck.header;
    if (!experiment.plain || places.what.includes('start and minimum') || fastest <= limit.overshoot) return JUMPS;
    if (fastest > limit.predicted) return `Above the limit, ${inWords(limit.predicted)}, w jumps from side to side, further each time.`;
    return `Above half the limit, ${inWords(limit.overshoot)}, w jumps from side to side while the loss falls.`;
  }

  /** @param {Deck} deck @param {Lane[]} lanes @param {number} k */
  moment(deck, lanes, k) {
    const fits = lanes.flatMap(({ letter, run }) => (run && run.w ? fit(letter, run, k, deck.header) : []));
    this.data.rows('fits', fits);
    this.contour.set('now', deck.moments[k]);
    this.weights.set('now', deck.moments[k]);
    return Promise.all(this.all.map((picture) => picture.run()));
  }

  /** @param {number} epoch */
  hover(epoch) {
    for (const picture of [this.contour, this.weights]) picture.set('hover', epoch).run();
  }

  end() {
    this.all.forEach((picture) => picture.end());
    this.root.remove();
  }
}
