export default function ({ parentElement, data }) {
  const root = parentElement.querySelector('.qr'), code = root.querySelector('.code');
  code.innerHTML = data.svg;
  root.querySelector('p').textContent = data.words;
  const toggle = () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen());
  code.addEventListener('click', toggle);
  return () => code.removeEventListener('click', toggle);
}
