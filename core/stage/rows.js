// A run in the rows that the charts draw (core/instruments/compare/stage_charts.py names the tables and columns).
import { grouped, inWords, SMALLEST } from './numbers.js';

/** @typedef {import('./deck.js').Run} Run */
/** @typedef {Record<string, any>} Row */

const FAR = 1e3;  // widths of a picture: what is so far outside is no place a line could be drawn to

/** @param {number} value */
const finite = (value) => (Number.isFinite(value) ? value : null);

/**
 * Loss against epoch: up to where it leaves the axis for good, and on where it comes back.
 * @param {Run} run @param {number[]} moments @param {[number, number]} losses @returns {Row[]}
 */
export function curve(run, moments, losses) {
  const [crossing, edge, left, back] = run.exits, rows = [];
  let crossed = edge === 0;
  for (let k = 0; k < moments.length; k += 1) {
    const epoch = moments[k], loss = run.loss[k];
    if (!crossed && epoch >= left) {
      const at = edge > 0 ? losses[1] : losses[0];
      rows.push({ epoch: crossing, loss: at, least: at, most: at });
      crossed = true;
      if (!back) return rows;
    }
    if (!(loss > 0)) continue;
    const least = run.lossBetween[2 * k], most = run.lossBetween[2 * k + 1];
    rows.push({ epoch, loss: finite(loss), least: least > 0 ? least : finite(loss), most: most > 0 ? finite(most) : finite(loss) });
  }
  return rows;
}

/** Loss against epoch on whatever axis: the chart cuts it at its own edge. @param {Run} run @param {number[]} moments @returns {Row[]} */
export function whole(run, moments) {
  return moments.map((epoch, k) => ({ epoch, loss: run.loss[k] > 0 ? finite(run.loss[k]) : null }));
}

/** Where the curve leaves the chart, in words. @param {Run} run @param {[number, number]} losses @returns {Row[]} */
export function exit(run, losses) {
  const [crossing, edge, left, back] = run.exits;
  if (!edge) return [];
  const words = `${edge < 0 ? 'below' : 'left'} at epoch ${grouped(left)}${back ? `, back at ${grouped(back)}` : ''}`;
  return [{ epoch: crossing, loss: edge > 0 ? losses[1] : losses[0], words }];
}

/** The way over (w, b): broken where it is beyond drawing. @param {string} lane @param {Run} run @param {number[]} moments @param {Record<string, any>} axes */
export function path(lane, run, moments, axes) {
  const { w, b } = lineOf(run), near = within(axes.w), nearB = within(axes.b);
  return moments.map((epoch, k) => {
    const there = near(w[k]) && nearB(b[k]);
    return { lane, epoch, w: there ? w[k] : null, b: there ? b[k] : null };
  });
}

/** w against the epoch. @param {string} lane @param {Run} run @param {number[]} moments @param {Record<string, any>} axes */
export function weights(lane, run, moments, axes) {
  const { w } = lineOf(run), near = within(axes.weights), rows = [], [low, high] = axes.weights;
  for (let k = 0; k < moments.length; k += 1) {
    if (!near(w[k])) return rows;
    const between = /** @type {Float32Array} */ (run.wBetween), least = between[2 * k], most = between[2 * k + 1];
    rows.push({ lane, epoch: moments[k], w: w[k], least: near(least) ? least : w[k], most: near(most) ? most : w[k] });
    if (w[k] < low || w[k] > high) return rows;
  }
  return rows;
}

/** The line at one moment, by its two ends. @param {string} lane @param {Run} run @param {number} k @param {Record<string, any>} header */
export function fit(lane, run, k, header) {
  const { w, b } = lineOf(run), near = within(header.axes.y);
  const ends = header.ends.map((/** @type {number} */ x) => ({ lane, x, y: w[k] * x + b[k] }));
  return ends.every((/** @type {Row} */ end) => near(end.y)) ? ends : [];
}

/** The numbers of a run at one moment, in words. @param {Run} run @param {number} k */
export function numbersAt(run, k) {
  /** @type {Record<string, string>} */
  const told = { loss: shown(run.loss[k]) };
  if (run.w && run.b) Object.assign(told, { w: shown(run.w[k]), b: shown(run.b[k]) });
  return told;
}

/** A number of a deck, in 32 bits: it tells what was larger or smaller than those hold. @param {number} value */
function shown(value) {
  if (Number.isNaN(value)) return 'overflow';
  if (value !== 0 && Math.abs(value) < SMALLEST) return `${value > 0 ? 'below ' : 'above −'}${inWords(1.2e-38)}`;
  return Number.isFinite(value) ? inWords(value) : `${value > 0 ? 'above ' : 'below −'}${inWords(3.4e38)}`;
}

/** Columns as rows. @param {Record<string, any[]>} columns @returns {Row[]} */
export function rowsOf(columns) {
  const names = Object.keys(columns);
  return (columns[names[0]] || []).map((_, k) => Object.fromEntries(names.map((name) => [name, columns[name][k]])));
}

/** @param {Run} run */
function lineOf(run) {
  return { w: /** @type {Float32Array} */ (run.w), b: /** @type {Float32Array} */ (run.b) };
}

/** Whether a value is near enough to these ends to be drawn. @param {number[]} ends */
function within([low, high]) {
  const room = FAR * (high - low);
  return (/** @type {number} */ value) => value >= low - room && value <= high + room;
}
