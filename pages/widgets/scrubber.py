"""The scrubber: one slider in the browser that every chart of a run follows, with no call to the server.

Each chart has a parameter `epoch` with a hidden input of its own (core/drawing/charts.py). The scrubber writes
the epoch into all of them, and into those of charts that come later. It steps through the moments it is
given, which are even on a log axis.
"""

from collections.abc import Sequence

import streamlit as st

_HTML = """
<div class="scrubber">
  <button type="button" class="play" aria-label="Play">&#9654;</button>
  <span class="track">
    <input class="moment" type="range" min="0" step="1" aria-label="Epoch shown in all charts">
  </span>
  <output></output>
  <button type="button" class="speed" aria-label="Playback speed"></button>
</div>
<p class="happens"></p>
<span class="spoken" aria-live="polite"></span>
"""

_CSS = """
.scrubber { display: flex; align-items: center; gap: .8rem; font: inherit; padding: .35rem .8rem;
  color: var(--st-text-color); background: var(--st-secondary-background-color); border-radius: 2rem; }
.scrubber .track { flex: 1; min-width: 0; position: relative; display: flex; }
.scrubber .track i { position: absolute; bottom: 0; width: 2px; height: .45rem; background: var(--st-text-color);
  pointer-events: none; }
.scrubber .speed { flex: none; min-width: 2.6rem; font: inherit; font-size: .85rem; cursor: pointer;
  color: var(--st-text-color); background: none; border: 1px solid var(--st-border-color); border-radius: 1rem; }
.happens { margin: .3rem .8rem 0; min-height: 1.5em; font-size: .9rem; }
.happens:empty, .happens[hidden] { display: none; }
.scrubber .moment { flex: 1; min-width: 0; accent-color: var(--st-primary-color); height: 1.6rem; cursor: pointer; }
.scrubber .play { width: 2.2rem; height: 2.2rem; border-radius: 50%; cursor: pointer; font-size: .85rem;
  color: var(--st-background-color); background: var(--st-primary-color); border: 0; flex: none; }
.scrubber output { min-width: 10rem; font-variant-numeric: tabular-nums; text-align: right; }
.scrubber[hidden] { display: none; }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
@media (max-width: 640px) { .scrubber output { min-width: 5.5rem; font-size: .8rem; } }
"""

