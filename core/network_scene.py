"""The scene of a network: all that its page draws of one run, worked out once and then only sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core import frames
from core.frames import Axis
from core.history import History
from core.measures import Measures, measures
from core.scene import Lane, Table, arrow, lanes
from core.words import LANE_LETTERS

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkScene:
    """A network's run, ready to be drawn; the tables are those that core/network_charts.py names.

    moments: the epochs the scrubber stops at, those of the snapshots.  losses: one axis for all lanes.
    sharpness: of each lane (epoch, product), product being learning rate x sharpness; empty where not measured.
    over: tables of all lanes against the epoch, by what they show: accuracy, gradient_norm, dead.
    """

    history: History
    measures: Measures
    lanes: tuple[Lane, ...]
    roles: tuple[str, ...]
    moments: tuple[int, ...]
    losses: Axis
    sharpness: tuple[Table, ...]
    over: dict[str, Table]
    gradient_norms: Axis


def network_scene(history: History) -> NetworkScene:
    """Everything the network page draws of a run."""
    seen, losses = measures(history), frames.loss_axis(history)
    made = lanes(history, losses)
    return NetworkScene(
        history=history,
        measures=seen,
        lanes=made,
        roles=tuple(lane.diagnosis.role for lane in made),
        moments=tuple(seen.epochs.tolist()),
        losses=losses,
        sharpness=tuple(arrow(_sharpness(history, lane)) for lane in range(len(made))),
        over={name: arrow(table) for name, table in _over(history, seen).items()},
        gradient_norms=_positive(history.gradient_norm),
    )


def _sharpness(history: History, lane: int) -> pd.DataFrame:
    """Columns epoch, product; only where it was measured and finite."""
    if history.sharpness is None or history.sharpness_epochs is None:
        return pd.DataFrame({"epoch": [], "product": []})
    product = history.experiment.learning_rates[lane] * history.sharpness[lane]
    seen = np.isfinite(product)
    return pd.DataFrame({"epoch": history.sharpness_epochs[seen], "product": product[seen]})


def _over(history: History, seen: Measures) -> dict[str, pd.DataFrame]:
    """Columns lane, epoch, value for each quantity, at the snapshots."""
    before = np.minimum(seen.epochs, history.experiment.epochs - 1)  # the gradient of the step that led there
    quantities = {
        "gradient_norm": history.gradient_norm[:, before],
        "dead": seen.dead.sum(axis=2).astype(float),
    }
    if seen.accuracy is not None:
        quantities["accuracy"] = seen.accuracy if seen.test_accuracy is None else seen.test_accuracy
    return {name: _tidy(seen.epochs, values) for name, values in quantities.items()}


def _tidy(epochs: Array, values: Array) -> pd.DataFrame:
    tables = [
        pd.DataFrame({"lane": letter, "epoch": epochs, "value": row})[np.isfinite(row)]
        for letter, row in zip(LANE_LETTERS, values, strict=False)
    ]
    table: pd.DataFrame = pd.concat(tables, ignore_index=True)
    return table


def _positive(values: Array) -> Axis:
    """A logarithmic axis in whole decades around what is finite and positive."""
    shown = values[np.isfinite(values) & (values > 0)]
    if not shown.size:
        return Axis(low=1e-3, high=1.0)
    high = np.ceil(np.log10(min(shown.max(), 1e3 * np.median(shown))) + 1e-9)
    low = max(np.floor(np.log10(shown.min())), high - 8)
    return Axis(low=10.0 ** min(low, high - 1), high=10.0**high)
