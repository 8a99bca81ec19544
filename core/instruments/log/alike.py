"""Lines that differ in their numbers alone, thousands at a time: what stands between the numbers is found once."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as csv_reader
from numpy import ndarray as Array

_OF_NUMBERS = b"0123456789.+-eE"
_CUT, _SLOT = "\x1f", "\x1e"  # between columns; a number's place in the first line of a kind
_MOST_KINDS, _SAMPLE = 300, 20_000  # lines that tell whether there are more kinds


def kinds(text: str) -> Iterator[tuple[Array, str]] | None:
    """(which lines they are (n,), counted from 1; those lines) of each kind of line; None where there are very many.

    Lines of one kind are the same without their digits, points, signs and exponents.
    """
    data = text.rstrip("\n").encode()
    bare = data.translate(None, _OF_NUMBERS)
    first, count = bare.split(b"\n", 1)[0], data.count(b"\n") + 1
    if len(bare) == (len(first) + 1) * count - 1 and bare == b"\n".join([first] * count):
        return iter([(np.arange(1, count + 1), text.rstrip("\n"))])
    each = bare.split(b"\n")
    if len(set(each[:_SAMPLE])) > _MOST_KINDS:
        return None
    codes, different = pd.factorize(np.array(each, dtype=object))
    if len(different) > _MOST_KINDS:
        return None
    return _each(text.split("\n"), codes, len(different))


def _each(lines: list[str], codes: Array, count: int) -> Iterator[tuple[Array, str]]:
    for code in range(count):
        rows = np.flatnonzero(codes == code)
        yield rows + 1, "\n".join([lines[row] for row in rows.tolist()])


def columns(lines: str, gaps: Sequence[str], slots: Iterable[int]) -> dict[int, Array] | None:
    """The numbers (lines,) at these places of each line; None where a line turns out to be of another kind.

    gaps: what stands before, between and after the numbers of the first line, from its line feed to that at its end.
    """
    text, first = f"\n{lines}\n", "".join(f"{gap}{_SLOT}{slot}" for slot, gap in enumerate(gaps[:-1])) + gaps[-1]
    if _CUT in text or _SLOT in text:
        return None
    around = {gaps[place] for slot in slots for place in (slot, slot + 1)} - {"\n"}
    for gap in sorted(around, key=len, reverse=True):
        ends = "\n" * gap.startswith("\n") + _CUT + "\n" * gap.endswith("\n")
        text, first = text.replace(gap, ends), first.replace(gap, ends)
    cells = first.strip("\n").split(_CUT)
    places = {slot: cells.index(f"{_SLOT}{slot}") for slot in slots if f"{_SLOT}{slot}" in cells}
    names = [str(place) for place in range(len(cells))]
    try:
        found = csv_reader.read_csv(
            pa.BufferReader(text.encode()),
            csv_reader.ReadOptions(column_names=names, use_threads=False),
            csv_reader.ParseOptions(delimiter=_CUT, quote_char=False),
            csv_reader.ConvertOptions(
                column_types=dict.fromkeys(names, pa.float64()),
                include_columns=[names[place] for place in places.values()],
                null_values=[],
            ),
        )
    except pa.ArrowInvalid:
        return None
    if len(places) < len(set(slots)) or len(found) != lines.count("\n") + 1:
        return None
    return {slot: np.asarray(found.column(names[place]).to_numpy()) for slot, place in places.items()}
