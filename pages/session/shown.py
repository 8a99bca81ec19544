"""What a widget shows, and what it sends back: a change by hand, and no echo of what it showed a moment ago.

A part of a page that runs by itself every so often sends the values of all widgets as the browser has them. Until it
has drawn what the page has given them since, those are the old ones; on a busy machine that can take seconds.
"""

import time
from collections.abc import Iterable
from typing import Any, NamedTuple

import streamlit as st

_SHOWN, _BY_ITSELF = "shown-values", "part-by-itself"
_LATE = 3.0  # seconds after the last run of a part by itself, in which one may still be on its way


class _Shown(NamedTuple):
    """value: what the page last gave it.  before: what the browser has until it has that; None: it has it."""

    value: Any
    before: Any = None


def show(key: str, value: Any) -> None:
    """Give a widget its value; to be called each time before it is drawn."""
    shown = _all()
    has = st.session_state.get(key, shown.get(key, _Shown(value)).value)
    shown[key] = _Shown(value, has if has != value else None)
    st.session_state[key] = value


def sent(key: str) -> Any:
    """What a widget was changed to by hand; None where it was emptied, or where it only sends what it had before."""
    value, shown = st.session_state[key], _all()
    if key in shown:
        # One that was taken away and is not drawn any more "changes" from nothing to what it last showed.
        if value == shown[key].value or (value == shown[key].before and runs_by_itself()):
            return None
        shown[key] = _Shown(value)
    return value


def options(key: str, stops: Iterable[float]) -> list[float]:
    """What a slider of stops offers: them, its value, and what the browser has until it has that.

    What it is sent and does not offer Streamlit takes for its first stop.
    """
    value, before = _all()[key]
    return sorted({*stops, value, *([] if before is None else [before])})


def learn() -> None:
    """Learn which values the browser has by now; to be called before a part of the page that runs shows anything."""
    shown = _all()
    for key, each in shown.items():
        if st.session_state.get(key) == each.value:
            shown[key] = _Shown(each.value)


def note_by_itself() -> None:
    """A part of the page runs every so often without a click."""
    st.session_state[_BY_ITSELF] = time.monotonic()


def runs_by_itself() -> bool:
    """Whether a part of the page runs without a click, or did a moment ago."""
    last: float | None = st.session_state.get(_BY_ITSELF)
    return last is not None and time.monotonic() - last < _LATE


def _all() -> dict[str, _Shown]:
    shown: dict[str, _Shown] = st.session_state.setdefault(_SHOWN, {})
    return shown
