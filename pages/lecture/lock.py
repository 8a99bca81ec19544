"""Controls put out of sight by a link: lock=lr,data hides these, lock=all every one that edits what the page shows.

It keeps a class on the subject and protects nothing: whoever changes the link has them back. What is hidden still
holds: the cards state their rates, "What ran" the rest.
"""

from collections.abc import Iterable

import streamlit as st

from core import Experiment
from core.experiment.fields import shorten

WORD = "lock"
ALL = "all"


def read() -> None:
    """Take the word from the address bar, and begin to note what the page can hide."""
    state = st.session_state
    if WORD in st.query_params:
        asked = ",".join(st.query_params.get_all(WORD)).split(",")
        state.locked = tuple(dict.fromkeys(name.strip() for name in asked if name.strip()))
    state.controls_before, state.controls = state.get("controls", {}), {}
    if ALL in names():
        _hide('[data-testid="stSidebar"], [data-testid="stExpandSidebarButton"]')


def names() -> tuple[str, ...]:
    """What the link asked to hide."""
    locked: tuple[str, ...] = st.session_state.get("locked", ())
    return locked


def words() -> dict[str, str]:
    """What a link to another page carries."""
    return {WORD: ",".join(names())} if names() else {}


def hides(name: str) -> bool:
    """Whether the control of this name in the link is out of sight."""
    return name in names() or ALL in names()


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


def tell_strangers(known: Iterable[str]) -> None:
    """Say which names of the link no control has; known: names of other pages' controls beside an experiment's."""
    if not names():
        return
    ours = {ALL, *Experiment().to_query(), *known, *st.session_state.controls}
    strangers = [shorten(name) for name in names() if name not in ours]
    if strangers:
        # Never as markdown: these are words from a link.
        st.text(f"The link asks to hide {', '.join(strangers)}: there is no such control here.")


def _hide(selector: str) -> None:
    """selector: made of our own keys, never of words from a link."""
    st.html(f"<style>{selector} {{ display: none !important; }}</style>")
