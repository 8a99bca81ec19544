// The button for light and dark. At first it is as the system has it; what is chosen holds for the other pages of a site.
const root = document.documentElement;
function kept() {
  try { return localStorage.getItem('lrlab-theme'); } catch { return null; }  // storage is refused
}
function keep(theme) {
  try { localStorage.setItem('lrlab-theme', theme); } catch { /* then each page begins as the system has it */ }
}
function themed(draw) {
  const button = document.querySelector('.theme'), dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const wear = (theme) => {
    root.dataset.theme = theme;
    button.textContent = theme === 'dark' ? '☀ Light' : '☾ Dark';
    draw(theme);
  };
  button.addEventListener('click', () => {
    const other = root.dataset.theme === 'dark' ? 'light' : 'dark';
    keep(other);
    wear(other);
  });
  wear(kept() ?? (dark ? 'dark' : 'light'));
}
