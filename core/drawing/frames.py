"""Tables for the charts: a History in the named columns that charts.py draws, each column an array.

Curves are cut where they leave the picture, never clipped to its edge, and the place is marked.
Epochs are thinned evenly on a log axis; a period of two survives, because neighbours stay together.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from ..diagnosis.theory import Landscape, landscape
from ..experiment.experiment import Experiment
from ..training.history import History, pairs_of_epochs, thin
from ..training.problems import problem
from ..words import LANE_LETTERS
from .axes import Axis, positive, whole_decades

Columns: TypeAlias = dict[str, Array]  # of one length; no data frames: a dozen of them take milliseconds at each click

_HEADROOM = 3  # decades above the first loss at most: enough to see a curve take off
_LEAST = 2  # decades an axis of losses has: a flat curve shall look flat
_DEPTH = 12  # decades below the top at most: below lies rounding
_CURVE_POINTS = 120
_LEAST_RISE = 1e-2  # of mean y^2: the least loss a contour picture reaches up to
_FAR = 1e3  # a line so many times beyond the picture is a vertical stroke: not drawn
_CALM, _WIDE = 2.2, 10  # times the way to the minimum: what an axis of w shows of quiet lanes; more for any lanes
_JUMPS = 5  # decades an axis of w reaches beyond the quiet lanes
MOST_POINTS = 1000  # that are drawn of the data: each is a mark of its own, in every lane
_MOMENTS = 70  # pairs of epochs the play bar can stop at


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """The piece of the (w, b) plane a contour picture shows."""

    w: Axis
    b: Axis


def loss_axis(history: History) -> Axis:
    """A loss axis for all lanes, in whole decades: from the lowest loss to the highest, or some way above the first."""
    first = float(history.loss[0, 0])
    shown = positive(history.loss)
    if not shown.size:
        return whole_decades(1e-12, 1.0)
    first = first if math.isfinite(first) and first > 0 else float(shown.max())
    highest = math.inf if not np.isfinite(history.loss).all() else float(shown.max())
    top = min(highest, first * 10.0**_HEADROOM)
    return whole_decades(float(shown.min()), top, least=_LEAST, most=_DEPTH)


def moments(epochs: int, pairs: int = _MOMENTS) -> list[int]:
    """The epochs a play bar stops at: 0 to `epochs`, even on a log axis, in at most so many pairs: flips show."""
    return [int(epoch) for epoch in pairs_of_epochs(epochs, pairs)]


def curves(history: History, axis: Axis) -> Columns:
    """Columns lane, epoch, loss, meter: each lane's curve, up to the first point off the axis if it stays away.

    What comes back is drawn on: the chart cuts it at its edge, so the gap is seen.

    meter is that of the step that led to the epoch, the last readable one where rounding hides it.
    """
    tables = []
    for lane, loss in enumerate(history.loss):
        kept = thin(loss, _CURVE_POINTS)
        away = _leaves(loss, axis)
        if away > 0:
            # The stroke that leaves: from the last epoch on the axis to the first beyond it. What does not
            # come back ends there.
            back = _back(loss, axis)
            kept = np.unique(np.append(kept if back else kept[kept <= away], [away - 1, away]))
        kept = kept[np.isfinite(loss[kept]) & (loss[kept] > 0)]
        meter = last_readable(history.meter[lane])
        tables.append({"epoch": kept, "loss": loss[kept], "meter": meter[np.maximum(kept - 1, 0)]})
    return _by_lane(tables)


def _by_lane(tables: Sequence[Mapping[str, Array]]) -> Columns:
    """The columns of each lane under one another, with its letter."""
    lengths = [len(table["epoch"]) for table in tables]
    letters = np.repeat(np.array(list(LANE_LETTERS[: len(tables)])), lengths)
    return {"lane": letters} | {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}


def last_readable(values: Array) -> Array:
    """(n,) each value, or where it is nan the last one before it that is not."""
    readable = np.where(np.isnan(values), 0, np.arange(len(values)))
    return values[np.maximum.accumulate(readable)]


class Exit(NamedTuple):
    """Where a curve first leaves its picture: it crosses the edge, a loss, at (epoch, edge), between whole epochs.

    left: the first epoch beyond it.  back: the epoch from which it is in the picture for good, 0 if it stays out.
    """

    epoch: float
    edge: float
    left: int
    back: int


def exit_of(loss: Array, axis: Axis) -> Exit | None:
    """Where a curve (epochs + 1,) first leaves the picture; None if it doesn't, or is never in it at the start."""
    left = _leaves(loss, axis)
    if left < 1:
        return None
    edge = axis.low if loss[left] < axis.low else axis.high
    return Exit(_crossing(left, loss[left - 1], loss[left], edge), edge, left, _back(loss, axis))


