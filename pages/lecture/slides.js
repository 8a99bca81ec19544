// Slides are found in the page as it stands: nothing is asked of the server to step through them.
const HEADINGS = 'h1, h2, h3, h4, h5, h6';
const PARTS = '[class*="st-key-part-"]', FOLD = '[data-testid="stExpander"]';
const PLAY_BAR = '.st-key-play-bar-line, .stage .play-bar', BAR = '.st-key-slides-bar';
const OURS = `${PLAY_BAR}, ${BAR}, .st-key-lanes, .st-key-lesson-place, .st-key-next-steps, .st-key-onward, .stage .together, .stage .keys, .stage .pins`;
const CHART = '[data-testid="stVegaLiteChart"], .stage .chart';
const BEGINS = '[class*="st-key-question-"], [class*="st-key-outcome-"], [class*="st-key-slide-"]';
const SITUATION = '.st-key-situation, :has(> .st-key-situation)';  // a picture beside its text
const LESSON = '.st-key-lesson', GIVEN = '[data-testid="stFileUploader"], [data-testid="stDataFrame"]';
// Where these have the focus, or are open, keys are theirs.
const CONTROLS = 'input, textarea, select, [contenteditable="true"], [role="slider"], [role="radiogroup"], [role="combobox"],'
  + ' [role="listbox"], [role="menu"], [role="tablist"], [role="application"], [role="dialog"]';
const NUMBER = 'input[type="number"], input[role="spinbutton"], input[inputmode="decimal"]';
const OPEN = '[role="dialog"], dialog[open], [data-testid="stPopoverBody"], [role="listbox"]';
const PER_SLIDE = 4;  // lanes side by side
const THIN = 0.5;  // of the screen: words that take less are drawn larger
const FULL = `${CHART}, ${FOLD}, .st-key-opening, .diagram`;  // slides that stay as they are
const SENTENCE = 120;  // characters
const HIDDEN = 60;  // px below the edge that are worth a word; less is the page's own margin

const within = (node, what) => node.matches(what) || node.querySelector(what) !== null;
const inWords = (name) => name[0].toUpperCase() + name.slice(1).replaceAll('-', ' ');
const nameOf = (node) => /st-key-slide-([\w-]+)/.exec(node?.className)?.[1];
const headings = (node) => [...node.querySelectorAll(HEADINGS)].filter((each) => !each.closest(FOLD));

const onlyHeading = (node) => !node.querySelector(`${CHART}, input, [class*="st-key-"]`);

function partsOf(node) {
  const named = new Map();
  for (const part of node.querySelectorAll(PARTS)) {
    const name = /st-key-part-([\w-]+)-\d+/.exec(part.className)[1];
    named.set(name, [...(named.get(name) || []), part]);
  }
  const slides = [];
  for (const [name, parts] of named) {
    for (let k = 0; k < parts.length; k += PER_SLIDE) {
      const here = parts.slice(k, k + PER_SLIDE);
      // What is no part itself, as a lane's title, goes with each part of its lane.
      const beside = here.flatMap((part) => {
        const cell = part.closest('[class*="st-key-lane-"]') || part.parentElement;
        return [...cell.children].filter((each) => !within(each, PARTS));
      });
      slides.push({ title: inWords(name), nodes: [...here, ...beside] });
    }
  }
  return slides;
}

const isSentence = (nodes) => nodes.every((node) => !within(node, `${FULL}, ${HEADINGS}, input, [class*="st-key-"]`))
  && nodes.map((node) => node.textContent).join('').length < SENTENCE;

const isButton = (node) => within(node, '[data-testid="stButton"]') && !within(node, `${FULL}, ${HEADINGS}, p:not(button p), input`);

