"""A run at a glance, as a small picture for a list of runs: HTML that needs nothing else."""

import math

from ..drawing.axes import Axis
from ..drawing.charts import lane_looks
from ..drawing.frames import loss_axis
from ..drawing.lanes import Lane, lanes
from ..instruments.network.scene import NetworkScene
from ..training.history import History

SIZE = (240, 72)  # px of the picture of curves
_MARGIN = 4  # px that a line's end needs
_POINTS = 80  # of a line at most: a third of its px


def points(history: History) -> list[str]:
    """The loss of each lane against the epoch, both logarithmic: what a polyline of SVG takes, in a box of SIZE."""
    axis = loss_axis(history)
    return [_placed(lane, axis, history.experiment.epochs) for lane in lanes(history, axis)]


def curves(history: History) -> str:
    """The same as a picture, in the lanes' colours of both themes."""
    drawn = "".join(_line(placed, k) for k, placed in enumerate(points(history)))
    box = f'viewBox="0 0 {SIZE[0]} {SIZE[1]}" preserveAspectRatio="none"'
    return f'<svg class="curves" {box} aria-hidden="true">{drawn}</svg>'


def _placed(lane: Lane, axis: Axis, epochs: int) -> str:
    rows = zip(lane.curve.column("epoch").to_pylist(), lane.curve.column("loss").to_pylist(), strict=True)
    placed = [_point(epoch, loss, axis, epochs) for epoch, loss in rows if loss]
    last = len(placed) - 1
    return " ".join(placed[k] for k in sorted({round(last * k / (_POINTS - 1)) for k in range(_POINTS)}) if placed)


def _line(placed: str, k: int) -> str:
    looks = ";".join(f"--{theme}:{lane_looks(k, theme)[1]}" for theme in ("light", "dark"))
    dash = " ".join(map(str, lane_looks(k, "light")[0]))
    return f'<polyline class="line" style="{looks}" stroke-dasharray="{dash}" fill="none" points="{placed}"/>'


def _point(epoch: float, loss: float, axis: Axis, epochs: int) -> str:
    """A point of a curve in px; its loss is kept on the axis, as a curve ends where it leaves."""
    low, high = math.log(axis.low), math.log(axis.high)
    across = math.log1p(epoch) / math.log1p(epochs)
    down = 1 - (min(max(math.log(loss), low), high) - low) / (high - low)
    x, y = (_MARGIN + share * (size - 2 * _MARGIN) for share, size in zip((across, down), SIZE, strict=True))
    return f"{x:.1f},{y:.1f}"


def views(scene: NetworkScene) -> str:
    """What the network of each lane says at the end; "" where that is no picture."""
    if "image" not in scene.views[0].column_names:
        return ""
    images = (view.column("image")[-1].as_py() for view in scene.views)
    drawn = "".join(f'<img alt="" src="{image}">' for image in images)
    return f'<span class="views">{drawn}</span>'
