"""Which run each row of a log belongs to."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from .columns import Column
from .counting import Axis, forward
from .log_table import LogTable
from .records import Values

_DIGITS = re.compile(r"[0-9]+")


def labels_of(table: LogTable, x: Axis | None, rate: Column | None, there: Array) -> tuple[Array, Sequence[str]] | None:
    """(which run each row belongs to (rows,), their names); None where all belong to one.

    there (rows,): where a loss is.
    """
    asked = table.asked("run")
    for each in [asked] if asked else [] if table.refused("run") else table.of("run"):
        codes, names = pd.factorize(_texts(table, each))
        if 1 < len(names) <= len(codes) / 2 or (asked and len(names) > 1):
            table.chosen["run"] = each.name
            return _named(codes, [f"{each.shown} {name}" if _DIGITS.fullmatch(name) else name for name in names])
    if (parts := _parts(table, x, there)) is not None:
        return parts
    if x is None or rate is None or table.refused("run"):
        return None
    rates, there = table.values(rate)
    pairs = pd.DataFrame({"rate": rates, "x": x.values})[there]
    if not there.all() or not 1 < pairs["rate"].nunique() <= len(pairs) / 2:
        return None
    if pairs.duplicated().any() or not pairs["x"].duplicated().any():
        return None
    codes, values = pd.factorize(rates, use_na_sentinel=False)
    return _named(codes, [f"learning rate {rate:g}" for rate in values])


def _texts(table: LogTable, each: Column) -> pd.Series:
    found = table.records.columns[each.index]
    if table.records.source == "lines" and isinstance(found, Values):
        table.records.columns[each.index] = forward(found)
    return table.records.texts(each.index)


def _parts(table: LogTable, x: Axis | None, there: Array) -> tuple[Array, Sequence[str]] | None:
    """A run for each repetition of the head, or of the epochs, where what counts begins anew there."""
    parts, said = table.records.parts, "The line of names comes again and the count begins again"
    if x is None or table.refused("run"):
        return None
    if parts is None and table.records.source == "lines" and x.kind == "epoch":
        of_losses = pd.Series(np.where(there, x.values, np.nan)).ffill().bfill().to_numpy()
        parts, said = np.cumsum(np.append(0, np.diff(of_losses)) < 0), "The epochs begin again"
    if parts is None or parts[-1] == 0 or len(x.values) < 2 * (parts[-1] + 1):
        return None
    starts = np.flatnonzero(np.diff(parts, prepend=-1))
    ends = np.append(starts[1:], len(parts)) - 1
    anew = np.append(0, x.values[starts[1:]] <= x.values[ends[:-1]])
    codes = np.cumsum(anew)[np.searchsorted(starts, np.arange(len(parts)), side="right") - 1].astype(int)
    runs = int(codes[-1]) + 1
    if runs == 1:
        return None
    table.say(f"{said}: read as {runs} runs.")
    return codes, [f"run {number + 1}" for number in range(runs)]


def _named(codes: Array, names: list[str]) -> tuple[Array, Sequence[str]]:
    """The same rows under these names; those of one name are one run."""
    merged, distinct = pd.factorize(np.array(names, dtype=object))
    return merged[codes], distinct.tolist()
