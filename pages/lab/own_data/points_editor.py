"""A small data set as points to drag, add and delete with the mouse, beside the same numbers in a table."""

import math
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import streamlit as st

from core import stage
from core.data.points import MOST_POINTS
from core.words import number
from pages.session.sent import understood

Pair = tuple[float, float]

_HTML = '<div class="points-editor"><svg role="group"></svg><div class="hint" aria-live="polite"></div></div>'
_HINT = (
    "Click to add a point, drag it to move it, double-click it to delete it. With the keyboard: Tab, arrows, Delete."
)
_CSS, _JS = ((Path(__file__).parent / f"points_editor.{kind}").read_text() for kind in ("css", "js"))
_KEY, _BASE, _VERSION, _NOW = "own-points", "own_base", "own_version", "own_pairs"
_mount = st.components.v2.component(
    "points_editor", html=_HTML, css=_CSS, js=stage.numbers() + _JS, isolate_styles=False
)
# Near a line, but not on it: three rates then differ in more than speed.
_FIRST: tuple[Pair, ...] = ((1, 2.2), (2, 3.6), (3, 6.4), (4, 7.7), (5, 10.1))


def start_from(pairs: Sequence[Pair]) -> None:
    """Show these points instead."""
    state = st.session_state
    state[_BASE] = state[_NOW] = [tuple(pair) for pair in pairs]
    state[_VERSION] = state.get(_VERSION, 0) + 1  # a table of another name forgets what was typed into the one before


def points_editor() -> list[Pair]:
    """Draw both; returns the points there are now, without rows that are not filled in."""
    state = st.session_state
    if _BASE not in state:
        start_from(_FIRST)
    picture, table = st.columns([3, 2], gap="medium")
    with table:
        edits = state.get(f"{_KEY}-{state[_VERSION]}")
        if edits is None:  # the reader comes back from another page
            state[_BASE] = state[_NOW]
        elif not understood(lambda: _are_of_rows(edits, len(state[_BASE]))):
            start_from(state[_NOW])
        pairs = _table(state[_BASE], f"{_KEY}-{state[_VERSION]}")
    state[_NOW] = pairs
    with picture:
        told = "; ".join(f"({number(x)}, {number(y)})" for x, y in pairs[:MOST_POINTS])
        data = {"points": pairs, "most": MOST_POINTS, "hint": _HINT, "label": f"{len(pairs)} points (x, y): {told}."}
        _mount(data=data, key=_KEY, on_points_change=_take)
    return pairs


def _table(pairs: Sequence[Pair], key: str) -> list[Pair]:
    column = st.column_config.NumberColumn(format="%g", step=None)
    edited: Any = st.data_editor(
        {"x": [x for x, _ in pairs], "y": [y for _, y in pairs]},
        key=key,
        num_rows="dynamic",
        column_config={"x": column, "y": column},
        height=400,
    )
    rows = zip(edited["x"], edited["y"], strict=True)
    return [(float(x), float(y)) for x, y in rows if _is_number(x) and _is_number(y)]


def _are_of_rows(edits: Any, rows: int) -> bool:
    """Whether these edits, as the table keeps them, are of so many rows of two numbers."""
    edited = edits["edited_rows"]
    cells = [cell for row in (*edited.values(), *edits["added_rows"]) for cell in row.items()]
    return all(0 <= int(row) < rows for row in (*edited, *edits["deleted_rows"])) and all(
        name in ("x", "y", "_index") and (value is None or _is_number(value)) for name, value in cells
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _take() -> None:
    """Put what was dragged, added or deleted into the table."""
    drawn = understood(lambda: [(float(x), float(y)) for x, y in st.session_state[_KEY].points])
    if drawn is not None and all(map(math.isfinite, chain.from_iterable(drawn))):
        start_from(drawn)
