"""How a table is laid out in a text: what separates its columns, which lines name them, what they are without names."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from .columns import Column, kind_of
from .numbers import GAP, NUMBER
from .numerals import Numeral, convention, numeral
from .records import Cells, Records, Values, losses_named
from .text import UnreadableLog

# A line drawn under names or around a table.
_RULE = re.compile(r"^(?=[^\n]*[-=_*~\u2500-\u257f]{2})[-=+|:_*~ \t\u2500-\u257f]+$", re.M)
_BARS = re.compile("[\u2502\u2503\u2551]")
_NAMED = re.compile(r"[A-Za-z_)\]][\"']?[^\S\n]{0,3}[:=][^\S\n]{0,3}[\"']?[+-]?(?:\d|\.\d|nan|inf)", re.A)
_OF = re.compile(r"\d{1,9} ?/ ?\d{1,9}", re.A)
_UNIT = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:e[+-]?\d+)? ?(?:%|s|ms|sec|min|h|[kmgt]i?b?)", re.I | re.A)
_TIME = re.compile(r"[\d:./TZ -]{4,32}", re.A)
_NUMBER_AT_END = re.compile(r"(?:^|[\s:=])[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?[^\s0-9]{0,3}$")
_NAMED_NUMBER = re.compile(r"([A-Za-z][A-Za-z_ /]{0,40})[ ]+[+-]?[0-9]")
_SEVERAL = re.compile(r"[0-9] +[+-]?[0-9.]")
_WORD_AND_NUMBER = re.compile(r"^\s*([A-Za-z_]{1,20})[ :=#]*([0-9]{1,9}(?:\.[0-9]*)?)\s*$")
_MOST = 0.8  # of the lines must be as wide as a table's
_FEW_COLUMNS, _FEW_CELLS = 64, 1_000  # in which commas are looked for
_ALIKE = 3.0  # times: two columns without names that are losses of one run differ by less


class Start(NamedTuple):
    """skipped: title lines above the table.  heads: lines of names, of which `names` are made where there are two.

    numbered: whether rows begin with a number that the names lack, as R's and pandas' do.
    """

    skipped: int
    heads: int
    names: list[str]
    numbered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """separator: of columns, once `rows` has put it there.  single: whether there is but one column."""

    separator: str
    rows: Callable[[str], str]
    single: bool = False


def _as_it_is(text: str) -> str:
    return text


def _pipes(text: str) -> str:
    """Without rules, and without the bars at both ends of a line."""
    lines = (line.strip() for line in _RULE.sub("", _BARS.sub("|", text)).split("\n"))
    return "\n".join(line.removeprefix("|").removesuffix("|") for line in lines if line)


def _wide(text: str) -> str:
    """A tab for two spaces and more."""
    text = _RULE.sub("", text)
    lines = (line.strip() for line in text.replace("  ", "\t").split("\n"))
    text = "\n".join(line for line in lines if line).replace("\t ", "\t").replace(" \t", "\t")
    while "\t\t" in text:
        text = text.replace("\t\t", "\t")
    return text


def _tabs(text: str) -> str:
    """The text with a tab for each run of spaces within a line, and none at its ends.

    Replaced by halves: a regular expression would hold every cell of it at once.
    """
    text = _RULE.sub("", text)
    while "  " in text:
        text = text.replace("  ", " ")
    for end in "\t\n":
        text = text.replace(f" {end}", end).replace(f"{end} ", end)
    return text.strip(" ").replace(" ", "\t")


LAYOUTS = (
    *(Layout(separator=separator, rows=_as_it_is) for separator in "\t;,"),
    Layout(separator="|", rows=_pipes),
    Layout(separator="\t", rows=_wide),
    Layout(separator="\t", rows=_tabs),
    Layout(separator="\t", rows=_as_it_is, single=True),
)


def begins(layout: Layout, sample: list[str]) -> Start | None:
    """Where a table of this layout begins in the first lines of a text; None where they are none."""
    if not sample:
        return None
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(sample, delimiter=layout.separator)]
    except csv.Error:
        rows = [[cell.strip() for cell in line.split(layout.separator)] for line in sample]
    rows = [row for row in rows if any(row)]
    if not rows:
        return None
    plain = layout.rows is _as_it_is
    if plain and len(rows[0]) > 1 and losses_named(rows[0]) and not any(map(_holds_number, rows[0])):
        return Start(0, 1, [], False)  # whatever is below: the table says itself what is wrong with it
    width = Counter(map(len, rows[1:] or rows)).most_common(1)[0][0]
    if (width == 1) != layout.single:
        return None
    skipped = _titles(rows, width)
    rows = rows[skipped:]
    body = [row for row in rows[1:] or rows if len(row) == width]
    if len(body) < _MOST * max(1, len(rows) - 1) or not _has_column_of_numbers(body, width):
        return None
    if _says_names(sample[1:] or sample) or (not plain and not _is_mostly_numbers(body)):
        return None
    heads = 0
    while heads < min(3, len(rows)) and not _has_numbers(rows[heads]) and (heads == 0 or not plain):
        heads += 1
    if heads == len(rows):
        return None
    if heads == 0 and rows[0][0] == "" and rows[0][1:] == [str(place) for place in range(width - 1)]:
        return Start(skipped + 1, 0, [], False)  # pandas names columns by their place
    if heads == 0:
        if sum(any(map(_is_name, row)) or sum(map(_named_numbers, row)) > 1 for row in body) > 0.1 * len(body):
            return None  # names and numbers by turns
        _refuse_mixed(rows)
        return Start(skipped, 0, [], False) if width > 1 or _all_numbers(rows) else None
    numbered = len(rows[0]) == width - 1 and width > 2
    names = [" ".join(filter(None, cells)) for cells in zip(*_even(rows[:heads]), strict=True)]
    if width == 1 and not _all_numbers(rows[heads:]):
        return None
    if not plain and not numbered and any(_numbers_without_a_name(body, names)):
        return None
    return Start(skipped, heads, names, numbered)


def _titles(rows: list[list[str]], width: int) -> int:
    """How many lines stand above the first that is as wide as a table, or names all but one of its columns."""
    for place, row in enumerate(rows):
        if len(row) == width or (len(row) == width - 1 and losses_named(row)):
            return place
    return 0


def _is_mostly_numbers(body: list[list[str]]) -> bool:
    """Whether most cells of rows that spaces or bars set apart are numbers, and none holds several."""
    full = [cell for row in body for cell in row if cell.lower() not in GAP]
    several = sum(bool(_SEVERAL.search(cell[:200])) for cell in full)
    return not several > 0.1 * len(body) and sum(map(_is_value, full)) > 0.5 * len(full)


def _numbers_without_a_name(body: list[list[str]], names: list[str]) -> Iterator[bool]:
    for place, name in enumerate(names):
        if not name:
            yield sum(_is_number(row[place]) for row in body) > 0.5 * len(body)


def _is_value(cell: str) -> bool:
    return _is_number(cell) or bool(_TIME.fullmatch(cell) and any(map(str.isdigit, cell)))


def _even(rows: list[list[str]]) -> list[list[str]]:
    width = max(map(len, rows))
    return [row + [""] * (width - len(row)) for row in rows]


def _is_number(cell: str) -> bool:
    return bool(NUMBER.fullmatch(cell) or _OF.fullmatch(cell) or _UNIT.fullmatch(cell)) if len(cell) < 400 else False


def _holds_number(cell: str) -> bool:
    return _is_number(cell) or bool(_NUMBER_AT_END.search(cell[-40:]))


def _has_numbers(row: list[str]) -> bool:
    """Whether a row holds a number, so that it is not one of names; nor is one of "Epoch 1" and numbers."""
    return any(map(_is_value, row))


def _all_numbers(rows: list[list[str]]) -> bool:
    full = [cell for row in rows for cell in row if cell.lower() not in GAP]
    return sum(map(_is_number, full)) >= _MOST * max(1, len(full))


def _has_column_of_numbers(body: list[list[str]], width: int) -> bool:
    for place in range(min(width, 200)):
        full = [row[place] for row in body if row[place].lower() not in GAP]
        if full and sum(map(_is_number, full)) >= 0.7 * len(full):
            return True
    return False


def _is_name(cell: str) -> bool:
    bare = cell.rstrip(":=[(")
    return bare.isalpha() and kind_of(bare)[0] != "other"


def _named_numbers(cell: str) -> int:
    """How many numbers have their names before them, as in "loss 0.5"; one a row may, as in "Epoch 1"."""
    return sum(kind_of(name)[0] != "other" for name in _NAMED_NUMBER.findall(cell[:100]))


def _says_names(lines: list[str]) -> bool:
    """Whether names stand beside the numbers, as in "loss = 0.5": then it is no table, whatever separates them."""
    return sum(bool(_NAMED.search(line[:2000])) for line in lines) > 0.1 * len(lines)


def _refuse_mixed(rows: list[list[str]]) -> None:
    """Raise UnreadableLog where the first line holds names over numbers, and a number as well."""
    first, below = rows[0], rows[1:]
    over = [place for place, cell in enumerate(first) if cell and not _is_number(cell) and kind_of(cell)[0] != "other"]
    if any(all(_is_number(row[place]) for row in below if len(row) > place) for place in over) and len(below) > 0:
        number = next(cell for cell in first if _is_number(cell))
        raise UnreadableLog(
            f"The first line holds names and the number {number[:20]}: give every column a name, such as "
            f"lr={number[:20]}."
        )


def without_heads(cells: dict[int, Cells], columns: list[Column], separator: str) -> Records:
    """The records below a line of names; where that line comes again, another part begins."""
    kept = list(cells)
    rows = _length(cells[kept[0]])
    again = np.zeros(rows, bool)
    for each in (each for each in columns if each.index in cells and each.name.strip()):
        own = cells[each.index]
        again = np.zeros(rows, bool) if isinstance(own, Values) else (own == each.name).to_numpy(dtype=bool)
        if not again.any():
            break
    parts = np.cumsum(again)[~again] if again.any() else None
    found = [cells[index] if parts is None else _only(cells[index], ~again) for index in kept]
    names = [columns[index].name.strip() for index in kept]
    records = Records(names=names, columns=list(found), rows=rows - int(again.sum()), source="table", parts=parts)
    return _with_convention(records, separator)


def _holds(cells: Cells) -> bool:
    return bool(cells.there.any() if isinstance(cells, Values) else (cells != "").any())


def _length(cells: Cells) -> int:
    return len(cells.values)


def _only(cells: Cells, rows: Array) -> Cells:
    if isinstance(cells, Values):
        return Values(cells.values[rows], cells.there[rows])
    return cells[rows].reset_index(drop=True)


def _with_convention(records: Records, separator: str) -> Records:
    """The same, with what commas in its numbers mean and what is to be said of that."""
    if any(
        not isinstance(cells, Values) and bool(cells.str.contains(",", regex=False).any()) for cells in records.columns
    ):
        decimal, said = convention(map(_numerals, records.columns[:_FEW_COLUMNS]), separator)
        records.commas, records.assumed = decimal == ",", " ".join(said)
    return records


def _numerals(cells: Cells) -> dict[str, Numeral | None]:
    """Each different cell among the first of a column, and the number that it is."""
    if isinstance(cells, Values):  # read already, so that what follows its point is decimal
        there = cells.values[cells.there & np.isfinite(cells.values)]
        return {"0.5": numeral("0.5")} if np.any(there % 1) else {}
    return {cell: numeral(cell) for cell in cells.iloc[:_FEW_CELLS].str.strip().unique().tolist()}


def without_names(cells: dict[int, Cells], separator: str) -> Records:
    """The records of numbers without names: losses; a counter and losses; or times, steps and values.

    Raises UnreadableLog where they could be anything.
    """
    kept = [index for index in cells if _holds(cells[index])]
    rows = max((_length(cells[index]) for index in kept), default=0)
    records = Records(names=[""] * len(kept), columns=[cells[index] for index in kept], rows=rows, source="table")
    records = _with_convention(records, separator)
    for place, cells_here in enumerate(list(records.columns)):
        if isinstance(cells_here, Values):
            continue
        words = cells_here.str.extract(_WORD_AND_NUMBER.pattern)
        if not (words[0].nunique() == 1 and words[0].notna().mean() > _MOST):
            if not records.values(place).there.any():
                raise _unnamed(records)
        else:
            values = pd.to_numeric(words[1]).to_numpy(dtype=np.float64, na_value=np.nan)
            records.columns[place] = Values(values, ~np.isnan(values))
            records.names[place] = str(words[0].dropna().iloc[0])
    return name_by_numbers(records)


def name_by_numbers(records: Records) -> Records:
    """The same with names, where what the numbers are is plain: see `without_names`."""
    unnamed = [index for index, name in enumerate(records.names) if not name]
    found = {index: records.values(index) for index in unnamed}
    full = [index for index in unnamed if found[index].there.any()]
    times = [index for index in full if _is_time(found[index])]
    for index in times:
        records.names[index] = "wall time"
    full = [index for index in full if index not in times]
    counters = [index for index in full if _is_counter(found[index])]
    counted = any(kind_of(name)[0] in ("step", "epoch", "batch") for name in records.names)
    if counters and not counted and len(full) > 1:
        first = counters[0] if len(counters) < len(full) or not times else full[-1]
        records.names[first] = "step"
        full.remove(first)
    if times and len(full) == 1:
        records.names[full[0]] = "value"
    elif len(full) == 1:
        records.names[full[0]] = "loss"
    elif len(full) == 2 and _are_losses(*(found[index] for index in full)):
        records.names[full[0]], records.names[full[1]] = "loss", "validation loss"
        records.assumed += (
            " " * bool(records.assumed)
            + "Two columns have no names: the first is read as the loss, the second as the validation loss."
        )
    else:
        raise _unnamed(records)
    return records


def _unnamed(records: Records) -> UnreadableLog:
    return UnreadableLog(
        f"The log has {len(records.names):,} columns without names: name them in a first line, such as step,loss,lr."
    )


def _is_time(found: Values) -> bool:
    """Whether these are seconds or milliseconds since 1970, of the years 2001 to 2100."""
    values = found.values[found.there]
    return bool(len(values) and ((values > 1e9) & (values < 4.1e12)).all() and (np.diff(values) >= 0).all())


def _is_counter(found: Values) -> bool:
    """Whether these are whole numbers that never fall and do rise, or the only one."""
    values = found.values[found.there]
    whole = np.isfinite(values).all() and bool((values == np.round(values)).all()) and bool((values >= 0).all())
    return whole and (len(values) == 1 or bool((np.diff(values) >= 0).all() and values[-1] > values[0]))


def _are_losses(one: Values, other: Values) -> bool:
    """Whether two columns fall together at about the same height, as losses of training and of validation do."""
    both = one.there & other.there & np.isfinite(one.values) & np.isfinite(other.values)
    a, b = one.values[both], other.values[both]
    if len(a) < 3 or not (a[-1] < a[0] and b[-1] < b[0]) or np.median(b) <= 0 or np.median(a) <= 0:
        return False
    near = 1 / _ALIKE < np.median(a) / np.median(b) < _ALIKE
    return bool(near and np.corrcoef(a, b)[0, 1] > 0.5)
