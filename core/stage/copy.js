// A picture goes to the clipboard as a PNG, or where that is refused into a file.
import { find } from './html.js';
import { setIcon } from './icons.js';

const SEEN = 1500;  // ms for which the button says that it is done
const FILE = 'learning-rate-lab.png';

/** Copy the picture beside a copy button. @param {Element} button @param {import('./picture.js').Picture} picture @param {string} theme */
export async function copyPicture(button, picture, theme) {
  const behind = getComputedStyle(document.body).backgroundColor, none = /rgba\(.*, 0\)|transparent/.test(behind);
  const blob = await picture.png(none ? (theme === 'dark' ? '#171614' : '#FFFFFF') : behind), icon = find(button, '.icon');
  try {
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
    setIcon(icon, 'check');
  } catch {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = FILE;
    link.click();
    setIcon(icon, 'download_done');
  }
  setTimeout(() => setIcon(icon, 'content_copy'), SEEN);
}
