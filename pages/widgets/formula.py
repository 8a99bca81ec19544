"""A formula with its numbers: every symbol stands under its value."""

import html

import streamlit as st

from core.words import number

Part = str | tuple[str, float] | tuple[str, float, str]


def formula(title: str, *parts: Part) -> None:
    """One line of arithmetic. parts: signs as they are, and (symbol, value) pairs; hovering shows every digit.

    A third member of a pair says how its value is written where four digits are not enough.
    """
    cells = "".join(_cell(part) for part in parts)
    st.html(f'<div class="formula"><div class="what">{html.escape(title)}</div><div class="terms">{cells}</div></div>')


def _cell(part: Part) -> str:
    if isinstance(part, str):
        return f'<span class="sign">{html.escape(part)}</span>'
    symbol, value, *written = part
    shown = (written[0] if written else number(value)) if abs(value) < float("inf") else "overflow"
    if value < 0:
        shown = f"({shown})"
    return f'<span class="term" title="{value!r}"><b>{shown}</b><i>{html.escape(symbol)}</i></span>'