function slidesOf(main) {
  const slides = [], held = new Map();
  let open = false;  // whether what comes next joins the last slide
  let folded = false;  // whether a fold has come: the last slide holds all of them
  let headed = null;  // the last block that is a heading and no more than its words
  const join = (node) => {
    if (!open) slides.push({ title: '', nodes: [] });
    slides.at(-1).nodes.push(node);
    open = true;
  };
  const walk = (node) => {
    if (within(node, OURS) && !node.querySelector(HEADINGS)) return;
    if (!node.textContent.trim() && !node.querySelector('svg, canvas, input, button, hr, iframe')) return;
    const fold = node.matches(FOLD) || (node.children.length === 1 && node.firstElementChild.matches(FOLD));
    const heads = fold ? [] : headings(node);
    const parts = node.querySelectorAll(PARTS).length > 0;
    if (parts && heads.length === 0) { slides.push(...partsOf(node)); open = false; return; }
    const named = nameOf(node) || nameOf(node.firstElementChild);
    const marks = heads.length + parts + node.querySelectorAll(`${BEGINS}, ${FOLD}`).length;
    if (!named && !fold && marks > 1 && !node.matches(SITUATION)) { [...node.children].forEach(walk); return; }
    if (slides.length === 1 && slides[0].title && (node.closest(LESSON) || within(node, `${CHART}, ${GIVEN}`))) open = false;  // the first has the way to the page
    const begins = heads.length ? heads[0].textContent : named ? inWords(named) : '';
    // What comes before the first heading goes with it; a question goes with a heading that stands alone above it.
    if (begins && (slides.length > 1 || slides.at(-1)?.title)) open = false;
    if (!begins && within(node, BEGINS) && slides.at(-1)?.nodes.at(-1) !== headed) open = false;
    if (fold && !folded) open = false;
    open ||= slides.length > 0 && isButton(node);  // it goes with what stands above it
    folded ||= fold;
    join(node);
    if (heads.length && onlyHeading(node)) headed = node;
    if (begins || (fold && !slides.at(-1).title)) slides.at(-1).title = begins || node.querySelector('summary p').textContent;
    if (within(node, '[class*="st-key-question-"], [class*="st-key-outcome-"]')) open = false;
  };
  [...main.children].forEach(walk);
  slides.forEach((slide, k) => { slide.title ||= slides[k - 1]?.title || ''; });
  return slides.flatMap(({ title, nodes }, k) => {  // one sentence is no slide: it begins the next one
    if (!slides[k + 1] || !isSentence(nodes)) return [{ title, nodes: [...(held.get(slides[k]) ?? []), ...nodes] }];
    held.set(slides[k + 1], nodes);
    return [];
  });
}

// Of a grid, what is shown has all of the width; lanes stand in one row.
function fill(grid) {
  const cells = [...grid.querySelectorAll('[data-testid="stGridCell"]')];
  const shown = cells.filter((cell) => !cell.closest('[data-away]')).length;
  const ours = shown < cells.length || within(grid, PARTS);
  grid.style.gridTemplateColumns = ours && innerWidth > 640 ? `repeat(${shown}, minmax(0, 1fr))` : '';
}

