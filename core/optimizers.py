"""Update rules from scratch: gradient in, step out.

A rule is `update(gradient, state, learning_rate, momentum) -> (step, state)`; the
parameters then move by `parameters + step`. All arrays are (R, P): R learning rates
trained side by side, P parameters each; `learning_rate` is (R, 1), so the formulas
read as if there were one. The state before the first step is None; after it, whatever
the rule remembers: a caller hands it back and never looks inside.

The conventions are torch.optim's, so both trainers can be held against each other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
State = Any  # each rule has its own
UpdateRule = Callable[[Array, State, Array, float], tuple[Array, State]]

AdamState = tuple[Array, Array, int]
_SQUARES_KEPT = 0.999  # Adam's beta2
_ABOVE_ZERO = 1e-8  # Adam's epsilon


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


def adam(gradient: Array, state: AdamState | None, learning_rate: Array, momentum: float) -> tuple[Array, AdamState]:
    """Adam: momentum, with every parameter's step divided by the usual size of its gradient.

    With momentum m (beta1, usually 0.9) and step number k = 1, 2, ...:
        v = m * v + (1 - m) * dw             a running mean of the gradient
        s = 0.999 * s + 0.001 * dw^2         a running mean of its square
        w = w - lr * (v / (1 - m^k)) / (sqrt(s / (1 - 0.999^k)) + 1e-8)
    The divisors 1 - m^k make up for v and s starting at 0, so the first step is lr * sign(dw).
    The state is (v, s, k). torch.optim.Adam does the same.
    Source: Kingma and Ba (2015), arXiv 1412.6980, algorithm 1.
    """
    mean, square, k = (np.zeros_like(gradient), np.zeros_like(gradient), 0) if state is None else state
    mean = momentum * mean + (1 - momentum) * gradient
    square = _SQUARES_KEPT * square + (1 - _SQUARES_KEPT) * gradient**2
    k += 1
    size = np.sqrt(square / (1 - _SQUARES_KEPT**k)) + _ABOVE_ZERO
    return -learning_rate * (mean / (1 - momentum**k)) / size, (mean, square, k)


def adam_preconditioner(state: AdamState, momentum: float) -> Array:
    """(R, P) what Adam's last step divided each gradient by, beside the learning rate.

    After k steps it is (sqrt(s / (1 - 0.999^k)) + 1e-8) (1 - m^k), in the letters of `adam`: with it Adam is
    gradient descent with momentum, every parameter on a scale of its own, and lr times the largest eigenvalue of
    the Hessian on these scales is what stands at the edge of stability.
    Source: Cohen et al. (2022), arXiv 2207.14484.
    """
    _, square, k = state
    size: Array = np.sqrt(square / (1 - _SQUARES_KEPT**k)) + _ABOVE_ZERO
    return size * (1 - momentum**k)


# "momentum" is gradient descent with a velocity: one formula, two names people look for.
UPDATE_RULES: dict[str, UpdateRule] = {"sgd": gradient_descent, "momentum": gradient_descent, "adam": adam}