# The state lives in the elements, so that a rerun of the page leaves the scrubber where it is.
_JS = """
const SPEEDS = [0.5, 1, 2, 4];
const PAUSE = 5000;  // ms between two sentences that are spoken
let spokenAt = -PAUSE;  // here and not in the element: who hears the page hears all of it, whatever is drawn anew

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector('.scrubber');
  const moment = root.querySelector('.moment'), play = root.querySelector('.play');
  const output = root.querySelector('output');
  const moments = data.moments, last = moments.length - 1;
  const inWords = (epoch) => epoch.toLocaleString('en');

  const isNew = root.dataset.last === undefined, atEnd = moment.value === root.dataset.last;
  const share = moment.max > 0 ? moment.value / moment.max : 1;
  moment.max = last;
  moment.value = isNew ? data.first : atEnd ? last : Math.round(share * last);
  root.dataset.last = last;
  root.hidden = data.live;
  // What happens on the way: a tick at the moment it is seen, and its words from there to the next.
  const happens = parentElement.querySelector('.happens'), track = root.querySelector('.track');
  const seenAt = (epoch) => { const at = moments.findIndex((each) => each >= epoch); return at < 0 ? last : at; };
  const events = data.events.map(([epoch, words]) => [seenAt(epoch), words]);
  track.querySelectorAll('i').forEach((tick) => tick.remove());
  for (const [at] of last ? events : []) {
    const tick = track.appendChild(document.createElement('i'));
    tick.style.left = `calc(.5rem + (100% - 1rem) * ${at / last} - 1px)`;
  }
  happens.hidden = !events.length;
  // Who hears the page is told now and then, where others see it.
  const spoken = parentElement.querySelector('.spoken'), now = performance.now();
  if (!data.live) spoken.textContent = '';
  else if (now - spokenAt >= PAUSE && data.words !== spoken.textContent) {
    spokenAt = now;
    spoken.textContent = data.words;
  }

  const tellCharts = () => {
    const epoch = data.live ? '1e15' : String(moments[moment.value]);
    for (const input of document.querySelectorAll('.vega-bind input[name="epoch"]')) {
      input.value = epoch;  // told even where it says so already: its chart may not have listened yet
      input.dispatchEvent(new Event('input'));
    }
  };
  const show = () => {
    output.textContent = `${data.unit} ${inWords(moments[moment.value])} of ${inWords(moments[last])}`;
    const told = data.live ? events.at(-1) : events.findLast(([at]) => at <= Number(moment.value));
    happens.textContent = told ? told[1] : '\u00a0';
    moment.setAttribute('aria-valuetext', told ? `${output.textContent}. ${told[1]}` : output.textContent);
    tellCharts();
  };
  const stop = () => {
    clearInterval(root.timer); root.timer = undefined;
    play.innerHTML = '&#9654;'; play.setAttribute('aria-label', 'Play');
  };
  const toggle = () => {
    if (root.timer) return stop();
    if (Number(moment.value) === last) moment.value = 0;
    show();
    play.innerHTML = '&#10073;&#10073;'; play.setAttribute('aria-label', 'Pause');
    root.timer = setInterval(() => {
      moment.value = Number(moment.value) + 1; show();
      if (Number(moment.value) === last) stop();
    }, data.milliseconds / SPEEDS[root.dataset.speed]);
  };
  const speed = root.querySelector('.speed');
  const setSpeed = (which) => {
    root.dataset.speed = which % SPEEDS.length;
    speed.textContent = `${SPEEDS[root.dataset.speed]}\u00d7`;
    if (root.timer) { stop(); toggle(); }
  };
  const faster = () => setSpeed(Number(root.dataset.speed) + 1);
  setSpeed(Number(root.dataset.speed ?? 1));
  const move = () => { stop(); show(); };
  moment.addEventListener('input', move);
  play.addEventListener('click', toggle);
  speed.addEventListener('click', faster);
  const newCharts = new MutationObserver((changes) => {
    if (changes.some((change) => [...change.addedNodes].some((node) => node.querySelector?.('.vega-bind')
        || node.classList?.contains('vega-bind')))) {
      tellCharts();
      setTimeout(tellCharts, 100);  // and once more when it surely listens
    }
  });
  newCharts.observe(document.body, { childList: true, subtree: true });
  // Of a run in training each picture replaces another, and takes frames to load: the other lies under it meanwhile.
  const replaced = new MutationObserver((changes) => {
    for (const { target, removedNodes } of changes) {
      const before = [...removedNodes].findLast((node) => node.nodeName === 'image'), chart = target.ownerSVGElement;
      if (!before || !chart?.isConnected || target.closest('.before')) continue;
      const under = chart.querySelector(':scope > .before') || document.createElementNS(chart.namespaceURI, 'g');
      const { a, b, c, d, e, f } = target.getCTM();
      under.setAttribute('class', 'before');
      under.setAttribute('transform', `matrix(${[a, b, c, d, e, f]})`);
      under.replaceChildren(before);
      chart.prepend(under);
    }
  });
  if (data.live) replaced.observe(document.body, { childList: true, subtree: true });
  else setTimeout(() => document.querySelectorAll('svg > .before').forEach((under) => under.remove()), 500);
  show();
  return () => {
    stop(); newCharts.disconnect(); replaced.disconnect();
    moment.removeEventListener('input', move); play.removeEventListener('click', toggle);
    speed.removeEventListener('click', faster);
  };
}
"""

_MILLISECONDS = 90  # a moment; a whole run plays in about ten seconds
_mount = st.components.v2.component("scrubber", html=_HTML, css=_CSS, js=_JS, isolate_styles=False)


def scrubber(
    moments: Sequence[int],
    unit: str = "epoch",
    first: int | None = None,
    live: bool = False,
    words: str = "",
    events: Sequence[tuple[int, str]] = (),
) -> None:
    """Draw the scrubber over these epochs, or what else the charts call so, ascending.

    first: which of the moments it stands at before it is moved; the last without one.
    live: of a run that is still trained, or was stopped: nothing is seen of it, and the charts show all there is.
    words: what is then told to who hears the page, once in five seconds.
    events: epochs worth a look, ascending, each with what is said from there on; of a live run the last is said.
    """
    first = len(moments) - 1 if first is None else min(first, len(moments) - 1)
    data = {
        "moments": list(moments),
        "milliseconds": _MILLISECONDS,
        "unit": unit,
        "first": first,
        "live": live,
        "words": words,
        "events": [list(event) for event in events],
    }
    _mount(data=data, key="scrubber")
