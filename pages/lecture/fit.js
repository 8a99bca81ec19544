// A slide that is higher than the screen: its charts give way first, then all of it is drawn smaller, down to a limit.
const LEAST_CHART = 0.45;  // of the screen's height
const LEAST_ZOOM = 0.72;  // 23 px on a screen of 1080
const AT_REST = 40;  // ms
const SETTLES = 600;  // ms in which a slide that is new may still grow; later it would jump under the hand

/** Fits what `main` shows into its scroller. Returns what fits it soon: anew, or after a change, when nothing grows. */
function fitter(main, scroller) {
  let waits, busy = false, settled = 0, ended = false;
  const zoomTo = (zoom) => {
    main.style.zoom = zoom;
    main.style.setProperty('--fit', zoom || 1);
  };
  const rowsOf = (charts) => {
    const rows = [];
    for (const chart of charts) {
      const { top, bottom } = chart.getBoundingClientRect(), row = rows.find((each) => top < each.bottom && bottom > each.top);
      if (row) row.charts.push(chart);
      else rows.push({ top, bottom, charts: [chart] });
    }
    return rows;
  };

  async function fit() {
    busy = true;
    const grows = performance.now() < settled;
    const zoom = Number(main.style.zoom || 1);
    zoomTo('');
    if (main.hasAttribute('data-thin')) {  // drawn larger
      busy = false;
      return;
    }
    const charts = [...main.querySelectorAll('.chart[data-full]')].filter((chart) => chart.checkVisibility() && chart.querySelector('.role-axis'));
    const rows = rowsOf(charts), drawn = [];
    let over = Math.max(main.offsetHeight, scroller.scrollHeight > scroller.clientHeight ? scroller.scrollHeight : 0) - scroller.clientHeight;
    for (const [k, row] of rows.entries()) {
      const share = over / (rows.length - k), least = LEAST_CHART * innerHeight;
      const gives = row.charts.map((chart) => {
        const full = Number(chart.dataset.full), now = Number(chart.dataset.height ?? full);
        const height = Math.round(Math.min(grows ? full : now, Math.max(Math.min(full, least), now - share)));
        if (height !== now) chart.dispatchEvent(new CustomEvent('take-height', { detail: { height, drawn } }));
        return now - height;
      });
      over -= Math.min(...gives);
    }
    await Promise.all(drawn);
    if (ended) return;
    const height = scroller.clientHeight, most = grows ? 1 : zoom;
    let needed = Math.min(most, height / scroller.scrollHeight);
    for (let tries = 0; tries < 4 && needed < 0.995; tries += 1) {  // wider lines break elsewhere
      zoomTo(Math.max(LEAST_ZOOM, Math.floor(100 * needed) / 100));
      if (scroller.scrollHeight <= height) break;
      needed = Number(main.style.zoom) - 0.02;
    }
    busy = false;
  }

  function soon(anew) {
    if (anew) settled = performance.now() + SETTLES;
    clearTimeout(waits);
    waits = setTimeout(() => (busy ? soon(anew) : fit()), anew ? 0 : AT_REST);
  }
  soon.end = () => {
    clearTimeout(waits);
    ended = true;
    zoomTo('');
  };
  return soon;
}
