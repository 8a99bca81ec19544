// The experiments that this browser has shown, kept in its storage and nowhere else: a drawer that lists them, and a
// recorder that adds the one shown once it has stayed for a moment. What is stored may be anything: it is checked when
// it is read, and written as text.
const KEY = 'experiment-history', MOST = 50, STAYS = 1500;  // ms
const LINK = /^(compare|network|sweep|range-test|schedules)\?[\w\-.~%&=+*]{0,4000}$/;
let pending;

const isText = (value) => typeof value === 'string' && value.length <= 300;
const isLine = (line) => typeof line === 'string' && /^[\d., ]{0,2000}$/.test(line);
const isEntry = (entry) => isText(entry?.page) && typeof entry.href === 'string' && LINK.test(entry.href)
  && Array.isArray(entry.verdicts) && entry.verdicts.length <= 8 && entry.verdicts.every(isText)
  && Array.isArray(entry.curves ?? []) && (entry.curves ?? []).length <= 8 && (entry.curves ?? []).every(isLine)
  && Array.isArray(entry.settings) && entry.settings.length <= 40
  && entry.settings.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(isText));

/** The entries stored, the newest first. */
function stored() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY));
    return Array.isArray(found) ? found.filter(isEntry).slice(0, MOST) : [];
  } catch {
    return [];
  }
}

function store(entries) {
  try {
    localStorage.setItem(KEY, JSON.stringify(entries));
  } catch { /* no storage here, or it is full: nothing is kept */ }
}

/** Put an entry first; where it was before it is no more, and the oldest that is not pinned goes. */
function remember(entry) {
  if (!isEntry(entry)) return;
  const others = stored(), pinned = others.some((one) => one.href === entry.href && one.pinned);
  const entries = [{ ...entry, pinned }, ...others.filter((one) => one.href !== entry.href)];
  while (entries.length > MOST) {
    const oldest = entries.findLastIndex((one) => !one.pinned);
    entries.splice(oldest > 0 ? oldest : MOST, 1);
  }
  store(entries);
}

/** [label, text of one, text of the other] of the settings that differ. */
function differences(one, other) {
  const before = new Map(other.settings), after = new Map(one.settings);
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((label) => before.get(label) !== after.get(label))
    .map((label) => [label, after.get(label) ?? 'the default', before.get(label) ?? 'the default']);
}

/** What an entry changed against the one before, or what it began with. */
function changed(entry, before) {
  if (!before) return entry.settings.map(([label, text]) => `${label}: ${text}`).join('; ');
  const page = before.page === entry.page ? '' : `from ${before.page}; `;
  return page + (differences(entry, before).map(([label, now]) => `${label}: ${now}`).join('; ') || 'the same settings');
}

function element(name, words = '', options = {}) {
  const made = document.createElement(name);
  made.textContent = words;
  for (const [option, value] of Object.entries(options)) made.setAttribute(option, value);
  return made;
}

/** The losses of an entry as a small picture; nothing where there is none. */
function picture(entry, { looks, box }) {
  if (!entry.curves?.length) return [];
  const namespace = 'http://www.w3.org/2000/svg', made = document.createElementNS(namespace, 'svg');
  made.setAttribute('viewBox', `0 0 ${box.join(' ')}`);
  made.setAttribute('preserveAspectRatio', 'none');
  made.setAttribute('aria-hidden', 'true');  // the verdicts say it in words
  made.append(...entry.curves.map((points, lane) => {
    const line = document.createElementNS(namespace, 'polyline'), [dash, colour] = looks[lane];
    for (const [name, value] of Object.entries({ points, stroke: colour, 'stroke-dasharray': dash.join(' ') })) line.setAttribute(name, value);
    return line;
  }));
  return [made];
}

