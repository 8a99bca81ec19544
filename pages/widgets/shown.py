"""What a widget shows, and what it sends back: a change by hand, and no echo of what it showed a moment ago.

A part of a page that runs by itself every so often sends the values of all widgets as the browser has them; for a
moment after the page has given them others, those are the old ones.
"""

import time
from typing import Any, NamedTuple

import streamlit as st

from pages.session.fragments import runs_by_itself

_SHOWN = "shown-values"
_LATE = 3.0  # seconds in which a browser may still send what it had


class _Shown(NamedTuple):
    """value: what the page last gave it.  before: what the browser had then, where it was another.  at: when."""

    value: Any
    before: Any = None
    at: float = 0.0


def show(key: str, value: Any) -> None:
    """Give a widget its value; to be called each time before it is drawn."""
    shown: dict[str, _Shown] = st.session_state.setdefault(_SHOWN, {})
    last = shown.get(key, _Shown(value))
    has = st.session_state.get(key, last.value)
    shown[key] = _Shown(value, has, time.monotonic()) if has != value else last._replace(value=value)
    st.session_state[key] = value


def sent(key: str) -> Any:
    """What a widget was changed to by hand; None where it was emptied, or where it only sends what it had before."""
    value = st.session_state[key]
    shown: _Shown | None = st.session_state.get(_SHOWN, {}).get(key)
    if shown is None or not runs_by_itself():
        return value
    return None if value == shown.before and time.monotonic() - shown.at < _LATE else value
