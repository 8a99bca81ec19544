"""Fields that are no part of an Experiment and are kept in the link under their key, as the lessons' are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

# A field kept in the link, and for the session when the reader comes back by another way.
KEPT: Any = {"bind": "query-params", "persist_state": "session"}


def number(label: str, key: str, default: float, explanation: str | None = None) -> float:
    """A field for any number at all, kept in the link under its key."""
    value = st.number_input(
        label,
        value=float(default),
        key=key,
        step=None,
        format="%g",
        help=explanation,
        **KEPT,
    )
    return float(value)


def positive(label: str, key: str, default: float, width: Any = "stretch") -> float:
    """A field for a learning rate, kept in the link under its key."""
    value = st.number_input(label, 1e-12, 1e6, float(default), None, "%g", key, width=width, **KEPT)
    return float(value)


def switch(label: str, key: str, explanation: str | None = None) -> bool:
    """An on-off switch kept in the link."""
    return st.toggle(label, key=key, help=explanation, **KEPT)


def choice(label: str, key: str, options: Sequence[str], explanation: str | None = None) -> str:
    """One of a few words, the first unless the link says another."""
    chosen: str = st.segmented_control(
        label,
        options,
        default=options[0],
        key=key,
        help=explanation,
        required=True,
        **KEPT,
    )
    return chosen or options[0]
