// Mounts the stage on a file's deck, or on one of several: that which the address names, as in ?preset=penguins.
const decks = JSON.parse(document.getElementById('data').textContent), names = Object.keys(decks);
const bar = new AddressBar();  // the stage's
const all = (selector) => [...document.querySelectorAll(selector)];
let data, theme;

function show(change) {
  data = { ...data, ...change };
  if (theme) mount({ parentElement: document.body, data: { ...data, theme }, setTriggerValue: told });
}
function told(what, value) {
  if (what === 'rested') show({ rates: value });
  if (what === 'link') go(value);
}
function open(query) {
  const words = new URLSearchParams(query), asked = words.get('preset');
  const name = names.includes(asked) ? asked : names[0];
  const rates = words.getAll('lr').map(Number).filter((rate) => rate > 0 && rate < Infinity);
  const fit = rates.length >= 2 && rates.length <= decks[name].mostLanes;
  all('[data-preset]').forEach((part) => { part.hidden = part.dataset.preset !== name; });
  all('[data-pick]').forEach((pick) => {
    if (pick.dataset.pick === name) pick.setAttribute('aria-current', 'page');
    else pick.removeAttribute('aria-current');
  });
  show({ ...decks[name], rates: fit ? rates : decks[name].rates });
}
function go(query) {
  bar.show(query, true);
  open(query);
}
all('[data-pick]').forEach((pick) => pick.addEventListener('click', (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(`preset=${pick.dataset.pick}`);
}));
addEventListener('popstate', () => open(location.search));
open(location.search);
addEventListener('beforeprint', () => {  // paper is light
  const worn = root.dataset.theme;
  if (worn !== 'dark') return;
  const wear = (other) => { root.dataset.theme = theme = other; show({}); };
  wear('light');
  addEventListener('afterprint', () => wear(worn), { once: true });
});
themed((worn) => { theme = worn; show({}); });