export default function ({ parentElement, setTriggerValue }) {
  const root = parentElement.querySelector('.slides'), output = root.querySelector('output');
  const [leave, back, next] = ['leave', 'back', 'next'].map((name) => root.querySelector(`.${name}`));
  const main = document.querySelector('.stMainBlockContainer'), hand = lecturersHand(main);
  const asks = root.querySelector('.keys');
  const kept = `slide of ${location.pathname}`;
  const wanted = () => Number(sessionStorage.getItem(kept) || 0);
  const scroller = main.closest('[data-testid="stMain"]'), fit = fitter(main, scroller);
  let slides = [], shown = '';

  function show() {
    slides = slidesOf(main);
    const at = Math.min(wanted(), slides.length - 1), slide = slides[at];
    if (!slide) return;
    const now = new Set([...slide.nodes, root.closest(BAR)]);
    const moves = slide.nodes.some((node) => within(node, '.stage .chart'));
    const bar = document.querySelector(PLAY_BAR);
    if (moves && bar) now.add(bar);
    const mark = (node) => {
      const holds = [...now].some((each) => node.contains(each));
      node.toggleAttribute('data-away', !holds);
      if (holds && !now.has(node)) {
        [...node.children].forEach(mark);
        if (node.matches('[data-testid="stGrid"]')) fill(node);
      }
      if (now.has(node)) node.querySelectorAll('[data-away]').forEach((each) => each.removeAttribute('data-away'));
    };
    [...main.children].forEach(mark);
    main.removeAttribute('data-thin');
    const thin = !slide.nodes.some((node) => within(node, FULL)) && main.offsetHeight < THIN * innerHeight;
    main.toggleAttribute('data-thin', thin);
    fit(shown !== slide.title + at);
    shown = slide.title + at;
    output.textContent = `${at + 1} / ${slides.length}`;
    root.querySelector('.title').textContent = slide.title;
    back.disabled = at === 0;
    next.disabled = at === slides.length - 1;
  }

  function go(to) {
    const at = Math.max(0, Math.min(slides.length - 1, to));
    if (at === Math.min(wanted(), slides.length - 1)) return;
    sessionStorage.setItem(kept, at);
    hand.clear();
    show();
    const { nodes } = slides[at], folds = nodes.filter((node) => within(node, FOLD));
    // Folds alone: the first is open, else the slide is empty.
    if (folds.length && !main.querySelector(`${FOLD} details[open]`) && isSentence(nodes.filter((node) => !folds.includes(node)))) folds[0].querySelector('summary')?.click();
    scroller.scrollTo(0, 0);
  }

  const here = () => Math.min(wanted(), slides.length - 1);
  const stepBack = () => go(here() - 1), stepOn = () => go(here() + 1), goAway = () => setTriggerValue('leave', true);
  const STEPS = { ArrowRight: stepOn, PageDown: stepOn, ArrowLeft: stepBack, PageUp: stepBack,
    Home: () => go(0), End: () => go(slides.length - 1) };
  const onKey = (event) => {
    if (event.key === 'Escape' && document.fullscreenElement) return document.exitFullscreen();
    // A number that was given leaves the keys to the slides again.
    if (event.key === 'Enter' && event.target.matches?.(NUMBER)) setTimeout(() => event.target.blur());
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector(OPEN)) return;
    const control = event.target.closest?.(CONTROLS);
    if (event.key === 'Escape') return control ? event.target.blur() : goAway();
    const does = STEPS[event.key] ?? hand.does[event.key.toLowerCase()];
    if (control || !does) return;
    event.preventDefault();
    event.stopPropagation();  // to Streamlit C is a key as well
    does();
  };
  // A slider that was moved with the mouse gives the keys back to the slides.
  const onRelease = (event) => {
    if (event.target.closest?.('input[type="range"], [role="slider"]')) setTimeout(() => document.activeElement?.blur());
  };
  const tellMore = () => root.classList.toggle('more',
    scroller.scrollTop + scroller.clientHeight < scroller.scrollHeight - HIDDEN);
  const size = new ResizeObserver(() => { tellMore(); fit(false); });
  const watch = new MutationObserver((changes) => {
    // Of the stage, only cards that come and go: all else in it changes while the hand moves.
    const still = (target) => target.closest?.('.slides') || (target.closest?.('.stage') && !target.matches('.stage, .lanes'));
    const matters = (change) => !still(change.target) && !change.target.closest?.('.vega-embed');
    if (changes.some(matters)) show();
    if (changes.some(({ target }) => target.matches?.('.stage .chart'))) fit(true);  // one was drawn
  });
  leave.addEventListener('click', goAway);
  back.addEventListener('click', stepBack);
  next.addEventListener('click', stepOn);
  asks.addEventListener('click', hand.help);
  document.addEventListener('keydown', onKey, { capture: true });  // before the stage, whose list of keys is for its page
  document.addEventListener('pointerup', onRelease);
  watch.observe(main, { childList: true, subtree: true });
  size.observe(main);
  scroller.addEventListener('scroll', tellMore);
  show();
  return () => {
    watch.disconnect();
    size.disconnect();
    scroller.removeEventListener('scroll', tellMore);
    leave.removeEventListener('click', goAway);
    back.removeEventListener('click', stepBack);
    next.removeEventListener('click', stepOn);
    asks.removeEventListener('click', hand.help);
    hand.leave();
    document.removeEventListener('keydown', onKey, { capture: true });
    document.removeEventListener('pointerup', onRelease);
    main.removeAttribute('data-thin');
    fit.end();
    main.querySelectorAll('[data-away]').forEach((each) => each.removeAttribute('data-away'));
    main.querySelectorAll('[data-testid="stGrid"]').forEach((grid) => { grid.style.gridTemplateColumns = ''; });
  };
}
