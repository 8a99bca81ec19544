"""Rows of words and numbers as a table; on a phone, which is too narrow for one, each row is a card."""

from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st


def rows(table: Sequence[Mapping[str, object]], named: str) -> None:
    """Draw rows of the same columns, the first of which names the row.

    named: what the table is, for who can't see it.
    """
    # Roles are written out: a browser forgets those of a table that it draws as cards.
    columns = list(table[0])
    head = "".join(f'<th role="columnheader">{escape(column)}</th>' for column in columns)
    body = "".join(f'<tr role="row">{"".join(_cell(column, row[column]) for column in columns)}</tr>' for row in table)
    st.html(
        f'<table class="rows" role="table" aria-label="{escape(named)}">'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead><tbody role="rowgroup">{body}</tbody></table>'
    )


def _cell(column: str, value: object) -> str:
    return f'<td role="cell" data-column="{escape(column)}">{escape(str(value))}</td>'
