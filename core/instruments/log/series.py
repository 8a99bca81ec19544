"""One run from its rows: losses by rising step, validation at steps of its own, the learning rate in force."""

from typing import Any

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from ...experiment.fields import shorten
from .columns import rate_in
from .counting import Axis, different
from .log_table import LogTable
from .records import Values
from .run import Run

Series = dict[str, Values]  # of a column of each kind


def run_of(table: LogTable, name: str, x: Axis | None, all_series: Series, rows: Any) -> Run | None:
    """One run from its rows; None where it has no loss."""
    series = {kind: Values(values[rows], there[rows]) for kind, (values, there) in all_series.items()}
    if "loss" not in series or not series["loss"].there.any():
        if "validation" not in series:
            return None
        series["loss"] = series.pop("validation")
        table.say("There is no training loss: the validation loss is read in its place.")
    (loss, there), held = series["loss"], series.get("validation")
    if held is not None:
        there, held = _without_gaps(loss, there, held)
    if not there.any():
        return None
    axis, steps = _steps(table, x, rows, there)
    at, loss = _in_order(table, steps[there], loss[there], tell=True)
    rates = _rates(table, name, steps, series.get("rate"), at)
    epochs = None if x is None or x.epochs is None else _in_order(table, steps[there], x.epochs[rows][there])[1]
    held_at, held_loss = (None, None) if held is None else _held_out(table, steps, held, there, axis)
    return Run(
        name=shorten(name.strip()) or "run",
        axis=axis,
        steps=at,
        loss=loss,
        learning_rate=rates,
        epochs=at if axis == "epoch" else epochs,
        validation_steps=held_at,
        validation=held_loss,
    )


def _without_gaps(loss: Array, there: Array, held: Values) -> tuple[Array, Values]:
    """Where each is there, less gaps that were written as nan.

    Where no row has both, a nan beside the other is a gap; so is a nan of validation that a finite one comes after,
    and one at the end no further from the last than they are from each other.
    """
    measured = held.there & np.isfinite(held.values)
    if not (measured & there & np.isfinite(loss)).any():
        there = there & ~(np.isnan(loss) & measured)
    at = np.flatnonzero(measured)
    apart = int(np.diff(at).max()) if len(at) > 1 else len(loss)
    last = int(at[-1]) if len(at) else -1
    gone = np.isnan(held.values) & (np.arange(len(loss)) < (last if len(loss) - 1 - last >= apart else len(loss)))
    return there, Values(held.values, held.there & ~gone)


def _steps(table: LogTable, x: Axis | None, rows: Any, there: Array) -> tuple[str, Array]:
    """(what is counted, the step of every row of the run)."""
    counted = np.maximum(np.cumsum(there) - 1.0, 0.0)
    if x is None:
        return "record", counted
    values = x.values[rows]
    used = values[there]
    distinct = different(used)
    # An epoch with many rows, or steps that begin anew in each epoch.
    if distinct <= len(used) / 2 or (x.kind != "step" and distinct < len(used) and table.records.source != "table"):
        epochs = None if x.epochs is None else x.epochs[rows][there]
        anew = epochs is not None and not pd.DataFrame({"epoch": epochs, "step": used}).duplicated().any()
        if x.kind != "step" or anew or table.records.source == "lines":
            table.say(f"The column {x.shown} repeats its numbers within a run, so rows are counted instead.")
            return "record", counted
    known = values
    if not np.isfinite(values).all():
        known = pd.Series(np.where(np.isfinite(values), values, np.nan)).ffill().bfill().to_numpy(copy=True)
    return "epoch" if x.kind == "epoch" else "step", known


def _in_order(table: LogTable, steps: Array, values: Array, tell: bool = False) -> tuple[Array, Array]:
    """Both by rising step; of equal steps the last counts."""
    apart = np.diff(steps)
    if (apart < 0).any():
        order = np.argsort(steps, kind="stable")
        steps, values = steps[order], values[order]
        apart = np.diff(steps)
        if tell:
            table.say("The steps were out of order, and have been sorted.")
    last = np.append(apart > 0, True)
    if last.all():
        return steps, values
    if tell:
        again = int(len(last) - last.sum())
        table.say(
            f"{'1 row repeats' if again == 1 else f'{again:,} rows repeat'} a step: the last one of a step counts. "
            "If these are several runs, add a column named run that tells them apart."
        )
    return steps[last], values[last]


def _held_out(
    table: LogTable, steps: Array, held: Values, there: Array, axis: str
) -> tuple[Array | None, Array | None]:
    """(steps, validation losses); said where they stop being finite numbers."""
    if not held.there.any():
        return None, None
    at = steps[held.there]
    if len(at) > 2 and len(np.unique(at)) <= len(at) / 2 and len(np.unique(steps[there])) > len(at):
        # Old versions of Lightning count the steps of validation from 0 each time.
        at = pd.Series(np.where(there, steps, np.nan)).ffill().bfill().to_numpy()[held.there]
        table.say("The steps of the validation losses repeat: each stands at the training loss before it.")
    at, losses = _in_order(table, at, held.values[held.there])
    bad = ~np.isfinite(losses)
    if bad.any():
        first = int(bad.argmax())
        became = "nan" if np.isnan(losses[first]) else "infinite"
        table.say(f"The validation loss is {became} from {axis} {at[first]:,.6g} on ({bad.sum():,} of {len(bad):,}).")
    return at, losses


def _finite(table: LogTable, steps: Array, values: Array, there: Array) -> tuple[Array | None, Array | None]:
    kept = there & np.isfinite(values)
    return _in_order(table, steps[kept], values[kept]) if kept.any() else (None, None)


def _rates(table: LogTable, name: str, steps: Array, series: Values | None, at: Array) -> Array | None:
    """(n,) the learning rate in force at each step `at`: the last one told, or what the run's name says."""
    if series is not None:
        told_at, told = _finite(table, steps, *series)
        if told_at is not None and told is not None:
            before = np.searchsorted(told_at, at, side="right") - 1
            return np.asarray(told[np.maximum(before, 0)])
    rate = rate_in(name)
    if rate is None:
        return None
    table.say("Learning rates are read from the names of the runs.")
    return np.full(len(at), rate)
