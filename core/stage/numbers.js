// Numbers as people read and write them: rounded, refused in words, and as Python writes them into a link.

// The smallest and the largest size of a number of 32 bits that keeps its digits: a deck's numbers are of these.
export const SMALLEST = 1.1754944e-38;
export const LARGEST = 3.4028235e38;

const RAISED = '⁰¹²³⁴⁵⁶⁷⁸⁹', TIMES = '\u00a0×\u00a0';

/** `value` rounded for reading, as core/words.py's `number`: 41.97, −22,572, 5.61 × 10²⁸, 10⁻⁶. @param {number} value */
export function inWords(value) {
  if (Number.isNaN(value)) return 'not a number';
  if (!Number.isFinite(value)) return value > 0 ? 'infinity' : 'minus infinity';
  const near = Number(inDigits(value, 4)), size = Math.abs(near);
  if (size !== 0 && !(size >= 1e-3 && size < 1e6)) {
    const [digits, exponent] = inDigits(value, 3).split('e');
    return withPower(trimmed(digits), Number(exponent));
  }
  const words = size >= 1000 ? grouped(toEven(value)) : trimmed((near + 0).toFixed(7)).replace(/^-0$/, '0');
  return words.replace('-', '−');
}

/** Digits times a power of ten; 1 times it is the power alone. @param {string} digits @param {number} exponent */
function withPower(digits, exponent) {
  const power = `10${String(exponent).replace('-', '⁻').replace(/\d/g, (digit) => RAISED[Number(digit)])}`;
  return digits === '1' ? power : digits === '-1' ? `−${power}` : `${digits.replace('-', '−')}${TIMES}${power}`;
}

/** A number in words as one types it: 1e-6 for 10⁻⁶, -1 for −1. @param {string} words */
export function asTyped(words) {
  const plain = words.replace(/(?:(\d+(?:\.\d+)?)\s?[·×x*]\s?)?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)/g, (_, digits, power) =>
    `${digits || 1}e${power.replace('⁻', '-').replace(/[^-]/g, (/** @type {string} */ digit) => RAISED.indexOf(digit))}`);
  return plain.replace(/−(?=[\d.])/g, '-');
}

/** A whole number with commas: 15,900. @param {number} value */
export function grouped(value) {
  return value.toLocaleString('en', { maximumFractionDigits: 0 });
}

/** `value` to so many digits, as 1.234e+5; what lies in the middle goes to the even one, as in Python. @param {number} value @param {number} digits */
function inDigits(value, digits) {
  const [all, power] = value.toExponential(60).split('e'), kept = all.slice(0, all.indexOf('.') + digits);
  const isEvenTie = /[02468]$/.test(kept) && /^50*$/.test(all.slice(kept.length));
  return isEvenTie ? `${kept}e${power}` : value.toExponential(digits - 1);
}

/** @param {string} digits */
function trimmed(digits) {
  return digits.includes('.') ? digits.replace(/0+$/, '').replace(/\.$/, '') : digits;
}

/** @param {number} value */
function toEven(value) {
  const near = Math.round(value);
  return Math.abs(value % 1) === 0.5 && near % 2 ? near - 1 : near;
}

/** A float as Python's repr has it, which is how a link is written: 1.0, 1e-06, 0.0001. @param {number} value */
export function asPython(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    const [digits, exponent] = value.toExponential().split('e');
    const power = Number(exponent), two = String(Math.abs(power)).padStart(2, '0');
    return `${digits}e${power < 0 ? '-' : '+'}${two}`;
  }
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** A number as one types it, without its rounding: 1e-6, 0.0333. @param {number} value */
export function exact(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) return value.toExponential().replace('e+', 'e');
  return String(value);
}

/**
 * What somebody typed as a number: the number, or why it is none, as a sentence.
 * A comma is taken for a decimal point where it can't be anything else.
 * @param {string} text @returns {{value: number} | {refusal: string}}
 */
export function readNumber(text) {
  const typed = asTyped(text.trim()).replace(/\s/g, '').replace(/[·×x*]10\^?/, 'e');
  const example = 'Write it as 0.08, 8e-2 or 1e-6.';
  if (typed === '') return { refusal: `A number is needed. ${example}` };
  const commas = typed.split(',').length - 1;
  if (/^[+-]?[1-9]\d{0,2}(,\d{3})+$/.test(typed)) {
    const [whole, part] = [typed.replaceAll(',', ''), typed.replace(',', '.')];
    if (commas === 1) return { refusal: `${text.trim()} may mean ${whole} or ${Number(part)}: write it without a comma.` };
    return { value: Number(whole) };
  }
  const plain = commas === 1 && !typed.includes('.') ? typed.replace(',', '.') : typed;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) {
    return { refusal: `“${text.trim().slice(0, 30)}” is not a number. ${example}` };
  }
  return { value: Number(plain) };
}

/**
 * What somebody typed as a number between two others, or why it can't be.
 * @param {string} text @param {[number, number]} limits @returns {{value: number} | {refusal: string}}
 */
export function readWithin(text, [low, high]) {
  const read = readNumber(text);
  if ('refusal' in read || (read.value >= low && read.value <= high)) return read;
  return { refusal: `${text.trim().slice(0, 30)} can't be: take a number from ${asTyped(inWords(low))} to ${asTyped(inWords(high))}.` };
}

/**
 * What somebody typed as a learning rate, or why it can't be one.
 * @param {string} text @param {[number, number]} limits @returns {{value: number} | {refusal: string}}
 */
export function readRate(text, [low, high]) {
  const read = readNumber(text);
  if ('refusal' in read || (read.value >= low && read.value <= high)) return read;
  const why = read.value <= 0 ? 'must be above 0: the step goes against the gradient' : `must be from ${asTyped(inWords(low))} to ${asTyped(inWords(high))}`;
  return { refusal: `A learning rate ${why}.` };
}

/**
 * The next round number above (way 1) or below (way -1): 1, 1.5, 2, 3, 5, 7, 10.
 * @param {number} value @param {1 | -1} way
 */
export function nextRound(value, way) {
  const steps = [1, 1.5, 2, 3, 5, 7], decade = Math.floor(Math.log10(value) + 1e-12), near = [];
  for (const power of [decade - 1, decade, decade + 1]) for (const step of steps) near.push(Number(`${step}e${power}`));
  const beyond = near.filter((each) => (way > 0 ? each > value * (1 + 1e-9) : each < value * (1 - 1e-9)));
  return way > 0 ? beyond[0] : beyond[beyond.length - 1];
}

/** Powers of ten from low to high, at most `count`, evenly spaced. @param {number} low @param {number} high @param {number} count */
export function decades(low, high, count) {
  const first = Math.ceil(Math.log10(low) - 1e-9), last = Math.floor(Math.log10(high) + 1e-9);
  const step = Math.max(1, Math.ceil((last - first + 1) / count)), powers = [];
  for (let power = first; power <= last; power += step) powers.push(Number(`1e${power}`));
  return powers;
}
