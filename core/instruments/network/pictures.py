"""Pictures of what a network says: a small PNG for each lane and snapshot, as text that a chart can show.

Two columns: colours over the plane of the data. Classes of one column, or of more than two: which class each is taken
for. Numbers of one column need no picture: `fits` gives its curves. A network whose outputs are not finite says
nothing, and its picture is grey.
"""

import base64
import io
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy import ndarray as Array
from PIL import Image

from ...diagnosis.measures import blocks, decide
from ...drawing.axes import Axis
from ...training.history import History
from ...training.problems import Problem, problem

SIDE = 64  # pixels: a browser smooths them, and 300 pictures stay below half a megabyte
_MARGIN = 0.06  # of the data's range, left around it
_SHADES = 31  # of the scale from blue to orange; odd, so that one of them is the middle
_LINE = (0.5, 1.0)  # pixels from where two classes are equally likely: there it is dark, there half as dark
_STEPS = 6  # from unsure to sure, of a class's own colour
_CELL = 6  # pixels of one cell of a table of classes
_CURVE_POINTS = 60
_FAR = 1e3  # times the targets: a curve that reaches so far is vertical strokes at best, and more than SVG can hold
_CLASS_GROUND = 0.8  # of a class's full colour, where it is sure: points of that class still stand out
BLUE, ORANGE, MIDDLE, EDGE, GREY = (0, 114, 178), (213, 94, 0), (245, 245, 245), (49, 51, 63), (150, 150, 150)
# Okabe and Ito's palette, then other shades of it: ten colours that most eyes can tell apart.
CLASS_COLOURS = (
    *((0, 114, 178), (213, 94, 0), (0, 158, 115), (204, 121, 167), (230, 159, 0)),
    *((86, 180, 233), (128, 128, 128), (120, 94, 10), (0, 74, 117), (150, 56, 0)),
)


def _hex(colour: tuple[int, ...]) -> str:
    return "#" + "".join(f"{part:02X}" for part in colour)


SCALE_COLOURS = tuple(_hex(colour) for colour in (BLUE, MIDDLE, ORANGE))  # of a target's place in its range
POINT_COLOURS = tuple(_hex(tuple(int(0.65 * part) for part in colour)) for colour in CLASS_COLOURS)  # on that ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """The stretch of the data's two columns that is shown, as measured."""

    x: Axis
    y: Axis


def plane(task: Problem) -> Plane:
    """Where the data lies, with some room around it."""
    points = _all_points(task)
    low, high = points.min(axis=0), points.max(axis=0)
    room = _MARGIN * np.where(high > low, high - low, 1.0)
    (x0, y0), (x1, y1) = low - room, high + room
    return Plane(x=Axis(low=float(x0), high=float(x1)), y=Axis(low=float(y0), high=float(y1)))


def pictures(history: History) -> list[pd.DataFrame]:
    """For each lane columns epoch, image: a picture (a data URL) at each snapshot; none where there is no plane."""
    task = problem(history.experiment)
    assert history.snapshots is not None and task.network is not None and task.points is not None
    on_plane = task.points.shape[1] == 2
    draw = _surfaces if on_plane else _confusions
    if not on_plane and task.labels is None:
        return [pd.DataFrame({"epoch": [], "image": []}) for _ in history.snapshots]
    indices, palette = draw(task, history.snapshots.reshape(-1, len(task.start)))
    images = [png(picture, palette) for picture in indices]
    count = history.snapshots.shape[1]
    lanes = [images[first : first + count] for first in range(0, len(images), count)]
    return [pd.DataFrame({"epoch": history.snapshot_epochs, "image": lane}) for lane in lanes]


def fits(history: History, lane: int) -> pd.DataFrame:
    """Columns epoch, x, y: what the network says along the one column of its data.

    y is nan all along a curve that is not finite or far off: it is gone from there on, and not the last one seen.
    """
    task = problem(history.experiment)
    assert history.snapshots is not None and history.snapshot_epochs is not None
    assert task.network is not None and task.scaling is not None
    points = _all_points(task)
    x = np.linspace(points.min(), points.max(), _CURVE_POINTS)
    with np.errstate(over="ignore", invalid="ignore"):
        outputs = task.network.forward(history.snapshots[lane], task.scaling.at(x[:, None]))[-1][..., 0]
        drawable = (np.abs(outputs) <= _FAR * np.abs(task.targets).max()).all(axis=1, keepdims=True)
    y = np.where(drawable, outputs, np.nan)
    return pd.DataFrame({"epoch": np.repeat(history.snapshot_epochs, len(x)), "x": np.tile(x, len(y)), "y": y.ravel()})


def _all_points(task: Problem) -> Array:
    assert task.points is not None
    return task.points if task.test_points is None else np.concatenate([task.points, task.test_points])


def _surfaces(task: Problem, rows: Array) -> tuple[Array, Array]:
    """(pictures (M, SIDE, SIDE) as places in a palette, the palette (colours, 3))."""
    assert task.network is not None and task.scaling is not None
    box = plane(task)
    x, y = np.linspace(box.x.low, box.x.high, SIDE), np.linspace(box.y.high, box.y.low, SIDE)  # top row first
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    inputs, network = task.scaling.at(points).astype(np.float32), task.network
    paint = _paint_classes if network.widths[-1] > 1 else _paint_scale
    found = []
    with np.errstate(over="ignore", invalid="ignore"):
        for some in blocks(network, rows.astype(np.float32), len(inputs)):
            outputs = network.forward(some, inputs)[-1].reshape(len(some), SIDE, SIDE, -1)
            found.append(paint(task, outputs))
    if network.widths[-1] > 1:
        palette = _class_palette(network.widths[-1])
    else:
        palette = _scale_palette(_CLASS_GROUND if task.labels is not None else 1.0)
    return np.concatenate(found), palette


