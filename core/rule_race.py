"""The race of the update rules: each at its own best rate, found by a sweep of the same rates for all.

At one rate for all a race would only show whom that rate suits: Adam's best is often a hundredth of plain descent's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.experiment import Experiment
from core.frames import Axis
from core.optimizers import UPDATE_RULES
from core.sweep import Piece, SweepTable, joined, pieces
from core.sweep_findings import alike, best, sensitivity, typical
from core.words import number, two_digits

Array = NDArray[Any]

RULES = tuple(UPDATE_RULES)  # the order of the lines
_HEADROOM, _DEPTH = 10.0, 8  # times the first loss; decades below that: what is shown
_CLOSE = 1.5  # times the best loss: rules this near are not told apart


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RuleRace:
    """The sweeps (SweepTable) of all rules, by name, in the order of RULES."""

    sweeps: dict[str, SweepTable]


def variants(experiment: Experiment) -> list[Experiment]:
    """The experiment under each rule, with the momentum that is usual for it."""
    return [replace(experiment, optimizer=name, momentum=UPDATE_RULES[name].momentum or 0.0) for name in RULES]


def race_pieces(experiment: Experiment, learning_rates: Sequence[float], seeds: Sequence[int]) -> list[Experiment]:
    """All that is trained, rule by rule, as pieces of sweeps. Raises ValueError where one costs too much."""
    return [piece for one in variants(experiment) for piece in pieces(one, learning_rates, seeds)]


def joined_race(
    experiment: Experiment, learning_rates: Sequence[float], seeds: Sequence[int], done: Sequence[Piece]
) -> RuleRace:
    """The RuleRace of all trained pieces, in the order of `race_pieces`."""
    each = len(done) // len(RULES)
    parts = [done[k * each : (k + 1) * each] for k in range(len(RULES))]
    made = zip(RULES, variants(experiment), parts, strict=True)
    return RuleRace(sweeps={name: joined(one, learning_rates, seeds, part) for name, one, part in made})


def standings(race: RuleRace) -> pd.DataFrame:
    """Columns rule, rate, from, to, loss, sensitivity: of each rule its best rate and what came of it, best loss first.

    Rules of which every rate overflowed are left out.
    """
    rows = []
    for name, table in race.sweeps.items():
        at = best(table.final_loss)
        if at < 0:
            continue
        low, high = alike(table)
        loss = float(typical(table.final_loss)[at])
        rows.append((name, float(table.learning_rates[at]), low, high, loss, sensitivity(table)))
    found = pd.DataFrame(rows, columns=["rule", "rate", "from", "to", "loss", "sensitivity"])
    return found.sort_values("loss", kind="stable", ignore_index=True)


def by_rate(race: RuleRace) -> pd.DataFrame:
    """Columns rule, rate, loss: the typical final loss of each rule at each rate, where it is finite."""
    tables = [
        pd.DataFrame({"rule": name, "rate": table.learning_rates, "loss": typical(table.final_loss)})
        for name, table in race.sweeps.items()
    ]
    return _drawable(pd.concat(tables, ignore_index=True))


def by_epoch(race: RuleRace) -> pd.DataFrame:
    """Columns rule, epoch, loss: the typical loss of each rule on its way, at the best rate of its own."""
    tables = []
    for name, table in race.sweeps.items():
        at = best(table.final_loss)
        if at >= 0:
            loss = typical(table.losses[:, at])
            tables.append(pd.DataFrame({"rule": name, "epoch": table.moments, "loss": loss}))
    empty = pd.DataFrame({"rule": [], "epoch": [], "loss": []})
    return _drawable(pd.concat(tables, ignore_index=True)) if tables else empty


def loss_axis(race: RuleRace) -> Axis:
    """Whole decades, from the lowest loss of any rule to ten times the first."""
    first = next(iter(race.sweeps.values())).losses[:, :, 0]
    top = _HEADROOM * float(np.median(first[np.isfinite(first)])) if np.isfinite(first).any() else 1.0
    shown = by_rate(race)["loss"]
    low = max(float(shown.min()) if len(shown) else top / 100, top * 10.0**-_DEPTH)
    return Axis(low=float(10.0 ** np.floor(np.log10(low))), high=float(10.0 ** np.ceil(np.log10(top))))


def moral(race: RuleRace) -> str:
    """Who won, and by how much that depends on the rate, with the numbers."""
    found = standings(race)
    if found.empty:
        return "Every rule overflows at every rate: sweep lower ones."
    rows = found.to_dict("records")
    lowest, rates = rows[0]["loss"], found["rate"]
    names = [UPDATE_RULES[str(row["rule"])].title for row in rows if row["loss"] <= _CLOSE * lowest]
    if len(names) > 1:
        won = f"**{', '.join(names[:-1])} and {names[-1]}** end within a factor of {_CLOSE:g} of each other"
    else:
        won = f"**{names[0]}** ends lowest, at {number(lowest)}"
    calm = UPDATE_RULES[str(min(rows, key=lambda row: row["sensitivity"])["rule"])].title
    return (
        f"{won}, each at its own rate. These rates lie a factor of {two_digits(rates.max() / rates.min())} "
        f"apart: at one rate for all, the race would show whom that rate suits. {calm} suffers least from a rate "
        "that is not its best."
    )


def _drawable(table: pd.DataFrame) -> pd.DataFrame:
    kept: pd.DataFrame = table[np.isfinite(table["loss"]) & (table["loss"] > 0)].reset_index(drop=True)
    return kept
