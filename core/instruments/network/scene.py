"""The scene of a network: all that its page draws of one run, worked out once and then only sent."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy import ndarray as Array

from ...diagnosis.measures import Measures, measures
from ...diagnosis.theory import edge
from ...drawing import frames
from ...drawing.axes import Axis, positive, whole_decades
from ...drawing.lanes import Lane, lanes
from ...drawing.tables import Table, arrow
from ...experiment.experiment import Experiment
from ...training.history import History, thin
from ...training.problems import Problem, problem
from ...training.train import Progress, SoFar, Training, train
from ...words import LANE_LETTERS
from .events import Event, events
from .pictures import fits, pictures

_LEAST_ROOM, _MOST_ROOM = 1.5, 3.0  # of the stability line: how far up the axis of learning rate x sharpness goes
_FAR_UP, _DEPTH = 1e3, 8  # of gradient norms: how far above its start a lane is followed; decades of their axis
_TEST_POINTS = 120
_SEEN = 400  # columns kept of a run that is still trained: few enough to be sent several times a second
_MOST_SEEN = 120  # epochs at which it is told what changes over them


Over = dict[str, list[Table]]
Show = Callable[[Callable[[], "NetworkScene"]], object]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkScene:
    """A network's run, ready to be drawn; the tables are those that core/instruments/network/charts.py names.

    moments: the epochs the play bar stops at, those of the snapshots.  losses: one axis for all lanes.
    views: of each lane what it says of the data: pictures (epoch, image), or fits (epoch, x, y) of one column.
    points: the data (x, y, label, value, held), value being the target's place in its range; none of digits.
    tests: of each lane its loss on held-out points (epoch, loss).
    sharpness: of each lane (epoch, product), product being learning rate x sharpness; empty where not measured.
    sharpness_top: how far up its axis goes.
    over: tables of all lanes against the epoch, by what they show: accuracy, gradient_norm, dead.
    events: what has happened on the way.
    """

    history: History
    measures: Measures
    lanes: tuple[Lane, ...]
    roles: tuple[str, ...]
    moments: tuple[int, ...]
    losses: Axis
    views: tuple[Table, ...]
    points: Table
    tests: tuple[Table, ...]
    sharpness: tuple[Table, ...]
    sharpness_top: float
    over: dict[str, Table]
    gradient_norms: Axis
    events: tuple[Event, ...]


def trained_network_scene(
    experiment: Experiment, progress: Progress | None = None, show: Show | None = None
) -> NetworkScene:
    """Train the experiment, and everything the network page draws of the run.

    progress: as of `train`.  show: called now and then with what gives the scene of the run so far: its one picture
    a lane is of now, and what it tells over the epochs is of those at which it was asked.
    """
    return network_scene(train(experiment, progress, _showing(show, {})))


class Checkpoint(NamedTuple):
    """A run as it stands, to go on from there.

    epoch: how many are done.  training: see Training.of.  over: what its scenes told over the epochs.
    """

    epoch: int
    training: bytes
    over: Over


class NetworkRun(NamedTuple):
    """A run as far as it went.  scene: None before its first epoch has ended.  checkpoint: how it goes on."""

    scene: NetworkScene | None
    checkpoint: Checkpoint


def network_run(
    experiment: Experiment,
    checkpoint: Checkpoint | None = None,
    until: int | None = None,
    progress: Progress | None = None,
    show: Show | None = None,
    keep: Callable[[Callable[[], Checkpoint]], object] | None = None,
) -> NetworkRun:
    """As `trained_network_scene`; but it stops where `progress` says True, or when `until` epochs are done.

    checkpoint: goes on from there, where the experiment is the same up to that epoch; ValueError where it is not.
    keep: called as often as `progress`, with what gives the run as it stands.
    """
    training = Training.of(checkpoint.training, experiment) if checkpoint else Training(experiment)
    over: Over = dict(checkpoint.over) if checkpoint else {}

    def stands() -> Checkpoint:
        return Checkpoint(training.epoch, training.to_bytes(), over)

    def told(done: float) -> object:
        if keep and training.epoch:
            keep(stands)
        return progress and progress(done)

    training.go_on(until, told, _showing(show, over))
    now = stands()
    scene: NetworkScene | None = None
    if training.epoch == experiment.epochs:
        scene = network_scene(training.history())
    elif training.epoch:
        scene = _scene_so_far(over, training.so_far)
    return NetworkRun(scene, now)


def _showing(show: Show | None, over: Over) -> Callable[[SoFar], object] | None:
    """What shows the scenes of a run so far."""
    return show and (lambda so_far: show(partial(_scene_so_far, over, so_far)))


def _scene_so_far(over: Over, so_far: SoFar) -> NetworkScene:
    """The scene of a run so far.  over: what earlier ones told over the epochs, to which this one adds."""
    now = network_scene(so_far(), _SEEN)
    for name, table in now.over.items():
        over[name] = [*_thinned(over.get(name, [])), table]
    # Numbers that need 64 bits are rare: a table of them beside others of 32.
    joined = {name: pa.concat_tables(tables, promote_options="permissive") for name, tables in over.items()}
    return replace(now, over=joined)


def _thinned(tables: list[Table]) -> list[Table]:
    """Every second of many, the first among them."""
    return tables if len(tables) < _MOST_SEEN else tables[::2]


def network_scene(history: History, columns: int | None = None) -> NetworkScene:
    """Everything the network page draws of a run.  columns: of its history that are kept; None: as many as usual."""
    seen, losses = measures(history), frames.loss_axis(history)
    made = lanes(history, losses)
    return NetworkScene(
        history=history.light(columns),
        measures=seen,
        lanes=made,
        roles=tuple(lane.diagnosis.role for lane in made),
        moments=tuple(seen.epochs.tolist()),
        losses=losses,
        views=tuple(arrow(table) for table in _views(history)),
        points=arrow(_points(problem(history.experiment))),
        tests=tuple(arrow(_test(history, lane, losses)) for lane in range(len(made))),
        sharpness=tuple(arrow(_sharpness(history, lane)) for lane in range(len(made))),
        sharpness_top=_sharpness_top(history),
        over={name: arrow(table) for name, table in _over(history, seen).items()},
        gradient_norms=_positive(history.gradient_norm),
        events=events(history, seen),
    )


def _views(history: History) -> list[pd.DataFrame]:
    data = history.experiment.dataset()
    if data.x.shape[1] == 1 and data.task != "classes":
        return [fits(history, lane) for lane in range(len(history.loss))]
    return pictures(history)


def _points(task: Problem) -> pd.DataFrame:
    """Columns x, y, label, value, held: training points and those held out, as many as are drawn.

    None of data with more than two columns, images say: they lie on no plane.
    """
    assert task.points is not None
    if task.points.shape[1] > 2:
        return pd.DataFrame({"x": [], "y": [], "label": [], "value": [], "held": []})
    kept = [(task.points, task.targets, task.labels, False)]
    if task.test_points is not None and task.test_targets is not None:
        kept.append((task.test_points, task.test_targets, task.test_labels, True))
    low, high = float(task.targets.min()), float(task.targets.max())
    tables = []
    for points, targets, labels, held in kept:
        some = frames.drawn_rows(len(points))
        points, targets, labels = points[some], targets[some], None if labels is None else labels[some]
        target = targets[:, 0]
        tables.append(
            pd.DataFrame(
                {
                    "x": points[:, 0],
                    "y": points[:, 1] if points.shape[1] > 1 else target,
                    "label": np.zeros(len(points), int) if labels is None else labels,
                    "value": (target - low) / (high - low if high > low else 1.0),
                    "held": held,
                }
            )
        )
    table: pd.DataFrame = pd.concat(tables, ignore_index=True)
    return table


def _test(history: History, lane: int, losses: Axis) -> pd.DataFrame:
    """Columns epoch, loss: on held-out points, up to where it leaves the axis for good."""
    if history.test_loss is None:
        return pd.DataFrame({"epoch": [], "loss": []})
    loss = history.test_loss[lane]
    kept = thin(loss, _TEST_POINTS)
    on = losses.holds(loss)
    last = int(np.flatnonzero(on)[-1]) if on.any() else -1
    kept = kept[(kept <= last + 1) & np.isfinite(loss[kept]) & (loss[kept] > 0)]
    return pd.DataFrame({"epoch": kept, "loss": loss[kept]})


def _sharpness(history: History, lane: int) -> pd.DataFrame:
    """Columns epoch, product; only where it was measured and finite."""
    if history.sharpness is None or history.sharpness_epochs is None:
        return pd.DataFrame({"epoch": [], "product": []})
    product = history.rate_times_sharpness()[lane]
    seen = np.isfinite(product)
    return pd.DataFrame({"epoch": history.sharpness_epochs[seen], "product": product[seen]})


def _sharpness_top(history: History) -> float:
    """As far above the line as the lanes go, within reason."""
    line = edge(history.experiment)
    highest = 0.0 if history.sharpness is None else float(np.nanmax(history.rate_times_sharpness(), initial=0.0))
    return min(max(1.05 * highest, _LEAST_ROOM * line), _MOST_ROOM * line)


def _over(history: History, seen: Measures) -> dict[str, pd.DataFrame]:
    """Columns lane, epoch, value for each quantity, at the snapshots."""
    before = np.minimum(seen.epochs, history.done - 1)  # of the last epoch no gradient was needed
    quantities = {
        "gradient_norm": history.gradient_norm[:, before],
        "dead": np.where(seen.sound, seen.dead.sum(axis=2), np.nan),
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
    """A logarithmic axis of whole decades that holds where each lane (R, epochs) begins, and what is not far off."""
    shown, begins = positive(values), positive(values[:, 0])
    if not shown.size:
        return whole_decades(1e-3, 1.0)
    first = float(begins.max()) if begins.size else float(np.median(shown))
    return whole_decades(float(shown.min()), min(float(shown.max()), _FAR_UP * first), least=1, most=_DEPTH)
