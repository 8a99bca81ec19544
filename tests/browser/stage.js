() => {  // All that a visitor sees of the stage; `stays` is what no learning rate may move.
  const text = (each) => each.textContent.trim();
  const every = (selector, what, inside = document.querySelector('.stage')) => [...inside.querySelectorAll(selector)].map(what);
  const shape = (path) => path.getAttribute('d'), lines = (chart) => every(`${chart} g.mark-line path`, shape);
  const tick = (each) => `${text(each)} ${each.getAttribute('transform')}`;
  const axisOf = (chart) => `${chart.closest('[data-lane]')?.dataset.lane ?? ''} ${chart.className}`.trim();
  const card = (whole) => {
    const part = (selector) => whole.querySelector(selector), said = (selector) => text(part(selector));
    return {
      rate: part('.number').value,
      slider: part('input[type=range]').value,
      words: part('input[type=range]').getAttribute('aria-valuetext'),
      verdict: said('.verdict .word'),
      role: part('.verdict').dataset.role,
      why: said('.why'),
      evidence: said('.evidence'),
      advice: said('.advice'),
      meter: said('.reading'),
      numbers: Object.fromEntries(every('.now div', (one) => [text(one.children[0]), text(one.children[1])], whole)),
      alt: part('.loss').getAttribute('aria-label'),
      pending: whole.classList.contains('pending'),
      curve: every('.loss g.mark-line path', shape, whole),
      gauge: every('.gauge :is(g.mark-symbol path, g.mark-rule line)', (mark) => mark.getAttribute('transform'), whole),
    };
  };
  return {
    cards: every('.card', card),
    handles: every('.handle', (each) => ({ left: each.style.left, words: each.getAttribute('aria-valuetext') })),
    data: lines('.data'),
    contour: lines('.contour'),
    weights: lines('.weights'),
    stays: {
      moment: text(document.querySelector('.stage .play-bar output')),
      axes: Object.fromEntries(every('.chart', (chart) => [axisOf(chart), every('g.role-axis :is(text, line)', tick, chart)])),
      scroll: document.querySelector('[data-testid=stMain]')?.scrollTop,
    },
    link: location.search.slice(1),
  };
}
