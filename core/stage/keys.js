// What the keyboard does on the stage, and the list of it.
import { html } from './html.js';

const WRITES = 'textarea, select, [contenteditable="true"], input:not([type=range]):not([type=checkbox]):not([type=radio])';
// A slider has no use for Space, which would scroll the page.
const TAKES_SPACE = `${WRITES}, button, a, summary, input[type=checkbox], input[type=radio], [role="switch"], [role="combobox"], [role="tab"], [role="dialog"]`;
const HOLDS = `${WRITES}, input, button, a, summary, [role="slider"], [role="radiogroup"], [role="combobox"], [role="tab"], [role="dialog"]`;

/**
 * The keys of a stage, each with what it does.
 * @typedef {{play: () => void, step: (by: number) => void, undo?: (way: -1 | 1) => void, help?: () => void, steps: () => boolean}} Does
 */

/** Listen for the keys of the page; returns what ends it. @param {Does} does */
export function listen(does) {
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    const target = /** @type {Element} */ (event.target), inside = (/** @type {string} */ what) => target.closest?.(what);
    if (event.defaultPrevented || document.querySelector('dialog[open], [role="dialog"]')) return;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'z' && does.undo && !inside(WRITES)) {
      event.preventDefault();
      does.undo(event.shiftKey ? 1 : -1);
    } else if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    } else if (event.key === '?' && does.help && !inside(WRITES)) {
      event.preventDefault();
      does.help();
    } else if (event.key === ' ' && !inside(TAKES_SPACE)) {
      event.preventDefault();
      does.play();
    } else if ((event.key === 'ArrowLeft' || event.key === 'ArrowRight') && !inside(HOLDS) && does.steps()) {
      event.preventDefault();
      does.step(event.key === 'ArrowLeft' ? -1 : 1);
    }
  };
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}

/** The list of keys, as a dialog that closes with Esc. */
export function keyList() {
  const dialog = /** @type {HTMLDialogElement} */ (html`<dialog class="keys" aria-label="Keys"><strong>Keys</strong><dl>
    <dt><kbd>Space</kbd></dt><dd>play, pause</dd>
    <dt><kbd>←</kbd> <kbd>→</kbd></dt><dd>an epoch back, an epoch on; on a rate: lower, higher</dd>
    <dt><kbd>↑</kbd> <kbd>↓</kbd> in a number</dt><dd>the next round rate: 1, 1.5, 2, 3, 5, 7, 10</dd>
    <dt><kbd>Ctrl</kbd> <kbd>Z</kbd></dt><dd>undo</dd>
    <dt><kbd>Ctrl</kbd> <kbd>Shift</kbd> <kbd>Z</kbd></dt><dd>redo</dd>
    <dt><kbd>?</kbd></dt><dd>this list</dd></dl><form method="dialog"><button>Close</button></form></dialog>`);
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
  return dialog;
}
