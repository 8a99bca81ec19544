(svg) => {  // What is wrong with the words of a chart: one on another, on a curve, beside its line, cut off, or no number.
  const frame = svg.getBoundingClientRect(), faults = [], words = [];
  for (const node of svg.querySelectorAll('text')) {
    const { left, right, top, bottom } = node.getBoundingClientRect(), said = node.textContent.trim();
    if (!said || node.getAttribute('opacity') === '0') continue;
    const twin = words.find((one) => one.said === said && Math.abs(one.left - left) < 3 && Math.abs(one.top - top) < 3);
    if (twin) twin.rimmed = true;  // drawn twice: first as a rim of paper
    else words.push({ said, left, right, top, bottom, rimmed: false });
    if (/\b(NaN|undefined|Infinity)\b/.test(said) && !node.closest('.role-title')) faults.push(`no number: ${said}`);
  }
  for (const node of svg.querySelectorAll('[aria-label]')) {
    const said = node.getAttribute('aria-label');
    if (/: (NaN|undefined|Infinity)/.test(said)) faults.push(`read aloud: ${said}`);
  }
  words.forEach((one, k) => {
    if (one.left < frame.left - 3 || one.right > frame.right + 3 || one.top < frame.top - 3 || one.bottom > frame.bottom + 3) faults.push(`cut: ${one.said}`);
    for (const other of words.slice(k + 1)) {
      const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      if (across > 1 && down > 3) faults.push(`on another: ${one.said} | ${other.said}`);  // px: the air in a line's box
    }
  });

  for (const curve of svg.querySelectorAll('.mark-line path')) {
    if (!curve.getAttribute('d')) continue;  // a curve that has not begun
    const length = curve.getTotalLength(), faint = Number(curve.getAttribute('opacity') ?? 1) < 0.5;
    const points = [], to = curve.getScreenCTM(), inside = seen(curve.closest('[clip-path]'));
    for (let at = 0; at <= length; at += 1.5) {
      const point = curve.getPointAtLength(at).matrixTransform(to);
      if (inside(point)) points.push(point);
    }
    for (const { said, left, right, top, bottom, rimmed } of words) {
      if (/^[A-H]$/.test(said)) continue;  // a lane's letter, in the mark that it names
      if (faint && rimmed) continue;  // a ring of a map, or what the player has not reached: the rim keeps it away
      const hits = points.filter(({ x, y }) => x > left + 1 && x < right - 1 && y > top + 3 && y < bottom - 3);
      if (hits.length > 1) faults.push(`on a curve: ${said}`);
    }
  }

  function seen(clipped) {  // whether a point is in what is not clipped away
    const rect = clipped && svg.querySelector(`${clipped.getAttribute('clip-path').match(/#[^")]+/)[0]} rect`);
    if (!rect) return () => true;
    const [x, y, width, height] = ['x', 'y', 'width', 'height'].map((name) => Number(rect.getAttribute(name)));
    const [first, last] = [[x, y], [x + width, y + height]].map((at) => new DOMPoint(...at).matrixTransform(clipped.getScreenCTM()));
    return (point) => point.x >= first.x && point.x <= last.x && point.y >= first.y && point.y <= last.y;
  }

  const grid = { across: [], up: [] }, middle = (box) => ({ across: (box.left + box.right) / 2, up: (box.top + box.bottom) / 2 });
  for (const line of svg.querySelectorAll('.role-axis-grid line')) {
    const box = line.getBoundingClientRect(), way = box.width > box.height ? 'up' : 'across';
    grid[way].push(middle(box)[way]);
  }
  for (const node of svg.querySelectorAll('.role-axis-label text')) {
    const axis = node.closest('.role-axis').getBoundingClientRect(), way = axis.height > axis.width ? 'up' : 'across';
    if (node.getAttribute('opacity') === '0' || !node.textContent || !grid[way].length) continue;
    const at = middle(node.getBoundingClientRect())[way];
    if (Math.min(...grid[way].map((line) => Math.abs(line - at))) > 3) faults.push(`beside its line: ${node.textContent}`);
  }
  return [...new Set(faults)];
}
