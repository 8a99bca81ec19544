"""Every chart of a network's run, as its page draws it and a file holds it: scene in, Drawing out."""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..data.datasets import built
from ..diagnosis.theory import edge
from ..diagnosis.verdicts import is_plain
from ..drawing.axes import padded
from ..drawing.chart_parts import Spec
from ..drawing.charts import lane_looks, loss_curve, meter_gauge
from ..drawing.lanes import curve_in_words, meter_in_words
from ..instruments.network.charts import confusion, fitted_curve, over_epochs, sharpness_curve, surface, wiring
from ..instruments.network.diagram import diagram
from ..instruments.network.explain import input_names
from ..instruments.network.pictures import POINT_COLOURS, SCALE_COLOURS, plane
from ..instruments.network.scene import NetworkScene
from ..training.problems import problem
from ..words import LANE_LETTERS, number
from .chart_files import Drawing

_NAMED = 20  # units of the widest layer: beyond, names would lie on each other
_BESIDE, _LETTER = 16, 7  # px beside a network: to its names, and for each letter of them
_Built = tuple[Spec, Mapping[str, Any], str]  # a spec, its tables, what it shows in words


def drawings(scene: NetworkScene, theme: str = "light", straight: bool = False) -> tuple[Drawing, ...]:
    """All of them, in the order of the page. theme: light or dark.  straight: a linear axis of epochs, not log."""
    found: list[Drawing | None] = []
    for lane in range(len(scene.lanes)):
        found += [view(scene, lane, theme), losses(scene, lane, theme, straight), meter(scene, lane, theme)]
        found += [sharpness(scene, lane, theme, straight)]
    found += wirings(scene, theme)
    return tuple(each for each in [*found, *over_the_run(scene, theme, straight)] if each)


def view(scene: NetworkScene, lane: int, theme: str) -> Drawing | None:
    """What the network says: of one column the fitted curve, of two its surface, of other classes the table of what
    they are taken for; None of many columns without classes, which lie on no plane.
    """
    data = scene.history.experiment.dataset()
    columns = data.x.shape[1]
    if columns > 2 and not data.classes:
        return None
    draw = _surface if columns == 2 else _confusion if data.classes else _fit
    return _of_lane(scene, lane, "view", "What the network says", draw(scene, lane, theme))


def _fit(scene: NetworkScene, lane: int, theme: str) -> _Built:
    data = scene.history.experiment.dataset()
    ends = [_stretch(values) for values in (data.x[:, 0].tolist(), data.y.tolist())]
    held = scene.history.test_loss is not None
    spec = built(fitted_curve, scene.history.experiment.data)(theme, *lane_looks(lane, theme), *ends, held)
    return spec, {"points": scene.points, "fits": scene.views[lane]}, f"Lane {LANE_LETTERS[lane]}: the fit."


def _confusion(scene: NetworkScene, lane: int, theme: str) -> _Built:
    experiment = scene.history.experiment
    spec = built(confusion, experiment.data)(theme, experiment.dataset().classes)
    of = "training " if problem(experiment).test_labels is None else "held-out "
    of += "images" if experiment.data == "digits" else "rows"
    words = f"Lane {LANE_LETTERS[lane]}: for each true class, the classes its {of} are taken for at the epoch shown."
    return spec, {"pictures": scene.views[lane]}, words


def _surface(scene: NetworkScene, lane: int, theme: str) -> _Built:
    experiment = scene.history.experiment
    data, box = experiment.dataset(), plane(problem(experiment))
    colours = POINT_COLOURS[: len(data.classes)] if data.classes else SCALE_COLOURS
    x, y = (box.x.low, box.x.high), (box.y.low, box.y.high)
    titles = (data.columns[0], data.columns[1])
    spec = built(surface, experiment.data)(theme, x, y, titles, colours, data.classes, experiment.test_share > 0)
    words = (
        f"Lane {LANE_LETTERS[lane]}: what the network says over the plane, and {len(data.y)} points of {data.title}."
    )
    return spec, {"pictures": scene.views[lane], "points": scene.points}, words


def losses(scene: NetworkScene, lane: int, theme: str, straight: bool = False) -> Drawing:
    """Its loss on training points, and on held-out ones where there are any."""
    history, told, axis = scene.history, scene.lanes[lane], scene.losses
    words = curve_in_words(history.experiment.learning_rates[lane], history.loss[lane], told.diagnosis)
    if history.test_loss is not None:
        words += f" On held-out points it ends at {number(history.test_loss[lane, -1])}."
    spec = loss_curve(
        theme,
        *lane_looks(lane, theme),
        axis.low,
        axis.high,
        history.experiment.epochs,
        height=210,
        tested=history.test_loss is not None,
        straight=straight,
    )
    tables = {"curve": told.curve, "exit": told.exit, "test": scene.tests[lane]}
    return _of_lane(scene, lane, "loss", "Loss", (spec, tables, _so_far(scene, lane, "Loss against epoch") or words))


def meter(scene: NetworkScene, lane: int, theme: str) -> Drawing:
    """Its meter, as a gauge."""
    experiment, told = scene.history.experiment, scene.lanes[lane]
    reading = meter_in_words(experiment, told).replace("*", "")
    words = _so_far(scene, lane, "Meter") or f"Meter {reading}, on a scale with marks at 1 and 2."
    spec = meter_gauge(theme, peak=is_plain(experiment))
    return _of_lane(scene, lane, "meter", "Meter", (spec, {"curve": told.meter}, words))


