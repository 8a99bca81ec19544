"""What the stage draws beside a deck's runs: axes, limits, the ruler's curve, the data and the loss over (w, b).

Experiment -> train -> deck, and this as more of its header -> bytes.
"""

import gzip
import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from ...diagnosis.rules import Diagnosis
from ...diagnosis.theory import Landscape, landscape, overshoot_limit, predictable, stability_limit
from ...diagnosis.verdicts import diagnose, is_plain
from ...drawing import frames
from ...drawing.axes import Axis, decades, padded
from ...drawing.deck import SPREAD, Deck, deck, family
from ...drawing.deck import seconds as seconds_of_deck
from ...experiment.described import axis_titles
from ...experiment.experiment import RATE_LIMITS, Experiment
from ...training.history import History
from ...training.train import Progress, train
from ...words import ZONES
from ..sweep.sweep import seconds_of_measurement
from . import ruler
from .ruler import Ruler

_DIGITS = 7  # of a number that is only drawn: a float32 has no more
_RING_DIGITS = 4  # of the width of their picture: rings of 600 corners are most of what is sent beside a deck
_ENOUGH = 40  # rates that make a ruler by themselves; fewer are a deck's where each of them takes long
_LOWEST, _HIGHEST = 1e-5, 10.0  # of the limit: the axis of rates, six decades


def packed(experiment: Experiment, losses: Axis | None = None, progress: Progress | None = None) -> bytes:
    """Train the experiment; its deck with all that the stage draws beside, compressed by gzip. progress: as of `train`.

    Beside a line's whole `family` only: a rate that joins a deck needs nothing more, nor does a network's.
    losses: the axis of the deck that it joins, which tells where its curve leaves the chart.
    """
    history = train(experiment, progress)
    made = deck(history, losses)
    return gzip.compress(made.to_bytes(header(history, made) if _is_whole(experiment) else {}), 6, mtime=0)


def seconds(experiment: Experiment) -> float:
    """Estimated seconds of `packed` on one core."""
    if not _is_whole(experiment):
        return seconds_of_deck(experiment)
    makes_its_own = len(experiment.learning_rates) >= _ENOUGH
    return seconds_of_deck(experiment) + (
        seconds_of_measurement(experiment) if makes_its_own else ruler.seconds(experiment)
    )


def judged(experiment: Experiment) -> Experiment:
    """What has to be trained for `verdicts`: its lanes, or all of its deck where a verdict looks at other rates."""
    return experiment if predictable(experiment) and is_plain(experiment) else family(experiment)


def verdicts(experiment: Experiment) -> tuple[Diagnosis, ...]:
    """The Diagnosis of each lane, as its deck has it."""
    whole = judged(experiment)
    found = diagnose(train(whole))
    return tuple(found[whole.learning_rates.index(rate)] for rate in experiment.learning_rates)


def _is_whole(experiment: Experiment) -> bool:
    return experiment.network() is None and family(experiment) == experiment


