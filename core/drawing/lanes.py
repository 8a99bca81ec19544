"""A lane: one learning rate of a run, with its verdict and the tables its charts are drawn from."""

import math
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ..diagnosis.curve import median
from ..diagnosis.rules import Diagnosis
from ..diagnosis.verdicts import diagnose, is_plain
from ..experiment.experiment import Experiment
from ..training.history import History
from ..words import LANE_LETTERS, ZONES, number
from . import frames
from .axes import Axis
from .frames import Columns
from .tables import Table, arrow

_METER = (
    "Learning rate times curvature along the step, at its largest. Below 1: small and steady. From 1 to 2: each step "
    "jumps past the minimum, yet lands lower. Above 2: each step lands higher. The largest reading shows the steepest "
    "direction."
)
_METER_NETWORK = (
    "Learning rate times curvature along the step: first its median over the last quarter. A network's curvature "
    "changes while it learns, so single steps may read above 2, where they land higher, and the run may still be well."
)
_METER_OTHERWISE = (
    "2 (1 − actual decrease / decrease the gradient promised), of each step. Above 2 a step lands higher than it "
    "began. With momentum or mini-batches a step is not that of the whole gradient alone, so single readings may jump "
    "and even fall below 0."
)
_AT_LIMIT = 1e-3  # so near 2 a step lands as high as it began
_HEADINGS = {"low": "Too low", "good": "Good", "high": "Too high"}
_NO_EXIT = pa.table(
    {"epoch": pa.array([], pa.float64()), "loss": pa.array([], pa.float64()), "words": pa.array([], pa.string())}
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lane:
    """One learning rate. curve (epoch, loss), meter (epoch, meter), exit (epoch, loss, words): its tables.

    typical, largest: the meter's median over the last quarter of the run and its largest reading, nan where rounding
    hides it all.
    left: the epoch its curve left the chart, and whether it fell out below; None where it did not.
    """

    diagnosis: Diagnosis
    curve: Table
    meter: Table
    exit: Table
    typical: float
    largest: float
    left: tuple[int, bool] | None


def heading(diagnosis: Diagnosis) -> str:
    """What a lane's card is headed: its role in a word or two; the title where the trouble is not the rate, or the
    rate is at its limit.
    """
    return diagnosis.title if diagnosis.label in ("edge", "slow") else _HEADINGS.get(diagnosis.role, diagnosis.title)


def about_meter(experiment: Experiment) -> str:
    """What the meter is."""
    if not is_plain(experiment):
        return _METER_OTHERWISE
    return _METER if experiment.quadratic else _METER_NETWORK


def meter_in_words(experiment: Experiment, lane: Lane) -> str:
    """What a lane's meter reads, in Markdown."""
    if math.isnan(lane.largest):
        return "not readable: no step, or lost in rounding"
    if not is_plain(experiment):
        return f"typically **{number(lane.typical)}**"
    if not experiment.quadratic:
        return f"typically **{number(lane.typical)}**, most {number(lane.largest)}"
    at_limit = abs(lane.largest - 2) < _AT_LIMIT
    zone = "at the limit" if at_limit else ZONES[min(2, max(0, math.floor(lane.largest)))]
    return f"**{number(max(lane.largest, 0.0))}** · {zone}"


def curve_in_words(rate: float, loss: np.ndarray, diagnosis: Diagnosis) -> str:
    """A loss curve (epochs + 1,) for who can't see it: its rate, its ends, and what it does."""
    return (
        f"Loss against epoch at learning rate {number(rate)}: from {number(loss[0])} to {number(loss[-1])}. "
        f"{diagnosis.reason}"
    )


def readings(meter: np.ndarray) -> tuple[float, float]:
    """(typical, largest) of the readable values of a meter (epochs,)."""
    meter = meter[np.isfinite(meter)]
    if not meter.size:
        return math.nan, math.nan
    return median(meter[3 * len(meter) // 4 :]), float(meter.max())


def _of_each_lane(columns: Columns, lanes: int) -> list[Columns]:
    """The rows of each lane: none of one whose loss is 0 from the start, which no logarithmic axis shows."""
    rows = [columns["lane"] == letter for letter in LANE_LETTERS[:lanes]]
    return [{name: values[here] for name, values in columns.items()} for here in rows]


def _meter(curve: Columns, meter: np.ndarray) -> Columns:
    """Columns epoch, meter: the curve's, which is thinned, and the largest reading (epochs,) in its place."""
    epochs, shown = curve["epoch"], curve["meter"]
    if np.isfinite(meter).any():
        peak = int(np.argmax(np.where(np.isfinite(meter), meter, -np.inf)))
        place = int(np.searchsorted(epochs, peak + 1))
        if peak + 1 not in epochs:
            epochs, shown = np.insert(epochs, place, peak + 1), np.insert(shown, place, meter[peak])
    return {"epoch": epochs, "meter": shown}


def lanes(history: History, losses: Axis) -> tuple[Lane, ...]:
    """A Lane for each learning rate of a run, on this axis of losses."""
    count = len(history.loss)
    curves = _of_each_lane(frames.curves(history, losses), count)
    exits = _of_each_lane(frames.exits(history, losses), count)
    made: list[Lane] = []
    for curve, leaving, diagnosis, meter in zip(curves, exits, diagnose(history), history.meter, strict=True):
        typical, largest = readings(meter)
        leaves = bool(len(leaving["lane"]))
        made.append(
            Lane(
                diagnosis=diagnosis,
                curve=arrow({name: curve[name] for name in ("epoch", "loss")}),
                meter=arrow(_meter(curve, meter)),
                exit=arrow({name: leaving[name] for name in ("epoch", "loss", "words")}) if leaves else _NO_EXIT,
                typical=typical,
                largest=largest,
                left=(int(leaving["left"][0]), bool(leaving["loss"][0] <= losses.low)) if leaves else None,
            )
        )
    return tuple(made)
