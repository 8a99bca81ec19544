"""A run, or a sweep, as text for a terminal and as JSON.  A terminal's numbers are as one types them: 1e-6."""

import json
import math
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..diagnosis.curve import typical
from ..diagnosis.rules import Diagnosis
from ..diagnosis.theory import stability_limit
from ..diagnosis.verdicts import diagnose
from ..experiment.described import experiment_words
from ..experiment.experiment import Experiment
from ..instruments.sweep import findings
from ..instruments.sweep.sweep import SweepTable
from ..training.history import History
from ..words import lane_name, many, number, typed
from .experiment_json import query, to_json
from .tables import columns

WIDTH = 100  # columns of text: few enough to read, and the same in a file


def as_text(history: History) -> str:
    """What ran, the stability limit where it is known, a table and the verdict of each lane in words."""
    verdicts = diagnose(history)
    lines = [*wrapped(experiment_words(history.experiment)), *_limit_words(history.experiment), ""]
    lines += [*_table(history, verdicts), ""]
    for lane, found in enumerate(verdicts):
        lines += wrapped(f"{lane_name(lane)}  {found.title}. {found.reason} {found.evidence} {found.advice}", "   ")
    return "\n".join(lines) + "\n"


def as_json(history: History) -> str:
    """The experiment and each lane's end as strict JSON: a number that is not finite is null, and `note` says what.

    {"experiment": as experiment_json.from_json reads it, "query", "what_ran", "stability_limit" or null,
    "lanes": [{"lane", "learning_rate", "first_loss", "final_loss", "best_loss", "best_epoch", "test_loss",
    "diverged_at" or null, "label", "title", "reason", "evidence", "advice", "note"}],
    "columns": what each column of the run's table means, with its unit}
    """
    experiment = history.experiment
    told = {
        "experiment": json.loads(to_json(experiment)),
        "query": query(experiment),
        "what_ran": experiment_words(experiment),
        "stability_limit": _limit(experiment),
        "lanes": [_lane(history, found, lane) for lane, found in enumerate(diagnose(history))],
        "columns": columns(history),
    }
    return json.dumps(told, indent=1, allow_nan=False) + "\n"


def _lane(history: History, found: Diagnosis, lane: int) -> dict[str, Any]:
    loss, best = history.loss[lane], _best(history, lane)
    losses = {
        "first_loss": loss[0],
        "final_loss": loss[-1],
        "best_loss": math.nan if best is None else loss[best],
    }
    if history.test_loss is not None:
        losses["test_loss"] = history.test_loss[lane, -1]
    diverged = int(history.diverged_at[lane])
    return {
        "lane": lane_name(lane),
        "learning_rate": history.experiment.learning_rates[lane],
        **{name: float(value) if math.isfinite(value) else None for name, value in losses.items()},
        "best_epoch": best,
        "diverged_at": None if diverged < 0 else diverged,
        "label": found.label,
        "title": found.title,
        "reason": found.reason,
        "evidence": found.evidence,
        "advice": found.advice,
        "note": "; ".join(f"{name} is {float(value)}" for name, value in losses.items() if not math.isfinite(value)),
    }


def _best(history: History, lane: int) -> int | None:
    """The epoch of the lowest finite loss; None where none is finite."""
    loss = history.loss[lane]
    finite = np.isfinite(loss)
    return int(np.where(finite, loss, np.inf).argmin()) if finite.any() else None


def _limit(experiment: Experiment) -> float | None:
    """The stability limit; None where it is not known beforehand."""
    try:
        return stability_limit(experiment)
    except ValueError:
        return None


def _limit_words(experiment: Experiment) -> list[str]:
    limit = _limit(experiment)
    if limit is None:
        return []
    batches = "; mini-batches can be unstable below it" if experiment.steps_per_epoch > 1 else ""
    return [f"Stability limit: {number(limit)}{batches}."]


def _table(history: History, verdicts: Sequence[Diagnosis]) -> list[str]:
    """A line of names and a line a lane."""
    loss, lanes = history.loss, range(len(history.loss))
    best, meters = [_best(history, lane) for lane in lanes], [typical(meter) for meter in history.meter]
    columns = {
        "lane": [lane_name(lane) for lane in lanes],
        "learning rate": [number(rate) for rate in history.experiment.learning_rates],
        "first loss": [number(first) for first in loss[:, 0]],
        "last loss": [number(last) for last in loss[:, -1]],
        "held-out loss": [] if history.test_loss is None else [number(last) for last in history.test_loss[:, -1]],
        "lowest loss": ["-" if at is None else number(row[at]) for row, at in zip(loss, best, strict=True)],
        "at epoch": ["-" if at is None else f"{at:,}" for at in best],
        "meter": ["-" if math.isnan(meter) else number(meter) for meter in meters],
        "verdict": [found.title for found in verdicts],
    }
    return aligned({name: cells for name, cells in columns.items() if cells})


def aligned(columns: dict[str, list[str]]) -> list[str]:
    """Names and rows as lines of text; words begin where their column does, numbers end where it ends."""
    full = []
    for name, words in columns.items():
        cells = list(map(typed, words))
        width = max(map(len, (name, *cells)))
        is_words = name in ("lane", "verdict")
        full.append([text.ljust(width) if is_words else text.rjust(width) for text in (name, *cells)])
    return ["  ".join(row).rstrip() for row in zip(*full, strict=True)]


def wrapped(words: str, indent: str = "") -> list[str]:
    """The words in lines of at most 100 columns, the later ones indented."""
    return textwrap.wrap(typed(words), WIDTH, subsequent_indent=indent, break_long_words=False)


def sweep_as_text(experiment: Experiment, table: SweepTable) -> str:
    """What was swept, a line a rate, the best one, and the checks to make before it is believed."""
    typical, at = findings.typical(table.final_loss), findings.best(table.final_loss)
    gone = (table.diverged_at >= 0).sum(axis=0)
    rows = {
        "learning rate": [number(rate) for rate in table.learning_rates],
        "last loss": [number(loss) for loss in typical],
        "overflowed": [f"{count} of {len(table.seeds)}" if count else "-" for count in gone],
        "best": ["<" if place == at else "" for place in range(len(typical))],
    }
    seeds = "1 seed" if len(table.seeds) == 1 else f"the median of {len(table.seeds)} seeds"
    told = wrapped(f"{many(len(typical), 'learning rate')}, {seeds}. {experiment_words(experiment)}")
    checks = [wrapped(f"{'ok   ' if each.well else 'note '}{each.words}", "     ") for each in findings.findings(table)]
    return "\n".join([*told, "", *aligned(rows), "", *(line for lines in checks for line in lines)]) + "\n"