def header(history: History, made: Deck) -> dict[str, Any]:
    """What goes beside the deck of a line's run, as JSON has it: numbers to 7 digits, limits exactly, null for none.

    experiment: epochs, points, steps_per_epoch, and plain and quadratic, which tell what theory knows.
    axes: [low, high] of losses, ruler (a loss), rates, x, y, w and b; weights [low, high, constant] is symlog.
    ticks: of the axes epochs, losses, ruler, weights.  zones: what they are called.
    limit: overshoot, predicted, measured, words, and marks (rate, words, row).
    sweep: rate, loss, epochs: the ruler's curve; below: where it leaves the axis of the ruler downwards for long (rate,
        loss, words).
    points: x, y.  ends: the lowest and the highest x, between which a line w x + b is drawn.
    contours: level, w, b.  places: w, b, what, steep: whether paths run up and down there.  titles: of x and y.
    """
    experiment = history.experiment
    own = len(made.rates) >= _ENOUGH
    measured = ruler.ruler_of_run(history) if own else ruler.measure(experiment)
    depth, land = measured.losses(made.losses), landscape(experiment)
    box, points = frames.contour_box(land), frames.points(experiment)
    x, y = frames.data_axes(experiment)
    wide = padded(*x.ends)
    weights, constant = frames.wide_weight_axis(land)
    axes = {
        "losses": made.losses,
        "ruler": depth,
        "rates": _rates(experiment),
        "x": Axis(low=wide[0], high=wide[1]),
        "y": y,
        "w": box.w,
        "b": box.b,
    }
    return {
        "experiment": {
            "epochs": experiment.epochs,
            "points": experiment.points,
            "steps_per_epoch": experiment.steps_per_epoch,
            "plain": is_plain(experiment),
            "quadratic": experiment.quadratic,
        },
        "axes": {name: _drawn(axis.ends) for name, axis in axes.items()} | {"weights": [*weights.ends, constant]},
        "ticks": {
            "epochs": [0, *decades(1, experiment.epochs)],
            "losses": decades(*made.losses.ends, 6),
            "ruler": decades(*depth.ends, 3),
            "weights": _powers(weights, constant),
        },
        "zones": list(ZONES),
        "limit": _limit(experiment, measured),
        **_curve(measured, depth),
        "points": {name: _drawn(values) for name, values in points.items()},
        "ends": _drawn(x.ends),
        "contours": _rings(frames.contours(land, box), box),
        "places": {
            name: values.tolist() if name == "what" else _drawn(values)
            for name, values in frames.start_and_minimum(land).items()
        }
        | {"steep": [_is_steep(land, box)] * 2},
        "titles": dict(zip(("x", "y"), axis_titles(experiment), strict=True)),
    }


def _is_steep(land: Landscape, box: frames.Box) -> bool:
    """Whether the way from the start to the minimum goes more up the picture than across."""
    w, b = np.abs(np.asarray(land.minimum) - np.asarray(land.start)) / [box.w.high - box.w.low, box.b.high - box.b.low]
    return bool(b > w)


def _rates(experiment: Experiment) -> Axis:
    if not predictable(experiment):
        low, high = SPREAD
        return Axis(low=low, high=high, scale="log")
    limit, (lowest, highest) = stability_limit(experiment), RATE_LIMITS
    return Axis(low=max(_LOWEST * limit, lowest), high=min(_HIGHEST * limit, highest), scale="log")


def _powers(axis: Axis, constant: float) -> list[float]:
    """Labels of the axis of w: 0, and powers of ten times its constant on both sides, as far as it reaches."""
    powers = [constant * 10.0**k for k in range(9)]
    labels = [*(-power for power in reversed(powers)), 0, *powers]
    return [label for label in labels if axis.low <= label <= axis.high]


def _limit(experiment: Experiment, measured: Ruler) -> dict[str, Any]:
    known = predictable(experiment)
    return {
        "overshoot": overshoot_limit(experiment) if known else None,
        "predicted": stability_limit(experiment) if known else None,
        "measured": measured.measured,
        "words": measured.words(experiment),
        "marks": measured.limit().to_dict("list") if known else {"rate": [], "words": [], "row": []},
    }


def _curve(measured: Ruler, depth: Axis) -> dict[str, Any]:
    """The ruler's curve and where it leaves the axis downwards."""
    loss, below = measured.sweep.final_loss[0], measured.below(depth)
    return {
        "sweep": {
            "rate": _drawn(measured.sweep.learning_rates),
            "loss": [value if value and value > 0 else None for value in _drawn(loss)],
            "epochs": measured.sweep.epochs,
        },
        "below": {name: below[name].tolist() for name in below},
    }


def _rings(contours: frames.Columns, box: frames.Box) -> dict[str, list[float]]:
    def rounded(values: np.ndarray, axis: Axis) -> list[float]:
        decimals = _RING_DIGITS - math.ceil(math.log10(axis.high - axis.low))
        return [round(value, decimals) for value in values.tolist()]

    return {
        "level": contours["level"].tolist(),
        "w": rounded(contours["w"], box.w),
        "b": rounded(contours["b"], box.b),
    }


def _drawn(values: Iterable[float]) -> list[float | None]:
    """The numbers as they are drawn; None for what is no finite one."""
    return [float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None for value in values]
