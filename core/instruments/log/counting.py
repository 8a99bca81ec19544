"""What counts the steps of a log, row by row: a column of steps, batches or epochs, or the line that says them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from .columns import Column
from .log_table import LogTable
from .records import Values

_COUNTERS = ("step", "batch", "epoch")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Axis:
    """What counts the steps: its name, the values (rows,), what repeats with them, the epochs (rows,) if any, and what
    the values assume.
    """

    kind: str
    shown: str
    values: Array
    epochs: Array | None
    assumed: str


def axis_of(table: LogTable, needed: Array, held: Values | None) -> Axis | None:
    """The finest counter that has a value of its own wherever one is `needed` (rows,); None: rows must be counted."""
    found = _counters(table, needed, held)
    epochs = [values.values for each, values, _ in found if each.kind == "epoch"][:1]
    best: tuple[float, Axis] | None = None
    for place, (each, values, assumed) in enumerate(found):
        if not values.there.any() or not np.isfinite(values.values[needed]).all():
            continue
        axis = Axis(
            kind=each.kind,
            shown=each.shown,
            values=values.values,
            epochs=epochs[0] if epochs else None,
            assumed=assumed,
        )
        distinct = different(values.values[needed]) / max(1, int(needed.sum()))
        # A counter that stands still, or goes round within each epoch, says less than one that never repeats.
        score = (distinct > 0.5) + (distinct > 0.99) - place / 100
        if table.asked("counter") or (table.records.source == "table" and each.kind == "step" and distinct > 0.5):
            best = score, axis
            break
        if best is None or score > best[0]:
            best = score, axis
    if best is None:
        if found:
            table.say("The column that counts the steps has gaps, so rows are counted instead.")
        return None
    table.chosen["counter"] = next(
        (each.name for each, values, _ in found if values.values is best[1].values), best[1].shown
    )
    if best[1].assumed:
        table.say(best[1].assumed)
    return best[1]


def _counters(table: LogTable, needed: Array, held: Values | None) -> list[tuple[Column, Values, str]]:
    """The columns that count, the finest first, and what each assumes, in a sentence or "".

    In lines, what a line lacks is what another one said: see `_carried`.
    needed (rows,): where a loss is.  held: the validation losses.
    """
    asked = table.asked("counter")
    if table.refused("counter"):
        return []
    found = [(each, table.values(each)) for each in ([asked] if asked else table.of(*_COUNTERS))]
    found.sort(key=lambda both: (both[0].order, not _whole(both[1]), -table.filled(both[0])))
    if table.records.source != "lines" or asked:
        return [(*both, "") for both in found]
    steps = [both for both in found if both[0].kind == "step" and both[0].order < 9]
    if len(steps) > 1:  # "step 40: val loss" and "iter 40: loss" count the same
        first, values = steps[0][0], np.full(table.records.rows, np.nan)
        for _, each in reversed(steps):
            values = np.where(each.there, each.values, values)
        found.append((first, Values(values, ~np.isnan(values))))
    return [(each, *_carried(each.kind, values, needed, held)) for each, values in found]


def _carried(kind: str, count: Values, needed: Array, held: Values | None) -> tuple[Values, str]:
    """The count of every row, its own or the last one said, and what that assumes.

    But losses that stand above the first count, and none of whose kind stands below the last, are counted by the line
    below them.
    """
    carried = forward(count)
    said, assumed = np.flatnonzero(count.there), ""
    if not len(said):
        return carried, assumed
    gaps = np.diff(count.values[said])
    apart = float(np.median(gaps[gaps > 0])) if (gaps > 0).any() else 1.0
    first = count.values[said[0]]
    for rows in (needed, held.there if held is not None else np.zeros(0, bool)):
        without = np.flatnonzero(rows & ~count.there) if len(rows) else said[:0]
        above = without[without < said[0]]
        if len(without) < 2 or not len(above) or len(said) < 2:
            continue
        if without[-1] < said[-1]:
            carried.values[without] = count.values[said[np.searchsorted(said, without)]]
            if first > max(1, apart):
                assumed = f"Each loss is read as of the {kind} in the line below it: that is assumed."
        elif rows is not needed:
            carried.values[above] = first - apart
            assumed = f"The validation loss above the first {kind} is read as of {kind} {first - apart:,.6g}: assumed."
    return carried, assumed


def _whole(found: Values) -> bool:
    """Whether it counts in whole numbers, unlike epochs and updates in part."""
    values = found.values[found.there]
    return bool((values == np.round(values)).all())


def forward(found: Values) -> Values:
    """The same with what was last said where nothing is; what comes before it was first said begins there."""
    last = pd.Series(np.where(found.there, found.values, np.nan)).ffill().bfill().to_numpy(copy=True)
    return Values(last, ~np.isnan(last))


def of_one_kind(table: LogTable, loss: Values) -> Values:
    """Without the losses of lines of another kind, such as summaries, where the usual kind of line has that step too.

    Lines are of one kind that hold the same names.
    """
    at = np.flatnonzero(loss.there)
    kind = np.zeros(len(at))
    for place, each in enumerate(table.columns):
        kind += table.values(each).there[at] * np.sin(place + 1.0)
    codes, found = pd.factorize(kind.round(6))
    counted = _counters(table, loss.there, None) if len(found) > 1 else []
    counted = [each for each in counted if each[0].kind == "step"][-1:]
    if not counted:
        return loss
    usual = codes == np.bincount(codes).argmax()
    steps = counted[0][1].values[at]
    extra = at[~usual & np.isin(steps, steps[usual])]
    if 2 * len(extra) > usual.sum():
        table.say("Two kinds of line tell a loss of the same steps: the first kind is read.")
    there = loss.there.copy()
    there[extra] = False
    return Values(loss.values, there)


def different(values: Array) -> int:
    """How many different ones there are; those that rise all along need not be sorted for that."""
    return len(values) if (np.diff(values) > 0).all() else len(np.unique(values))
