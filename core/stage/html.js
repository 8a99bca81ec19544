// Small helpers for elements.
import { setIcon } from './icons.js';

/**
 * An element of this HTML, icons drawn. Values are escaped: what comes from a deck is words, never markup.
 * @param {TemplateStringsArray} texts @param {...unknown} values @returns {HTMLElement}
 */
export function html(texts, ...values) {
  const template = document.createElement('template');
  template.innerHTML = texts.reduce((whole, text, k) => whole + escaped(values[k - 1]) + text).trim();
  const element = /** @type {HTMLElement} */ (template.content.firstElementChild);
  for (const icon of element.querySelectorAll('[data-icon]')) setIcon(/** @type {HTMLElement} */ (icon), String(icon.getAttribute('data-icon')));
  return element;
}

/** @param {unknown} value */
function escaped(value) {
  return String(value ?? '').replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** The one element inside that this selector finds. @param {ParentNode} inside @param {string} selector @returns {any} */
export function find(inside, selector) {
  return inside.querySelector(selector);
}

/** Write a text only where it changes, so that a screen reader says only what is new. @param {Element} element @param {string} text */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** A text whose **stars** are bold, as the verdicts have it. @param {Element} element @param {string} text */
export function sayBold(element, text) {
  if (element.getAttribute('data-said') === text) return;
  element.setAttribute('data-said', text);
  element.replaceChildren(...text.split('**').map((part, k) => {
    const piece = document.createElement(k % 2 ? 'strong' : 'span');
    piece.textContent = part;
    return piece;
  }));
}
