"""A run at a glance, as a small picture for a list of runs: HTML that needs nothing else."""

import math

from ..drawing.axes import Axis
from ..drawing.charts import lane_looks
from ..drawing.frames import loss_axis
from ..drawing.lanes import Lane, lanes
from ..instruments.network.scene import NetworkScene
from ..training.history import History

_WIDTH, _HEIGHT, _MARGIN = 240, 72, 4  # px of the picture of curves, and what a line's end needs


def curves(history: History) -> str:
    """The loss of each lane against the epoch, both logarithmic, in the lanes' colours of both themes."""
    axis = loss_axis(history)
    drawn = "".join(_curve(lane, k, axis, history.experiment.epochs) for k, lane in enumerate(lanes(history, axis)))
    box = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none"'
    return f'<svg class="curves" {box} aria-hidden="true">{drawn}</svg>'


def _curve(lane: Lane, k: int, axis: Axis, epochs: int) -> str:
    points = zip(lane.curve.column("epoch").to_pylist(), lane.curve.column("loss").to_pylist(), strict=True)
    placed = " ".join(_point(epoch, loss, axis, epochs) for epoch, loss in points if loss)
    looks = ";".join(f"--{theme}:{lane_looks(k, theme)[1]}" for theme in ("light", "dark"))
    dash = " ".join(map(str, lane_looks(k, "light")[0]))
    return f'<polyline class="line" style="{looks}" stroke-dasharray="{dash}" fill="none" points="{placed}"/>'


def _point(epoch: float, loss: float, axis: Axis, epochs: int) -> str:
    """A point of a curve in px; its loss is kept on the axis, as a curve ends where it leaves."""
    low, high = math.log(axis.low), math.log(axis.high)
    across = math.log1p(epoch) / math.log1p(epochs)
    down = 1 - (min(max(math.log(loss), low), high) - low) / (high - low)
    x, y = (_MARGIN + share * (size - 2 * _MARGIN) for share, size in ((across, _WIDTH), (down, _HEIGHT)))
    return f"{x:.1f},{y:.1f}"


def views(scene: NetworkScene) -> str:
    """What the network of each lane says at the end; "" where that is no picture."""
    if "image" not in scene.views[0].column_names:
        return ""
    images = (view.column("image")[-1].as_py() for view in scene.views)
    drawn = "".join(f'<img alt="" src="{image}">' for image in images)
    return f'<span class="views">{drawn}</span>'
