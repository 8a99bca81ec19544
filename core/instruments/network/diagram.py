"""The numbers behind the drawing of a network: few bytes, so that a hundred epochs travel with the page."""

import base64
from typing import NamedTuple

import numpy as np
from numpy import ndarray as Array

from ...diagnosis.measures import Measures
from ...training.history import History
from .explain import WeightIndex, index

_WEIGHTS = 320  # of a layer that are drawn: the strongest; more lines would be one grey block
_BYTES = 90_000  # of all weights at all epochs that are sent


class Diagram(NamedTuple):
    """One lane's network.

    widths: of its layers.  epochs: at which it is drawn.  places: (layer, source, target) of each weight drawn, then
    (layer, -1, target) of each bias.  values: whole numbers from -127 to 127, epoch by epoch, a byte each, base64.
    dead: 0 or 1 for each hidden unit, epoch by epoch, likewise.  largest: what 127 stands for.
    left_out: how many weights are not drawn.
    """

    widths: tuple[int, ...]
    epochs: tuple[int, ...]
    places: tuple[tuple[int, int, int], ...]
    values: str
    dead: str
    largest: float
    left_out: int


def diagram(history: History, seen: Measures, lane: int) -> Diagram:
    """The Diagram of one lane of a network's run."""
    assert history.snapshots is not None and history.snapshot_epochs is not None
    widths, parameters = history.experiment.widths, history.snapshots[lane]
    weights, left_out = _strongest(widths, parameters)
    biases = [WeightIndex(layer, None, target) for layer in range(1, len(widths)) for target in range(widths[layer])]
    drawn = [*weights, *biases]
    moments = _moments(len(parameters), len(drawn))
    columns = np.array([index(widths, place) for place in drawn])
    values = parameters[np.ix_(moments, columns)]
    values = np.where(np.isfinite(values), values, 0.0)
    # The largest few would make all others hairlines.
    largest = float(np.quantile(np.abs(values), 0.995)) or 1.0
    with np.errstate(over="ignore"):  # one number near the largest there is, among ordinary ones
        whole = np.round(127 * np.clip(values / largest, -1, 1)).astype(np.int8)
    dead = seen.dead[lane][moments] & seen.sound[lane][moments, None]
    return Diagram(
        widths=widths,
        epochs=tuple(history.snapshot_epochs[moments].tolist()),
        places=tuple((p.layer, -1 if p.source is None else p.source, p.target) for p in drawn),
        values=base64.b64encode(whole.tobytes()).decode(),
        dead=base64.b64encode(dead.astype(np.uint8).tobytes()).decode(),
        largest=largest,
        left_out=left_out,
    )


def _strongest(widths: tuple[int, ...], parameters: Array) -> tuple[list[WeightIndex], int]:
    """The weights to draw, and how many of all are left out: in each layer those that are largest at any time."""
    kept: list[WeightIndex] = []
    with np.errstate(invalid="ignore"):
        size = np.nan_to_num(np.abs(parameters), posinf=0.0).max(axis=0)
    total = 0
    for layer in range(1, len(widths)):
        places = [WeightIndex(layer, s, t) for s in range(widths[layer - 1]) for t in range(widths[layer])]
        total += len(places)
        strength = size[[index(widths, place) for place in places]]
        chosen = np.sort(np.argsort(-strength, kind="stable")[:_WEIGHTS])
        kept += [places[k] for k in chosen]
    return kept, total - len(kept)


def _moments(snapshots: int, drawn: int) -> Array:
    """Which snapshots are sent: all, or as many as the bytes allow, the last one always."""
    count = min(snapshots, max(2, _BYTES // drawn))
    return np.unique(np.round(np.linspace(0, snapshots - 1, count)).astype(int))
