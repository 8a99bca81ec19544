"""For a hall: a page as slides, in type that is read from the last row. In a link: present=1.

A slide begins at every heading, at a question and at its answer. What stands side by side, as the lanes of the lab,
is stepped through part by part (`part`), each part of all lanes on one slide. All of it happens in the browser.
"""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import streamlit as st

from core import stage
from pages.session.lecture_words import leave_slides, presents

TALLEST = 540  # px a chart may take of a screen of 900: three fifths
TALLEST_OF_LESSON = 460  # px, where a title stands above and a slider and words below

_HTML = """
<nav class="slides" aria-label="Slides">
  <button type="button" class="leave" title="Esc"><span aria-hidden="true">&#10005;</span> Leave</button>
  <span class="title"></span>
  <button type="button" class="keys" aria-label="Keys" title="Keys (?)">?</button>
  <button type="button" class="back" aria-label="Back" title="Arrow left, PageUp">&#8592;</button>
  <output aria-live="polite"></output>
  <button type="button" class="next" aria-label="Next" title="Arrow right, PageDown">&#8594;</button>
</nav>
"""
_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "present",
    html=_HTML,
    css=(_HERE / "slides_bar.css").read_text(),
    js="".join((_HERE / name).read_text() for name in ("hand.js", "fit.js", "slides.js")),
    isolate_styles=False,
)


def bar() -> None:
    """The large type, and the bar that steps through the slides."""
    st.html(f"<style>{stage.css()}</style>")  # of the charts, which the stage draws; pages without one bring no style
    st.html(_HERE / "slides.css")
    with st.container(key="slides-bar"):
        _mount(key="slides", on_leave_change=leave_slides)


def slide(name: str) -> AbstractContextManager[Any]:
    """What has no heading and is a slide of its own; "what-ran" is its title."""
    return st.container(key=f"slide-{name}") if presents() else nullcontext()


def part(name: str, lane: int) -> AbstractContextManager[Any]:
    """A part of a lane that shares a slide with the parts of this name in all lanes; "the-curves" is its title."""
    return st.container(key=f"part-{name}-{lane}", gap="xsmall") if presents() else nullcontext()


def verdict(lane: int) -> AbstractContextManager[Any]:
    """The verdict on a lane, which slides hide until the lecturer asks for it."""
    return st.container(key=f"verdict-{lane}") if presents() else nullcontext()
