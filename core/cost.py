"""What a run costs, told before it is run: what decides between cache, progress bar and refusal."""

from __future__ import annotations

import math
from itertools import pairwise

# Limits by cost. A cell is one learning rate for one epoch. A History holds five float64 numbers
# for each, so 4 million cells are 160 MB; seconds are those of one 2020s core.
MAX_CELLS = 4_000_000
MAX_SECONDS = 120.0
CACHED_SECONDS = 0.5  # up to here a run is simply done and cached; beyond it shows its progress


def seconds_per_step(engine: str, rates: int, points: int, widths: tuple[int, ...] | None) -> float:
    """Estimated seconds of one update of all rates on one 2020s core, fitted to the benchmarks within a factor of 2.

    points: rows in the step.  widths: of a network's layers, None for a line.
    """
    if widths is None:
        per_step, per_rate = (155e-6, 3.5e-6) if engine == "torch" else (8e-6, 70e-9)
        return per_step + rates * per_rate + rates * points * 0.7e-9
    layers = len(widths) - 1
    weights = sum((inputs + 1) * outputs for inputs, outputs in pairwise(widths))
    bends = sum(widths[1:-1])
    work = rates * points * (weights * 0.6e-9 + bends * 5e-9) + rates * weights * 4e-9
    per_step, per_layer, per_rate = (150e-6, 60e-6, 6e-6) if engine == "torch" else (15e-6, 15e-6, 2e-6)
    return per_step + layers * (per_layer + rates * per_rate) + work


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
    look = seconds_per_step(engine, rates, tested, widths) / 2 if tested else 0.0
    if batch >= points:
        return step + look
    # A mini-batch step also measures its own loss before and after; an epoch ends with one full pass.
    return math.ceil(points / batch) * 2 * step + seconds_per_step(engine, rates, points, widths) + look
