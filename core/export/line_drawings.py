"""Every chart of a line's run as a file holds it: scene in, Drawing out. On the page the browser draws its own."""

from collections.abc import Mapping
from typing import Any

from ..data.datasets import built
from ..diagnosis.verdicts import is_plain
from ..drawing import charts
from ..drawing.chart_parts import Spec
from ..drawing.lanes import curve_in_words, meter_in_words
from ..experiment.described import axis_titles
from ..instruments.compare.scene import Scene
from ..words import LANE_LETTERS, many, number
from .chart_files import Drawing

_Built = tuple[str, str, Spec, Mapping[str, Any], str]  # key, name, spec, tables, what it shows in words


def drawings(scene: Scene, theme: str = "light") -> tuple[Drawing, ...]:
    """All of them. theme: light or dark."""
    rates = scene.history.experiment.learning_rates
    lanes = {letter: f"learning rate {number(rate)}" for letter, rate in zip(LANE_LETTERS, rates, strict=False)}
    of_lanes = [
        (f"{key}-{at}", f"{name}, lane {letter}: {rate}", *draw(scene, at, theme))
        for at, (letter, rate) in enumerate(lanes.items())
        for key, name, draw in (("loss", "Loss", _curve), ("meter", "Meter", _meter))
    ]
    of_all = [draw(scene, theme) for draw in (_ruler, _data, _contour, _weights)]
    return tuple(
        Drawing(key=key, name=name, words=words, spec=spec, tables=tables, lanes=lanes)
        for key, name, spec, tables, words in (*of_lanes, *of_all)
    )


def _curve(scene: Scene, lane: int, theme: str) -> tuple[Spec, Mapping[str, Any], str]:
    history, losses, told = scene.history, scene.losses, scene.lanes[lane]
    looks, epochs = charts.lane_looks(lane, theme), history.experiment.epochs
    spec = charts.loss_curve(theme, *looks, losses.low, losses.high, epochs)
    words = curve_in_words(history.experiment.learning_rates[lane], history.loss[lane], told.diagnosis)
    return spec, {"curve": told.curve, "exit": told.exit}, words


def _meter(scene: Scene, lane: int, theme: str) -> tuple[Spec, Mapping[str, Any], str]:
    experiment, told = scene.history.experiment, scene.lanes[lane]
    reading = meter_in_words(experiment, told).replace("*", "")
    words = f"Meter {reading}, on a scale with marks at 1 and 2."
    return charts.meter_gauge(theme, peak=is_plain(experiment)), {"curve": told.meter}, words


def _ruler(scene: Scene, theme: str) -> _Built:
    ruler, losses = scene.ruler, scene.ruler_losses
    rates, epochs = ruler.rates, ruler.sweep.epochs
    spec = charts.ruler(theme, len(scene.roles), rates.ends, losses.ends, epochs)
    words = (
        f"Loss after {many(epochs, 'epoch')} for 200 learning rates from {number(rates.low)} to {number(rates.high)}. "
        f"Steps overshoot above {number(ruler.overshoot)}; unstable above {number(ruler.predicted)}."
    )
    return "ruler", "The ruler: every learning rate in between", spec, scene.ruler_tables, words


def _data(scene: Scene, theme: str) -> _Built:
    experiment, (x, y) = scene.history.experiment, scene.data_axes
    x_title, y_title = axis_titles(experiment)
    build = built(charts.fitted_lines, experiment.data)
    spec = build(theme, len(scene.roles), x.ends, y.ends, x_title, y_title)
    points = len(experiment.dataset().y)
    words = f"{points} points, {y_title} against {x_title}, and the line of each lane at the epoch shown."
    return "fits", "The data and each line", spec, scene.data_tables, words


def _contour(scene: Scene, theme: str) -> _Built:
    box, places = scene.box, scene.contour_tables["places"]
    (w0, w1), (b0, b1) = places["w"].to_pylist(), places["b"].to_pylist()
    spec = charts.contour(theme, len(scene.roles), box.w.ends, box.b.ends)
    words = (
        f"Rings of equal loss over w and b around the minimum at w = {number(w1)}, b = {number(b1)}, and the path "
        f"of each lane from the start at w = {number(w0)}, b = {number(b0)}."
    )
    return "contour", "The loss over (w, b)", spec, scene.contour_tables, words


def _weights(scene: Scene, theme: str) -> _Built:
    assert scene.history.parameters is not None
    axis, epochs = scene.weights, scene.history.experiment.epochs
    last = ", ".join(number(w) for w in scene.history.parameters[:, -1, 0])
    spec = charts.weight_curve(theme, len(scene.roles), *axis.ends, epochs, axis.scale == "symlog")
    words = f"The slope w of each lane against the epoch. Last values: {last}."
    return "weights", "w against the epoch", spec, scene.weight_tables, words