def departures(table: pd.DataFrame, axis: Axis, titles: Mapping[str, str], unit: str = "epoch") -> str:
    """Where lines first leave their picture, in a sentence, or "" where none does: "Left the chart: Adam at epoch 6."

    table: columns runner, epoch, loss.  titles: what each runner is called.  unit: what is counted across.  Where
    epochs are thinned, "by" the first one beyond it.
    """
    said = []
    for runner, title in titles.items():
        rows = table[table["runner"] == runner]
        epochs, beyond = rows["epoch"].to_numpy(), ~axis.holds(rows["loss"].to_numpy())
        if beyond.any():
            at = int(beyond.argmax())
            when = "at" if at == 0 or epochs[at] - epochs[at - 1] <= 1 else "by"
            side = ", below," if rows["loss"].iloc[at] < axis.low else ""
            said.append(f"{title}{side} {when} {unit} {int(epochs[at]):,}")
    return f"Left the chart: {'; '.join(said)}." if said else ""


def exits(history: History, axis: Axis) -> Columns:
    """Columns lane, epoch, loss, words, left: where each curve first leaves the picture, and whether it comes back.

    (epoch, loss) is the point on the edge where the drawn line crosses it, left the first epoch beyond it.
    One row a lane that leaves.
    """
    rows = []
    for lane, loss in enumerate(history.loss):
        found = exit_of(loss, axis)
        if found:
            words = f"{'below' if found.edge == axis.low else 'left'} at epoch {found.left:,}"
            words += f", back at {found.back:,}" if found.back else ""
            rows.append((LANE_LETTERS[lane], found.epoch, found.edge, words, found.left))
    columns = zip(*rows, strict=True) if rows else [()] * 5
    return dict(zip(("lane", "epoch", "loss", "words", "left"), map(np.array, columns), strict=True))


def weights(history: History, axis: Axis) -> Columns:
    """Columns lane, epoch, w: the slope against the epoch, up to the first one off the axis."""
    assert history.parameters is not None
    tables = []
    for lane in range(len(history.loss)):
        w = history.parameters[lane, :, 0]
        kept = thin(w, _CURVE_POINTS)
        outside = np.flatnonzero(~axis.holds(w))
        if outside.size:
            kept = np.unique(np.append(kept[kept < outside[0]], outside[0]))
            kept = kept[np.isfinite(w[kept])]
        tables.append({"epoch": kept, "w": w[kept]})
    return _by_lane(tables)


def paths(history: History, box: Box) -> Columns:
    """Columns lane, epoch, w, b: each lane's way over the plane, up to the first point outside the box."""
    assert history.parameters is not None
    epochs = np.array(moments(history.experiment.epochs))
    tables = []
    for lane in range(len(history.loss)):
        w, b = history.parameters[lane, epochs].T
        outside = np.flatnonzero(~(box.w.holds(w) & box.b.holds(b)))
        end = outside[0] + 1 if outside.size else len(epochs)
        seen = np.isfinite(w[:end]) & np.isfinite(b[:end])
        tables.append({"epoch": epochs[:end][seen], "w": w[:end][seen], "b": b[:end][seen]})
    return _by_lane(tables)


def fits(history: History) -> Columns:
    """Columns lane, epoch, x, y: the two ends of each lane's line at each moment.

    A line far off the picture ends with one row without numbers, so that it is gone from there on.
    """
    assert history.parameters is not None
    x_axis, y_axis = data_axes(history.experiment)
    task = problem(history.experiment)
    ends = task.inputs[[task.inputs[:, 0].argmin(), task.inputs[:, 0].argmax()]]
    epochs = np.array(moments(history.experiment.epochs))
    far = _FAR * max(abs(y_axis.low), abs(y_axis.high))
    tables = []
    for lane in range(len(history.loss)):
        with np.errstate(invalid="ignore", over="ignore"):
            line = history.parameters[lane, epochs] @ ends.T  # (K, 2)
            gone = np.flatnonzero(~(np.abs(line) <= far).all(axis=1))
        shown = int(gone[0]) + 1 if gone.size else len(epochs)
        y = line[:shown].copy()
        if gone.size:
            y[-1] = np.nan
        x = np.tile([x_axis.low, x_axis.high], shown)
        tables.append({"epoch": np.repeat(epochs[:shown], 2), "x": x, "y": y.ravel()})
    return _by_lane(tables)


def data_axes(experiment: Experiment) -> tuple[Axis, Axis]:
    """The axes of the data picture: the data's own range, in the units it is trained in."""
    task = problem(experiment)
    x, y = task.inputs[:, 0], task.targets
    room = 0.1 * (y.max() - y.min())
    return Axis(low=x.min(), high=x.max()), Axis(low=min(0.0, y.min()) - room, high=y.max() + room)


def points(experiment: Experiment) -> Columns:
    """Columns x, y: the data in the units it is trained in, MOST_POINTS of it at most."""
    task = problem(experiment)
    some = drawn_rows(len(task.targets))
    return {"x": task.inputs[some, 0], "y": task.targets[some]}


def drawn_rows(points: int) -> Array:
    """Which of so many points are drawn: all, or MOST_POINTS evenly spread over the rows."""
    return np.unique(np.linspace(0, points - 1, min(points, MOST_POINTS)).round().astype(int))