def sharpness(scene: NetworkScene, lane: int, theme: str, straight: bool = False) -> Drawing | None:
    """Learning rate times sharpness; None where it was not measured."""
    history = scene.history
    if history.sharpness is None:
        return None
    line, rate = edge(history.experiment), history.experiment.learning_rates[lane]
    seen = scene.sharpness[lane].column("product").to_pylist()
    words = f"Learning rate × sharpness, unstable above {number(line)}: "
    words += f"from {number(seen[0])} to {number(seen[-1])} at learning rate {number(rate)}." if seen else "not finite."
    epochs, top = history.experiment.epochs, scene.sharpness_top
    spec = sharpness_curve(theme, *lane_looks(lane, theme), epochs, line, top, straight=straight)
    words = _so_far(scene, lane, "Learning rate × sharpness") or words
    return _of_lane(scene, lane, "sharpness", "Sharpness", (spec, {"sharpness": scene.sharpness[lane]}, words))


def wirings(scene: NetworkScene, theme: str = "light") -> tuple[Drawing, ...]:
    """The network of each lane itself, as it is in the end; without a lane that has no numbers any more."""
    count = len(scene.lanes)
    return tuple(_wiring(scene, lane, theme) for lane in range(count) if scene.history.snapshots is not None)


def _wiring(scene: NetworkScene, lane: int, theme: str) -> Drawing:
    experiment = scene.history.experiment
    drawn = diagram(scene.history, scene.measures, lane)
    widest = max(drawn.widths)

    def at(layer: int, unit: int) -> tuple[float, float]:
        return layer, unit + (widest - drawn.widths[layer]) / 2

    values = np.frombuffer(b64decode(drawn.values), np.int8)[-len(drawn.places) :] / 127
    weights = [
        (*at(layer - 1, source), *at(layer, target), abs(value), "negative" if value < 0 else "positive")
        for (layer, source, target), value in zip(drawn.places, values.tolist(), strict=True)
        if source >= 0
    ]
    units = [at(layer, unit) for layer, width in enumerate(drawn.widths) for unit in range(width)]
    outputs = experiment.dataset().classes if experiment.widths[-1] > 1 else ("output",)
    said = input_names(experiment), outputs
    ends = [(layer, unit, name) for layer, names in zip((0, -1), said, strict=True) for unit, name in enumerate(names)]
    places = [(*at(layer % len(drawn.widths), unit), name) for layer, unit, name in ends] if widest <= _NAMED else []
    left, right = (_BESIDE + _LETTER * max((len(name) for name in names if places), default=0) for names in said)
    tables = {
        "weights": _columns(("x", "y", "x2", "y2", "size", "sign"), weights),
        "units": _columns(("x", "y"), units),
        "names": _columns(("x", "y", "words"), places),
    }
    words = (
        f"The weights of lane {LANE_LETTERS[lane]} after the last epoch, the widest line for {number(drawn.largest)}"
    )
    words += f"; the {drawn.left_out:,} smallest are left out." if drawn.left_out else "."
    built_of = (wiring(theme, len(drawn.widths), widest, (left, right)), tables, words)
    return _of_lane(scene, lane, "wiring", "The network at the end", built_of)


def _columns(names: tuple[str, ...], found: Sequence[tuple[Any, ...]]) -> dict[str, list[Any]]:
    """Rows as columns of these names."""
    return {name: [row[k] for row in found] for k, name in enumerate(names)}


def over_the_run(scene: NetworkScene, theme: str, straight: bool = False) -> list[Drawing]:
    """Accuracy, gradient norm and dead units of all lanes; without what there is none of."""
    held, norms, dead = scene.history.test_loss is not None, scene.gradient_norms, scene.measures.dead
    units = dead.shape[2]
    shown = {
        "accuracy": ("accuracy, held-out points" if held else "accuracy", 0.0, 1.0, False),
        "gradient_norm": ("gradient norm", norms.low, norms.high, True),
        "dead": (f"dead units of {units}", 0.0, float(max(units, 1)), False),
    }
    return [
        Drawing(
            key=f"over-{name}",
            name=title.capitalize(),
            words=f"{title.capitalize()} of each lane against the epoch.",
            spec=over_epochs(
                theme, len(scene.roles), scene.history.experiment.epochs, title, low, high, log, straight=straight
            ),
            tables={"lanes": scene.over[name]},
            lanes=_lanes(scene),
        )
        for name, (title, low, high, log) in shown.items()
        if name in scene.over and (name != "dead" or dead.any())  # none died: nothing to see
    ]


def _of_lane(scene: NetworkScene, lane: int, key: str, name: str, drawn: _Built) -> Drawing:
    spec, tables, words = drawn
    rate = number(scene.history.experiment.learning_rates[lane])
    name = f"{name}, lane {LANE_LETTERS[lane]}: learning rate {rate}"
    return Drawing(key=f"{key}-{lane}", name=name, words=words, spec=spec, tables=tables, lanes=_lanes(scene))


def _lanes(scene: NetworkScene) -> dict[str, str]:
    rates = scene.history.experiment.learning_rates
    return {letter: f"learning rate {number(rate)}" for letter, rate in zip(LANE_LETTERS, rates, strict=False)}


def _so_far(scene: NetworkScene, lane: int, what: str) -> str:
    """The words of a chart whose run is still trained, "" of another: with other words a page draws it all anew."""
    if scene.history.finished:
        return ""
    rate = number(scene.history.experiment.learning_rates[lane])
    return f"{what} of lane {LANE_LETTERS[lane]}, learning rate {rate}, so far, while it is trained."


def _stretch(values: list[float]) -> tuple[float, float]:
    low, high = padded(min(values), max(values))
    return low, high
