// On a phone the sidebar lies over the page: a page or a preset chosen there closes it.
const NARROW = 768;  // px of a screen on which Streamlit lays the sidebar over the page
const CHOSEN = '[data-testid="stSidebarNavLink"], [data-testid="stSidebar"] [data-testid="stPageLink-NavLink"]';

export default function () {
  const onClick = (event) => {
    if (innerWidth > NARROW || !event.target.closest?.(CHOSEN)) return;
    setTimeout(() => document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click());
  };
  document.addEventListener('click', onClick);
  return () => document.removeEventListener('click', onClick);
}
