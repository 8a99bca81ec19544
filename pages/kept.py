"""Fields that are no part of an Experiment and are kept in the link under their key, as the lessons' are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from pages import lock

# Kept in the link, and for the session when the reader comes back by another way.
_KEPT: Any = {"bind": "query-params", "persist_state": "session"}


def word(key: str, label: str) -> Any:
    """What makes a widget such a field: options for it to end with. label: what it is called where it can be hidden."""
    lock.control(key, label)
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
