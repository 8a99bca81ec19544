"""Update rules from scratch: gradient in, step out.

A rule is `update(gradient, state, learning_rate, momentum) -> (step, state)`; the
parameters then move by `parameters + step`. All arrays are (R, P): R learning rates
trained side by side, P parameters each; `learning_rate` is (R, 1), so the formulas
read as if there were one. The state before the first step is None.

The conventions are torch.optim's, so both trainers can be held against each other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]
UpdateRule = Callable[[Array, Array | None, Array, float], tuple[Array, Array | None]]


def gradient_descent(
    gradient: Array, state: Array | None, learning_rate: Array, momentum: float
) -> tuple[Array, Array | None]:
    """Gradient descent, w = w - lr * dw, with Polyak's momentum where it is asked for.

    With momentum m:  v = m * v + dw,  w = w - lr * v.  The first v is dw itself, and
    m = 0 is plain gradient descent (torch.optim.SGD does the same).
    Source: Polyak (1964), USSR Comp. Math. 4(5):1-17; Sutskever et al. (2013).
    """
    velocity = gradient if momentum == 0 or state is None else momentum * state + gradient
    return -learning_rate * velocity, velocity


# "momentum" is gradient descent with a velocity: one formula, two names people look for.
UPDATE_RULES: dict[str, UpdateRule] = {"sgd": gradient_descent, "momentum": gradient_descent}
