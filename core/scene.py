"""The scene: all that a page draws of one run, worked out once and then only sent.

History -> diagnoses, axes and tables. Tables are Arrow, in 32 bits where that is enough to draw: a page
then sends them as they are, where a DataFrame would be converted again at every rerun.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
import pyarrow as pa

from core import frames
from core.diagnosis import Diagnosis
from core.experiment import Experiment
from core.frames import Axis, Box, Columns
from core.history import History
from core.problems import Problem, problem
from core.ruler import Ruler
from core.verdicts import diagnose
from core.words import LANE_LETTERS

Table: TypeAlias = pa.Table
_DRAWABLE = 1e30  # beyond this a 32 bit number has no room
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """A run with its ruler, ready to be drawn; the tables are those that core/charts.py names."""

    history: History
    lanes: tuple[Lane, ...]
    roles: tuple[str, ...]
    moments: tuple[int, ...]
    losses: Axis
    ruler: Ruler
    ruler_losses: Axis
    ruler_tables: dict[str, Table]
    data_axes: tuple[Axis, Axis]
    data_tables: dict[str, Table]
    box: Box
    contour_tables: dict[str, Table]
    weights: Axis
    weight_tables: dict[str, Table]


def scene(history: History, ruler: Ruler) -> Scene:
    """Everything a page draws of a run and its ruler."""
    experiment = history.experiment
    losses, weights, ground = frames.loss_axis(history), frames.weight_axis(history), _ground(experiment)
    ruler_losses = ruler.losses(losses)
    made = lanes(history, losses)
    return Scene(
        history=history,
        lanes=made,
        roles=tuple(lane.diagnosis.role for lane in made),
        moments=tuple(frames.moments(experiment.epochs)),
        losses=losses,
        ruler=ruler,
        ruler_losses=ruler_losses,
        ruler_tables={**_ruler_tables(ruler, ruler_losses), "lanes": arrow(ruler.lanes(history, ruler_losses))},
        data_axes=ground.data_axes,
        data_tables={"points": ground.points, "fits": arrow(frames.fits(history))},
        box=ground.box,
        contour_tables={
            "contours": ground.contours,
            "paths": arrow(frames.paths(history, ground.box)),
            "places": ground.places,
        },
        weights=weights,
        weight_tables={"weights": arrow(frames.weights(history, weights))},
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ground:
    """What no learning rate changes in the pictures: the data, and the loss over (w, b)."""

    data_axes: tuple[Axis, Axis]
    points: Table
    box: Box
    contours: Table
    places: Table


_GROUNDS: WeakKeyDictionary[Problem, _Ground] = WeakKeyDictionary()  # gone when their problem is


def _ground(experiment: Experiment) -> _Ground:
    task = problem(experiment)
    if task not in _GROUNDS:
        box = frames.contour_box(experiment)
        rings = frames.contours(experiment, box)
        _GROUNDS[task] = _Ground(
            data_axes=frames.data_axes(experiment),
            points=arrow(frames.points(experiment)),
            box=box,
            contours=arrow({name: rings[name] for name in ("level", "w", "b")}),
            places=arrow(frames.places(experiment)),
        )
    return _GROUNDS[task]


_RULERS: WeakKeyDictionary[Ruler, dict[Axis, dict[str, Table]]] = WeakKeyDictionary()  # gone when their ruler is


def _ruler_tables(ruler: Ruler, losses: Axis) -> dict[str, Table]:
    """All but the lanes, whose rates may change between the ends of a ruler and leave it as it is."""
    made = _RULERS.setdefault(ruler, {})
    if losses not in made:
        made[losses] = {
            "sweep": arrow(ruler.curve(losses)),
            "zones": arrow(ruler.zones()),
            "limits": arrow(ruler.limit()),
            "below": arrow(ruler.below(losses)),
        }
    return made[losses]


def arrow(frame: pd.DataFrame | Columns) -> Table:
    """The columns as an Arrow table without an index, their numbers in 32 bits where they fit."""
    return _table({str(name): np.asarray(column) for name, column in frame.items()})


def _table(columns: Mapping[str, np.ndarray]) -> Table:
    drawn = {}
    for name, values in columns.items():
        if values.dtype.kind == "i" and (np.abs(values) < 2**31).all():
            values = values.astype(np.int32)
        elif values.dtype.kind == "f" and _fits_32_bits(values):
            values = values.astype(np.float32)
        drawn[name] = pa.array(values, from_pandas=values.dtype.kind == "f")
    return pa.table(drawn)


def _fits_32_bits(values: np.ndarray) -> bool:
    size = np.abs(values[np.isfinite(values) & (values != 0)])
    return bool(((size < _DRAWABLE) & (size > 1 / _DRAWABLE)).all())


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
                curve=_table({name: curve[name] for name in ("epoch", "loss")}),
                meter=_table({name: curve[name] for name in ("epoch", "meter")}),
                exit=_table({name: leaving[name] for name in ("epoch", "loss", "words")}) if leaving else _NO_EXIT,
                typical=typical,
                largest=largest,
                left=(int(leaving["left"][0]), bool(leaving["loss"][0] <= losses.low)) if leaving else None,
            )
        )
    return tuple(made)
