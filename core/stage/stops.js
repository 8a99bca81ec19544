// The stops of the sliders: which rates they have, and where the ruler's zones are among them.

/** @typedef {import('./deck.js').Deck} Deck */

const FEW = 20;  // rates: a deck of fewer has no stops between its lanes
const ROOM = 1.5;  // beside the outermost lane, so that its handle is whole
const NEAR = 1.02;  // so near to an end a handle is still whole
const MUCH = 5;  // times: a ruler that could be shorter by less stays as it is
const ROUND = [1, 1.5, 2, 3, 5, 7];

/**
 * What the ruler spans: about six decades, and wherever a lane is. Ends that it had stay, where little would be gained.
 * @param {Deck} deck @param {number[]} lanes @param {[number, number] | undefined} before @returns {[number, number]}
 */
export function endsOf(deck, lanes, before) {
  const [least, most] = deck.header.axes.rates;
  const low = Math.min(least, ...lanes.map((rate) => rate / ROOM)), high = Math.max(most, ...lanes.map((rate) => rate * ROOM));
  if (!before) return [low, high];
  const fits = (/** @type {number} */ rate) => rate >= before[0] * NEAR && rate <= before[1] / NEAR;
  const inside = lanes.every(fits);
  return [inside && before[0] * MUCH > low ? before[0] : low, inside && before[1] < high * MUCH ? before[1] : high];
}

/** The rates of a deck and of the lanes between these ends, rising; round ones too where those are few. @param {Deck} deck @param {number[]} lanes @param {[number, number]} ends */
export function stopsOf(deck, lanes, [low, high]) {
  const rates = new Set([...deck.rates, ...lanes, ...(deck.rates.length < FEW ? roundRates(low, high) : [])]);
  return [...rates].filter((rate) => rate >= low && rate <= high).sort((a, b) => a - b);
}

/** @param {number} low @param {number} high */
function roundRates(low, high) {
  const rates = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1) {
    for (const step of ROUND) rates.push(Number(`${step}e${power}`));
  }
  return rates;
}

/** The stop nearest to a rate, as the eye sees it on a logarithmic axis. @param {number[]} stops @param {number} rate */
export function nearestStop(stops, rate) {
  const away = (/** @type {number} */ stop) => Math.abs(Math.log(stop / rate));
  return stops.reduce((best, stop) => (away(stop) < away(best) ? stop : best));
}

/** The ruler's zones behind a slider: where among its stops they begin. @param {number[]} stops @param {{overshoot: number | null, predicted: number | null}} limit */
export function zonesBehind(stops, { overshoot, predicted }) {
  const share = (/** @type {number | null} */ rate) => {
    const below = stops.filter((stop) => stop <= (rate ?? Infinity)).length - 0.5;
    return `${(100 * Math.max(0, Math.min(1, below / (stops.length - 1)))).toFixed(1)}%`;
  };
  const [second, third] = [share(overshoot), share(predicted)];
  return `linear-gradient(90deg, var(--steady) ${second}, var(--overshoots) ${second} ${third}, var(--unstable) ${third})`;
}

/** A rate for one lane more: the free stop nearest to the middle of the widest gap. @param {number[]} stops @param {number[]} lanes */
export function between(stops, lanes) {
  const sorted = [...lanes].sort((a, b) => a - b), gaps = sorted.slice(1).map((rate, k) => rate / sorted[k]);
  const widest = gaps.indexOf(Math.max(...gaps)), middle = Math.sqrt(sorted[widest] * sorted[widest + 1]);
  const free = stops.filter((stop) => !lanes.includes(stop));
  return free.length ? nearestStop(free, middle) : middle;
}
