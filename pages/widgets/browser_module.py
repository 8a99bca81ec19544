"""The module that draws in the browser (core/stage), as Streamlit's components bring it to a page."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.stage import css, module
from core.stage.vega import javascript
from server import stage_files

# Of the module's own text nothing is sent: the browser fetches it, and the libraries that draw, once for all pages.
_SERVED = """
const base = document.baseURI, vega = new Promise((done, failed) => {
  if (window.vegaEmbed) return done();
  const script = document.createElement('script');
  script.src = new URL('%s', base).href; script.onload = done; script.onerror = failed;
  document.head.append(script);
});
const ready = Promise.all([import(new URL('%s', base).href), vega]).then(([module]) => module.default);
"""
# Inside one component of a page, which hands it to the others.
_INSIDE = """
%s
%s
window.stageModule = mount;
document.dispatchEvent(new Event('stage-module'));
"""
_HANDED_ON = """
const ready = new Promise((done) => {
  if (window.stageModule) return done(window.stageModule);
  document.addEventListener('stage-module', () => done(window.stageModule), { once: true });
});
"""
_MOUNT = """
export default function (component) {
  let leave = () => {};
  ready.then((mount) => { leave = mount(component) || leave; }, () => {
    component.parentElement.querySelector('.stage').textContent = 'The drawing could not be loaded. Reload the page.';
  });
  return () => leave();
}
"""


def component(name: str, classes: str = "", brings: bool = True) -> Callable[..., Any]:
    """A component that the module draws, to be mounted.

    classes: of its element, from which the module knows what it is.
    brings: whether it brings the module where the pages run without the lab's own server; else another of the same page
    does, so that a page of twenty charts does not bring it twenty times.
    """
    if stage_files.served():
        js = _SERVED % (stage_files.stage_address("vega.js"), stage_files.stage_address("stage.js")) + _MOUNT
    elif brings:
        js = _INSIDE % (javascript(), module())
    else:
        js = _HANDED_ON + _MOUNT
    html = f'<div class="{" ".join(["stage", *classes.split()])}"></div>'
    style = css() if brings else ""
    mount: Callable[..., Any] = st.components.v2.component(name, html=html, css=style, js=js, isolate_styles=False)
    return mount
