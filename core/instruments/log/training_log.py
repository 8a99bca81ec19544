"""A training log as other tools write it, read into runs.

Three steps: lines, documents or a table -> records of (name, number) -> columns by name. Columns are known by their
names, in many spellings, and no tool has a reader of its own. Nothing is ever evaluated. What was taken, skipped and
assumed is said in notes, what can't be read in one sentence; the reader's own choice of columns goes first.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from .columns import Column, rate_in, run_and_metric
from .content import read_records
from .counting import axis_of, of_one_kind
from .labels import labels_of
from .log_table import NONE, LogTable, loss_column, offered, rate_column, validation_column
from .run import Log, Run
from .series import Series, run_of
from .text import UnreadableLog

MOST_RUNS = 1_000
CHOICES = ("counter", "loss", "validation", "rate", "run")  # what a reader may choose a column for
_MOST_NOTES = 3


def read_log(content: bytes | str, name: str = "run", choice: Mapping[str, str] | None = None) -> Log:
    """The runs in a log.  name: of its file, or what its run is called; TensorBoard's names say what the values are.

    choice: the name of the column to be read as the "counter", "loss", "validation", "rate" or "run", "" for none;
    what it lacks is found by the names.
    Raises UnreadableLog, a ValueError, with one sentence that names what was found and the remedy.
    """
    table = LogTable(records=read_records(content, name), notes=[], choice=dict(choice or {}))
    runs = _runs(table, name)
    table.say_odd()
    if not any(np.isfinite(run.loss).any() for run in runs):
        count = sum(len(run.loss) for run in runs)
        raise UnreadableLog(
            f"The log holds {count:,} losses and none is a finite number: it began after the run had diverged, or "
            "another column holds the loss. Name that one loss in the first line."
        )
    chosen = {kind: table.chosen.get(kind, NONE) for kind in CHOICES}
    return Log(runs=tuple(runs), notes=_short(table.notes), columns=offered(table), chosen=chosen)


def _short(notes: list[str]) -> tuple[str, ...]:
    """At most three of them: what is beyond is joined to the last."""
    return tuple(notes[: _MOST_NOTES - 1]) + ((" ".join(notes[_MOST_NOTES - 1 :]),) if notes[_MOST_NOTES - 1 :] else ())


def _runs(table: LogTable, name: str) -> list[Run]:
    made = list(_side_by_side(table) or _below_each_other(table, name))
    runs = [run for run in made if run is not None]
    if len(runs) < len(made):
        table.say(f"{len(made) - len(runs):,} of {len(made):,} runs have no losses, and are left out.")
    if not runs:
        raise UnreadableLog(
            "There is a column for the loss, and no number in it: export the log again with its values."
        )
    return runs


def _side_by_side(table: LogTable) -> list[Run | None]:
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
    x = axis_of(table, np.zeros(table.records.rows, bool), None)
    return [run_of(table, run, x, _series(table, kinds), slice(None)) for run, kinds in parts.items()]


def _below_each_other(table: LogTable, name: str) -> Iterator[Run | None]:
    """Runs as rows: one, or one for each name in a column of names, or for each rate where steps begin anew."""
    kinds = {"loss": loss_column(table)}
    for kind, found in (
        ("validation", validation_column(table, kinds["loss"])),
        ("rate", rate_column(table, kinds["loss"])),
    ):
        if found is not None:
            kinds[kind] = found
    table.chosen |= {kind: each.name for kind, each in kinds.items()}
    series = _series(table, kinds)
    if table.records.source == "lines":
        series["loss"] = of_one_kind(table, series["loss"])
    x = axis_of(table, series["loss"].there, series.get("validation"))
    labels = labels_of(table, x, kinds.get("rate"), series["loss"].there)
    if labels is None:
        yield run_of(table, name, x, series, slice(None))
        return
    codes, names = labels
    _check_count(len(names))
    order = np.argsort(codes, kind="stable")
    for label, rows in zip(names, np.split(order, np.cumsum(np.bincount(codes))[:-1]), strict=True):
        yield run_of(table, label or name, x, series, rows)


def _series(table: LogTable, kinds: dict[str, Column]) -> Series:
    return {kind: table.values(each) for kind, each in kinds.items()}


def _check_count(runs: int) -> None:
    if runs > MOST_RUNS:
        raise UnreadableLog(f"The log has {runs:,} runs; {MOST_RUNS:,} are allowed: export fewer at a time.")
