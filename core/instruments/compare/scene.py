"""The scene: all that a page draws of one run, worked out once and then only sent.

History -> diagnoses, axes and tables.
"""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from ...diagnosis.theory import landscape
from ...drawing import frames
from ...drawing.axes import Axis
from ...drawing.frames import Box
from ...drawing.lanes import Lane, lanes
from ...drawing.tables import Table, arrow
from ...experiment.experiment import Experiment
from ...training.history import History
from ...training.problems import Problem, problem
from ...training.train import Progress, train
from .ruler import Ruler


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """A run with its ruler, ready to be drawn; the tables are those that core/drawing/charts.py names."""

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


def trained_scene(experiment: Experiment, ruler: Ruler, progress: Progress | None = None) -> Scene:
    """Train the experiment, and everything a page draws of the run and its ruler.  progress: as of `train`."""
    return scene(train(experiment, progress), ruler)


def scene(history: History, ruler: Ruler) -> Scene:
    """Everything a page draws of a run and its ruler."""
    experiment = history.experiment
    losses, weights, views = frames.loss_axis(history), frames.weight_axis(history), _problem_views(experiment)
    ruler_losses = ruler.losses(losses)
    made = lanes(history, losses)
    return Scene(
        history=history.light(),
        lanes=made,
        roles=tuple(lane.diagnosis.role for lane in made),
        moments=tuple(frames.moments(experiment.epochs)),
        losses=losses,
        ruler=ruler,
        ruler_losses=ruler_losses,
        ruler_tables={**_ruler_tables(ruler, ruler_losses), "lanes": arrow(ruler.lanes(history, ruler_losses))},
        data_axes=views.data_axes,
        data_tables={"points": views.points, "fits": arrow(frames.fits(history))},
        box=views.box,
        contour_tables={
            "contours": views.contours,
            "paths": arrow(frames.paths(history, views.box)),
            "places": views.places,
        },
        weights=weights,
        weight_tables={"weights": arrow(frames.weights(history, weights))},
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _ProblemViews:
    """What no learning rate changes in the pictures: the data, and the loss over (w, b)."""

    data_axes: tuple[Axis, Axis]
    points: Table
    box: Box
    contours: Table
    places: Table


_VIEWS: WeakKeyDictionary[Problem, _ProblemViews] = WeakKeyDictionary()  # gone when their problem is


def _problem_views(experiment: Experiment) -> _ProblemViews:
    task = problem(experiment)
    if task not in _VIEWS:
        land = landscape(experiment)
        box = frames.contour_box(land)
        rings = frames.contours(land, box)
        _VIEWS[task] = _ProblemViews(
            data_axes=frames.data_axes(experiment),
            points=arrow(frames.points(experiment)),
            box=box,
            contours=arrow({name: rings[name] for name in ("level", "w", "b")}),
            places=arrow(frames.start_and_minimum(land)),
        )
    return _VIEWS[task]


_RULERS: WeakKeyDictionary[Ruler, dict[Axis, dict[str, Table]]] = WeakKeyDictionary()  # gone when their ruler is


def _ruler_tables(ruler: Ruler, losses: Axis) -> dict[str, Table]:
    """All but the lanes, whose rates may change between the ends of a ruler and leave it as it is."""
    made = _RULERS.setdefault(ruler, {})
    if losses not in made:
        made[losses] = {
            "sweep": arrow(ruler.curve()),
            "zones": arrow(ruler.zones()),
            "limits": arrow(ruler.limit()),
            "below": arrow(ruler.below(losses)),
        }
    return made[losses]
