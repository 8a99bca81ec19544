// A student's seat: joins a room by itself, hears what the room tells, sends answers, and draws both.
// For a phone of some years, held in one hand, on a slow network.
import { LETTERS, RACES, answerWords, classSvg, codeOf, curveSvg, inWords, make, noteWords, numberOf, phaseWords, safe } from './seat_parts.js';

const AGAIN = 2000;  // ms until what was not stored is sent again, and a lost room is asked for again
const PATIENCE = 8000;  // ms: a request that has no answer by then is lost
const SPREAD = 400;  // ms over which a class asks for its own things when the phase changes
const SPREAD_OF_A_GROUP = 2000;  // the same, while its groups answer
const PAUSE = 300;  // ms without another choice, until one is sent: arrow keys pass over choices

let code = '', mine = {}, told = null, lost = false, late = false, stream = null, drawn = '';
let race = null;  // race.js, once there is a race
let pending = null, tries = 0, refused = '', trouble = '', timer = 0, soon = 0, busy = false, stored = 0;

const find = (id) => document.getElementById(id);

/** Put words where a screen reader hears them, once. */
function say(id, words) {
  const place = find(id);
  if (place.textContent !== words) place.textContent = words;
}

/** What the room answers, with its status; 0 where nobody does. */
async function ask(path, body) {
  const stop = new AbortController(), slow = setTimeout(() => stop.abort(), PATIENCE);
  const send = body && { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
  try {
    const answer = await fetch(`../room/${code}/${path}`, { ...send, cache: 'no-store', signal: stop.signal });
    const text = await answer.text();
    return { ...(text.startsWith('{') ? JSON.parse(text) : {}), status: answer.status };
  } catch {
    return { status: 0 };  // no network, or too slow: the caller asks again
  } finally {
    clearTimeout(slow);
  }
}

const passes = (status) => status === 0 || status === 429 || status >= 500;
const later = (what) => setTimeout(what, AGAIN * (1 + Math.random() / 2));

/** What this tab keeps through a reload; null where a browser keeps nothing. */
function store(value) {
  try {
    if (value !== undefined) sessionStorage.setItem(`seat-${code}`, JSON.stringify(value));
    return JSON.parse(sessionStorage.getItem(`seat-${code}`));
  } catch {
    return null;  // storage is forbidden: what is unsent lives as long as the page
  }
}

async function join(back = {}) {
  const { status, error, ...got } = await ask('join', back);
  if (status === 200 || status === 201) {
    mine = got;
    drawn = '';
    find('head').hidden = false;
    listen();
    refresh();
  } else if (status === 404) askForCode(error || `There is no room ${code}.`);
  else if (back.name) return error || "The room can't be reached. Try again.";
  else if (passes(status)) {
    say('phase', status === 429 && error ? error : "The room can't be reached. Trying again.");
    later(join);
  } else if (status === 409) stay('The lesson has ended', error, '');
  else stay("You can't come in", error || 'The room takes no more seats.', 'Try again');
  return '';
}

function listen() {
  if (stream) stream.close();
  stream = new EventSource(`../room/${code}/live`);
  stream.onmessage = ({ data }) => {
    const returns = lost;
    lost = false;
    hear(JSON.parse(data));
    if (returns) { refresh(); send(); }
  };
  stream.onerror = () => {
    lost = true;
    if (told) draw(); else say('phase', "The room can't be reached. Trying again.");
    if (stream.readyState === EventSource.CLOSED) later(resume);
  };
}

/** After a stream that was refused: is there still a room, and a seat in it? */
async function resume() {
  if (await refresh()) listen();
  else if (lost) later(resume);
}

/** Have what is this seat's own; whether it is there. */
async function refresh() {
  const at = place(), before = stored, { status, error, ...got } = await ask('mine');
  if (before !== stored) return refresh();  // an answer was stored meanwhile, of which this may not know
  if (status === 403) stay('You have no seat here any more', 'Your lecturer has removed it, or another phone has come back to it. You may come again, under a new name.', 'Come again');
  if (status === 404) stay('This room is closed', error || 'There is no such room.', '');
  if (status === 200 && (!at || at === place())) {
    mine = { ...mine, judged: null, raced: null, ...got };
    draw();
  }
  return status === 200;
}

const place = () => (told ? [told.step, told.round, told.phase].join() : '');

/** Take in what the room tells everybody. */
function hear(news) {
  trouble = news.trouble || '';
  if (news.gone) return stay('This room is closed', 'Its host has erased it, or its time is over.', '');
  if (trouble) return draw();
  const before = told && told.step, at = place(), { frozen: waited, seats, groups } = told || {};
  told = news;
  if (before !== told.step) {
    if (before === null) late = !store() && (told.step > 0 || told.phase !== 'lobby') && told.phase !== 'ended';
    else mine = { ...mine, answers: {}, curve: null, rate: null, judged: null, raced: null, curves: null, walk: null };
    if (before === null) pending = pending || (store() || {}).pending;
  }
  if (at !== place()) refused = '';
  if (at && at !== place()) late = false;
  if (pending && (pending.step !== told.step || pending.round !== told.round)) {
    if (tries || !busy) refused = 'Your last answer was not stored in time.';
    [pending, tries] = [null, 0];
  }
  store({ pending });
  if (pending && before === null) send();
  const moved = at !== place() || told.seats < seats || told.groups !== groups;
  if (at && (moved || (mine.group && !soon))) {  // a seat may be gone, or in another group; somebody of it may have answered
    clearTimeout(soon);
    soon = setTimeout(() => { soon = 0; refresh(); }, (moved ? SPREAD : SPREAD_OF_A_GROUP) * Math.random());
  }
  if (waited && !told.frozen) send();
  draw();
  if (at !== place()) window.scrollTo(0, 0);
}

/** Keep an answer, and send it after a pause. */
function answer(value, pause = 0) {
  pending = { step: told.step, round: told.round, value };
  [tries, refused] = [0, ''];
  store({ pending });
  clearTimeout(timer);
  timer = setTimeout(send, pause);
  draw();
}

/** Send what is kept until it is stored, or refused; one at a time, so that the last one counts. */
async function send() {
  clearTimeout(timer);
  const sent = pending;
  if (!sent || told.frozen || busy) return;
  busy = true;
  const { status, error } = await ask('answer', sent);
  busy = false;
  if (sent !== pending) return void send();
  if (passes(status)) {
    tries += 1;
    timer = setTimeout(send, AGAIN);
    return draw();
  }
  [pending, tries] = [null, 0];
  store({ pending });
  if (status === 204) [stored, mine.answers] = [stored + 1, { ...mine.answers, [sent.round]: sent.value }];
  else refused = error || 'This answer was not taken.';
  draw();
  if (status === 204 && !['rate', 'walk'].includes(told.asked?.kind)) return;
  await refresh();
  const run = find('step').querySelector('.run');
  if (run) run.scrollIntoView({ block: 'nearest' });
}

/** Nothing but these words, and a button to come again. */
function stay(title, words, button) {
  if (stream) stream.close();
  [told, pending, drawn, late, lost, refused] = [null, null, '', false, false, ''];
  store({ pending });
  document.body.dataset.phase = '';
  find('head').hidden = true;
  say('note', '');
  say('phase', title);
  const again = make('button', { className: 'main', textContent: button, onclick: () => join() });
  find('step').replaceChildren(make('p', { textContent: words }), button ? again : lab());
}

const lab = () => make('a', { className: 'main', href: '../', textContent: 'Try it yourself in the lab' });

function askForCode(problem = '') {
  find('head').hidden = true;
  document.body.dataset.phase = 'code';
  say('phase', problem);
  const field = make('input', { id: 'code', maxLength: 9, autocomplete: 'off', autocapitalize: 'characters', spellcheck: false, required: true });
  const form = make('form', {}, make('h1', { textContent: 'Join your class' }),
    make('label', { htmlFor: 'code', textContent: 'The code on the big screen, five letters or digits' }), field,
    make('button', { className: 'main', textContent: 'Join' }));
  form.onsubmit = (event) => {
    event.preventDefault();
    const typed = codeOf(field.value);
    if (typed) location.assign(typed); else say('phase', 'A code has five letters or digits, as AB3CD.');
  };
  find('step').replaceChildren(form);
}

/** Draw what is to be seen now; what has not changed stays as it is, with the hand and the reader on it. */
function draw() {
  if (!told) return;
  const { asked, round, phase, frozen, step, of } = told, answers = mine.answers || {};
  const kept = asked ? answers[round] : undefined, own = pending ? pending.value : kept;
  say('name', mine.name);
  say('digits', mine.digits);
  say('place', phase === 'ended' ? '' : `Step ${step + 1} of ${of}`);
  const open = phase === 'open' && !frozen, bad = lost || tries || refused || trouble, words = phaseWords(told, late, kept !== undefined);
  const note = noteWords({ kind: asked && asked.kind, phase, frozen, lost, tries, refused: refused || trouble, pending: pending ? own : undefined, kept });
  const below = bad || (pending && frozen);  // what is well stands above: a bar below covers the end of the page
  say('phase', below || !note ? words : open ? note : `${words} ${note}`);
  say('note', below ? note : '');
  document.body.dataset.phase = phase;
  find('phase').className = open && kept !== undefined && !pending && !below ? 'good' : '';
  find('note').className = bad ? 'bad' : '';
  const what = JSON.stringify([step, round, phase, frozen, mine.name, mine.group, mine.rate, mine.curve, mine.judged,
    (phase === 'open' && !mine.group) || [answers, told.result], mine.walk, mine.raced, Boolean(mine.curves), Boolean(race), refused]);
  if (what !== drawn) {
    const held = find('step').contains(document.activeElement), { id } = document.activeElement;
    drawn = what;
    if (phase !== 'lobby') find('me').open = false;
    find('step').replaceChildren(...parts());
    const again = (id && find(id)) || find('step').querySelector('h1');
    if (held && again) again.focus({ preventScroll: true });
  }
  if (!asked || !RACES.includes(asked.kind)) mark(own);
}

/** Show in the open step what the seat has answered. */
function mark(own) {
  for (const radio of find('step').querySelectorAll('input[type=radio]')) radio.checked = Number(radio.value) === own;
  const train = find('train');
  if (train) train.disabled = Boolean(pending) || told.frozen;
}

/** The elements of the phase. */
function parts() {
  const { asked, phase, round, result } = told, answers = mine.answers || {};
  document.title = asked ? `${asked.title} · Class room` : `${told.title} · Class room`;
  if (phase === 'ended') return [make('h1', { textContent: `Thank you, ${mine.name}` }), lab()];
  if (phase === 'lobby') return [card(), make('p', { className: 'soft', textContent: `Room ${code}: ${told.title}` })];
  const found = [make('h1', { tabIndex: -1, innerHTML: safe(asked.title) })];
  if (mine.group && phase !== 'revealed') found.push(make('p', { className: 'soft', textContent: `You are in ${mine.group}: it has one answer, the last that is sent.` }));
  if (RACES.includes(asked.kind)) return [...found, ...racing()];
  if (phase === 'revealed' && result) found.push(...judged(answers));
  if (phase !== 'revealed' || asked.kind !== 'rate') found.push(make('div', { innerHTML: (phase !== 'open' && asked.about) || asked.ask }));
  if (asked.picture) found.push(make('p', { textContent: 'Its picture is on the screen in front.', className: 'soft' }));
  if (phase === 'open' && round === 2 && asked.kind !== 'rate' && answers[1] !== undefined) {
    found.push(make('p', { className: 'soft', textContent: `Your first answer: ${answerWords(asked.kind, answers[1])}.` }));
  }
  if (asked.kind === 'choice') found.push(result && phase === 'revealed' ? tally(result) : choices());
  if (asked.kind === 'number' && phase === 'open') found.push(number());
  if (asked.kind === 'rate' && phase === 'open' && (asked.chooses || !mine.curve)) found.push(rate());
  if (mine.curve) found.push(curve(mine.curve));
  return found;
}

/** The elements of a race: what draws them is fetched when the first one comes. */
function racing() {
  const { asked, phase, round } = told, own = pending ? pending.value : (mine.answers || {})[round];
  if (!race) {
    import('./race.js').then((found) => { race = found; draw(); }, () => later(draw));
    return [make('div', { innerHTML: asked.ask })];
  }
  if (phase === 'revealed' && told.result) return race.raced({ told, mine });
  if (phase !== 'open') return [make('div', { innerHTML: asked.ask })];
  return [make('details', {}, make('summary', { textContent: 'What to do' }), make('div', { innerHTML: asked.ask })),
    ...race[asked.kind]({ told, mine, own, send: answer })];
}

/** Who one is, in the lobby. */
function card() {
  return make('div', { className: 'card' }, make('p', { textContent: 'You are' }), make('h1', { tabIndex: -1, textContent: mine.name }),
    make('p', { className: 'digits', textContent: mine.digits }),
    make('p', { textContent: 'Your name and these four digits bring your seat back, on this phone or on another.' }),
    ...(mine.group ? [make('p', { textContent: `You are in ${mine.group}.` })] : []));
}

function choices() {
  const legend = make('legend', { className: 'spoken', textContent: 'Your answer' });
  const labels = told.asked.choices.map((html, at) => make('label', {},
    make('input', { type: 'radio', name: 'choice', value: String(at), onchange: () => answer(at, PAUSE) }),
    make('span', { className: 'choice' }, make('b', { textContent: LETTERS[at] }), make('span', { innerHTML: html }))));
  return make('fieldset', { disabled: told.phase !== 'open' || told.frozen }, legend, ...labels);
}

function number() {
  const own = (mine.answers || {})[told.round], { positive } = told.asked;
  const field = make('input', { id: 'number', inputMode: 'decimal', autocomplete: 'off', maxLength: 24, 'aria-describedby': 'wrong', value: own === undefined ? '' : String(own) });
  const wrong = make('p', { id: 'wrong', className: 'refusal', role: 'alert' });
  const form = make('form', {}, make('label', { htmlFor: 'number', textContent: 'Your number' }), make('p', { className: 'row' },
    // The keys of some phones have no minus.
    ...(positive ? [] : [make('button', { type: 'button', textContent: '±', 'aria-label': 'Change the sign', onclick: () => {
      field.value = /^\s*[-−]/.test(field.value) ? field.value.replace(/[-−]/, '') : `−${field.value}`;
    } })]), field), wrong, make('button', { className: 'main', textContent: 'Send' }));
  form.onsubmit = (event) => {
    event.preventDefault();
    const value = numberOf(field.value), good = Number.isFinite(value) && !(positive && value <= 0);
    wrong.textContent = good ? '' : positive ? 'Write a number above 0, as 0.08.' : 'Write a number, as 0.08 or −2.5.';
    field.setAttribute('aria-invalid', String(!good));
    if (good) answer(value); else field.focus();
  };
  return make('fieldset', { disabled: told.frozen }, form);
}

function rate() {
  const { stops, chooses } = told.asked, { answers = {}, rate: dealt, curve: run } = mine;
  const train = make('button', { id: 'train', className: 'main', textContent: 'Train' });
  if (!chooses) {
    const words = make('p', { className: 'big', textContent: dealt ? inWords(dealt) : '…' });
    train.onclick = () => answer(null);
    return make('div', {}, make('p', { textContent: 'Your learning rate' }), words, ...(answers[1] !== undefined || !dealt ? [] : [train]));
  }
  const now = answers[told.round] ?? (run ? run.rate : dealt), near = (at) => Math.abs(Math.log(stops[at] / (now || 0.01)));
  const first = stops.reduce((best, _, at) => (near(at) < near(best) ? at : best), 0);
  const words = make('output', { className: 'big', htmlFor: 'slider', textContent: inWords(stops[first]) });
  const slider = make('input', { id: 'slider', type: 'range', min: 0, max: stops.length - 1, value: first, oninput: () => {
    words.textContent = inWords(stops[slider.value]);
    slider.setAttribute('aria-valuetext', words.textContent);
  } });
  slider.oninput();
  train.onclick = () => answer(stops[slider.value]);
  return make('fieldset', { disabled: told.frozen }, make('label', { htmlFor: 'slider', textContent: 'Your learning rate' }), words, slider,
    make('p', { className: 'ends' }, make('span', { textContent: inWords(stops[0]) }), make('span', { textContent: inWords(stops[stops.length - 1]) })), train);
}

function curve(run) {
  return make('section', { className: 'run' }, make('h2', {}, `Your run at ${inWords(run.rate)}: `, make('b', { className: `verdict ${run.role}`, textContent: run.verdict })),
    make('div', { innerHTML: curveSvg(run) }), make('p', { textContent: run.words }));
}

/** What is said to the seat's own answer, and what happens. */
function judged(answers) {
  const { result, asked, round } = told, { kind } = asked, last = answers[round] ?? answers[1], found = [];
  const head = (role, words) => found.push(make('p', { className: `judged ${role}`, textContent: words }));
  const votes = [1, 2].filter((vote) => answers[vote] !== undefined).map((vote) => answerWords(kind, answers[vote]));
  const both = votes.length > 1 && kind !== 'rate' ? `You: first ${votes[0]}, then ${votes[1]}.` : '';
  if (kind === 'choice') {
    const is = answerWords(kind, result.right);
    if (last === undefined) head('', `The answer is ${is}.`);
    else if (last === result.right) head('good', `✓ Right: ${is}`);
    else head('high', `✗ You chose ${answerWords(kind, last)}. The answer is ${is}.`);
    found.push(make('p', { innerHTML: result.whys[last] || '' }));
  } else if (kind === 'number') {
    const said = last === undefined ? null : mine.judged, sign = said ? (said.right ? '✓ Right. ' : '✗ ') : '';
    head(said ? (said.right ? 'good' : 'high') : '', `${sign}${last === undefined ? '' : `You: ${inWords(last)}. `}The answer is ${inWords(result.answer)}.`);
    if (said && said.why) found.push(make('p', { innerHTML: said.why }));
    if (result.said) found.push(make('p', { textContent: result.said }));
  } else if (result.points && !result.few) {
    const drawing = classSvg(result, asked, mine.curve ? mine.curve.rate : mine.rate);
    found.push(make('div', { innerHTML: drawing }));
    const limit = result.limit ? ` The dashed line is the limit, ${inWords(result.limit)}.` : '';
    const grew = drawing.includes('"gone"') ? ' ×: the loss overflowed, or ended far above.' : '';
    found.push(make('p', { textContent: `${result.best ? `The lowest loss came at rate ${inWords(result.best)}.` : ''}${limit}${grew}` }));
  } else found.push(make('p', { textContent: 'Fewer than five runs: they are not drawn.' }));
  if (both) found.push(make('p', { className: 'soft', textContent: both }));
  if (result.outcome) found.push(make('div', { id: 'outcome', innerHTML: result.outcome }));
  return found;
}

/** The choices with the class's votes, once these are told. */
function tally({ right, counts, few }) {
  const { 1: first, 2: second } = mine.answers || {}, shown = !few && counts ? counts : [];
  const items = told.asked.choices.map((html, at) => {
    const bars = shown.flatMap((row, vote) => {
      if (!row) return [];  // of this vote there were too few
      const all = row.reduce((sum, count) => sum + count, 0), bar = make('i');
      bar.style.width = `${all ? (100 * row[at]) / all : 0}%`;
      return [make('span', { className: `bar vote-${vote + 1}` }, bar, make('span', {}, make('span', { className: 'spoken', textContent: shown.length > 1 ? ['first vote ', 'second vote '][vote] : 'votes ' }), String(row[at])))];
    });
    const signs = [...(at === right ? ['✓ right'] : []), ...(first === at ? [second === undefined || second === at ? 'you' : 'you, first'] : second === at ? [first === undefined ? 'you' : 'you, second'] : [])];
    return make('li', { className: at === right ? 'right' : '' }, make('b', { textContent: LETTERS[at] }),
      make('div', {}, make('span', { innerHTML: html }), ...signs.map((words) => make('em', { textContent: words })), ...bars));
  });
  const words = few ? 'Fewer than five answers: votes are not shown.' : shown.length > 1 ? 'Votes: pale the first, full the second.' : 'Votes of the class';
  return make('section', {}, make('h2', { textContent: words }), make('ol', { className: 'tally' }, ...items));
}

/** The form by which a seat is taken again. */
function comingBack() {
  find('back').ontoggle = async () => {
    if (find('adjective').options.length) return;
    const { adjectives = [], animals = [] } = await ask('names');
    for (const [id, names] of [['adjective', adjectives], ['animal', animals]]) find(id).replaceChildren(...names.map((name) => make('option', { textContent: name })));
  };
  find('return').onsubmit = async (event) => {
    event.preventDefault();
    say('not-back', '');
    const problem = await join({ name: `${find('adjective').value} ${find('animal').value}`, digits: find('four').value });
    say('not-back', problem);
    if (!problem) find('back').open = find('me').open = false;
  };
}

/** Begin: the code stands in the address. */
function begin() {
  code = codeOf(location.pathname.split('/').pop());
  if (!code) return askForCode();
  comingBack();
  // A phone that was asleep has a stream that is dead and does not say so.
  let hidden = 0;
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) hidden = Date.now();
    else if (told && Date.now() - hidden > 5000) { listen(); refresh(); }
  });
  window.addEventListener('online', () => told && (listen(), send()));
  window.addEventListener('offline', () => { lost = true; draw(); });
  return join();
}

begin();
