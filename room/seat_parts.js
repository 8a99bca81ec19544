// What a seat's page says and draws, worked out from what the room tells; seat.js and race.js put it on the page.

export const LETTERS = 'ABCDEFGH';
export const RACES = ['quiz', 'walk'];  // kinds of steps, each drawn by race.js' function of that name
const RAISED = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** A room's code as somebody types it: five letters or digits, in capitals; '' where it is none. */
export function codeOf(text) {
  const code = text.replace(/[\s-]/g, '').toUpperCase();
  return /^[A-Z0-9]{5}$/.test(code) ? code : '';
}

/** A number as it is typed on a phone, whose keys may have a comma for the point; NaN where it is none. */
export function numberOf(text) {
  let plain = text.replace(/\s/g, '').replace(/[−–]/g, '-').replace(/[·×x*]10\^?/, 'e');
  if (/^[+-]?\d{1,3}(,\d{3}){2,}$|^[+-]?\d{1,3}(,\d{3})+\.\d+$/.test(plain)) plain = plain.replace(/,/g, '');
  plain = plain.replace(',', '.');
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(plain) ? Number(plain) : NaN;
}

/** A number for reading, as everywhere in the lab: four digits, 10⁻⁶, 2.47 × 10⁻⁵, 22,572, −1. */
export function inWords(value) {
  const near = Number(value.toPrecision(4)), size = Math.abs(near);
  const trimmed = (digits) => (digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits).replace('-', '−');
  if (size >= 1000 && size < 1e6) return Math.round(value).toLocaleString('en').replace('-', '−');
  if (size === 0 || (size >= 1e-3 && size < 1e6)) return trimmed(near.toFixed(7)).replace(/^−0$/, '0');
  const [digits, power] = value.toExponential(2).split('e'), front = trimmed(digits);
  const ten = `10${String(Number(power)).replace('-', '⁻').replace(/\d/g, (digit) => RAISED[digit])}`;
  return front === '1' ? ten : front === '−1' ? `−${ten}` : `${front}\u00a0×\u00a0${ten}`;
}

/** An answer in a few words: B, 4.2, rate 0.01. */
export function answerWords(kind, value) {
  if (kind === 'choice') return LETTERS[value];
  if (kind === 'number') return inWords(value);
  if (kind === 'quiz') return `${value.filter((choice) => choice !== null).length} of ${value.length}`;
  if (kind === 'walk') return `${value.reduce((sum, [, steps]) => sum + steps, 0)} steps`;
  return value === null ? 'your rate' : `rate ${inWords(value)}`;
}

/** Where the room is, in a sentence.  late: whether this seat came when it had begun; done: whether it has answered. */
export function phaseWords({ step, of, round, phase, frozen, asked }, late = false, done = false) {
  const joined = late ? `You join at step ${step + 1} of ${of}. ` : '';
  if (phase === 'lobby') return joined + (step === 0 ? 'You are in. The first question comes soon.' : 'The next question comes soon.');
  if (phase === 'ended') return 'The lesson has ended.';
  const trains = asked?.kind === 'rate', races = RACES.includes(asked?.kind);
  if (phase === 'discuss') return trains ? `${joined}Talk with your neighbour: at which rate does the loss end lowest?` : `${joined}Talk with your neighbour: convince each other. Then ${races ? 'try' : 'vote'} again.`;
  if (phase === 'revealed') return joined + (trains || asked?.kind === 'walk' ? 'This is what the class found.' : 'This is the answer.');
  if (phase === 'closed') return `${joined}Closed: no more ${trains ? 'runs' : 'answers'}. Look at the big screen.`;
  if (frozen) return `${joined}Please wait a moment: answers are paused.`;
  if (trains) return joined + (done ? 'Your run counts. See it here, and the class on the big screen.' : asked.chooses ? 'Choose a rate, and train.' : 'Your rate is dealt. Train with it.');
  if (asked?.kind === 'quiz') return `${joined}What happened in each?`;
  if (asked?.kind === 'walk') return `${joined}Walk to the bottom, in as few steps as you can.`;
  if (round === 2) return `${joined}Vote again.`;
  return joined + (asked?.kind === 'number' ? 'Send your number.' : 'Choose an answer.');
}

/** What has become of the seat's answer. pending, kept: the answer under way, the one that is stored; undefined: none. */
export function noteWords({ kind, phase, frozen, lost, tries, refused, pending, kept }) {
  const words = (value) => answerWords(kind, value);
  if (lost) return `Connection lost, trying again.${pending === undefined ? '' : ' Your answer is kept, and sent as soon as it is back.'}`;
  if (pending !== undefined && frozen) return `Answers are paused. Yours, ${words(pending)}, is sent when they go on.`;
  if (pending !== undefined && tries) return `Not stored yet: ${words(pending)}. It is sent again every 2 seconds.`;
  if (pending !== undefined) return 'Sending …';
  const counts = kept === undefined ? '' : kind === 'rate' ? 'Your run counts.' : `Your answer: ${words(kept)}.`;
  if (refused) return `${refused} ${counts}`.trim();
  if (kept === undefined || !['open', 'closed', 'discuss'].includes(phase)) return '';
  if (phase !== 'open' || frozen) return counts;
  if (kind === 'walk') return `Your walk counts: ${words(kept)} so far.`;
  return kind === 'rate' && kept === null ? '' : `Sent: ${words(kept)}. You may still change it.`;
}

