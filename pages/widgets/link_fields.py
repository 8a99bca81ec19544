"""Fields that are no part of an Experiment and are kept in the link under their key, as the lessons' are."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.experiment.fields import shorten
from core.words import number as in_words
from pages.lecture import lock

_DRAWN = "kept-drawn"  # the keys of the fields this page has drawn
# In the link, and in the session for when the reader comes back by another way.
_KEPT: Any = {"bind": "query-params", "persist_state": "session"}


def word(key: str, label: str) -> Any:
    """What makes a widget such a field: options for it to end with. label: what it is called where it can be hidden."""
    lock.control(key, label)
    st.session_state.setdefault(_DRAWN, set()).add(key)
    return {"key": key, **_KEPT}


def number(label: str, key: str, default: float, explanation: str | None = None) -> float:
    """A field for any number at all, kept in the link under its key."""
    value = st.number_input(
        label,
        value=float(default),
        step=None,
        format="%g",
        help=explanation,
        **word(key, label),
    )
    return float(value)


def positive(label: str, key: str, default: float, width: Any = "stretch") -> float:
    """A field for a learning rate, kept in the link under its key."""
    value = st.number_input(label, 1e-12, 1e6, float(default), None, "%g", width=width, **word(key, label))
    return float(value)


def whole(label: str, key: str, least: int, most: int, default: int) -> int:
    """A field for a whole number, kept in the link under its key."""
    # Of floats: a field of whole numbers fails on a link that says 1e999, as infinity is none.
    value = st.number_input(label, float(least), float(most), float(default), 1.0, "%.0f", **word(key, label))
    return round(value)


def switch(label: str, key: str, explanation: str | None = None) -> bool:
    """An on-off switch kept in the link."""
    return st.toggle(label, help=explanation, **word(key, label))


def choice(label: str, key: str, options: Sequence[str], explanation: str | None = None) -> str:
    """One of a few words, the first unless the link says another."""
    chosen: str = st.segmented_control(
        label,
        options,
        default=options[0],
        help=explanation,
        required=True,
        **word(key, label),
    )
    return chosen or options[0]


def asked(page: str) -> dict[str, list[str]]:
    """What this page's link said when the session first came here.

    To be taken before the fields are drawn: a field that can't take its word of the link drops it from there.
    """
    st.session_state[_DRAWN] = set()
    now = {name: st.query_params.get_all(name) for name in st.query_params}
    first: dict[str, list[str]] = st.session_state.setdefault(f"link-{page}", now)
    return first


def note(page: str, asked: dict[str, list[str]]) -> None:
    """Say of each word of the link that a field could not take what is used instead, until that field is changed.

    Only of fields this page has drawn: the lab, the page before perhaps, has fields of its own, `epochs` for one.
    """
    state = st.session_state
    used: dict[str, Any] = state.setdefault(f"link-{page}-used", {})
    for name in asked:
        if name not in state[_DRAWN]:
            continue
        value = used.setdefault(name, state[name])
        texts = asked[name] if isinstance(value, list) else asked[name][-1:]
        refused = next((text for text in texts if not _says(text, value)), None)
        if refused is not None and value == state[name]:
            # Never as markdown: these are words from a link.
            st.text(f"The link's {name}={shorten(refused)} can't be; {_in_words(value)} is used.")


def _says(text: str, value: object) -> bool:
    """Whether a link's text is this value of a field, or among these of one that takes several."""
    if isinstance(value, list):
        return text in value
    if isinstance(value, bool):
        return text.lower() in (("true", "1") if value else ("false", "0"))
    try:
        return float(text) == value
    except ValueError:
        return text == value


def _in_words(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, bool):
        return "on" if value else "off"
    return in_words(value) if isinstance(value, int | float) else str(value)
