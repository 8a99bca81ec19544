"""A lane: one learning rate of a run, with its verdict and the tables its charts are drawn from."""

import math
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ..diagnosis.rules import Diagnosis
from ..diagnosis.verdicts import diagnose
from ..training.history import History
from ..words import LANE_LETTERS
from . import frames
from .axes import Axis
from .frames import Columns
from .tables import Table, arrow

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


def _readings(meter: np.ndarray) -> tuple[float, float]:
    """(typical, largest) of the readable values of a meter (epochs,)."""
    meter = meter[np.isfinite(meter)]
    if not meter.size:
        return math.nan, math.nan
    return float(np.median(meter[3 * len(meter) // 4 :])), float(meter.max())


def _of_each_lane(columns: Columns) -> dict[str, Columns]:
    """The columns of each lane that has rows."""
    letters = columns["lane"]
    rows = {letter: letters == letter for letter in dict.fromkeys(letters)}
    return {letter: {name: values[here] for name, values in columns.items()} for letter, here in rows.items()}


def lanes(history: History, losses: Axis) -> tuple[Lane, ...]:
    """A Lane for each learning rate of a run, on this axis of losses."""
    curves, exits = _of_each_lane(frames.curves(history, losses)), _of_each_lane(frames.exits(history, losses))
    made: list[Lane] = []
    for letter, diagnosis in zip(LANE_LETTERS, diagnose(history), strict=False):
        typical, largest = _readings(history.meter[len(made)])
        curve, leaving = curves[letter], exits.get(letter)
        made.append(
            Lane(
                diagnosis=diagnosis,
                curve=arrow({name: curve[name] for name in ("epoch", "loss")}),
                meter=arrow({name: curve[name] for name in ("epoch", "meter")}),
                exit=arrow({name: leaving[name] for name in ("epoch", "loss", "words")}) if leaving else _NO_EXIT,
                typical=typical,
                largest=largest,
                left=(int(leaving["left"][0]), bool(leaving["loss"][0] <= losses.low)) if leaving else None,
            )
        )
    return tuple(made)
