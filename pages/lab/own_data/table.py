"""A table of the reader's own: pasted or uploaded, read once, and kept in the session until another one is read."""

import hashlib
from typing import NamedTuple

import streamlit as st

from core.instruments.log.limits import MOST_BYTES, MOST_COLUMNS, MOST_ROWS
from core.instruments.log.text import MOST_PASTED, Unreadable
from core.instruments.own_data.choice import Choice, usual
from core.instruments.own_data.columns import Column, read_table
from core.instruments.own_data.columns import Table as Read
from pages.session import work

_PLACEHOLDER = "height,weight\n171,64\n183,81\n165,59"


class Table(NamedTuple):
    """What was read last. key: of its content, so that other content has choices of its own."""

    name: str
    key: str
    columns: tuple[Column, ...]
    notes: tuple[str, ...]
    first: Choice


def table() -> Table | None:
    """The table that was pasted or uploaded last and could be read; what could not be leaves it as it was."""
    state = st.session_state
    paste, upload = st.columns(2, gap="medium")
    with paste:
        pasted = st.text_area(
            "Paste a table", key="own-text", height=150, max_chars=MOST_PASTED, placeholder=_PLACEHOLDER
        )
        st.button("Read it", type="primary", icon=":material/table:")
    with upload:
        file = st.file_uploader(
            "Or upload it: CSV, TSV or an Excel workbook (.xlsx)",
            max_upload_size=MOST_BYTES // 1_000_000,
            key="own-file",
        )
        st.caption(
            f"Up to {MOST_ROWS:,} rows and {MOST_COLUMNS} columns. :material/lock: Read in memory for this visit only: "
            "nothing is stored on the server, and no other visitor can see it."
        )
    given: list[tuple[str, bytes | str]] = [("pasted", pasted)] if pasted and pasted.strip() else []
    given += [(file.name, file.getvalue())] if file else []
    for name, content in given:
        _read(name, content)
    kept: Table | None = state.get("own_table")
    return kept


def _table_of(name: str, key: str, found: Read | ValueError) -> Table | ValueError:
    """What was read with the choice to begin with; or why there is none."""
    if isinstance(found, ValueError):
        return found
    try:
        return Table(name, key[:12], found.columns, found.notes, usual(found.columns))
    except Unreadable as unreadable:
        return unreadable


def _read(name: str, content: bytes | str) -> None:
    """Read it when it has changed; a refusal is shown for as long as what it refuses is there."""
    seen = st.session_state.setdefault("own_read", {})
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
    key, place = hashlib.sha256(raw).hexdigest(), "text" if isinstance(content, str) else "file"
    if seen.get(place, ("", ""))[0] != key:
        found = _table_of(name, key, work.read(read_table, content, what="your table"))
        if isinstance(found, Table):
            st.session_state["own_table"] = found
        seen[place] = (key, "" if isinstance(found, Table) else str(found))
    if refusal := seen[place][1]:
        with st.container(border=True, gap="xsmall"):
            still = ", and what was there before is kept" if "own_table" in st.session_state else ""
            st.markdown(f":material/error: **This table could not be read{still}.**")
            st.text(f"{name}: {refusal}")
