"""Which column of a log is what: what the reader found, and another in its place where the person knows better.

A choice is kept in the session, under the log's hash; the log itself is kept nowhere.
"""

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

_FOUND, _NONE = "found", ""  # in place of a column's name: the one that was found, none at all
_CHOICES = {
    "loss": "Loss",
    "validation": "Validation loss",
    "counter": "Steps or epochs",
    "rate": "Learning rate",
    "run": "Run",
}


def chosen(key: tuple[str, str, bytes]) -> dict[str, str]:
    """The columns that the reader has chosen for a log, kept by its hash, in place of those that were found."""
    asked = {kind: st.session_state.get(_widget(key, kind), _FOUND) for kind in _CHOICES}
    return {kind: column for kind, column in asked.items() if column != _FOUND}


def _widget(key: tuple[str, str, bytes], kind: str) -> str:
    return f"log-{kind}-{key[2].hex()[:16]}"


def choose(key: tuple[str, str, bytes], name: str, columns: Sequence[str], found: Mapping[str, str]) -> None:
    """What each column was read as, and another in its place: nobody knows a log as its owner does."""
    if len(columns) < 2:
        return
    with st.popover("Columns", icon=":material/tune:", key=f"log-columns-{key[2].hex()[:16]}"):
        if name:
            st.text(name)
        for kind, label in _CHOICES.items():
            shown = {_FOUND: f"{found.get(kind) or 'none'} (found)", _NONE: "none"}
            options = [_FOUND, *columns, _NONE]
            st.selectbox(label, options, format_func=partial(_option, shown), key=_widget(key, kind))


def _option(shown: Mapping[str, str], column: str) -> str:
    return shown.get(column, column)
