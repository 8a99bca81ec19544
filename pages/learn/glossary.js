// Brings the entry that the address names into sight, again and again while styles and fonts arrive: each moves the list.
const ARRIVED = 2000; // ms

export default function () {
  const entry = document.getElementById(window.location.hash.slice(1));
  if (!entry) return undefined;
  const sizes = new ResizeObserver(() => entry.scrollIntoView());
  const leave = () => sizes.disconnect();
  sizes.observe(document.querySelector('.st-key-glossary'));
  for (const act of ['wheel', 'touchstart', 'keydown', 'pointerdown']) {
    window.addEventListener(act, leave, { once: true, passive: true });
  }
  setTimeout(leave, ARRIVED);
  return leave;
}
