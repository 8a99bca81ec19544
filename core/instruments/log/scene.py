"""Tables to draw the runs of a log by, for core/instruments/log/charts.py, and what their rates say side by side."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy import ndarray as Array

from ...drawing.axes import Axis, positive, whole_decades
from ...drawing.tables import arrow
from ...training.history import thin
from ...words import LANE_LETTERS, number
from .reading import Reading, final_loss
from .run import Run
from .verdict import step_words

Table: TypeAlias = pa.Table

_POINTS = 1500  # points of all curves of a chart together
_RISEN = 10.0  # times the first loss: a run that rises no further is drawn whole
_LOG_FROM = 30.0  # times: losses that span more are drawn on a log axis
_HEADROOM = 1e4  # times the first loss: as high as a chart goes, so that a start can still be seen
_DOTS = 25  # on a validation curve: enough to tell it, too few to cover it
_HIGHEST = 1e300  # a chart's axis must have room above
_DEPTH = 1e-12  # of the top: below lies rounding


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """Final loss against learning rate, of the runs that keep one rate.

    table: (lane, rate, loss, words, off), loss on the axis, off where it lies beyond.  words: which was best.
    """

    table: Table
    rates: Axis
    losses: Axis
    words: str


def compare(readings: Sequence[Reading]) -> Comparison | None:
    """The Comparison of runs at two or more constant rates, None where there are none."""
    kept = [(k, each.run.rate, final_loss(each.run)) for k, each in enumerate(readings) if each.run.rate is not None]
    rates = np.array([rate for _, rate, _ in kept], float)
    if len(np.unique(rates)) < 2:
        return None
    finals = np.array([final for _, _, final in kept])
    axis = _loss_axis([finals], [_first(readings[k].run.loss) for k, _, _ in kept])
    shown = np.clip(np.where(np.isfinite(finals), finals, axis.high), axis.low, axis.high)
    table = pd.DataFrame(
        {
            "lane": [LANE_LETTERS[k] for k, _, _ in kept],
            "rate": rates,
            "loss": shown,
            "words": [number(final) if math.isfinite(final) else "no finite loss" for final in finals],
            "off": ~axis.holds(finals),
        }
    )
    words = _best([LANE_LETTERS[k] for k, _, _ in kept], rates, finals)
    ends = {each.run.steps[-1] for each in readings if each.run.rate is not None}
    if len(ends) > 1 and np.isfinite(finals).any():
        words += " They do not end at the same step, so compare with care."
    return Comparison(
        table=arrow(table),
        rates=Axis(low=float(rates.min()) / 2, high=min(float(rates.max()), _HIGHEST) * 2, scale="log"),
        losses=replace(axis, title="final loss"),
        words=words,
    )


def _best(letters: list[str], rates: Array, finals: Array) -> str:
    if not np.isfinite(finals).any():
        return f"None of these rates ends at a finite loss: try a tenth of the lowest, {number(rates.min() / 10)}."
    best = int(np.argmin(finals))
    rate = rates[best]
    words = (
        f"Of {len(np.unique(rates))} rates, {number(rate)} ended lowest: {number(finals[best])}, run {letters[best]}."
    )
    for end, side, further in ((rates.max(), "highest", 3 * rate), (rates.min(), "lowest", rate / 3)):
        if rate == end:
            return f"{words} It is the {side} one tried, so the best may lie beyond: try {number(further)} as well."
    return f"{words} It lies inside the range tried, with worse ones on both sides, so the best is not far."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """All that is drawn of some readings.

    tables, smoothed: lanes (lane, step, loss), marks (lane, step, loss), exits (lane, step, loss, down, words, row);
    test (lane, step, loss, dot) in `tables`.  rates: lanes (lane, step, rate), marks (lane, step, rate), None where no
    run has any; varied: whether one changes its rate on the way; rate_axis: its axis.
    """

    roles: tuple[str, ...]
    steps: Axis
    losses: Axis
    tables: dict[str, Table]
    smoothed: dict[str, Table]
    held_out: bool
    rates: dict[str, Table] | None
    varied: bool
    rate_axis: Axis


def picture(readings: Sequence[Reading], factor: float) -> Picture:
    """The Picture of up to 8 readings.  factor: of the moving average, 0 to below 1."""
    runs = [each.run for each in readings]
    held = [run.validation for run in runs if run.validation is not None]
    losses = _loss_axis([*(run.loss for run in runs), *held], [_first(run.loss) for run in runs])
    points = max(100, _POINTS // len(runs))
    low, high = min(run.steps[0] for run in runs), max(run.steps[-1] for run in runs)
    counted = {run.axis for run in runs}
    steps = Axis(
        low=float(low),
        high=float(high if high > low else low + 1),
        title=counted.pop() if len(counted) == 1 else "step",
    )
    rates = [(k, run.steps, run.learning_rate) for k, run in enumerate(runs) if run.learning_rate is not None]
    told = np.concatenate([values for _, _, values in rates] or [np.ones(1)])
    tables = _tables([(run.steps, run.loss) for run in runs], losses, points, runs[0].axis)
    tables["test"] = arrow(_held_out(runs, losses, points // 2))
    smooth = [(run.steps[: len(ema)], ema) for run in runs for ema in [moving_average(run.loss, factor)]]
    return Picture(
        roles=tuple(each.diagnosis.role for each in readings),
        steps=steps,
        losses=losses,
        tables=tables,
        smoothed=_tables(smooth, losses, points, runs[0].axis),
        held_out=bool(held),
        rates=_rate_tables(rates, len(runs), points) if rates else None,
        varied=any(run.learning_rate is not None and run.rate is None for run in runs),
        rate_axis=_rate_axis(told),
    )


def _rate_tables(rates: Sequence[tuple[int, Array, Array]], count: int, points: int) -> dict[str, Table]:
    everything = Axis(low=-math.inf, high=math.inf)
    lanes = _curves(rates, everything, points, "rate")
    return {"lanes": arrow(lanes), "marks": arrow(_marks(lanes, everything, count, "rate"))}


def _held_out(runs: Sequence[Run], axis: Axis, points: int) -> pd.DataFrame:
    """Columns lane, step, loss, dot: validation losses, and which of them carry a dot."""
    series = [
        (k, run.validation_steps, run.validation)
        for k, run in enumerate(runs)
        if run.validation_steps is not None and run.validation is not None
    ]
    table = _curves(series, axis, points)
    place, size = table.groupby("lane").cumcount(), table.groupby("lane")["lane"].transform("size")
    return table.assign(dot=place % np.maximum(size.astype(int) // _DOTS, 1) == 0)


def moving_average(loss: Array, factor: float) -> Array:
    """(k,) the exponential moving average of loss (n,), up to the first that is not finite (k <= n).

    m_t = factor m_(t-1) + (1 - factor) loss_t, divided by 1 - factor^t so that it does not begin at 0: what
    TensorBoard draws.  factor: 0 (the loss itself) to below 1.
    """
    finite = np.isfinite(loss)
    end = len(loss) if finite.all() else int(finite.argmin())
    return np.asarray(pd.Series(loss[:end]).ewm(alpha=1 - factor).mean())


def _first(loss: Array) -> float:
    finite = loss[np.isfinite(loss)]
    return float(finite[0]) if finite.size else math.nan


def _loss_axis(losses: Sequence[Array], first: Sequence[float]) -> Axis:
    """An axis for all of these losses.

    From 0, so that what is flat looks flat; logarithmic, in whole decades, where losses span more than 30-fold.
    """
    values = np.concatenate(losses)
    finite = values[np.isfinite(values)]
    starts = [value for value in first if math.isfinite(value)]
    if not finite.size or not starts:
        return Axis(low=0.0, high=1.0, title="loss")
    start, low, high = max(starts), float(finite.min()), float(finite.max())
    if low >= 0 and (above := positive(finite)).size and start > 0:
        top = min(high, start * _HEADROOM)
        if top > _LOG_FROM * above.min():
            return whole_decades(max(float(above.min()), top * _DEPTH, 1e-300), top, title="loss", labels=5)
    top = min(high, max(start + 10 * (start - low), _RISEN * start)) if start > low else high
    # Where a run ends in no number, its mark and words need room above the curves.
    share = 0.05 if np.isfinite(values).all() else 0.25
    room = share * top - share * min(low, 0.0) or 1.0
    return Axis(low=low - room if low < 0 else 0.0, high=top + room, title="loss")


def _rate_axis(rates: Array) -> Axis:
    """Logarithmic where rates above 0 span more than 30-fold, else from 0."""
    low, high = float(rates.min()), min(float(rates.max()), _HIGHEST)
    if low > 0 and rates.max() > _LOG_FROM * low:
        return Axis(low=low / 1.5, high=high * 1.5, title="learning rate", scale="log", labels=5)
    return Axis(low=min(low, 0.0), high=1.1 * high if high > 0 else 1.0, title="learning rate")


def _tables(series: list[tuple[Array, Array]], axis: Axis, points: int, name: str) -> dict[str, Table]:
    lanes = _curves([(k, *each) for k, each in enumerate(series)], axis, points)
    return {
        "lanes": arrow(lanes),
        "marks": arrow(_marks(lanes, axis, len(series))),
        "exits": arrow(_exits(series, axis, name)),
    }


def _curves(series: Sequence[tuple[int, Array, Array]], axis: Axis, points: int, value: str = "loss") -> pd.DataFrame:
    """Columns lane, step, loss: thinned without losing a peak; the stroke that leaves the axis is kept, then a gap."""
    tables = []
    for lane, steps, values in series:
        off = np.flatnonzero(~axis.holds(values))
        kept = thin(values, points)
        if off.size:
            kept = np.union1d(kept, [max(0, off[0] - 1), off[0]])
        drawn = np.where(np.isfinite(values[kept]) & ((values[kept] > 0) | (not axis.log)), values[kept], np.nan)
        tables.append(pd.DataFrame({"lane": LANE_LETTERS[lane], "step": steps[kept], value: drawn}))
    columns = ["lane", "step", value]
    return (
        pd.concat(tables, ignore_index=True)[columns]
        if tables
        else pd.DataFrame(columns=columns).astype({"lane": str, "step": float, value: float})
    )


def _marks(lanes: pd.DataFrame, axis: Axis, count: int, value: str = "loss") -> pd.DataFrame:
    """Columns lane, step and the value: where each curve carries its letter, further right from curve to curve."""
    rows = []
    for k, letter in enumerate(LANE_LETTERS[:count]):
        seen = lanes[(lanes["lane"] == letter) & axis.holds(lanes[value].to_numpy())]
        if len(seen):
            span = seen["step"].iloc[0] + (k + 1) / (count + 1) * (seen["step"].iloc[-1] - seen["step"].iloc[0])
            rows.append(seen.iloc[int((seen["step"] - span).abs().to_numpy().argmin())])
    return pd.DataFrame(rows, columns=lanes.columns).astype(lanes.dtypes.to_dict())


def _exits(series: list[tuple[Array, Array]], axis: Axis, name: str) -> pd.DataFrame:
    """Columns lane, step, loss, down, words, row: where each curve first leaves the chart, on the edge it leaves by."""
    rows: list[dict[str, Any]] = []
    for k, (steps, loss) in enumerate(series):
        off = np.flatnonzero(~axis.holds(loss))
        if not off.size:
            continue
        first = int(off[0])
        down = bool(loss[first] < axis.low)
        edge = axis.low if down else axis.high
        how = "no number from" if np.isnan(loss[first]) else "below at" if down else "left at"
        words = f"{LANE_LETTERS[k]} {how} {name} {step_words(steps[first])}"
        at = _crossing(steps, loss, first, edge, axis.log)
        rows.append({"lane": LANE_LETTERS[k], "step": at, "loss": edge, "down": down, "words": words, "row": len(rows)})
    table = pd.DataFrame(rows, columns=["lane", "step", "loss", "down", "words", "row"])
    return table.astype({"lane": str, "step": float, "loss": float, "down": bool, "words": str, "row": int})


def _crossing(steps: Array, loss: Array, first: int, edge: float, log: bool) -> float:
    """Where the drawn line meets the edge; at the last point before it where it has no end to be drawn to."""
    if first == 0:
        return float(steps[0])
    before, after = loss[first - 1], loss[first]
    if not np.isfinite(after) or (log and after <= 0):
        return float(steps[first - 1])
    ends = np.log([before, edge, after]) if log else np.array([before, edge, after])
    part = (ends[1] - ends[0]) / (ends[2] - ends[0])
    return float(steps[first - 1] + part * (steps[first] - steps[first - 1]))
