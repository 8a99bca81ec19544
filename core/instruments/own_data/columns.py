"""What each column of a table holds: numbers, a few words, or something else; and how many gaps it has."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from ...words import number
from ..log.numerals import GAPS, Numeral, convention, is_time, not_finite, numeral
from .cells import Cells, read_cells

MOST_CLASSES = 10  # what a chart can tell apart by colour
_MOST_TEXT = 0.1  # of a column of numbers: more, and it is no column of numbers
_ERRORS = ("#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!")  # a spreadsheet's words for no value


@dataclass(frozen=True, kw_only=True, eq=False)
class Column:
    """One column. name: as it was written, short and printable.

    kind: "number"; "category", 2 to 10 different words; or "other", as dates and times are.
    values (n,): its numbers, nan at gaps; of another kind its words.  words (n,): its cells as text, "" at gaps;
    objects, as an array of fixed width has room for the longest of them in each cell.
    gaps: how many rows have no value, among them odd cells of text and not_finite ones, nan or inf.
    time: whether it holds dates or times.  unit: "%" or a currency, where all its numbers have it.
    """

    name: str
    kind: str
    values: Array
    words: Array
    gaps: int
    odd: int = 0
    not_finite: int = 0
    time: bool = False
    unit: str = ""

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
        if self.kind == "number":
            there = self.values[~np.isnan(self.values)]
            low, high = there.min(), there.max()
            what = f"always {number(low)}" if low == high else f"numbers from {number(low)} to {number(high)}"
            what += f" {self.unit}" if self.unit else ""
        elif self.kind == "category":
            what = f"{self.different} different words"
        elif self.time:
            what = "dates or times"
        else:
            what = "nothing" if not self.different else "always one word" if self.constant else "text"
        told = [f"{self.odd:,} cells hold text"] if self.odd > 1 else ["1 cell holds text"] if self.odd else []
        told += [f"{self.not_finite:,} nan or inf"] if self.not_finite else []
        gaps = f"{self.gaps:,} gap{'s' if self.gaps > 1 else ''}" + (f" ({', '.join(told)})" if told else "")
        return f"{what}; {gaps}" if self.gaps else what


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """What a file or a text holds. columns: each as a Column.  notes: how it was read, in sentences."""

    columns: tuple[Column, ...]
    notes: tuple[str, ...]


def read_table(content: bytes | str) -> Table:
    """The table of a file or a text: CSV and its kin, or an Excel workbook.

    Raises ValueError, one sentence with the remedy, where it is none or too large.
    """
    return columns_of(read_cells(content))


def _different(words: Array) -> int:
    """How many different words there are, "" left out."""
    return len(set(words.tolist()) - {""})


def columns_of(table: Cells) -> Table:
    """The columns of a table of cells, and what is to be said of how its numbers were read."""
    cells, notes = table.cells, list(table.notes)
    formulas = cells.apply(lambda column: column.str.startswith("="))
    if count := int(formulas.to_numpy().sum()):
        words = "1 cell holds a formula and counts as a gap" if count == 1 else f"{count:,} cells hold formulas: gaps"
        notes.append(f"{words}. Nothing here calculates them: save values instead.")
    cells = cells.mask(formulas | cells.isin(_ERRORS), "")
    written = [_written(cells[place]) for place in cells]
    decimal, said = convention(written, table.separator)
    made = tuple(
        _column(name, cells[place], found, decimal)
        for name, place, found in zip(table.names, cells, written, strict=True)
    )
    return Table(columns=made, notes=(*notes, *said, *_units_said(made), *_times_said(made), *_lost_said(made)))


def _written(cells: pd.Series) -> dict[str, Numeral | None]:
    """Each different cell of a column, and the number it is; {} of a column of dates or times."""
    different = cells.unique().tolist()
    return {} if is_time(different) else {cell: numeral(cell) for cell in different}


def _column(name: str, cells: pd.Series, written: dict[str, Numeral | None], decimal: str) -> Column:
    """written: of its cells, {} where they are dates or times.  decimal: the file's mark."""
    units = Counter(each.unit for each in written.values() if each)
    read = {cell: each.value(decimal) if each else not_finite(cell) for cell, each in written.items()}
    of = {cell: np.nan if value is None else value for cell, value in read.items()}
    values = cells.map(of).to_numpy(dtype=float) if of else np.full(len(cells), np.nan)
    words = cells.where(~cells.str.lower().isin(GAPS), "").to_numpy(dtype=object)
    finite = np.isfinite(values)
    there = cells.map({cell: value is not None for cell, value in read.items()}).to_numpy(dtype=bool, na_value=False)
    odd = int(((words != "") & ~there).sum())
    if finite.any() and odd <= _MOST_TEXT * (finite.sum() + odd) and len({*units} - {""}) < 2:
        return Column(
            name=name,
            kind="number",
            values=np.where(finite, values, np.nan),
            words=cells.to_numpy(dtype=object),
            gaps=int((~finite).sum()),
            odd=odd,
            not_finite=int((there & ~finite).sum()),
            unit=max(units, key=len),
        )
    time = not written and bool((words != "").any())
    return Column(
        name=name,
        kind="category" if not time and 2 <= _different(words) <= MOST_CLASSES else "other",
        values=words,
        words=words,
        gaps=int((words == "").sum()),
        time=time,
        unit=" and ".join(sorted({*units} - {""})) if len({*units} - {""}) > 1 else "",
    )


def _units_said(columns: Sequence[Column]) -> list[str]:
    """That percent and money were read as their numbers, or not where they are mixed."""
    notes = []
    for column in columns:
        if column.unit and column.kind == "number":
            example = next(cell for cell in column.words if column.unit in cell)
            value = column.values[column.words.tolist().index(example)]
            notes.append(f'"{column.name}" is read in {column.unit}: {example[:20]} is {value:.6g}.')
        elif column.unit:
            notes.append(f'"{column.name}" mixes {column.unit}, so its cells are text: give all in one of them.')
    return notes


def _times_said(columns: Sequence[Column]) -> list[str]:
    """Which columns are dates or times."""
    names = [f'"{column.name}"' for column in columns if column.time]
    return (
        [f"{', '.join(names)} {'holds' if len(names) == 1 else 'hold'} dates or times, not numbers."] if names else []
    )


def _lost_said(columns: Sequence[Column]) -> list[str]:
    """How many cells are no finite number."""
    if not (lost := sum(column.not_finite for column in columns)):
        return []
    one = lost == 1
    return [
        f"{lost:,} cell{' is' if one else 's are'} nan or inf: no model can learn from "
        f"{'it, so it counts as a gap' if one else 'them, so they count as gaps'}."
    ]