/** Text as HTML. */
export const safe = (text) => String(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** The seat's own run as a drawing, and in words for who does not see it. */
export function curveSvg({ rate, verdict, ...run }) {
  return curveChart(run, `Loss against epoch at learning rate ${inWords(rate)}: ${verdict}.${run.left ? ' The loss left the chart.' : ''}`);
}

/** A curve on a log axis, and in words. points: from 0 to 1 both ways; left: whether it left the chart at its end. */
export function curveChart({ points, left, low, high, epochs }, words, name = 'loss', unit = 'epochs') {
  const [x0, x1, y0, y1] = [8, 314, 150, 26];
  const at = points.map(([x, y]) => [x0 + x * (x1 - x0), y0 - y * (y0 - y1)].map((part) => part.toFixed(1)));
  const [endX, endY] = at[at.length - 1] ?? [x0, y1];
  const end = left
    ? `<path class="own" d="m${Number(endX) - 5} ${Number(endY) - 5} 10 10m-10 0 10-10"/><text x="${Math.min(Number(endX) + 10, 190)}" y="${Math.max(Number(endY) + 5, 40)}">left the chart</text>`
    : `<circle class="dot" cx="${endX}" cy="${endY}" r="4"/>`;
  return `<svg viewBox="0 0 322 174" role="img" aria-label="${safe(words)}"><text x="0" y="13">${name}, log axis: ${safe(low)} to ${safe(high)}</text>
<path class="axis" d="M${x0} ${y1}V${y0}H${x1}"/><polyline class="own" points="${at.join(' ')}"/>${end}
<text x="${x0}" y="168">0</text><text x="${x1}" y="168" text-anchor="end">${safe(epochs.toLocaleString('en'))} ${unit}</text></svg>`;
}

/** The runs of the class, final loss against rate, both on log axes. Losses far above the first stand in a row above. */
export function classSvg({ points, limit }, { low, high }, own) {
  const [x0, x1, y0, y1] = [8, 314, 150, 46], sorted = [...points].sort((one, other) => one[0] - other[0]);
  const most = 1e3 * (sorted.find(([, loss]) => loss !== null)?.[1] ?? 0), off = (loss) => loss === null || loss > most;
  const logs = sorted.filter(([, loss]) => loss > 0 && !off(loss)).map(([, loss]) => Math.log10(loss));
  const bottom = Math.min(...logs), span = Math.max(...logs) - bottom || 1;
  const x = (rate) => (x0 + ((x1 - x0) * Math.log(rate / low)) / Math.log(high / low)).toFixed(1);
  const y = (loss) => (off(loss) ? 30 : loss > 0 ? y0 - ((Math.log10(loss) - bottom) / span) * (y0 - y1) : y0).toFixed(1);
  const mine = points.find(([rate]) => rate === own);
  const dots = points.map(([rate, loss]) => (off(loss)
    ? `<path class="gone" d="M${x(rate)} 30m-4-4 8 8m-8 0 8-8"/>` : `<circle class="other" cx="${x(rate)}" cy="${y(loss)}" r="3.5"/>`));
  if (mine) {
    const [at, down] = [x(own), Number(y(mine[1]))];
    dots.push(`<circle class="ring" cx="${at}" cy="${down}" r="8"/><text class="you" x="${Math.min(Math.max(at, 14), 308)}" y="${down + (down > 120 ? -13 : 23)}" text-anchor="middle">you</text>`);
  }
  const line = limit >= low && limit <= high ? `<path class="limit" d="M${x(limit)} 22V${y0}"/>` : '';
  const words = `Final loss against learning rate: ${points.length} runs of the class.${line ? ` The limit is ${inWords(limit)}.` : ''}`;
  return `<svg viewBox="0 0 322 174" role="img" aria-label="${safe(words)}"><text x="0" y="13">final loss, log axis${logs.length ? `: ${inWords(10 ** bottom)} to ${inWords(10 ** Math.max(...logs))}` : ''}</text>
<path class="axis" d="M${x0} ${y1}V${y0}H${x1}"/>${line}${dots.join('')}
<text x="${x0}" y="168">${inWords(low)}</text><text x="161" y="168" text-anchor="middle">rate, log axis</text><text x="${x1}" y="168" text-anchor="end">${inWords(high)}</text></svg>`;
}

/** An element with these attributes, properties and children. */
export function make(tag, traits = {}, ...inside) {
  const one = document.createElement(tag);
  for (const [name, value] of Object.entries(traits)) {
    if (name in one) one[name] = value; else one.setAttribute(name, value);
  }
  one.append(...inside);
  return one;
}
