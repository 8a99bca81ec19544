"""The charts of the compare page as files are made of them: the browser draws its own, from the same run."""

from core import Experiment, dataset
from core.data.datasets import built
from core.diagnosis.verdicts import is_plain
from core.drawing import charts
from core.drawing.lanes import curve_in_words, meter_in_words
from core.experiment.described import axis_titles
from core.instruments.compare.scene import Scene
from core.words import many, number
from pages.session import page_charts, runs
from pages.widgets import cards


def drawings(experiment: Experiment) -> None:
    """Note all charts of the experiment's run, to be taken away."""
    scene = runs.run(experiment)
    page_charts.run(scene)
    for lane in range(len(scene.lanes)):
        _curve(scene, lane)
        _meter(scene, lane)
    _ruler(scene)
    _data(scene)
    _contour(scene)
    _weights(scene)


def _curve(scene: Scene, lane: int) -> None:
    history, losses = scene.history, scene.losses
    rate, loss = history.experiment.learning_rates[lane], history.loss[lane]
    told = scene.lanes[lane]
    spec = charts.loss_curve(
        page_charts.theme(),
        *charts.lane_looks(lane, page_charts.theme()),
        losses.low,
        losses.high,
        history.experiment.epochs,
    )
    words = curve_in_words(rate, loss, told.diagnosis)
    tables = {"curve": told.curve, "exit": told.exit}
    name = f"Loss, {cards.at_rate(scene, lane)}"
    page_charts.chart(spec, tables, words, f"loss-{lane}", name)


def _meter(scene: Scene, lane: int) -> None:
    words = meter_in_words(scene.history.experiment, scene.lanes[lane]).replace("*", "")
    spec = charts.meter_gauge(page_charts.theme(), peak=is_plain(scene.history.experiment))
    name = f"Meter, {cards.at_rate(scene, lane)}"
    told = f"Meter {words}, on a scale with marks at 1 and 2."
    page_charts.chart(spec, {"curve": scene.lanes[lane].meter}, told, f"meter-{lane}", name)


def _ruler(scene: Scene) -> None:
    ruler, losses = scene.ruler, scene.ruler_losses
    rates, epochs = ruler.rates, ruler.sweep.epochs
    spec = charts.ruler(page_charts.theme(), len(scene.roles), rates.ends, losses.ends, epochs)
    words = (
        f"Loss after {many(epochs, 'epoch')} for 200 learning rates from {number(rates.low)} to {number(rates.high)}. "
        f"Steps overshoot above {number(ruler.overshoot)}; unstable above {number(ruler.predicted)}."
    )
    page_charts.chart(spec, scene.ruler_tables, words, "ruler", "The ruler: every learning rate in between")


def _data(scene: Scene) -> None:
    experiment, (x, y) = scene.history.experiment, scene.data_axes
    x_title, y_title = axis_titles(experiment)
    build = built(charts.fitted_lines, experiment.data)
    spec = build(page_charts.theme(), len(scene.roles), x.ends, y.ends, x_title, y_title)
    points = len(dataset(experiment.data, experiment.seed).y)
    words = f"{points} points, {y_title} against {x_title}, and the line of each lane at the epoch shown."
    page_charts.chart(spec, scene.data_tables, words, "fits", "The data and each line")


def _contour(scene: Scene) -> None:
    box, places = scene.box, scene.contour_tables["places"]
    (w0, w1), (b0, b1) = places["w"].to_pylist(), places["b"].to_pylist()
    spec = charts.contour(page_charts.theme(), len(scene.roles), box.w.ends, box.b.ends)
    words = (
        f"Rings of equal loss over w and b around the minimum at w = {number(w1)}, b = {number(b1)}, and the path "
        f"of each lane from the start at w = {number(w0)}, b = {number(b0)}."
    )
    page_charts.chart(spec, scene.contour_tables, words, "contour", "The loss over (w, b)")


def _weights(scene: Scene) -> None:
    assert scene.history.parameters is not None
    axis, epochs = scene.weights, scene.history.experiment.epochs
    last = ", ".join(number(w) for w in scene.history.parameters[:, -1, 0])
    spec = charts.weight_curve(page_charts.theme(), len(scene.roles), *axis.ends, epochs, axis.scale == "symlog")
    words = f"The slope w of each lane against the epoch. Last values: {last}."
    page_charts.chart(spec, scene.weight_tables, words, "weights", "w against the epoch")
