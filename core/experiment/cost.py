"""What a run costs, told before it is run: what decides between cache, progress bar and refusal."""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

# Limits by cost. A cell is one learning rate for one epoch. A History holds five float64 numbers
# for each, so 4 million cells are 160 MB; seconds are those of one 2020s core.
MAX_CELLS = 4_000_000
MAX_SECONDS = 120.0
AT_ONCE_SECONDS = 0.1  # up to here it is simply done where the page is drawn; beyond by a worker
CACHED_SECONDS = 0.5  # up to here nobody minds waiting; beyond it shows its progress

_CELL_BYTES = 110  # five numbers of a History, and as many again while it is drawn
_ACTIVATION_BYTES = 100  # of one point in one unit: its activation, derivative and gradient, and copies of them
_FORWARD = 0.5  # of a step: a look at the loss without a gradient


class _NetworkCost(NamedTuple):
    """Seconds of a step, and more for: a layer; of each rate a layer, a weight; at a point a weight, an activation."""

    step: float
    layer: float
    rate_layer: float
    weight: float
    weight_point: float
    activation_point: float


_NETWORK = {
    "numpy": _NetworkCost(17e-6, 4e-6, 70e-9, 3e-9, 0.1e-9, 2.3e-9),
    "torch": _NetworkCost(110e-6, 17e-6, 1e-6, 3.2e-9, 0.14e-9, 7e-9),
}
_LINE = {"numpy": (9e-6, 25e-9, 0.7e-9), "torch": (68e-6, 2.1e-6, 1e-9)}  # a step, a rate, a point of each rate


def seconds_per_step(engine: str, rates: int, points: int, widths: tuple[int, ...] | None) -> float:
    """Estimated seconds of one update of all rates, recorded, on one 2020s core.

    Fitted to 500 runs: either engine, 1 to 200 rates, 5 to 1,797 rows in batches of 1 to all of them, lines and
    networks of 17 to 25,000 weights. It is within a factor of 2 of 99 in 100 of them.
    points: rows in the step.  widths: of a network's layers, None for a line.
    """
    if widths is None:
        per_step, per_rate, per_point = _LINE[engine]
        return per_step + rates * (per_rate + points * per_point)
    layers = len(widths) - 1
    weights = sum((inputs + 1) * outputs for inputs, outputs in pairwise(widths))
    activations = sum(widths[1:-1])
    cost = _NETWORK[engine]
    per_rate = layers * cost.rate_layer + weights * cost.weight + activations * points * cost.activation_point
    return cost.step + layers * cost.layer + rates * (per_rate + weights * points * cost.weight_point)


def seconds_of_sharpness(rates: int, points: int, widths: tuple[int, ...], moments: int) -> float:
    """Estimated seconds of measuring the sharpness of all rates at so many moments."""
    weights = sum((inputs + 1) * outputs for inputs, outputs in pairwise(widths))
    products = 10 + 40 / max(moments, 1)  # the first measurement takes longest
    a_product = len(widths) * 150e-6 + rates * points * weights * 4e-9
    return moments * products * a_product if moments else 0.0


def seconds_per_epoch(
    engine: str, rates: int, points: int, batch: int, tested: int, widths: tuple[int, ...] | None
) -> float:
    """Estimated seconds of one epoch; batch: rows in a step, tested: rows held out and looked at once an epoch."""
    step = seconds_per_step(engine, rates, batch, widths)
    look = _FORWARD * seconds_per_step(engine, rates, tested, widths) if tested else 0.0
    if batch >= points:
        return step + look
    # After a mini-batch step its own loss is measured once more; an epoch begins with one full pass.
    steps = math.ceil(points / batch) * (1 + _FORWARD) * step
    return steps + seconds_per_step(engine, rates, points, widths) + look


def most_epochs(seconds: Callable[[int], float], most: int) -> int:
    """The most epochs up to `most` that may be trained; 0 where not even one may.

    seconds: of so many epochs, by estimate; more for more of them. ValueError: so many are refused.
    """

    def taken(epochs: int) -> bool:
        try:
            return seconds(epochs) <= MAX_SECONDS
        except ValueError:
            return False

    least, beyond = 0, most + 1
    while beyond - least > 1:
        middle = (least + beyond) // 2
        least, beyond = (middle, beyond) if taken(middle) else (least, middle)
    return least


def megabytes(rates: int, epochs: int, points: int, widths: tuple[int, ...]) -> float:
    """Estimated MB (1e6 bytes) that training and drawing takes at most beside what is loaded; widths: of all layers.

    Fitted to the largest runs there may be: no more than what is estimated, and no less than a quarter of it.
    """
    return (_CELL_BYTES * rates * epochs + _ACTIVATION_BYTES * rates * points * sum(widths)) / 1e6
