"""A training log as other tools write it, read into runs.

Three steps: lines, documents or a table -> records of (name, number) -> columns by name. Columns are known by their
names, in many spellings, and no tool has a reader of its own. Nothing is ever evaluated. What was taken, skipped and
assumed is said in notes, what can't be read in one sentence; the reader's own choice of columns goes first.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from ...diagnosis.rules import Diagnosis
from ...experiment.fields import shorten
from .columns import METRIC, OTHER_QUANTITIES, PART, PLAIN, TOTAL, Column, rate_in, run_and_metric, words_of
from .content import read_records
from .records import Records, Values
from .text import UnreadableLog
from .verdict import verdict

MOST_RUNS = 1_000
CHOICES = ("counter", "loss", "validation", "rate", "run")  # what a reader may choose a column for
NONE = ""  # chosen where no column is to be that
_MANY = 5  # columns named in a sentence
_MOST_NOTES = 3
_FEW_COLUMNS = 64
_DIGITS = re.compile(r"[0-9]+")
_COUNTERS = ("step", "batch", "epoch")
_Series = dict[str, Values]  # of a column of each kind


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run:
    """One training run as its log has it, by rising step.

    axis           what its steps count: "step", "epoch" or "record" where the log counts nothing
    steps, loss    (n,) inf and nan losses are kept: they are the divergence
    learning_rate  (n,) the rate in force at each of these steps; None where the log has none
    validation_steps, validation   (m,) at steps of their own, inf and nan kept; None where there are none
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
    def diagnosis(self) -> Diagnosis:
        """The verdict of its loss, in its own steps."""
        return verdict(self.loss, self.steps, self.axis, learning_rate=self.learning_rate)

    @property
    def every(self) -> float:
        """How many steps apart its losses are, typically; nan for a single one."""
        return float(np.median(np.diff(self.steps))) if len(self.steps) > 1 else math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """runs: in the order of the log.  notes: what was taken, skipped and assumed, in at most three plain sentences.

    columns: those that may be chosen in place of others.  chosen: the one read as each of CHOICES, "" for none.
    """

    runs: tuple[Run, ...]
    notes: tuple[str, ...]
    columns: tuple[str, ...] = ()
    chosen: Mapping[str, str] = field(default_factory=dict)


def read_log(content: bytes | str, name: str = "run", choice: Mapping[str, str] | None = None) -> Log:
    """The runs in a log.  name: of its file, or what its run is called; TensorBoard's names say what the values are.

    choice: the name of the column to be read as the "counter", "loss", "validation", "rate" or "run", "" for none;
    what it lacks is found by the names.
    Raises UnreadableLog, a ValueError, with one sentence that names what was found and the remedy.
    """
    table = _Table(records=read_records(content, name), notes=[], choice=dict(choice or {}))
    runs = _runs(table, name)
    table.say_odd()
    if not any(np.isfinite(run.loss).any() for run in runs):
        count = sum(len(run.loss) for run in runs)
        raise UnreadableLog(
            f"The log holds {count:,} losses and none is a finite number: it began after the run had diverged, or "
            "another column holds the loss. Name that one loss in the first line."
        )
    chosen = {kind: table.chosen.get(kind, NONE) for kind in CHOICES}
    return Log(runs=tuple(runs), notes=_short(table.notes), columns=_offered(table), chosen=chosen)


def _offered(table: "_Table") -> tuple[str, ...]:
    """The names that may be chosen among: those of columns that hold something, each once."""
    names = [each.name for each in table.columns[:10_000] if each.name.strip() and table.records.filled(each.index)]
    return tuple(dict.fromkeys(names))[:_FEW_COLUMNS]


def _short(notes: list[str]) -> tuple[str, ...]:
    """At most three of them: what is beyond is joined to the last."""
    return tuple(notes[: _MOST_NOTES - 1]) + ((" ".join(notes[_MOST_NOTES - 1 :]),) if notes[_MOST_NOTES - 1 :] else ())


