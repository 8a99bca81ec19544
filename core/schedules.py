"""Schedules: what the learning rate is multiplied by at each step.

A schedule is a function (step, steps) -> multiplier, with steps counted from 0.
So far there is one: the rate stays what it was set to.
"""

from __future__ import annotations

from collections.abc import Callable


def constant(step: int, steps: int) -> float:
    """1 at every step: lr_t = lr."""
    return 1.0


SCHEDULES: dict[str, Callable[[int, int], float]] = {"constant": constant}
