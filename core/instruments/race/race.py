"""The race of update rules, or of schedules: each at its own best rate, found by a sweep of the same rates for all.

At one rate for all a race would only show which rule that rate suits: Adam's best is often a hundredth of plain
descent's.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ...drawing.axes import Axis, whole_decades
from ...experiment.experiment import Experiment
from ...methods.optimizers import UPDATE_RULES
from ...methods.schedules import TITLES
from ...words import number, two_digits
from ..sweep.findings import alike, best, sensitivity, typical
from ..sweep.sweep import Piece, SweepTable, joined, pieces

# Who takes part, by name, in the order of the lines: the title of each. Of the schedules one of each kind.
_SCHEDULES = ("constant", "step", "cosine", "linear", "one-cycle", "warm-up-cosine", "plateau")
RUNNERS: dict[str, dict[str, str]] = {
    "optimizer": {name: rule.title for name, rule in UPDATE_RULES.items()},
    "schedule": {name: TITLES[name] for name in _SCHEDULES},
}
_HEADROOM, _DEPTH = 10.0, 8  # times the first loss; decades below that: what is shown
_CLOSE = 1.5  # times the best loss: runners this near are not told apart
_AROUND = (0.5, 1.5)  # decades to each side of a runner's best rate over which it is judged: at least, and at most


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Race:
    """The sweeps (SweepTable) of runners, by name, in the order of RUNNERS[kind]. kind: optimizer or schedule."""

    kind: str
    sweeps: dict[str, SweepTable]


def variants(experiment: Experiment, kind: str) -> list[Experiment]:
    """The experiment under each update rule, with the momentum that is usual for it; or under each schedule."""
    if kind == "schedule":
        return [replace(experiment, schedule=name) for name in RUNNERS[kind]]
    return [replace(experiment, optimizer=name, momentum=UPDATE_RULES[name].momentum or 0.0) for name in RUNNERS[kind]]


def race_pieces(
    experiment: Experiment, kind: str, learning_rates: Sequence[float], seeds: Sequence[int]
) -> list[Experiment]:
    """All that is trained, runner by runner, as pieces of sweeps. Raises ValueError where one costs too much."""
    return [piece for one in variants(experiment, kind) for piece in pieces(one, learning_rates, seeds)]


def joined_race(
    experiment: Experiment, kind: str, learning_rates: Sequence[float], seeds: Sequence[int], done: Sequence[Piece]
) -> Race:
    """The Race of trained pieces, in the order of `race_pieces`: of the first runners, those that have all theirs."""
    of_a_runner = len(pieces(experiment, learning_rates, seeds))
    parts = [done[k : k + of_a_runner] for k in range(0, len(done) - of_a_runner + 1, of_a_runner)]
    made = zip(RUNNERS[kind], variants(experiment, kind), parts, strict=False)
    return Race(kind=kind, sweeps={name: joined(one, learning_rates, seeds, part) for name, one, part in made})


def standings(race: Race) -> pd.DataFrame:
    """Columns runner, rate, from, to, loss, sensitivity: each one's best rate and what came of it, least loss first.

    sensitivity: over `around(race)` times the runner's own best rate and as far below; nan where the sweep is too
    narrow to hold that of all.  Runners of which every rate overflowed are left out.
    """
    rows, times = [], around(race)
    for name, table in race.sweeps.items():
        at = best(table.final_loss)
        if at < 0:
            continue
        low, high = alike(table)
        loss = float(typical(table.final_loss)[at])
        rows.append((name, float(table.learning_rates[at]), low, high, loss, _sensitivity(table, at, times)))
    found = pd.DataFrame(rows, columns=["runner", "rate", "from", "to", "loss", "sensitivity"])
    return found.sort_values("loss", kind="stable", ignore_index=True)


def around(race: Race) -> float:
    """How many times its own best rate, and as far below it, each runner can be judged at; nan where that is too few.

    The same for all, as a race over one range would show whose best rate lies in the middle of it.
    """
    room = [_AROUND[1]]
    for table in race.sweeps.values():
        if (at := best(table.final_loss)) >= 0:
            rates = np.log10(table.learning_rates)
            room += [float(rates[at] - rates[0]), float(rates[-1] - rates[at])]
    return 10.0 ** min(room) if min(room) >= _AROUND[0] else math.nan


def _sensitivity(table: SweepTable, at: int, times: float) -> float:
    """`sensitivity` over the rates within `times` of the one at this place."""
    if math.isnan(times):
        return math.nan
    away = np.abs(np.log(table.learning_rates / table.learning_rates[at]))
    near = away <= math.log(times) * (1 + 1e-9)
    return sensitivity(
        replace(
            table,
            learning_rates=table.learning_rates[near],
            final_loss=table.final_loss[:, near],
            losses=table.losses[:, near],
        )
    )


def by_rate(race: Race) -> pd.DataFrame:
    """Columns runner, rate, loss: the typical final loss of each runner at each rate, where it is finite."""
    tables = [
        pd.DataFrame({"runner": name, "rate": table.learning_rates, "loss": typical(table.final_loss)})
        for name, table in race.sweeps.items()
    ]
    return _drawable(pd.concat(tables, ignore_index=True))


def by_epoch(race: Race) -> pd.DataFrame:
    """Columns runner, epoch, loss: the typical loss of each runner on its way, at the best rate of its own."""
    tables = []
    for name, table in race.sweeps.items():
        at = best(table.final_loss)
        if at >= 0:
            loss = typical(table.losses[:, at])
            tables.append(pd.DataFrame({"runner": name, "epoch": table.moments, "loss": loss}))
    empty = pd.DataFrame({"runner": [], "epoch": [], "loss": []})
    return _drawable(pd.concat(tables, ignore_index=True)) if tables else empty


def loss_axis(race: Race) -> Axis:
    """Whole decades, from the lowest loss of any runner to ten times the first."""
    first = next(iter(race.sweeps.values())).losses[:, :, 0]
    top = _HEADROOM * float(np.median(first[np.isfinite(first)])) if np.isfinite(first).any() else 1.0
    shown = by_rate(race)["loss"]
    low = max(float(shown.min()) if len(shown) else top / 100, top * 10.0**-_DEPTH)
    return whole_decades(low, top, title="loss")


def conclusion(race: Race) -> str:
    """Who won, and by how much that depends on the rate, with the numbers."""
    found = standings(race)
    if found.empty:
        return "All overflow at every rate: sweep lower ones."
    rows = found.to_dict("records")
    titles = RUNNERS[race.kind]
    lowest, rates = rows[0]["loss"], found["rate"]
    names = [titles[str(row["runner"])] for row in rows if row["loss"] <= _CLOSE * lowest]
    if len(names) > 1:
        won = f"**{', '.join(names[:-1])} and {names[-1]}** end within a factor of {_CLOSE:g} of each other"
    else:
        won = f"**{names[0]}** ends lowest, at {number(lowest)}"
    apart = two_digits(rates.max() / rates.min())
    words = (
        f"{won}, each at its own rate. These rates lie a factor of {apart} apart: at one rate for all, the race would "
    )
    words += f"show which of them that one rate suits. {_calm(race, rows)}"
    return words if race.kind == "optimizer" else f"{words} {_helps(rows)}"


def _calm(race: Race, rows: list[dict[Any, Any]]) -> str:
    """Who loses least by a rate that is not its best, each judged as far around its own."""
    if math.isnan(times := around(race)):
        return "Which suffers least from a rate that is not its best, these rates are too few around each best to tell."
    calm = RUNNERS[race.kind][str(min(rows, key=lambda row: row["sensitivity"])["runner"])]
    return (
        f"{calm} suffers least from a rate that is not its best, up to {two_digits(times)} times too low or too high."
    )


def _helps(rows: list[dict[Any, Any]]) -> str:
    """What the best schedule gains over the constant rate, both at their best."""
    constant = next((row["loss"] for row in rows if row["runner"] == "constant"), None)
    if constant is None:
        return ""
    gain = constant / rows[0]["loss"]
    if gain < _CLOSE:
        return "Here no schedule helps much: the constant rate, at its own best, ends as low."
    return f"The best schedule ends {two_digits(gain)} times lower than the constant rate at its own best."


def _drawable(table: pd.DataFrame) -> pd.DataFrame:
    kept: pd.DataFrame = table[np.isfinite(table["loss"]) & (table["loss"] > 0)].reset_index(drop=True)
    return kept
