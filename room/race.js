// The races of a class room, on a seat's page: ten loss curves to be told, and a walk down a hidden landscape.
// Asked for by seat.js once there is one.
import { LETTERS, curveChart, inWords, make } from './seat_parts.js';

const PAUSE = 300;  // ms without another choice, until one is sent
let at = 0, step = -1, rate = 0.01;  // the curve that is looked at, in which step of the plan; the walk's rate

/** One curve of the ten at a time. own: what was chosen so far. send(value, pause): to the room. */
export function quiz({ told, mine, own, send }) {
  const { curves } = mine;
  if (step !== told.step) [step, at] = [told.step, 0];
  if (!curves) return [];
  const chosen = curves.map((_, k) => own?.[k] ?? null), place = make('section', { className: 'race' });
  function show(next, focus = true) {
    at = next;
    const { words, meter, choices: texts, ...run } = curves[at];
    const title = make('h2', { tabIndex: -1, textContent: `Curve ${at + 1} of ${curves.length}` });
    const radios = texts.map((html, k) => make('label', {},
      make('input', { type: 'radio', name: 'curve', checked: chosen[at] === k, onchange: () => {
        chosen[at] = k;
        send([...chosen], PAUSE);
        say();
      } }), make('span', { className: 'choice' }, make('b', { textContent: LETTERS[k] }), make('span', { innerHTML: html }))));
    const status = make('p', { className: 'soft', role: 'status' });
    const say = () => {
      const missing = chosen.filter((choice) => choice === null).length;
      status.textContent = missing ? `${curves.length - missing} of ${curves.length} chosen.` : 'All ten chosen. You may change them until it closes.';
    };
    const to = (way, label) => make('button', { type: 'button', textContent: label, disabled: !curves[at + way], onclick: () => show(at + way) });
    place.replaceChildren(title, make('div', { innerHTML: curveChart(run, words) }), make('p', { innerHTML: meter }),
      make('fieldset', { disabled: told.frozen }, make('legend', { className: 'spoken', textContent: 'What happened?' }), ...radios),
      make('p', { className: 'row' }, to(-1, 'Back'), to(1, 'Next')), status);
    say();
    if (focus) { place.scrollIntoView({ block: 'nearest' }); title.focus({ preventScroll: true }); }
  }
  show(Math.min(at, curves.length - 1), false);
  return [place];
}

/** The walk: how high one stands, which way is down, and the next step. own: its legs so far. */
export function walk({ told, mine, own, send }) {
  if (!mine.walk) return [];
  const { stops, at_once: sizes, of } = told.asked, legs = own || [], { height, down, says, steps, ended, ...run } = mine.walk;
  const away = (k) => Math.abs(Math.log(stops[k] / rate)), nearest = stops.reduce((best, _, k) => (away(k) < away(best) ? k : best), 0);
  const words = make('output', { className: 'big', htmlFor: 'slider' });
  const slider = make('input', { id: 'slider', type: 'range', min: 0, max: stops.length - 1, value: nearest, oninput: () => {
    rate = stops[slider.value];
    words.textContent = inWords(rate);
    slider.setAttribute('aria-valuetext', words.textContent);
  } });
  slider.oninput();
  const button = (id, textContent, disabled, value) => make('button', { type: 'button', id, textContent, disabled, onclick: () => {
    if (fields.ariaBusy) return;
    fields.ariaBusy = 'true';  // until the room has answered; disabled it would lose the focus
    send(value());
  } });
  const go = sizes.map((count) => button(`go-${count}`, count === 1 ? 'One step' : `${count} steps`, ended || steps + count > of, () => [...legs, [rate, count]]));
  const ends = [stops[0], stops[stops.length - 1]].map((stop) => make('span', { textContent: inWords(stop) }));
  const fields = make('fieldset', { disabled: told.frozen }, make('label', { htmlFor: 'slider', textContent: 'Learning rate of the next step' }),
    words, slider, make('p', { className: 'ends' }, ...ends), make('p', { className: 'row' }, ...go, button('anew', 'Start again', !legs.length, () => [])));
  const after = ` after ${steps} ${steps === 1 ? 'step' : 'steps'}`;
  return [make('section', { className: 'race' }, make('p', { className: 'height' }, 'Height ', make('b', { textContent: height }), after),
    make('p', { textContent: down }), make('p', { className: 'soft', role: 'status', textContent: says }), fields,
    ...(steps ? [make('div', { innerHTML: curveChart({ ...run, epochs: of }, `Height against step: ${height}${after}.`, 'height', 'steps') })] : []))];
}

/** What became of this seat, once it is revealed. */
export function raced({ told, mine }) {
  const { raced: own } = mine, { titles, whys } = told.result, found = [];
  const place = own?.place ? ` Place ${own.place} of ${own.of}.` : '';
  if (own?.each) {
    const count = own.each.filter(Boolean).length;
    found.push(make('p', { className: `judged ${count > own.each.length / 2 ? 'good' : ''}`, textContent: `${count} of ${own.each.length} right.${place}` }));
  }
  if (own?.words) found.push(make('p', { className: 'judged', textContent: own.words + place }));
  if (titles) {
    found.push(make('ol', { className: 'curves' }, ...titles.map((title, k) => make('li', {},
      make('b', { textContent: own ? (own.each[k] ? '✓ ' : '✗ ') : '' }), make('span', { innerHTML: `${title}. ` }), make('span', { className: 'soft', innerHTML: whys[k] })))));
  }
  return found;
}
