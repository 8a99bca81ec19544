const SIGNS = ['#D55E00', '#0072B2'], NS = 'http://www.w3.org/2000/svg', WIDE = 900;

function bytes(text) { return Uint8Array.from(atob(text), (c) => c.charCodeAt(0)); }

function make(parent, name, attributes, text) {
  const node = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text) node.textContent = text;
  return parent.appendChild(node);
}

function layout(widths, left) {
  const tall = Math.min(430, Math.max(150, 34 * Math.max(...widths.map((n) => Math.min(n, 20)))));
  const radius = Math.max(2.5, Math.min(12, 0.36 * tall / Math.max(...widths)));
  const at = (layer, unit) => [
    left + layer * (WIDE - 110 - left) / (widths.length - 1),
    tall / 2 + (unit - (widths[layer] - 1) / 2) * Math.min(46, (tall - 24) / Math.max(1, widths[layer])),
  ];
  return { tall, radius, at };
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector('.diagram'), svg = root.querySelector('svg');
  const hint = root.querySelector('.hint');
  const { widths, epochs, places, largest } = data.diagram;
  const values = new Int8Array(bytes(data.diagram.values).buffer), dead = bytes(data.diagram.dead);
  // Room for the longest name of an input, where they are written.
  const names = widths[0] <= 12 ? data.inputs.map((name) => name.length) : [0];
  const { tall, radius, at } = layout(widths, Math.max(110, 30 + 7.5 * Math.max(...names)));
  const hidden = widths.slice(1, -1).reduce((a, b) => a + b, 0);
  svg.replaceChildren();
  svg.setAttribute('viewBox', `0 0 ${WIDE} ${tall + 26}`);
  svg.setAttribute('aria-label', data.label);

  const lines = [], circles = [], crosses = [];
  const shown = make(svg, 'g', {}), hits = make(svg, 'g', {}), mark = make(svg, 'line', { class: 'chosen' });
  places.forEach(([layer, source, target], k) => {
    if (source < 0) return;
    const [x1, y1] = at(layer - 1, source), [x2, y2] = at(layer, target);
    lines[k] = make(shown, 'line', { class: 'w', x1, y1, x2, y2 });
    make(hits, 'line', { class: 'hit', x1, y1, x2, y2 }).addEventListener('click', () => choose(k));
  });
  for (let unit = 0; unit < widths[0]; unit++) {
    const [cx, cy] = at(0, unit);
    make(svg, 'circle', { class: 'input', cx, cy, r: radius });
    if (widths[0] <= 12) make(svg, 'text', { x: cx - radius - 6, y: cy + 5, 'text-anchor': 'end' }, data.inputs[unit]);
  }
  places.forEach(([layer, source, target], k) => {
    if (source >= 0) return;
    const [cx, cy] = at(layer, target);
    circles[k] = make(svg, 'circle', { cx, cy, r: radius });
    circles[k].addEventListener('click', () => choose(k));
    if (layer < widths.length - 1) crosses.push(make(svg, 'text', { class: 'cross', x: cx, y: cy }));
    else if (widths[layer] <= 12) make(svg, 'text', { x: cx + radius + 6, y: cy + 5 }, data.outputs[target]);
  });
  const last = widths.length - 1;
  widths.forEach((_, layer) => {
    const name = layer === 0 ? 'inputs' : layer < last ? `hidden ${layer}` : widths[last] > 1 ? 'outputs' : 'output';
    make(svg, 'text', { x: at(layer, 0)[0], y: tall + 20, 'text-anchor': 'middle' }, name);
  });

  const moment = () => {
    let k = 0;
    while (k + 1 < epochs.length && epochs[k + 1] <= (window.epochShown ?? Infinity)) k++;
    return k;
  };
  let chosen = places.findIndex((place) => data.chosen && place.every((part, k) => part === data.chosen[k]));

  function draw() {
    const k = moment(), first = k * places.length;
    places.forEach(([, source], p) => {
      const value = values[first + p] / 127, colour = SIGNS[value > 0 ? 1 : 0];
      if (source >= 0) {
        lines[p].setAttribute('stroke', colour);
        lines[p].setAttribute('stroke-width', (0.4 + 6 * Math.abs(value)).toFixed(2));
        lines[p].setAttribute('stroke-opacity', (0.12 + 0.75 * Math.abs(value)).toFixed(2));
      } else {
        const share = Math.round(85 * Math.abs(value));
        circles[p].setAttribute('fill', `color-mix(in srgb, ${colour} ${share}%, var(--st-background-color))`);
      }
    });
    crosses.forEach((cross, unit) => {
      const isDead = dead[k * hidden + unit] === 1;
      cross.textContent = isDead ? '×' : '';
      circles[places.length - widths.slice(1).reduce((a, b) => a + b, 0) + unit].classList.toggle('dead', isDead);
    });
    showChosen();
  }

  function showChosen() {
    circles.forEach((circle, k) => circle.classList.toggle('chosen', k === chosen));
    const isLine = chosen >= 0 && places[chosen][1] >= 0;
    mark.setAttribute('visibility', isLine ? 'visible' : 'hidden');
    if (isLine) for (const name of ['x1', 'y1', 'x2', 'y2']) mark.setAttribute(name, lines[chosen].getAttribute(name));
    if (chosen < 0) { hint.textContent = data.hint; return; }
    const value = Number((values[moment() * places.length + chosen] / 127 * largest).toPrecision(2));
    const epoch = epochs[moment()].toLocaleString('en');
    hint.textContent = `${called(places[chosen])}: about ${String(value).replace('-', '−')} at epoch ${epoch}. Click again to explain it there.`;
  }

  function unitCalled(layer, unit) {
    if (layer === 0) return data.inputs[unit];
    return layer < last ? `unit ${unit + 1} of hidden ${layer}` : data.outputs[unit];
  }

  function called([layer, source, target]) {
    const to = unitCalled(layer, target);
    return source < 0 ? `Bias of ${to}` : `${unitCalled(layer - 1, source)} → ${to}`;
  }

  function choose(k) {
    chosen = k;
    showChosen();
    const epoch = epochs[moment()];
    setTriggerValue('chosen', { place: places[k], epoch });
  }

  const onKey = (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step) { chosen = (chosen + step + places.length) % places.length; showChosen(); event.preventDefault(); }
    if (event.key === 'Enter' && chosen >= 0) choose(chosen);
  };
  document.addEventListener('epoch-shown', draw);
  svg.addEventListener('keydown', onKey);
  draw();
  return () => { document.removeEventListener('epoch-shown', draw); svg.removeEventListener('keydown', onKey); };
}
