"""What each column of a table holds: numbers, a few words, or something else; and how many gaps it has."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from ..log.numbers import GAP, THOUSANDS, has_decimal_commas, numbers
from .cells import Cells, read_cells

MOST_CLASSES = 10  # what a chart can tell apart by colour
_MOST_TEXT = 0.1  # of a column of numbers: more, and it is no column of numbers
_ERRORS = ("#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!")  # a spreadsheet's words for no value


@dataclass(frozen=True, kw_only=True, eq=False)
class Column:
    """One column. name: as it was written, short and printable.

    kind: "number"; "category", 2 to 10 different words; or "other".
    values (n,): its numbers, nan at gaps; all nan where it has none.  words (n,): its cells as text, "" at gaps;
    objects, as an array of fixed width has room for the longest of them in each cell.
    gaps: how many rows have no value, among them odd cells of text and not_finite ones, nan or inf.
    """

    name: str
    kind: str
    values: Array
    words: Array
    gaps: int
    odd: int = 0
    not_finite: int = 0

    @cached_property
    def different(self) -> int:
        """How many different values it holds, gaps left out."""
        if self.kind == "number":
            return len(np.unique(self.values[~np.isnan(self.values)]))
        return _different(self.words)

    @property
    def constant(self) -> bool:
        """Whether it holds one value only."""
        return self.different == 1

    @property
    def countable(self) -> bool:
        """Whether it can be told apart as classes: few words, or few whole numbers."""
        if self.kind != "number":
            return self.kind == "category"
        there = self.values[~np.isnan(self.values)]
        return 2 <= self.different <= MOST_CLASSES and bool((there == np.round(there)).all())

    @property
    def counts(self) -> bool:
        """Whether it only counts rows, as an index does."""
        return self.kind == "number" and len(self.values) > 2 and bool((np.diff(self.values) == 1).all())

    def says(self) -> str:
        """What it holds, in a few words."""
        there = self.values[~np.isnan(self.values)]
        if self.kind == "number":
            low, high = there.min(), there.max()
            what = f"always {low:g}" if low == high else f"numbers from {low:g} to {high:g}"
        elif self.kind == "category":
            what = f"{self.different} different words"
        else:
            what = "nothing" if not self.different else "always one word" if self.constant else "text"
        told = [f"{self.odd:,} cells hold text"] if self.odd > 1 else ["1 cell holds text"] if self.odd else []
        told += [f"{self.not_finite:,} nan or inf"] if self.not_finite else []
        gaps = f"{self.gaps:,} gap{'s' if self.gaps > 1 else ''}" + (f" ({', '.join(told)})" if told else "")
        return f"{what}; {gaps}" if self.gaps else what


def read_columns(content: bytes | str) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """(the columns of a file or a text, what is to be said of how they were read).

    Raises Unreadable as `read_cells` does.
    """
    return columns_of(read_cells(content))


def _different(words: Array) -> int:
    """How many different words there are, "" left out."""
    return len(set(words.tolist()) - {""})


def columns_of(table: Cells) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """(the columns of a table, what is to be said of how its numbers were read)."""
    cells, notes = table.cells, list(table.notes)
    formulas = cells.apply(lambda column: column.str.startswith("="))
    if count := int(formulas.to_numpy().sum()):
        words = "1 cell holds a formula and counts as a gap" if count == 1 else f"{count:,} cells hold formulas: gaps"
        notes.append(f"{words}. Nothing here calculates them: save values instead.")
    cells = cells.mask(formulas | cells.isin(_ERRORS), "")
    commas = has_decimal_commas(cells) and not (table.separator == "," and _only_thousands(cells))
    if commas:
        notes.append("Commas in numbers were read as decimal commas.")
    made = tuple(_column(name, cells[place], commas) for place, name in enumerate(table.names))
    if lost := sum(column.not_finite for column in made):
        notes.append(
            f"{lost:,} cell{' is' if lost == 1 else 's are'} nan or inf: no model can learn from "
            f"{'it, so it counts as a gap' if lost == 1 else 'them, so they count as gaps'}."
        )
    return made, tuple(notes)


def _only_thousands(cells: pd.DataFrame) -> bool:
    """Whether each number with a comma is one like 1,234."""
    for name in cells:
        text = cells[name]
        if not text[text.str.contains(",", regex=False)].str.fullmatch(THOUSANDS.pattern).all():
            return False
    return True


def _column(name: str, cells: pd.Series, commas: bool) -> Column:
    values, there, odd = numbers(cells, commas)
    finite = np.isfinite(values)
    if finite.any() and odd <= _MOST_TEXT * (finite.sum() + odd):
        return Column(
            name=name,
            kind="number",
            values=np.where(finite, values, np.nan),
            words=cells.to_numpy(dtype=object),
            gaps=int((~finite).sum()),
            odd=odd,
            not_finite=int((there & ~finite).sum()),
        )
    words = cells.where(~cells.str.lower().isin(GAP), "").to_numpy(dtype=object)
    different = _different(words)
    return Column(
        name=name,
        kind="category" if 2 <= different <= MOST_CLASSES else "other",
        values=np.full(len(words), np.nan),
        words=words,
        gaps=int((words == "").sum()),
    )