@dataclass(slots=True, kw_only=True, eq=False)
class _Table:
    """The records, what a reader has chosen of their columns, and what was chosen in the end."""

    records: Records
    notes: list[str]
    choice: dict[str, str]
    columns: list[Column] = field(init=False)
    chosen: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.columns = self.records.kinds()
        if self.records.assumed:
            self.say(self.records.assumed)

    def of(self, *kinds: str) -> list[Column]:
        """The columns of these kinds, in their order."""
        return [each for each in self.columns if each.kind in kinds]

    def asked(self, what: str) -> Column | None:
        """The column that the reader has chosen for this, if the log has it."""
        return next((each for each in self.columns if each.name and each.name == self.choice.get(what)), None)

    def refused(self, what: str) -> bool:
        """Whether the reader wants no column for this."""
        return self.choice.get(what) == NONE

    def filled(self, each: Column) -> int:
        """How many cells of a column hold anything."""
        return self.records.filled(each.index)

    def values(self, each: Column) -> Values:
        """The numbers of a column."""
        return self.records.values(each.index)

    def say_odd(self) -> None:
        """Say how many cells of which column are no numbers."""
        odd = sum(self.records.odd.values())
        if not odd:
            return
        cells, holds = ("1 cell", "holds") if odd == 1 else (f"{odd:,} cells", "hold")
        one = len(self.records.odd) == 1
        where = f"the column {shorten(next(iter(self.records.odd)))}" if one else f"{len(self.records.odd):,} columns"
        self.say(f"{cells} of {where} {holds} no number: left out.")

    def say(self, note: str) -> None:
        """Add a note for the reader, once."""
        if note not in self.notes:
            self.notes.append(note)


def _runs(table: _Table, name: str) -> list[Run]:
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
    if table.asked("loss"):
        return []
    for each in table.columns:
        found = run_and_metric(each)
        if found and found[1].kind in ("loss", "validation", "rate"):
            parts.setdefault(found[0], {}).setdefault(found[1].kind, found[1])
    parts = {run: kinds for run, kinds in parts.items() if kinds.keys() & {"loss", "validation"}}
    if not parts and not table.of("loss", "validation"):
        by_rate = [each for each in table.of("other", "rate") if rate_in(each.name)]
        parts = {each.name: {"loss": each} for each in by_rate}
    if not parts:
        return []
    _check_count(len(parts))
    x = _x(table, np.zeros(table.records.rows, bool), None)
    return [_run(table, run, x, _series(table, kinds), slice(None)) for run, kinds in parts.items()]


def _below_each_other(table: _Table, name: str) -> Iterator[Run | None]:
    """Runs as rows: one, or one for each name in a column of names, or for each rate where steps begin anew."""
    kinds = {"loss": _loss(table)}
    for kind, found in (("validation", _validation(table, kinds["loss"])), ("rate", _rate(table, kinds["loss"]))):
        if found is not None:
            kinds[kind] = found
    table.chosen |= {kind: each.name for kind, each in kinds.items()}
    series = _series(table, kinds)
    if table.records.source == "lines":
        series["loss"] = _of_one_kind(table, series["loss"])
    x = _x(table, series["loss"].there, series.get("validation"))
    labels = _labels(table, x, kinds.get("rate"))
    if labels is None:
        yield _run(table, name, x, series, slice(None))
        return
    codes, names = labels
    _check_count(len(names))
    order = np.argsort(codes, kind="stable")
    for label, rows in zip(names, np.split(order, np.cumsum(np.bincount(codes))[:-1]), strict=True):
        yield _run(table, label or name, x, series, rows)


def _series(table: _Table, kinds: dict[str, Column]) -> _Series:
    return {kind: table.values(each) for kind, each in kinds.items()}


def _of_one_kind(table: _Table, loss: Values) -> Values:
    """Without the losses of lines of another kind, such as summaries, where the usual kind of line has that step too.

    Lines are of one kind that hold the same names.
    """
    at = np.flatnonzero(loss.there)
    kind = np.zeros(len(at))
    for place, each in enumerate(table.columns):
        kind += table.values(each).there[at] * np.sin(place + 1.0)
    codes, different = pd.factorize(kind.round(6))
    counted = _counters(table, loss.there, None) if len(different) > 1 else []
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


def _check_count(runs: int) -> None:
    if runs > MOST_RUNS:
        raise UnreadableLog(f"The log has {runs:,} runs; {MOST_RUNS:,} are allowed: export fewer at a time.")