def _paint_scale(task: Problem, outputs: Array) -> Array:
    """One output: from blue to orange, with a dark line where two classes are equally likely."""
    z = outputs[..., 0]
    share = _share(task, z)
    indices: Array = np.round(np.nan_to_num(share) * (_SHADES - 1)).astype(np.uint8)
    if task.labels is not None:
        with np.errstate(divide="ignore"):
            away = np.abs(z) / np.hypot(*np.gradient(z, axis=(1, 2)))  # pixels to the line, near it
        indices[away < _LINE[1]] += _SHADES  # half as dark beside it: a line without steps
        indices[away < _LINE[0]] = 2 * _SHADES
    indices[~np.isfinite(z).all(axis=(1, 2))] = 2 * _SHADES + 1
    return indices


def _share(task: Problem, z: Array) -> Array:
    """From 0 (blue) to 1 (orange): the chance of class 1, or how far up the targets' range an output lies."""
    assert task.network is not None
    if task.network.loss == "cross-entropy":
        return np.asarray(0.5 * (1 + np.tanh(0.5 * z)))
    # Of classes -1 and +1, even where training saw only one of them: between the two lies the boundary.
    low, high = (-1.0, 1.0) if task.labels is not None else (float(task.targets.min()), float(task.targets.max()))
    return np.asarray(np.clip((z - low) / (high - low if high > low else 1.0), 0, 1))


def _scale_palette(strength: float) -> Array:
    """Blue over nearly white to orange, as full as `strength` at the ends; each half way to the edge's colour; that
    colour; grey.
    """
    part = np.linspace(-strength, strength, _SHADES)[:, None]
    side: Array = np.where(part < 0, BLUE, ORANGE)
    shades = MIDDLE + np.abs(part) * (side - np.array(MIDDLE))
    return np.vstack([shades, (shades + np.array(EDGE)) / 2, [EDGE], [GREY]])


def _paint_classes(task: Problem, outputs: Array) -> Array:
    """The most likely class's colour, paler where it is unsure."""
    assert task.network is not None
    z = outputs if task.network.loss == "cross-entropy" else 2 * outputs
    chance = 1 / np.exp(z - z.max(axis=-1, keepdims=True)).sum(axis=-1)  # of the most likely class
    sure = (chance - 1 / z.shape[-1]) / (1 - 1 / z.shape[-1])
    step = np.clip(np.nan_to_num(sure) * _STEPS, 0, _STEPS - 1).astype(np.uint8)
    indices: Array = (decide(task.network, outputs) * _STEPS + step).astype(np.uint8)
    indices[~np.isfinite(outputs).all(axis=(1, 2, 3))] = outputs.shape[-1] * _STEPS
    return indices


def _class_palette(classes: int) -> Array:
    """_STEPS shades of each class's colour, from pale to full, then grey."""
    full = np.array(CLASS_COLOURS[:classes])[:, None]
    part = np.linspace(0.15, _CLASS_GROUND, _STEPS)[:, None]
    return np.vstack([(MIDDLE + part * (full - np.array(MIDDLE))).reshape(-1, 3), [GREY]])


def _confusions(task: Problem, rows: Array) -> tuple[Array, Array]:
    """Tables true class (down) x class said (across): the share of each true class, from nearly white to blue.

    Of the rows held out, where there are any.
    """
    network, rows_in, labels = task.network, task.inputs, task.labels
    if task.test_inputs is not None and task.test_labels is not None:
        rows_in, labels = task.test_inputs, task.test_labels
    assert network is not None and labels is not None
    classes = max(2, network.widths[-1])  # one output tells two classes apart
    inputs = rows_in[:, :-1].astype(np.float32)
    true = (labels == np.arange(classes)[:, None]).astype(np.float32)  # (classes, n)
    found = []
    with np.errstate(over="ignore", invalid="ignore"):
        for some in blocks(network, rows.astype(np.float32), len(inputs)):
            outputs = network.forward(some, inputs)[-1]
            decided = decide(network, outputs)[..., None] == np.arange(classes)  # (M, n, classes)
            share = true @ decided.astype(np.float32) / np.maximum(true.sum(axis=1, keepdims=True), 1)
            indices = np.round(share * (_SHADES - 1)).astype(np.uint8)
            indices[~np.isfinite(outputs).all(axis=(1, 2))] = _SHADES
            found.append(indices.repeat(_CELL, axis=1).repeat(_CELL, axis=2))
    part = np.linspace(0, 1, _SHADES)[:, None]
    return np.concatenate(found), np.vstack([MIDDLE + part * (np.array(BLUE) - MIDDLE), [GREY]])


def png(indices: Array, palette: Array) -> str:
    """A data URL of the picture whose pixels are places in the palette."""
    image = Image.fromarray(indices, "P")
    image.putpalette(palette.round().astype(np.uint8).tobytes())
    file = io.BytesIO()
    image.save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
