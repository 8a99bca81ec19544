"""Controls put out of sight by a link: lock=lr,data hides these, lock=all every one that edits what the page shows.

It keeps a class on the subject and protects nothing: whoever changes the link has them back. What is hidden still
holds: the cards state their rates, "What ran" the rest.
"""

import streamlit as st

from core import Experiment
from core.experiment.fields import shorten
from pages.session.lecture_words import locked
from pages.session.link_words import EXTRAS

ALL = "all"


def begin() -> None:
    """Begin to note what the page can hide."""
    state = st.session_state
    state.controls_before, state.controls = state.get("controls", {}), {}
    if ALL in locked():
        _hide('[data-testid="stSidebar"], [data-testid="stExpandSidebarButton"]')


def hides(name: str) -> bool:
    """Whether the control of this name in the link is out of sight."""
    return name in locked() or ALL in locked()


def control(name: str, label: str, *keys: str) -> None:
    """A control comes next. name: in the link; label: in words; keys: its widgets', where they are not the name."""
    st.session_state.setdefault("controls", {})[name] = label
    if hides(name):
        _hide(", ".join(f".st-key-{key}" for key in keys or (name,)))


def offered() -> dict[str, str]:
    """What the page shown can hide, by name and in words: what it has drawn until now and in its last run."""
    state = st.session_state
    found: dict[str, str] = state.get("controls_before", {}) | state.get("controls", {})
    return found


def tell_unknown() -> None:
    """Say which names of the link no control has, on this page or on those of an experiment."""
    ours = {ALL, *Experiment().to_query(), *EXTRAS, *st.session_state.controls}
    unknown = [shorten(name) for name in locked() if name not in ours]
    if unknown:
        # Never as markdown: these are words from a link.
        st.text(f"The link asks to hide {', '.join(unknown)}: there is no such control here.")


def _hide(selector: str) -> None:
    """selector: made of our own keys, never of words from a link."""
    st.html(f"<style>{selector} {{ display: none !important; }}</style>")
