// Texts in sight with less contrast than 4.5:1 (3:1 where large), as WCAG 2 measures it. axe judges neither the letters of
// an SVG nor texts beside which something else lies. A picture's own marks are left out: letters on a colour are the
// charts' tests' to judge.
() => {
  const read = (colour) => (colour.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const over = ([r, g, b, a = 1], under) => [r, g, b].map((part, k) => part * a + under[k] * (1 - a));
  const luminance = (colour) => colour.reduce((sum, part, k) => {
    const share = part / 255;
    return sum + [0.2126, 0.7152, 0.0722][k] * (share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4);
  }, 0);
  const contrast = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const behind = (element) => {
    if (!element) return [255, 255, 255];
    const paper = read(getComputedStyle(element).backgroundColor);
    return paper.length < 4 || paper[3] === 1 ? paper.slice(0, 3) : over(paper, behind(element.parentElement));
  };
  const opacity = (element) => (element ? getComputedStyle(element).opacity * opacity(element.parentElement) : 1);
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = new Map();
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement, words = texts.currentNode.textContent.trim();
    if (!words || element.closest('style, script, noscript, :disabled, [aria-disabled=true], .spoken, [data-testid=stSliderThumbValue]')) continue;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (element.closest('svg') && !element.closest('[class*=role-axis], [class*=role-legend]')) continue;
    const style = getComputedStyle(element), size = parseFloat(style.fontSize), paper = behind(element);
    const ink = read(element.closest('svg') ? style.fill : style.color), shown = opacity(element);
    const seen = over([...ink.slice(0, 3), (ink[3] ?? 1) * shown], paper);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const got = contrast(seen, paper);
    if (got < (large ? 3 : 4.5)) found.set(`${element.tagName} ${element.className.baseVal ?? element.className}`, `${got.toFixed(2)} "${words.slice(0, 40)}" opacity ${shown.toFixed(2)} ${style.color} on ${paper.map(Math.round)}`);
  }
  return [...found].map(([element, what]) => `${element}: ${what}`);
}
