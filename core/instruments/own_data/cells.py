"""What was pasted or uploaded as a table of text cells, or one sentence on why it is none."""

import csv
import io
import math
from collections import Counter
from dataclasses import dataclass

import pandas as pd

from ...experiment.fields import shorten
from ..log.numbers import NUMBER
from ..log.table import count_columns, first_lines, separator_of, shape_of
from ..log.text import Unreadable, decoded
from .limits import MOST_BYTES, MOST_COLUMNS, MOST_ROWS, Rows, too_many_columns, too_many_rows


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
    """The table of a file or a text: CSV with commas, semicolons or tabs in UTF-8 or UTF-16, or an Excel workbook.

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
        from . import workbook  # here: openpyxl takes a fifth of a second, and only workbooks need it

        rows, notes = workbook.read_rows(content)
        return _table(rows, len(rows), "", notes)
    if isinstance(content, bytes) and content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(
            "This is an Excel workbook of the old kind, or one with a password: save it as .xlsx without a password, "
            "or as CSV."
        )
    text = decoded(content, "table")
    rows, count, separator = _rows(text)
    return _table(rows, count, separator, [])


def _rows(text: str) -> tuple[Rows, int, str]:
    """(rows that hold anything, none much beyond those allowed; how many there are; what separates their cells)."""
    sample = first_lines(text)
    separator = separator_of(sample)
    if separator == " ":
        text, separator = "\n".join("\t".join(line.split()) for line in text.split("\n")), "\t"
        sample = first_lines(text)
    if (widest := count_columns(sample, separator, MOST_COLUMNS)) > MOST_COLUMNS:
        raise too_many_columns(widest)
    first, width = shape_of(sample, separator)
    if width > MOST_COLUMNS:
        raise too_many_columns(width)
    if len(first) == 1 and width == 1:
        raise Unreadable(
            "Only one column was found: a table needs at least two, x and y, with commas, semicolons or tabs between "
            "them."
        )
    rows: Rows = []
    count = 0
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                count += 1
                if count <= MOST_ROWS + 1:
                    rows.append(row[:width])
            if any(cell.strip() for cell in row[width:]):
                raise Unreadable(
                    f"Line {reader.line_num:,} has {len(row):,} cells and the first lines have {width}: give each row "
                    "as many, and put cells that hold a comma between quotation marks."
                )
    except csv.Error as error:
        raise Unreadable(
            f"The table breaks off at line {reader.line_num:,} ({shorten(str(error))}): look there, and above, for a "
            "lone quotation mark."
        ) from None
    return rows, count, separator


def _table(rows: Rows, count: int, separator: str, notes: list[str]) -> Cells:
    """The rows under their names; blank rows are gone already, blank columns go here.  count: of the rows there are."""
    named = bool(rows) and not all(NUMBER.fullmatch(cell.strip()) for cell in rows[0] if cell.strip())
    body = rows[1:] if named else rows
    if not body:
        found = "only a first line with names" if rows else "nothing"
        raise Unreadable(f"There are no numbers to read: {found} was found. Add the rows below it.")
    if count - named > MOST_ROWS:
        raise too_many_rows(count - named)
    width = max(map(len, rows))
    filled = [[cell.strip() for cell in row] + [""] * (width - len(row)) for row in body]
    head = [*rows[0], *[""] * width][:width] if named else [""] * width
    table = pd.DataFrame(filled, dtype=str)
    kept = [place for place in range(width) if head[place].strip() or (table[place] != "").any()]
    if len(kept) < 2:
        raise Unreadable("Only one column was found: a table needs at least two, x and y.")
    names, twice = _names([head[place] for place in kept])
    if not named:
        notes = [*notes, "The first line holds numbers, so columns are called by their place."]
    if twice:
        notes = [*notes, f"Columns of the same name are told apart by a number: {', '.join(twice)}."]
    cells = table[kept].set_axis(range(len(kept)), axis=1)
    return Cells(names=names, cells=cells, separator=separator, notes=tuple(notes))


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
