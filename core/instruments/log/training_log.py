"""A training log as other tools write it, read into runs.

Columns are known by their names, in many spellings: plain tables, our own CSV, TensorBoard's and Weights & Biases'
downloads, Keras' CSVLogger, Lightning's metrics.csv, a Trainer's history. Every cell is text until it reads as a
number; nothing is ever evaluated. What was done to the data is said in notes, what can't be read in one sentence.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from ...experiment.fields import shorten
from .columns import Column, rate_in, run_and_metric
from .numbers import has_decimal_commas, numbers
from .table import FEW_COLUMNS, read_table
from .text import UnreadableLog, to_text

MOST_RUNS = 1_000
_MANY = 5  # columns named in a sentence
_DIGITS = re.compile(r"[0-9]+")
_Series = dict[str, tuple[Array, Array]]  # (value (rows,), where there is one (rows,)) of a column of each kind


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run:
    """One training run as its log has it, by rising step.

    axis           what its steps count: "step", "epoch" or "record" where the log counts nothing
    steps, loss    (n,) inf and nan losses are kept: they are the divergence
    learning_rate  (n,) the rate in force at each of these steps; None where the log has none
    validation_steps, validation   (m,) finite validation losses, at steps of their own; None where there are none
    """

    name: str
    axis: str
    steps: Array
    loss: Array
    learning_rate: Array | None = None
    validation_steps: Array | None = None
    validation: Array | None = None

    @property
    def rate(self) -> float | None:
        """The learning rate, where it is known, above 0 and stays the same for the whole run."""
        rates = self.learning_rate
        if rates is None or not rates[0] > 0 or np.ptp(rates) > 1e-9 * rates[0]:
            return None
        return float(rates[0])

    @property
    def every(self) -> float:
        """How many steps apart its losses are, typically; nan for a single one."""
        return float(np.median(np.diff(self.steps))) if len(self.steps) > 1 else math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """runs: in the order of the log.  notes: what was done to it on the way, in plain sentences."""

    runs: tuple[Run, ...]
    notes: tuple[str, ...]


def read_log(content: bytes | str, name: str = "run") -> Log:
    """The runs in a log.  name: what its run is called where the log names none.

    Raises UnreadableLog, a ValueError, with one sentence that names what was found and the remedy.
    """
    notes: list[str] = []
    columns, cells = read_table(to_text(content))
    runs = _runs(columns, cells, name, notes)
    if not any(np.isfinite(run.loss).any() for run in runs):
        count = sum(len(run.loss) for run in runs)
        raise UnreadableLog(
            f"The log holds {count:,} losses and none is a finite number: it began after the run had diverged, or "
            "another column holds the loss. Name that one loss in the first line."
        )
    return Log(runs=tuple(runs), notes=tuple(notes))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Table:
    """The cells, and how their numbers are written."""

    columns: list[Column]
    cells: pd.DataFrame
    commas: bool
    notes: list[str]

    def of(self, *kinds: str) -> list[Column]:
        """The columns of these kinds, in their order."""
        return [each for each in self.columns if each.kind in kinds]

    def filled(self, each: Column) -> int:
        """How many cells of a column hold anything."""
        return int((self.cells[each.index] != "").sum())

    def values(self, each: Column) -> tuple[Array, Array]:
        """(value (rows,), where there is one (rows,)) of a column."""
        values, there, odd = numbers(self.cells[each.index], self.commas)
        if odd:
            cells = "1 cell" if odd == 1 else f"{odd:,} cells"
            holds = "holds no number" if odd == 1 else "hold no number"
            self.say(f"{cells} of the column {each.shown} {holds}: left out.")
        return values, there

    def say(self, note: str) -> None:
        """Add a note for the reader, once."""
        if note not in self.notes:
            self.notes.append(note)


def _runs(columns: list[Column], cells: pd.DataFrame, name: str, notes: list[str]) -> list[Run]:
    few = cells.iloc[:1000, :FEW_COLUMNS]
    table = _Table(columns=columns, cells=cells, commas=has_decimal_commas(few), notes=notes)
    if table.commas:
        table.say("Commas are read as decimal commas.")
    made = list(_side_by_side(table) or _below_each_other(table, name))
    runs = [run for run in made if run is not None]
    if len(runs) < len(made):
        table.say(f"{len(made) - len(runs):,} of {len(made):,} runs have no losses, and are left out.")
    if not runs:
        raise UnreadableLog(
            "There is a column for the loss, and no number in it: export the log again with its values."
        )
    return runs


def _side_by_side(table: _Table) -> list[Run | None]:
    """Runs as columns: "run - metric" as Weights & Biases names them, or columns named by their learning rate."""
    parts: dict[str, dict[str, Column]] = {}
    for each in table.columns:
        found = run_and_metric(each)
        if found and found[1].kind in ("loss", "validation", "rate"):
            parts.setdefault(found[0], {}).setdefault(found[1].kind, found[1])
    parts = {run: kinds for run, kinds in parts.items() if kinds.keys() & {"loss", "validation"}}
    if not parts and not table.of("loss", "validation"):
        by_rate = [each for each in table.of("other", "rate") if rate_in(each.name, bare=True)]
        parts = {each.name if rate_in(each.name) else f"lr={each.name.strip()}": {"loss": each} for each in by_rate}
    if not parts:
        return []
    _check_count(len(parts))
    x = _x(table, np.zeros(len(table.cells), bool))
    return [_run(table, run, x, _series(table, kinds), slice(None)) for run, kinds in parts.items()]


def _below_each_other(table: _Table, name: str) -> Iterator[Run | None]:
    """Runs as rows: one, or one for each name in a column of names, or for each rate where steps begin anew."""
    kinds = {"loss": _loss(table)}
    for kind in ("validation", "rate"):
        others = [each for each in table.of(kind) if each is not kinds["loss"]]
        if others:
            kinds[kind] = max(others, key=lambda each: (each.plain, table.filled(each)))
    x = _x(table, table.values(kinds["loss"])[1])
    labels = _labels(table, x, kinds.get("rate"))
    series = _series(table, kinds)
    if labels is None:
        yield _run(table, name, x, series, slice(None))
        return
    codes, names = labels
    _check_count(len(names))
    order = np.argsort(codes, kind="stable")
    for label, rows in zip(names, np.split(order, np.cumsum(np.bincount(codes))[:-1]), strict=True):
        yield _run(table, label, x, series, rows)


def _series(table: _Table, kinds: dict[str, Column]) -> _Series:
    return {kind: table.values(each) for kind, each in kinds.items()}


def _check_count(runs: int) -> None:
    if runs > MOST_RUNS:
        raise UnreadableLog(f"The log has {runs:,} runs; {MOST_RUNS:,} are allowed: export fewer at a time.")


def _loss(table: _Table) -> Column:
    """The column of training losses: the fullest of those named so; failing that, what may be meant."""
    for kind in ("loss", "validation"):
        named = table.of(kind)
        if not named:
            continue
        best = max(named, key=lambda each: (each.plain, table.filled(each), -each.index))
        if kind == "validation":
            table.say(f"There is no training loss: the column {best.shown} is read in its place.")
        elif len(named) > 1:
            table.say(
                f"Of {len(named)} columns named as a loss, {best.shown} is read; for another, leave the rest out."
            )
        return best
    others = table.of("value") or table.of("other")
    few = others if len(others) <= FEW_COLUMNS else []
    full = [each for each in few if numbers(table.cells[each.index].head(1000), table.commas)[1].any()]
    if len(full) == 1:
        if full[0].kind == "other":
            table.say(f"No column is named loss: {full[0].shown} is read as the loss.")
        return full[0]
    found = ", ".join(each.shown for each in table.columns[:_MANY])
    found += f" and {len(table.columns) - _MANY:,} more" if len(table.columns) > _MANY else ""
    if full or len(others) > len(few):
        raise UnreadableLog(f"No column is named as a loss. Found: {found}. Name the right one loss in the first line.")
    what = "One column of text was found" if len(table.columns) == 1 else f"{len(table.columns):,} columns were found"
    raise UnreadableLog(f"{what} ({found}), and no numbers for a loss: paste a table with a column named loss.")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Axis:
    """What counts the steps: its name, the values (rows,), and what repeats with them, the epochs (rows,) if any."""

    kind: str
    shown: str
    values: Array
    epochs: Array | None


def _x(table: _Table, needed: Array) -> _Axis | None:
    """The finest counter that has a value wherever one is `needed` (rows,); None where rows must be counted."""
    epochs = None
    for each in sorted(table.of("epoch"), key=table.filled)[-1:]:
        epochs = table.values(each)[0]
    for each in sorted(table.of("step", "batch", "epoch"), key=lambda each: each.order):
        values, there = table.values(each)
        if there.any() and np.isfinite(values[needed]).all():
            return _Axis(kind=each.kind, shown=each.shown, values=values, epochs=epochs)
    if table.of("step", "batch", "epoch"):
        table.say("The column that counts the steps has gaps, so rows are counted instead.")
    return None


def _labels(table: _Table, x: _Axis | None, rate: Column | None) -> tuple[Array, Sequence[str]] | None:
    """(which run each row belongs to (rows,), their names); None where all belong to one."""
    for each in table.of("run"):
        codes, names = pd.factorize(table.cells[each.index].str.strip())
        if 1 < len(names) <= len(codes) / 2:
            return _named(codes, [f"{each.shown} {name}" if _DIGITS.fullmatch(name) else name for name in names])
    if x is None or rate is None:
        return None
    rates, there = table.values(rate)
    pairs = pd.DataFrame({"rate": rates, "x": x.values})[there]
    if not there.all() or not 1 < pairs["rate"].nunique() <= len(pairs) / 2:
        return None
    if pairs.duplicated().any() or not pairs["x"].duplicated().any():
        return None
    codes, values = pd.factorize(rates, use_na_sentinel=False)
    return _named(codes, [f"learning rate {rate:g}" for rate in values])


def _named(codes: Array, names: list[str]) -> tuple[Array, Sequence[str]]:
    """The same rows under these names; those of one name are one run."""
    merged, distinct = pd.factorize(np.array(names, dtype=object))
    return merged[codes], distinct.tolist()


def _run(table: _Table, name: str, x: _Axis | None, all_series: _Series, rows: Any) -> Run | None:
    """One run from its rows; None where it has no loss."""
    series = {kind: (values[rows], there[rows]) for kind, (values, there) in all_series.items()}
    if "loss" not in series:
        series["loss"] = series.pop("validation")
        table.say("There is no training loss: the validation loss is read in its place.")
    (loss, there), held = series["loss"], series.get("validation")
    if held is not None:
        # Where no row has both, a nan beside a validation loss is a gap that was written as nan.
        measured = np.isfinite(held[0])
        if not (measured & np.isfinite(loss)).any():
            there = there & ~(np.isnan(loss) & measured)
    if not there.any():
        return None
    axis, steps = _steps(table, x, rows, there)
    at, loss = _in_order(table, steps[there], loss[there], tell=True)
    rates = _rates(table, name, steps, series.get("rate"), at)
    held_at, held_loss = (None, None) if held is None else _finite(table, steps, *held)
    return Run(
        name=shorten(name.strip()) or "run",
        axis=axis,
        steps=at,
        loss=loss,
        learning_rate=rates,
        validation_steps=held_at,
        validation=held_loss,
    )


def _steps(table: _Table, x: _Axis | None, rows: Any, there: Array) -> tuple[str, Array]:
    """(what is counted, the step of every row of the run)."""
    counted = np.maximum(np.cumsum(there) - 1.0, 0.0)
    if x is None:
        return "record", counted
    values = x.values[rows]
    used = values[there]
    if len(np.unique(used)) <= len(used) / 2:  # an epoch with many rows, or steps that begin anew in each epoch
        epochs = None if x.epochs is None else x.epochs[rows][there]
        anew = epochs is not None and not pd.DataFrame({"epoch": epochs, "step": used}).duplicated().any()
        if x.kind != "step" or anew:
            table.say(f"The column {x.shown} repeats its numbers within a run, so rows are counted instead.")
            return "record", counted
    known = pd.Series(np.where(np.isfinite(values), values, np.nan)).ffill().bfill().to_numpy()
    return "epoch" if x.kind == "epoch" else "step", known


def _in_order(table: _Table, steps: Array, values: Array, tell: bool = False) -> tuple[Array, Array]:
    """Both by rising step; of equal steps the last counts."""
    if (np.diff(steps) < 0).any():
        order = np.argsort(steps, kind="stable")
        steps, values = steps[order], values[order]
        if tell:
            table.say("The steps were out of order, and have been sorted.")
    last = np.append(np.diff(steps) > 0, True)
    if tell and not last.all():
        again = int(len(last) - last.sum())
        table.say(
            f"{'1 row repeats' if again == 1 else f'{again:,} rows repeat'} a step: the last one of a step counts. "
            "If these are several runs, add a column named run that tells them apart."
        )
    return steps[last], values[last]


def _finite(table: _Table, steps: Array, values: Array, there: Array) -> tuple[Array | None, Array | None]:
    kept = there & np.isfinite(values)
    return _in_order(table, steps[kept], values[kept]) if kept.any() else (None, None)


def _rates(table: _Table, name: str, steps: Array, series: tuple[Array, ...] | None, at: Array) -> Array | None:
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
