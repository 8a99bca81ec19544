"""Which column of a log is what: what the reader found, and another in its place where the person knows better.

A choice is kept in the session, under the log's hash, and the last one in the link, for any log that has a column of
that name; the log itself is kept nowhere.
"""

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from pages.session.link_words import WORDS

_FOUND, _NONE = "found", ""  # in place of a column's name: the one that was found, none at all
_NONE_IN_LINK = "none"
_KINDS = ("loss", "validation", "counter", "rate", "run")


def chosen(key: tuple[str, str, bytes]) -> dict[str, str]:
    """The columns that the reader, or else the link, has chosen for a log in place of those that were found."""
    asked = {kind: st.session_state.get(_widget(key, kind), _linked(kind)) for kind in _KINDS}
    return {kind: column for kind, column in asked.items() if column != _FOUND}


def _widget(key: tuple[str, str, bytes], kind: str) -> str:
    return f"log-{kind}-{key[2].hex()[:16]}"


def choose(key: tuple[str, str, bytes], name: str, columns: Sequence[str], found: Mapping[str, str]) -> None:
    """What each column was read as, and another in its place: nobody knows a log as its owner does."""
    if len(columns) < 2:
        return
    state = st.session_state
    with st.popover("Columns", icon=":material/tune:", key=f"log-columns-{key[2].hex()[:16]}"):
        if name:
            st.text(name)
        for kind in _KINDS:
            shown = {_FOUND: f"{found.get(kind) or 'none'} (found)", _NONE: "none"}
            options, widget = [_FOUND, *columns, _NONE], _widget(key, kind)
            if (linked := _linked(kind)) in options:
                state.setdefault(widget, linked)
            format_func = partial(_option, shown)
            keep, label = partial(_keep, widget, kind), WORDS[_word(kind)].label
            st.selectbox(label, options, format_func=format_func, key=widget, on_change=keep)


def _word(kind: str) -> str:
    return f"log-{kind}"


def _linked(kind: str) -> str:
    """What the link says of this kind."""
    asked, repairs = WORDS[_word(kind)].field.read(st.query_params.get_all(_word(kind)) or [""])
    return _FOUND if repairs or asked == "" else _NONE if asked == _NONE_IN_LINK else str(asked)


def _keep(widget: str, kind: str) -> None:
    """Put what was chosen into the link, or nothing of what was found."""
    column = st.session_state[widget]
    st.query_params.pop(_word(kind), None)
    if column != _FOUND:
        st.query_params[_word(kind)] = column or _NONE_IN_LINK


def _option(shown: Mapping[str, str], column: str) -> str:
    return shown.get(column, column)
