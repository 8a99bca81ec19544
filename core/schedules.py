"""Schedules: what the learning rate is multiplied by at each step.

A schedule is a function (step, steps) -> multiplier: step counts from 0, steps is how many the whole run has.
"""

from __future__ import annotations

from collections.abc import Callable

WARM = 0.1  # of all steps


def constant(step: int, steps: int) -> float:
    """1 at every step: lr_t = lr."""
    return 1.0


def warm_up(step: int, steps: int) -> float:
    """A straight climb over the first tenth of the run, then 1: lr_t = lr * min(1, (step + 1) / (steps / 10)).

    A badly initialised network is sharp; small steps lead it to flatter ground first.
    Source: Gilmer et al. (2021), arXiv 2110.04369.
    """
    return min(1.0, (step + 1) / max(1.0, WARM * steps))


SCHEDULES: dict[str, Callable[[int, int], float]] = {"constant": constant, "warm-up": warm_up}
