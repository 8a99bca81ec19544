"""The scene of a sweep: all that its page draws and says, worked out once and then only sent."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.experiment import Experiment
from core.frames import Axis
from core.rates.findings import Finding, alike, best, findings, sensitivity, typical
from core.rates.sweep import SweepTable
from core.scene import Table, arrow
from core.theory import stability_limit
from core.words import number

Array = NDArray[Any]

_HEADROOM = 2  # decades above the first loss that are shown
_DEPTH = 10  # decades below the top at most


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SweepScene:
    """A sweep ready to be drawn; the tables are those that core/rates/sweep_charts.py names.

    moments: the epochs the scrubber stops at.  rates, losses: the axes.  limit: the predicted one, None where unknown.
    curve (epoch, rate, low, typical, high, words): over the seeds, where finite.
    held_out (epoch, rate, loss): the typical loss on rows held out; empty where there are none.
    gone (epoch, rate): rates at which half of the seeds or more have overflowed, or left the chart above.
    best (epoch, rate, loss, from, to, words): the best rate at that budget, and the stretch that can't be told from it.
    """

    table: SweepTable
    moments: tuple[int, ...]
    rates: Axis
    losses: Axis
    limit: float | None
    curve: Table
    held_out: Table
    gone: Table
    best: Table
    findings: tuple[Finding, ...]
    sensitivity: float


def sweep_scene(experiment: Experiment, table: SweepTable) -> SweepScene:
    """Everything the sweep page draws of a table swept from this experiment."""
    heights, axis = typical(table.losses), _loss_axis(table)
    return SweepScene(
        table=table,
        moments=tuple(table.moments.tolist()),
        rates=Axis(low=float(table.learning_rates[0]), high=float(table.learning_rates[-1])),
        losses=axis,
        limit=_limit(experiment),
        curve=arrow(_curve(table, heights, axis)),
        held_out=arrow(_held_out(table, axis)),
        gone=arrow(_gone(table, heights, axis)),
        best=arrow(_best(table, heights, axis)),
        findings=findings(table),
        sensitivity=sensitivity(table),
    )


def _limit(experiment: Experiment) -> float | None:
    """2 / lmax where the loss is a quadratic and every step sees all of it."""
    if not experiment.quadratic or experiment.steps_per_epoch > 1:
        return None
    try:
        return stability_limit(experiment)
    except ValueError:  # of an update rule whose limit is not known
        return None


def _loss_axis(table: SweepTable) -> Axis:
    """Whole decades: from the lowest loss at any moment to the first loss and some way above."""
    shown = table.losses[np.isfinite(table.losses) & (table.losses > 0)]
    if not shown.size:
        return Axis(low=1e-3, high=1.0)
    first = table.losses[:, :, 0]
    top = min(float(shown.max()), float(np.median(first[np.isfinite(first)])) * 10.0**_HEADROOM)
    high = math.ceil(math.log10(top) + 1e-9)
    low = max(math.floor(math.log10(shown.min())), high - _DEPTH)
    return Axis(low=10.0 ** min(low, high - 1), high=10.0**high)


def _rows(table: SweepTable) -> dict[str, Array]:
    """The columns epoch and rate of one row for each moment and rate, moment by moment."""
    moments, rates = table.moments, table.learning_rates
    return {"epoch": np.repeat(moments, len(rates)), "rate": np.tile(rates, len(moments))}


def _curve(table: SweepTable, heights: Array, axis: Axis) -> pd.DataFrame:
    losses = np.where(np.isnan(table.losses), np.inf, table.losses)
    rows = pd.DataFrame(
        {
            **_rows(table),
            "low": np.clip(losses.min(axis=0), axis.low, axis.high).T.ravel(),
            "typical": heights.T.ravel(),
            "high": np.clip(losses.max(axis=0), axis.low, axis.high).T.ravel(),
            "words": [number(value) for value in heights.T.ravel()],
        }
    )
    kept: pd.DataFrame = rows[np.isfinite(rows["typical"]) & (rows["typical"] > 0)]
    return kept


def _held_out(table: SweepTable, axis: Axis) -> pd.DataFrame:
    if table.test_losses is None:
        return pd.DataFrame({"epoch": [], "rate": [], "loss": []})
    rows = pd.DataFrame({**_rows(table), "loss": typical(table.test_losses).T.ravel()})
    kept: pd.DataFrame = rows[np.isfinite(rows["loss"]) & (rows["loss"] > 0)]
    return kept


def _gone(table: SweepTable, heights: Array, axis: Axis) -> pd.DataFrame:
    away = ~(heights <= axis.high).T.ravel()
    rows = pd.DataFrame(_rows(table))
    kept: pd.DataFrame = rows[away]
    return kept


def _best(table: SweepTable, heights: Array, axis: Axis) -> pd.DataFrame:
    rows = []
    for k, epoch in enumerate(table.moments):
        at = best(table.losses[:, :, k])
        if at < 0 or epoch == 0:  # before the first step all rates are the same
            continue
        low, high = alike(table, k)
        rate, loss = float(table.learning_rates[at]), float(heights[at, k])
        rows.append((int(epoch), rate, max(loss, axis.low), low, high, f"best {number(rate)}"))
    return pd.DataFrame(rows, columns=["epoch", "rate", "loss", "from", "to", "words"])