def contour_box(land: Landscape) -> Box:
    """A box around the start and the minimum, with the valley's shape in it.

    That of a start at w = 0, b = 0 wherever the start lies in it: one who clicks the picture to start there sees no
    axis move.
    """
    usual = _box_from(np.zeros_like(land.start), land)
    inside = usual.w.holds(land.start[0]) and usual.b.holds(land.start[1])
    return usual if inside else _box_from(land.start, land)


def _box_from(start: Array, land: Landscape) -> Box:
    best = land.minimum
    # How far one must go in w alone, or b alone, to come back to the starting loss.
    rise = float(land.loss(start) - land.loss(best))
    least = _LEAST_RISE * land.y_squared  # a start at the minimum has a view too
    reach = np.sqrt(2 * max(rise, least) / np.diag(land.hessian))
    half = np.maximum(1.15 * np.abs(start - best), 1.15 * reach)
    return Box(
        w=Axis(low=best[0] - half[0], high=best[0] + half[0]),
        b=Axis(low=best[1] - half[1], high=best[1] + half[1]),
    )


def contours(land: Landscape, box: Box, levels: int = 9, corners: int = 64) -> Columns:
    """Columns level, loss, w, b: lines of equal loss, which for a line are exact ellipses, corner by corner."""
    eigenvalues, vectors = np.linalg.eigh(land.hessian)
    corner = land.loss(np.array([box.w.high, box.b.high])) - land.floor
    rises = corner * np.geomspace(1e-4, 1, levels)
    angle = np.linspace(0, 2 * math.pi, corners)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)  # (corners, 2)
    reach = np.sqrt(2 * rises[:, None] / np.maximum(eigenvalues, 1e-300))  # (levels, 2) half axes
    w, b = (land.minimum + (circle * reach[:, None, :]) @ vectors.T).reshape(-1, 2).T
    level = np.repeat(np.arange(levels), corners)
    return {"level": level, "loss": land.floor + rises[level], "w": w, "b": b}


def _leaves(loss: Array, axis: Axis) -> int:
    """The first epoch whose loss is not on the axis, -1 if none."""
    off = ~axis.holds(loss)
    return int(off.argmax()) if off.any() else -1


def _back(loss: Array, axis: Axis) -> int:
    """The epoch from which a curve that left is on the axis for good, 0 if it does not come back."""
    off = np.flatnonzero(~axis.holds(loss))
    return int(off[-1]) + 1 if off.size and off[-1] + 1 < len(loss) else 0


def _crossing(epoch: int, before: float, after: float, edge: float) -> float:
    """Where the drawn line, straight in log loss and log(1 + epoch), meets the edge; `epoch` - 1 if it has no end."""
    if not (math.isfinite(after) and after > 0 and before > 0):
        return epoch - 1
    part = math.log(edge / before) / math.log(after / before)
    start, end = math.log1p(epoch - 1), math.log1p(epoch)
    return math.expm1(start + part * (end - start))


def weight_axis(history: History) -> Axis:
    """The axis of w: what the lanes reach; logarithmic where a lane flies off, so that its jumps are seen."""
    assert history.parameters is not None
    w, land = history.parameters[:, :, 0], landscape(history.experiment)
    best, reach = land.minimum[0], _reach(land)
    calm = Axis(low=best - _CALM * reach, high=best + _CALM * reach)
    if calm.holds(w).all():
        return calm
    wild = 10.0 ** math.ceil(math.log10(max(abs(calm.low), abs(calm.high))) + _JUMPS)
    return Axis(low=-wild, high=wild, scale="symlog")


def wide_weight_axis(land: Landscape) -> tuple[Axis, float]:
    """An axis of w for any learning rates, and the constant of its symlog scale: straight up to there, a log beyond.

    It reaches ten times as far as `weight_axis` of calm lanes, rounded outwards to powers of ten.
    """
    best, reach = land.minimum[0], _reach(land)
    far = _WIDE * _CALM * reach
    constant = float(f"{reach:.1g}")
    return Axis(low=-_power_above(far - best), high=_power_above(best + far), scale="symlog"), constant


def _power_above(value: float) -> float:
    """The lowest power of ten that is not below a value; of one below 0 the highest, less than 0, that is not."""
    if value == 0:
        return 0.0
    power = math.log10(abs(value))
    return math.copysign(10.0 ** (math.ceil(power) if value > 0 else math.floor(power)), value)


def _reach(land: Landscape) -> float:
    """How far w has to go; where it starts at its minimum, a thousandth of its size."""
    start, best = land.start[0], land.minimum[0]
    return float(max(abs(start - best), 1e-3 * max(1.0, abs(best))))


def start_and_minimum(land: Landscape) -> Columns:
    """Columns w, b, what: the start and the minimum."""
    start, best = land.start, land.minimum
    what = ["start", "minimum"] if not np.allclose(start, best) else ["", "start and minimum"]
    w, b = np.stack([start, best], axis=1)
    return {"w": w, "b": b, "what": np.array(what)}


def other_scaling(experiment: Experiment) -> Experiment:
    """The same experiment with x standardized where it is not, and as measured where it is."""
    return replace(experiment, standardize=not experiment.standardize, start=())
