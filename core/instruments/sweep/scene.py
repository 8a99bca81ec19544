"""The scene of a sweep: all that its page draws and says, worked out once and then only sent."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from ...diagnosis.theory import overshoot_limit, predictable, stability_limit
from ...drawing.axes import Axis, positive, whole_decades
from ...drawing.tables import Table, arrow
from ...drawing.zones import limit_table, zone_table
from ...experiment.experiment import Experiment
from ...words import number
from .findings import Finding, alike, best, findings, sensitivity, typical
from .sweep import SweepTable

_HEADROOM = 2  # decades above the first loss that are shown
_DEPTH = 10  # decades below the top at most
_ROOM = 4  # below the lowest loss, where the best rate is named


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SweepScene:
    """A sweep ready to be drawn; the tables are those that core/instruments/sweep/charts.py names.

    moments: the epochs the play bar stops at.  rates, losses: the axes.
    zones (from, to, zone), limits (rate, words, row): what theory says of the rates; None and empty where it does not.
    curve (epoch, rate, low, typical, high, words): over the seeds, where finite.
    lowest (epoch, rate, loss): the typical lowest loss of all epochs so far.
    held_out (epoch, rate, loss): the typical loss on rows held out; empty where there are none.
    gone (epoch, rate, left): rates at which half of the seeds or more have overflowed, or left the chart above,
        by the moment left.
    best (epoch, rate, loss, from, to, words): the best rate at that budget, and the stretch that can't be told from it.
    """

    table: SweepTable
    moments: tuple[int, ...]
    rates: Axis
    losses: Axis
    zones: Table | None
    limits: Table
    curve: Table
    lowest: Table
    held_out: Table
    gone: Table
    best: Table
    findings: tuple[Finding, ...]
    sensitivity: float

    def departures(self) -> str:
        """Which rates are off the chart after the last epoch, and by when they left it; "" for none."""
        gone = [row for row in self.gone.to_pylist() if row["epoch"] == self.moments[-1]]
        if not gone:
            return ""
        rates, left = ([row[name] for row in gone] for name in ("rate", "left"))
        if len(gone) == 1:
            return f"The loss at rate {number(rates[0])} left the chart by epoch {left[0]:,}."
        when = f"by epoch {left[0]:,}" if len({*left}) == 1 else f"between epoch {min(left):,} and {max(left):,}"
        between = f"{number(min(rates))} and {number(max(rates))}"
        return f"The losses of {len(gone)} rates, between {between}, left the chart {when}."


def sweep_scene(experiment: Experiment, table: SweepTable) -> SweepScene:
    """Everything the sweep page draws of a table swept from this experiment."""
    heights, axis = typical(table.losses), _loss_axis(table)
    rates = Axis(low=float(table.learning_rates[0]), high=float(table.learning_rates[-1]))
    limit = _limit(experiment)
    return SweepScene(
        table=table,
        moments=tuple(table.moments.tolist()),
        rates=rates,
        losses=axis,
        zones=None if limit is None else arrow(zone_table(rates, overshoot_limit(experiment), limit)),
        limits=arrow(_limits(rates, limit)),
        curve=arrow(_curve(table, heights, axis)),
        lowest=arrow(_medians(table, table.lowest)),
        held_out=arrow(_medians(table, table.test_losses)),
        gone=arrow(_gone(table, heights, axis)),
        best=arrow(_best(table, heights, axis)),
        findings=findings(table),
        sensitivity=sensitivity(table),
    )


def _limit(experiment: Experiment) -> float | None:
    """The largest stable rate where theory knows it: of a predictable run whose every step sees all points."""
    full = experiment.steps_per_epoch == 1
    return stability_limit(experiment) if full and predictable(experiment) else None


def _limits(rates: Axis, limit: float | None) -> pd.DataFrame:
    shown = limit_table(math.nan if limit is None else limit)
    kept: pd.DataFrame = shown[rates.holds(shown["rate"].to_numpy())]
    return kept


def _loss_axis(table: SweepTable) -> Axis:
    """Whole decades: from the lowest loss of any epoch to the first loss and some way above."""
    reached = np.concatenate([table.losses, table.lowest])
    shown = positive(reached)
    if not shown.size:
        return whole_decades(1e-3, 1.0)
    first = table.losses[:, :, 0]
    top = min(float(shown.max()), float(np.median(first[np.isfinite(first)])) * 10.0**_HEADROOM)
    # Below the lowest is room for the words of the best rate.
    return whole_decades(float(shown.min()) / _ROOM, top * (1 + 1e-9), least=1, most=_DEPTH)


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


def _medians(table: SweepTable, losses: Array | None) -> pd.DataFrame:
    """The typical ones of some losses (S, R, K), where there are any and they can be drawn."""
    if losses is None:
        return pd.DataFrame({"epoch": [], "rate": [], "loss": []})
    rows = pd.DataFrame({**_rows(table), "loss": typical(losses).T.ravel()})
    kept: pd.DataFrame = rows[np.isfinite(rows["loss"]) & (rows["loss"] > 0)]
    return kept


def _gone(table: SweepTable, heights: Array, axis: Axis) -> pd.DataFrame:
    away = ~(heights <= axis.high)
    first = np.asarray(table.moments)[away.argmax(axis=1)]  # (R,) where a rate is away at all
    rows = pd.DataFrame({**_rows(table), "left": np.tile(first, len(table.moments))})
    kept: pd.DataFrame = rows[away.T.ravel()]
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
