const NS = 'http://www.w3.org/2000/svg', LEFT = 58, BOTTOM = 46, TOP = 24, RIGHT = 14;
const CLICK = 4;  // pixels: a pointer that moves less has clicked
const WAIT = 500;  // milliseconds after the last key before the points are sent

function make(parent, name, attributes, text) {
  const node = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text) node.textContent = text;
  return parent.appendChild(node);
}

// 1, 2 or 5 times a power of ten, near a number.
function nice(size) {
  const power = 10 ** Math.floor(Math.log10(size)), digits = size / power;
  return (digits < 1.5 ? 1 : digits < 3.5 ? 2 : digits < 7.5 ? 5 : 10) * power;
}

function scale(values, from, to) {
  let low = Math.min(...values), high = Math.max(...values);
  if (!values.length) [low, high] = [0, 10];
  const room = 0.15 * (high - low || Math.abs(high) || 1);
  low -= room; high += room;
  const tick = nice((high - low) / 5), step = nice((high - low) / 400);
  const ticks = [];
  for (let k = Math.ceil(low / tick); k * tick <= high; k++) ticks.push(Number((k * tick).toPrecision(12)));
  return {
    low, high, step, ticks,
    at: (value) => from + (value - low) / (high - low) * (to - from),
    // Rounded to a step, so that a place drawn by hand is a short number.
    value: (place) => round(low + (place - from) / (to - from) * (high - low), step),
  };
}

function round(value, step) { return Number((Math.round(value / step) * step).toPrecision(12)) + 0; }

// To six digits: ticks lie close where the points do.
function short(value) {
  const size = Math.abs(value), near = Number(value.toPrecision(6));
  if (!size || (size < 1e6 && size >= 1e-4)) return String(near).replace('-', '−');
  const [digits, power] = near.toExponential().split('e');
  return withPower(digits, Number(power));
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector('.points-editor'), svg = root.querySelector('svg');
  const hint = root.querySelector('.hint'), points = data.points.map((pair) => [...pair]);
  // One unit is one pixel of the screen it is drawn for, so that words and points stay as large on a phone.
  const WIDE = Math.max(300, root.clientWidth || 640), TALL = Math.min(430, Math.max(270, 0.62 * WIDE));
  const x = scale(points.map((pair) => pair[0]), LEFT, WIDE - RIGHT);
  const y = scale(points.map((pair) => pair[1]), TALL - BOTTOM, TOP);
  const focused = root.contains(document.activeElement) ? root.dataset.focus : undefined;
  svg.replaceChildren();
  svg.setAttribute('viewBox', `0 0 ${WIDE} ${TALL}`);
  svg.setAttribute('aria-label', data.label);
  hint.textContent = data.hint;

  const ground = make(svg, 'rect', {
    class: 'ground', x: LEFT, y: TOP, width: WIDE - RIGHT - LEFT, height: TALL - BOTTOM - TOP, rx: 6,
  });
  for (const tick of x.ticks) {
    make(svg, 'line', { class: 'grid', x1: x.at(tick), x2: x.at(tick), y1: TOP, y2: TALL - BOTTOM });
    make(svg, 'text', { x: x.at(tick), y: TALL - BOTTOM + 20, 'text-anchor': 'middle' }, short(tick));
  }
  for (const tick of y.ticks) {
    make(svg, 'line', { class: 'grid', x1: LEFT, x2: WIDE - RIGHT, y1: y.at(tick), y2: y.at(tick) });
    make(svg, 'text', { x: LEFT - 8, y: y.at(tick) + 5, 'text-anchor': 'end' }, short(tick));
  }

  make(svg, 'text', { x: WIDE - RIGHT, y: TALL - 6, 'text-anchor': 'end' }, 'x');
  make(svg, 'text', { x: LEFT - 8, y: TOP - 9, 'text-anchor': 'end' }, 'y');

  let timer = 0, held = -1, begun = null;
  const send = () => { clearTimeout(timer); setTriggerValue('points', points); };
  const place = (event) => {
    const box = svg.getBoundingClientRect();
    const [h, v] = [(event.clientX - box.left) / box.width * WIDE, (event.clientY - box.top) / box.height * TALL];
    return [x.value(Math.min(Math.max(h, LEFT), WIDE - RIGHT)), y.value(Math.min(Math.max(v, TOP), TALL - BOTTOM))];
  };

  const marks = points.map((_, k) => {
    const mark = make(svg, 'circle', { r: 9, tabindex: 0, role: 'button' });
    mark.addEventListener('pointerdown', (event) => {
      if (event.button) return;
      event.preventDefault();
      mark.focus({ preventScroll: true });
      mark.setPointerCapture(event.pointerId);
      mark.classList.add('held');
      [held, begun] = [k, [event.clientX, event.clientY]];
    });
    mark.addEventListener('pointermove', (event) => {
      if (held !== k || Math.hypot(event.clientX - begun[0], event.clientY - begun[1]) < CLICK) return;
      points[k] = place(event);
      show(k);
    });
    mark.addEventListener('pointerup', (event) => {
      mark.classList.remove('held');
      const moved = held === k && Math.hypot(event.clientX - begun[0], event.clientY - begun[1]) >= CLICK;
      held = -1;
      if (moved) send();
    });
    mark.addEventListener('pointercancel', () => { held = -1; mark.classList.remove('held'); });
    mark.addEventListener('dblclick', () => remove(k));
    mark.addEventListener('focus', () => { root.dataset.focus = k; tell(k); });
    mark.addEventListener('blur', () => { hint.textContent = data.hint; });
    mark.addEventListener('keydown', (event) => {
      const by = event.shiftKey ? 20 : 2;
      const move = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowDown: [0, -by], ArrowUp: [0, by] }[event.key];
      if (event.key === 'Delete' || event.key === 'Backspace') { event.preventDefault(); remove(k); return; }
      if (!move) return;
      event.preventDefault();
      points[k] = [round(points[k][0] + move[0] * x.step, x.step), round(points[k][1] + move[1] * y.step, y.step)];
      show(k);
      clearTimeout(timer);
      timer = setTimeout(send, WAIT);
    });
    return mark;
  });

  function tell(k) { hint.textContent = `Point ${k + 1}: x = ${short(points[k][0])}, y = ${short(points[k][1])}`; }

  function show(k) {
    marks[k].setAttribute('cx', x.at(points[k][0]));
    marks[k].setAttribute('cy', y.at(points[k][1]));
    marks[k].setAttribute('aria-label', `Point ${k + 1}: x ${short(points[k][0])}, y ${short(points[k][1])}`);
    if (root.dataset.focus === String(k)) tell(k);
  }

  function remove(k) {
    delete root.dataset.focus;
    points.splice(k, 1);
    send();
  }

  ground.addEventListener('click', (event) => {
    if (points.length >= data.most) { hint.textContent = `${data.most} points are the most here.`; return; }
    points.push(place(event));
    send();
  });
  points.forEach((_, k) => show(k));
  if (focused !== undefined && marks[focused]) marks[focused].focus({ preventScroll: true });
  return () => clearTimeout(timer);
}