/** The table of two entries side by side: settings that differ, and the verdicts. */
function table(one, other, looks) {
  const rows = [...differences(one, other), ['verdicts', one.verdicts.join('; '), other.verdicts.join('; ')]];
  const made = element('table'), head = element('tr');
  head.append(element('td'), ...[one, other].map((entry) => {
    const cell = element('th', entry.page, { scope: 'col' });
    cell.append(...picture(entry, looks));
    return cell;
  }));
  made.append(head, ...rows.map(([label, ...texts]) => {
    const row = element('tr');
    row.append(element('th', label, { scope: 'row' }), ...texts.map((text) => element('td', text || '–')));
    return row;
  }));
  return made;
}

/** A text file of all links. */
function exportLinks() {
  const base = document.baseURI.replace(/[^/]*$/, '');
  const lines = stored().map((entry) => `${entry.page}: ${entry.verdicts.join('; ')}\n${base}${entry.href}\n`);
  const file = element('a', '', { download: 'experiments.txt' });
  file.href = URL.createObjectURL(new Blob([lines.join('\n')], { type: 'text/plain' }));
  file.click();
  URL.revokeObjectURL(file.href);
}

function drawer(root, looks, open) {
  const dialog = root.querySelector('dialog'), list = dialog.querySelector('ol'), beside = dialog.querySelector('.beside');
  const say = (words) => { dialog.querySelector('output').textContent = words; };

  function draw() {
    const entries = stored(), chosen = new Set([...list.querySelectorAll(':checked')].map((box) => box.value));
    const row = (entry, place) => {
      const item = element('li'), link = element('a', entry.page, { href: entry.href });
      link.addEventListener('click', (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        dialog.close();
        open(entry.href);
      });
      const pin = element('button', entry.pinned ? 'Pinned' : 'Pin', { type: 'button', 'aria-pressed': Boolean(entry.pinned) });
      pin.addEventListener('click', () => {
        store(stored().map((one) => (one.href === entry.href ? { ...one, pinned: !one.pinned } : one)));
        draw();
        list.querySelectorAll('button')[[...list.children].findIndex((one) => one.dataset.href === entry.href)]?.focus();
      });
      const box = element('input', '', { type: 'checkbox', value: entry.href }), label = element('label', 'Side by side');
      box.checked = chosen.has(entry.href);
      box.addEventListener('change', compare);
      label.prepend(box);
      item.dataset.href = entry.href;
      item.append(link, pin, label, ...picture(entry, looks), element('p', changed(entry, entries[place + 1])), element('p', entry.verdicts.join('; ')));
      return item;
    };
    const made = entries.map(row), pinned = made.filter((_, place) => entries[place].pinned);
    list.replaceChildren(...pinned, ...made.filter((item) => !pinned.includes(item)));
    for (const button of dialog.querySelectorAll('.all')) button.disabled = !entries.length;
    say(entries.length ? '' : 'No experiment yet. One is added when you look at it for two seconds.');
    compare();
  }

  function compare() {
    const entries = stored(), boxes = [...list.querySelectorAll('input')];
    const two = boxes.filter((box) => box.checked).map((box) => entries.find((entry) => entry.href === box.value));
    for (const box of boxes) box.disabled = two.length === 2 && !box.checked;
    beside.replaceChildren(...(two.length === 2 ? [table(two[0], two[1], looks)] : []));
    if (two.length === 1) beside.append(element('p', 'Choose one more to see both side by side.'));
  }

  root.querySelector('.open').onclick = () => { draw(); dialog.showModal(); };
  dialog.onclick = (event) => { if (event.target === dialog) dialog.close(); };
  dialog.querySelector('.close').onclick = () => dialog.close();
  dialog.querySelector('.export').onclick = exportLinks;
  dialog.querySelector('.forget').onclick = () => { store([]); draw(); say('All is forgotten.'); };
}

export default function ({ parentElement, data, setTriggerValue }) {
  if (!data?.entry) return drawer(parentElement.querySelector('.history'), data, (href) => setTriggerValue('opened', href));
  clearTimeout(pending);
  pending = setTimeout(() => remember(data.entry), STAYS);
  return () => clearTimeout(pending);
}