def _loss(table: _Table) -> Column:
    """The column of training losses: the total, then what is plainly a loss, then its kin, then a part; the fullest."""
    if asked := table.asked("loss"):
        return asked
    named = [each for each in table.of("loss", "validation") if table.filled(each)] or table.of("loss", "validation")
    ours = [each for each in named if each.kind == "loss"]
    if not named:
        return _without_a_loss(table)
    most = max(table.filled(each) for each in ours or named)
    full = [each for each in ours or named if table.filled(each) >= most / 4]
    lowest = min(each.rank for each in full)
    best = max(
        (each for each in ours or named if each.rank == lowest),
        key=lambda each: (table.filled(each), -len(words_of(each.name)), -each.index),
    )
    if not ours:
        table.say(f"There is no training loss: the column {best.shown} is read in its place.")
    elif best.rank == PART:
        table.say(f"{best.shown} is read, a part of the loss by its name: no column is called just loss.")
    elif best.rank == METRIC:
        table.say(f"No column is named loss: {best.shown} is read as the loss.")
    elif best.rank in (PLAIN, TOTAL) and len(ours) > 1:
        table.say(f"Of {len(ours)} columns named as a loss, {best.shown} is read.")
    return best


def _without_a_loss(table: _Table) -> Column:
    """What may be meant where no column is named a loss: the only one there is."""
    others = table.of("value") or (table.of("other") if table.records.source != "lines" else [])
    few = others if len(others) <= _FEW_COLUMNS else []
    full = [each for each in few if table.records.values(each.index).there.any()]
    if len(full) == 1 and not _is_something_else(full[0]):
        if full[0].kind == "other":
            table.say(f"No column is named loss: {full[0].shown} is read as the loss.")
        return full[0]
    found = ", ".join(each.shown for each in table.columns[:_MANY])
    found += f" and {len(table.columns) - _MANY:,} more" if len(table.columns) > _MANY else ""
    if full or len(others) > len(few) or table.records.source != "table":
        refusal = UnreadableLog(f"No column is named as a loss. Found: {found}. Choose it, or name it loss.")
        refusal.columns = _offered(table)
        raise refusal
    what = "One column of text was found" if len(table.columns) == 1 else f"{len(table.columns):,} columns were found"
    raise UnreadableLog(f"{what} ({found}), and no numbers for a loss: paste a table with a column named loss.")


def _is_something_else(each: Column) -> bool:
    return bool(each.words & OTHER_QUANTITIES)


def _validation(table: _Table, loss: Column) -> Column | None:
    """The validation loss that goes with this loss: of the same words, then the plainest, then the fullest."""
    if table.refused("validation"):
        return None
    if asked := table.asked("validation"):
        return asked
    if loss.words == {"learn"} or loss.name.strip().lower() == "learn":  # CatBoost's learn and test
        return next((each for each in table.columns if each.name.strip().lower() == "test"), None)
    others = [each for each in table.of("validation") if each is not loss and table.filled(each)]
    if not others or loss.kind == "validation":
        return None
    alike = [each for each in others if each.words == loss.words]
    first = alike or [each for each in others if each.rank in (PLAIN, TOTAL)] or others
    return min(first, key=lambda each: (each.rank, "test" in each.name.lower(), -table.filled(each)))


def _rate(table: _Table, loss: Column) -> Column | None:
    """The column of learning rates: the fullest, and of several, one a group of parameters, the first."""
    if table.refused("rate"):
        return None
    if asked := table.asked("rate"):
        return asked
    named = [each for each in table.of("rate") if each is not loss and table.filled(each)]
    best = max(named, key=lambda each: (table.filled(each), -len(words_of(each.name)), -each.index), default=None)
    if best is not None and len(named) > 1:
        table.say(f"Of {len(named)} columns of learning rates, {best.shown} is read.")
    return best


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Axis:
    """What counts the steps: its name, the values (rows,), what repeats with them, the epochs (rows,) if any, and what
    the values assume.
    """

    kind: str
    shown: str
    values: Array
    epochs: Array | None
    assumed: str


def _counters(table: _Table, needed: Array, held: Values | None) -> list[tuple[Column, Values, str]]:
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
    carried = _forward(count)
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


def _forward(found: Values) -> Values:
    """The same with what was last said where nothing is; what comes before it was first said begins there."""
    last = pd.Series(np.where(found.there, found.values, np.nan)).ffill().bfill().to_numpy(copy=True)
    return Values(last, ~np.isnan(last))


