// A lecturer's hand on the slides: a large dot that follows the mouse, a pen, and verdicts that are shown when asked for.
const ROOM = 2;  // px between two points of a line: nearer ones add nothing
const SVG = 'http://www.w3.org/2000/svg';
const KEYS = [
  ['← →, PageUp PageDown', 'a slide back, a slide on'], ['Home, End', 'first slide, last slide'],
  ['V', 'show or hide the verdicts'], ['P', 'a large pointer, on or off'], ['D', 'draw on the slide with the mouse, on or off'],
  ['C', 'clear what was drawn'], ['Space', 'play, pause'], ['F11', 'full screen, in most browsers'], ['?', 'this list'],
  ['Esc', 'leave the slides'],
];

/** What is laid over the slides; `main` holds them. Returns what each key does, `clear`, and `leave`. */
function lecturersHand(main) {
  const dot = document.createElement('div'), ink = document.createElementNS(SVG, 'svg'), keys = document.createElement('dialog');
  dot.className = 'slides-pointer';
  ink.setAttribute('class', 'slides-ink');
  keys.className = 'slides-keys';
  keys.setAttribute('aria-label', 'Keys');
  const list = document.createElement('dl');
  for (const [key, does] of KEYS) {
    for (const [tag, words] of [['dt', key], ['dd', does]]) list.append(Object.assign(document.createElement(tag), { textContent: words }));
  }
  keys.append(list);
  for (const part of [dot, ink]) {
    part.hidden = true;
    part.setAttribute('aria-hidden', 'true');
  }
  document.body.append(ink, dot, keys);
  let line = null, last = [0, 0];

  const follow = (event) => { dot.style.translate = `${event.clientX}px ${event.clientY}px`; };
  const begin = (event) => {
    line = document.createElementNS(SVG, 'polyline');
    last = [event.clientX, event.clientY];
    line.setAttribute('points', `${last} ${last}`);  // a click alone is a dot
    ink.append(line);
    ink.setPointerCapture(event.pointerId);
  };
  const draw = (event) => {
    const at = [event.clientX, event.clientY];
    if (!line || Math.hypot(at[0] - last[0], at[1] - last[1]) < ROOM) return;
    line.setAttribute('points', `${line.getAttribute('points')} ${at}`);
    last = at;
  };
  const end = () => { line = null; };
  const clear = () => ink.replaceChildren();
  const pointer = () => { dot.hidden = !dot.hidden; document.body.classList.toggle('slides-points', !dot.hidden); };
  const pen = () => { ink.removeAttribute('hidden'); ink.classList.toggle('draws'); };
  const verdicts = () => main.toggleAttribute('data-verdicts');
  const help = () => keys.showModal();
  keys.addEventListener('click', () => keys.close());
  document.addEventListener('pointermove', follow);
  ink.addEventListener('pointerdown', begin);
  ink.addEventListener('pointermove', draw);
  for (const ends of ['pointerup', 'pointercancel']) ink.addEventListener(ends, end);
  return {
    does: { v: verdicts, p: pointer, d: pen, c: clear, '?': help },
    clear,
    help,
    leave() {
      document.removeEventListener('pointermove', follow);
      document.body.classList.remove('slides-points');
      main.removeAttribute('data-verdicts');
      for (const part of [dot, ink, keys]) part.remove();
    },
  };
}
