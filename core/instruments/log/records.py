"""Records of (name, number), as columns by name: what every form of a log is read into before runs are made of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from .columns import Column, column, kind_of, split_of
from .numbers import numbers

_MOST_METRICS = 1_000  # names in a column of names


class Values(NamedTuple):
    """values (rows,): the numbers of a column.  there (rows,): where it has one, which may be nan."""

    values: Array
    there: Array


Cells = Values | pd.Series  # of a column: its numbers, or text, "" where there is nothing


@dataclass(slots=True, kw_only=True, eq=False)
class Records:
    """names: of the columns.  columns: their numbers, or their cells as text, "" where there is nothing.

    rows: how many records there are.  source: "lines", "documents" or "table".
    parts (rows,): which repetition of the table's head each row stands under; None where it has one at most.
    commas: whether numbers in text have decimal commas.  assumed: what its names rest on, in a
    sentence, "" for nothing.  odd: how many cells of a column hold text that is no number.
    """

    names: list[str]
    columns: list[Cells]
    rows: int
    source: str
    parts: Array | None = None
    commas: bool = False
    assumed: str = ""
    odd: dict[str, int] = field(default_factory=dict)

    def kinds(self) -> list[Column]:
        """What each column holds, by its name."""
        return [column(index, name) for index, name in enumerate(self.names)]

    def values(self, index: int) -> Values:
        """The numbers of a column; cells of text that are none are counted in `odd`."""
        found = self.columns[index]
        if isinstance(found, Values):
            return found
        values, there, odd = numbers(found, self.commas)
        if odd:
            self.odd[self.names[index]] = odd
        self.columns[index] = Values(values, there) if not odd else found
        return Values(values, there)

    def texts(self, index: int) -> pd.Series:
        """The cells of a column as text."""
        found = self.columns[index]
        if isinstance(found, Values):
            shown = [f"{value:g}" if there else "" for value, there in zip(*found, strict=True)]
            return pd.Series(shown, dtype="str")
        return found.str.strip()

    def filled(self, index: int) -> int:
        """How many rows of a column hold anything."""
        found = self.columns[index]
        return int(found.there.sum()) if isinstance(found, Values) else int((found != "").sum())


def by_name(records: Records) -> Records:
    """The same where names or the word "validation" stood in a column of their own: each metric has a column."""
    return _split_by_word(_split_by_run(_from_long(records)))


def _from_long(records: Records) -> Records:
    """One metric a row, as (metric, value), becomes one column a metric."""
    kinds = records.kinds()
    value = next((each for each in kinds if each.kind == "value"), None)
    named = next((each for each in kinds if each.kind == "metric"), None)
    named = named or next((each for each in kinds if each.kind == "run" and _names_losses(records, each.index)), None)
    if value is None or named is None:
        return records
    metrics = records.texts(named.index)
    split = next((each for each in kinds if each.kind == "split"), None)
    if split is not None:
        words = records.texts(split.index)
        if all(map(split_of, words.unique())):
            metrics = words + " " + metrics
    codes, names = pd.factorize(metrics)
    if len(names) > _MOST_METRICS or (len(names) > 1 and len(names) > len(codes) / 2):
        return records
    found = records.values(value.index)
    kept = [each.index for each in kinds if each.index not in (value.index, named.index)]
    columns: list[Cells] = [records.columns[index] for index in kept]
    columns += [Values(found.values, found.there & (codes == code)) for code in range(len(names))]
    return _with(records, [*(records.names[index] for index in kept), *map(str, names)], columns)


def _names_losses(records: Records, index: int) -> bool:
    """Whether a column called "name" holds names of metrics, a loss among them."""
    found = records.columns[index]
    return not isinstance(found, Values) and losses_named(list(map(str, found.iloc[:5000].unique()))) > 0


def _split_by_word(records: Records) -> Records:
    """Where a column says train or validation of each row, its losses are of the one or the other."""
    for each in records.kinds():
        found = records.columns[each.index]
        if isinstance(found, Values) or each.kind in ("step", "batch", "epoch", "loss", "validation", "rate", "value"):
            continue
        words = found.iloc[:2000].str.strip().unique()
        if not 1 <= len(words) <= 4 or not all(split_of(str(word)) for word in words if word) or not any(words):
            continue
        kinds = {str(word): split_of(str(word)) for word in found.str.strip().unique()}
        held = found.str.strip().map(lambda word, kinds=kinds: kinds[word] == "validation").to_numpy(dtype=bool)
        if held.any():
            return _split(records, each.index, held)
    return records


def _split(records: Records, by: int, held: Array, instead: tuple[str, pd.Series] | None = None) -> Records:
    """The losses apart, of training and held out; what said so, at place `by`, gives way to what stands `instead`."""
    names: list[str] = [instead[0]] if instead else []
    columns: list[Cells] = [instead[1]] if instead else []
    for index, name in enumerate(records.names):
        if index == by:
            continue
        names.append(name)
        columns.append(records.columns[index])
        if kind_of(name)[0] in ("loss", "value"):
            found = records.values(index)
            columns[-1] = Values(found.values, found.there & ~held)
            names.append(f"validation {name}")
            columns.append(Values(found.values, found.there & held))
    return _with(records, names, columns)


def _split_by_run(records: Records) -> Records:
    """TensorBoard's "exp1/train" and "exp1/validation" are two folders of one run."""
    for each in records.kinds():
        if each.kind != "run" or isinstance(records.columns[each.index], Values):
            continue
        codes, names = pd.factorize(records.texts(each.index))
        paths = [str(name).replace("\\", "/").rpartition("/") for name in names]
        held = np.array([split_of(end) == "validation" for _, _, end in paths], dtype=bool)
        if all(split_of(end) for _, _, end in paths) and held.any() and not held.all():
            bare = pd.Series([paths[code][0] for code in codes], dtype="str")
            return _split(records, each.index, held[codes], (each.name, bare))
    return records


def _with(records: Records, names: Sequence[str], columns: Sequence[Cells]) -> Records:
    return Records(
        names=list(names),
        columns=list(columns),
        rows=records.rows,
        source=records.source,
        parts=records.parts,
        commas=records.commas,
        assumed=records.assumed,
        odd=records.odd,
    )


def losses_named(names: Sequence[str]) -> int:
    """How many of these names are those of a loss, of training or held out."""
    return sum(kind_of(name)[0] in ("loss", "validation") for name in names)