def _x(table: _Table, needed: Array, held: Values | None) -> _Axis | None:
    """The finest counter that has a value of its own wherever one is `needed` (rows,); None: rows must be counted."""
    found = _counters(table, needed, held)
    epochs = [values.values for each, values, _ in found if each.kind == "epoch"][:1]
    best: tuple[float, _Axis] | None = None
    for place, (each, values, assumed) in enumerate(found):
        if not values.there.any() or not np.isfinite(values.values[needed]).all():
            continue
        axis = _Axis(
            kind=each.kind,
            shown=each.shown,
            values=values.values,
            epochs=epochs[0] if epochs else None,
            assumed=assumed,
        )
        different = _different(values.values[needed]) / max(1, int(needed.sum()))
        # A counter that stands still, or goes round within each epoch, says less than one that never repeats.
        score = (different > 0.5) + (different > 0.99) - place / 100
        if table.asked("counter") or (table.records.source == "table" and each.kind == "step" and different > 0.5):
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


def _labels(table: _Table, x: _Axis | None, rate: Column | None) -> tuple[Array, Sequence[str]] | None:
    """(which run each row belongs to (rows,), their names); None where all belong to one."""
    asked = table.asked("run")
    for each in [asked] if asked else [] if table.refused("run") else table.of("run"):
        codes, names = pd.factorize(_texts(table, each))
        if 1 < len(names) <= len(codes) / 2 or (asked and len(names) > 1):
            table.chosen["run"] = each.name
            return _named(codes, [f"{each.shown} {name}" if _DIGITS.fullmatch(name) else name for name in names])
    if (parts := _parts(table, x)) is not None:
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


def _texts(table: _Table, each: Column) -> pd.Series:
    found = table.records.columns[each.index]
    if table.records.source == "lines" and isinstance(found, Values):
        table.records.columns[each.index] = _forward(found)
    return table.records.texts(each.index)


def _parts(table: _Table, x: _Axis | None) -> tuple[Array, Sequence[str]] | None:
    """A run for each repetition of the head, or of the epochs, where what counts begins anew there."""
    parts, said = table.records.parts, "The line of names comes again and the count begins anew"
    if x is None or table.refused("run"):
        return None
    if parts is None and table.records.source == "lines" and x.kind == "epoch":
        parts, said = np.cumsum(np.append(0, np.diff(x.values)) < 0), "The epochs begin anew"
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


def _run(table: _Table, name: str, x: _Axis | None, all_series: _Series, rows: Any) -> Run | None:
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
    held_at, held_loss = (None, None) if held is None else _held_out(table, steps, held, there, axis)
    return Run(
        name=shorten(name.strip()) or "run",
        axis=axis,
        steps=at,
        loss=loss,
        learning_rate=rates,
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


def _steps(table: _Table, x: _Axis | None, rows: Any, there: Array) -> tuple[str, Array]:
    """(what is counted, the step of every row of the run)."""
    counted = np.maximum(np.cumsum(there) - 1.0, 0.0)
    if x is None:
        return "record", counted
    values = x.values[rows]
    used = values[there]
    different = _different(used)
    # An epoch with many rows, or steps that begin anew in each epoch.
    if different <= len(used) / 2 or (x.kind != "step" and different < len(used) and table.records.source != "table"):
        epochs = None if x.epochs is None else x.epochs[rows][there]
        anew = epochs is not None and not pd.DataFrame({"epoch": epochs, "step": used}).duplicated().any()
        if x.kind != "step" or anew or table.records.source == "lines":
            table.say(f"The column {x.shown} repeats its numbers within a run, so rows are counted instead.")
            return "record", counted
    known = values
    if not np.isfinite(values).all():
        known = pd.Series(np.where(np.isfinite(values), values, np.nan)).ffill().bfill().to_numpy(copy=True)
    return "epoch" if x.kind == "epoch" else "step", known


def _different(values: Array) -> int:
    """How many different ones there are; those that rise all along need not be sorted for that."""
    return len(values) if (np.diff(values) > 0).all() else len(np.unique(values))


def _in_order(table: _Table, steps: Array, values: Array, tell: bool = False) -> tuple[Array, Array]:
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


def _held_out(table: _Table, steps: Array, held: Values, there: Array, axis: str) -> tuple[Array | None, Array | None]:
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


def _finite(table: _Table, steps: Array, values: Array, there: Array) -> tuple[Array | None, Array | None]:
    kept = there & np.isfinite(values)
    return _in_order(table, steps[kept], values[kept]) if kept.any() else (None, None)


def _rates(table: _Table, name: str, steps: Array, series: Values | None, at: Array) -> Array | None:
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
