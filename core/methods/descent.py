"""Gradient descent on any gradient: the loop of the lessons, without the data, records and meter of training.py."""

from collections.abc import Callable

import numpy as np
from numpy import ndarray as Array
from numpy.typing import ArrayLike

from .optimizers import UpdateRule, gradient_descent


def descend(
    gradient: Callable[[Array], Array],
    start: ArrayLike,
    learning_rates: ArrayLike,
    steps: int,
    rule: UpdateRule = gradient_descent,
    momentum: float = 0.0,
) -> Array:
    """(R, steps + 1, P) the parameters after 0, 1, ..., steps updates at each of R learning rates.

    gradient: parameters (R, P) -> gradient (R, P).  start: (P,), or (R, P) for a start each.
    Nothing is clipped and nothing stops early: inf and nan come as they come.
    """
    rates = np.atleast_1d(np.asarray(learning_rates, float))[:, None]
    here = np.array(np.broadcast_to(np.asarray(start, float), (len(rates), np.shape(start)[-1])))
    path = np.empty((len(rates), steps + 1, here.shape[1]))
    path[:, 0] = here
    state = None
    with np.errstate(over="ignore", invalid="ignore"):
        for k in range(steps):
            step, state = rule(gradient(here), state, rates, momentum)
            here = here + step
            path[:, k + 1] = here
    return path
