// Draws the charts and moves them all: one slider, no server, no request.
const report = JSON.parse(document.getElementById('data').textContent);
const moments = report.moments, last = moments.length - 1;
const moment = document.querySelector('.scrubber input'), output = document.querySelector('.scrubber output');
const happens = document.querySelector('.happens');
happens.hidden = !report.events.length;
const play = document.querySelector('.play'), views = new Map(), drawn = new Map();
const zoom = Math.min(1.5, Math.max(1, innerWidth / 1100)); // letters are read from across a room
let timer, round = 0;

const rowsOf = (table) => {
  const names = Object.keys(table);
  return names.length ? table[names[0]].map((_, k) => Object.fromEntries(names.map((name) => [name, table[name][k]]))) : [];
};
for (const chart of report.charts) {
  chart.datasets = Object.fromEntries(Object.entries(chart.tables).map(([name, table]) => [name, rowsOf(table)]));
}
const epoch = () => moments[Number(moment.value)];

async function draw(chart) {
  const place = document.getElementById(chart.id), theme = root.dataset.theme, mine = round;
  const wide = Math.round(place.clientWidth / zoom);
  if (drawn.get(chart.id) === `${theme} ${wide}`) return;
  drawn.set(chart.id, `${theme} ${wide}`);
  // Paper is light: what is dark on the screen has a second view, seen where it is printed.
  const made = await Promise.all((theme === 'dark' ? ['dark', 'light'] : ['light']).map((worn) => embed(chart, worn, wide)));
  if (mine !== round) return made.forEach(({ view }) => view.finalize());
  views.get(chart.id)?.forEach((view) => view.finalize());
  place.replaceChildren(...made.map(({ slot }) => slot));
  views.set(chart.id, made.map(({ view }) => view));
  follow(chart, views.get(chart.id));
}
async function embed(chart, theme, wide) {
  const spec = chart[theme], slot = document.createElement('div');
  const whole = { ...spec, width: wide, datasets: { ...spec.datasets, ...chart.datasets } };
  slot.setAttribute('aria-hidden', 'true');  // its place says in words what it shows
  const { view } = await vegaEmbed(slot, whole, { actions: false, renderer: 'svg', tooltip: { theme } });
  return { view, slot };
}
function follow(chart, which) {
  if (chart.scrubbed) which.forEach((view) => view.signal('epoch', epoch()).run());
}
async function drawAll() {
  round += 1;
  const mine = round;
  for (const chart of report.charts) {
    if (mine !== round) return;
    await draw(chart);
  }
  root.dataset.drawn = report.charts.length;
}
function show() {
  const now = epoch();
  output.textContent = `epoch ${now.toLocaleString('en')} of ${moments[last].toLocaleString('en')}`;
  const told = report.events.findLast(([epoch]) => epoch <= now)?.[1] ?? '';
  happens.textContent = told || '\u00a0';
  moment.setAttribute('aria-valuetext', told ? `${output.textContent}. ${told}` : output.textContent);
  for (const chart of report.charts) follow(chart, (views.get(chart.id) ?? []).slice(0, 1));
}
function stop() {
  clearInterval(timer); timer = undefined;
  play.textContent = '▶'; play.setAttribute('aria-label', 'Play');
}
play.addEventListener('click', () => {
  if (timer) return stop();
  if (Number(moment.value) === last) moment.value = 0;
  show();
  play.textContent = '❙❙'; play.setAttribute('aria-label', 'Pause');
  timer = setInterval(() => {
    moment.value = Number(moment.value) + 1; show();
    if (Number(moment.value) === last) stop();
  }, 90);
});
moment.max = last; moment.value = last;
moment.addEventListener('input', () => { stop(); show(); });

let waiting;
addEventListener('resize', () => { clearTimeout(waiting); waiting = setTimeout(drawAll, 200); });
addEventListener('beforeprint', () => report.charts.forEach((chart) => follow(chart, views.get(chart.id) ?? [])));
themed(drawAll);
show();
