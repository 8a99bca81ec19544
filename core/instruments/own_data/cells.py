"""What was pasted or uploaded as a table of text cells, or one sentence on why it is none."""

import math
from collections import Counter
from dataclasses import dataclass

import pandas as pd

from ...experiment.fields import shorten
from ..log.limits import MOST_BYTES, MOST_ROWS, too_many_rows
from ..log.text import Unreadable, decoded
from .layout import Found, table_in, table_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """names: of the columns, each once.  cells (rows, columns): text, "" where there is nothing.

    separator: what stood between columns in a text, "" of a workbook.  notes: what was done to them, in sentences.
    """

    names: tuple[str, ...]
    cells: pd.DataFrame
    separator: str
    notes: tuple[str, ...]


def read_cells(content: bytes | str) -> Cells:
    """The table of a file or a text: CSV and its kin in UTF-8 or UTF-16, or an Excel workbook.

    Raises Unreadable for anything else, and for what is too large; nothing is unpacked or parsed before its size is
    known.
    """
    size = len(content)
    if size > MOST_BYTES:
        found = f"{math.ceil(size / 1e5) / 10:,.1f} MB"  # upwards: 10.0 would not be more than 10
        raise Unreadable(
            f"The table has {found}; {MOST_BYTES / 1e6:.0f} are allowed: keep the columns you need, or every tenth "
            "row, say."
        )
    if isinstance(content, bytes) and content.startswith(b"PK"):
        from ..log import workbook  # here: openpyxl takes a fifth of a second, and only workbooks need it

        rows, notes = workbook.read_rows(content)
        return _table(table_of(rows), notes)
    if isinstance(content, bytes) and content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(
            "This is an Excel workbook of the old kind, or one with a password: save it as .xlsx without a password, "
            "or as CSV."
        )
    return _table(table_in(decoded(content, "table")), [])


def _table(found: Found, notes: list[str]) -> Cells:
    """The rows under their names; blank rows are gone already, blank columns go here."""
    if not found.body:
        what = "only a first line with names" if found.names else "nothing"
        raise Unreadable(f"There are no numbers to read: {what} was found. Add the rows below it.")
    if found.count > MOST_ROWS:
        raise too_many_rows(found.count)
    width = max(map(len, [*found.body, found.names or []]))
    filled = [row + [""] * (width - len(row)) for row in found.body]
    head = [*(found.names or []), *[""] * width][:width]
    table = pd.DataFrame(filled, dtype=str)
    kept = [place for place in range(width) if head[place] or (table[place] != "").any()]
    if len(kept) < 2:
        raise Unreadable("Only one column was found: a table needs at least two, x and y.")
    names, twice = _names([head[place] for place in kept])
    notes = [*notes, *found.notes]
    if found.names is None:
        notes.append("The first line holds numbers, so columns are called by their place.")
    if twice:
        notes.append(f"Columns of the same name are told apart by a number: {', '.join(twice)}.")
    cells = table[kept].set_axis(range(len(kept)), axis=1)
    return Cells(names=names, cells=cells, separator=found.separator, notes=tuple(notes))


def _names(head: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """(each name once, short and printable; the names that were there more than once)."""
    names = [shorten(name.strip()) or f"column {place + 1}" for place, name in enumerate(head)]
    twice = [name for name, count in Counter(names).items() if count > 1]
    taken: set[str] = set()
    made: list[str] = []
    for name in names:
        number, own = 1, name
        while own in taken:
            number += 1
            own = f"{name} ({number})"
        taken.add(own)
        made.append(own)
    return tuple(made), twice
