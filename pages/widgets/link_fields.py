"""Fields that are no part of an Experiment and are kept in the link, as the lessons' are.

Each is a word of pages/session/link_words.py, which has its limits, its default and what it is called.
"""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.experiment.fields import shorten
from core.words import number as in_words
from pages.lecture import lock
from pages.session.link_words import WORDS

_DRAWN = "kept-drawn"  # the words of the fields this page has drawn
# In the link, and in the session for when the reader comes back by another way.
_KEPT: Any = {"bind": "query-params", "persist_state": "session"}


def word(name: str) -> Any:
    """What makes a widget the field of this word: options for it to end with."""
    lock.control(name, WORDS[name].label)
    st.session_state.setdefault(_DRAWN, set()).add(name)
    return {"key": name, **_KEPT}


def number(name: str, explanation: str | None = None, default: float | None = None, **options: Any) -> float:
    """A field for a number. default: where only the page knows it."""
    field = WORDS[name].field
    least, most = (None if abs(end) == float("inf") else float(end) for end in (field.low, field.high))
    # Of floats: a field of whole numbers fails on a link that says 1e999, as infinity is none.
    form: dict[str, Any] = {"step": 1.0, "format": "%.0f"} if field.kind is int else {"step": None, "format": "%g"}
    first = float(field.default if default is None else default)
    value = st.number_input(WORDS[name].label, least, most, first, help=explanation, **form, **options, **word(name))
    return float(value)


def slider(name: str, words: str = "", **options: Any) -> float:
    """A slider over all legal numbers. words: what stands over it, where that is more than what it is called."""
    field = WORDS[name].field
    value: float = st.slider(words or WORDS[name].label, field.low, field.high, field.default, **options, **word(name))
    return value


def stops(name: str, words: str = "", **options: Any) -> Any:
    """A slider with a stop at each legal number."""
    field = WORDS[name].field
    return st.select_slider(words or WORDS[name].label, field.choices, field.default, **options, **word(name))


def pick(name: str, words: str = "", **options: Any) -> Any:
    """One of the legal numbers, chosen from a list."""
    field = WORDS[name].field
    first = field.choices.index(field.default)
    return st.selectbox(words or WORDS[name].label, field.choices, first, **options, **word(name))


def switch(name: str, explanation: str | None = None) -> bool:
    """An on-off switch."""
    return st.toggle(WORDS[name].label, help=explanation, **word(name))


def choice(name: str, explanation: str | None = None, options: Sequence[str] = ()) -> str:
    """One of a few words, the first unless the link says another. options: those that there are here, of all."""
    options = options or WORDS[name].field.choices
    chosen: str = st.segmented_control(
        WORDS[name].label, options, default=options[0], help=explanation, required=True, **word(name)
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
    if value is None:
        return "the first choice"
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, bool):
        return "on" if value else "off"
    return in_words(value) if isinstance(value, int | float) else str(value)
