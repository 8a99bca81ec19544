"""Update rules from scratch: gradient in, step out.

A formula is `update(gradient, state, learning_rate, momentum) -> (step, state)`; the
parameters then move by `parameters + step`. All arrays are (R, P): R learning rates
trained side by side, P parameters each; `learning_rate` is (R, 1), so the formulas
read as if there were one. The state before the first step is None; after it, whatever
the rule remembers: a caller hands it back and never looks inside.

A Rule is a formula with its name and what else must be known of it; UPDATE_RULES has them all.
The conventions are torch.optim's, so both trainers can be held against each other.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy import ndarray as Array

State = Any  # each rule has its own
UpdateRule = Callable[[Array, State, Array, float], tuple[Array, State]]

AdamState = tuple[Array, Array, int]
RMSpropState = tuple[Array, Array]
# What rules need beside rate and momentum: the values of their papers, which torch.optim has as defaults.
_BETA2 = 0.999  # Adam's: a mean over about the last 1000 squares; beta1 is its momentum
_EPSILON = 1e-8  # Adam's and RMSprop's: a parameter whose gradient is 0 must not be divided by 0
_ALPHA = 0.99  # RMSprop's: a mean over about the last 100 squares
_ADAGRAD_EPSILON = 1e-10
_WEIGHT_DECAY = 0.01  # AdamW's


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


def nesterov(gradient: Array, state: Array | None, learning_rate: Array, momentum: float) -> tuple[Array, Array]:
    """Nesterov's momentum: the velocity is followed one step ahead of itself.

    With momentum m:  v = m * v + dw,  w = w - lr * (dw + m * v).  The first v is dw itself, so the first step is
    lr * (1 + m) * dw; m = 0 is plain gradient descent (torch.optim.SGD with nesterov=True does the same).
    Source: Nesterov (1983), Soviet Math. Dokl. 27(2):372-376, in the form of Sutskever et al. (2013).
    """
    velocity = gradient if state is None else momentum * state + gradient
    return -learning_rate * (gradient + momentum * velocity), velocity


def adagrad(gradient: Array, state: Array | None, learning_rate: Array, momentum: float) -> tuple[Array, Array]:
    """Adagrad: every parameter's step is divided by the length of all its gradients so far, so steps only shrink.

        s = s + dw^2                         the sum of all squares
        w = w - lr * dw / (sqrt(s) + 1e-10)
    The first step is lr * sign(dw). It has no momentum and ignores what is given (torch.optim.Adagrad does the same).
    Source: Duchi, Hazan and Singer (2011), JMLR 12:2121-2159.
    """
    square = gradient**2 if state is None else state + gradient**2
    return -learning_rate * (gradient / (np.sqrt(square) + _ADAGRAD_EPSILON)), square


def adagrad_preconditioner(state: Array, momentum: float) -> Array:
    """(R, P) what Adagrad's last step divided each gradient by, beside the learning rate: sqrt(s) + 1e-10."""
    size: Array = np.sqrt(state) + _ADAGRAD_EPSILON
    return size


def rmsprop(
    gradient: Array, state: RMSpropState | None, learning_rate: Array, momentum: float
) -> tuple[Array, RMSpropState]:
    """RMSprop: every parameter's step is divided by the usual size of its gradient of late.

        s = 0.99 * s + 0.01 * dw^2           a running mean of the square, from 0
        v = m * v + dw / (sqrt(s) + 1e-8)    with momentum m; m = 0 is the rule as it was first told
        w = w - lr * v
    Nothing makes up for s starting at 0, so the first step is 10 * lr * sign(dw).
    The state is (s, v). torch.optim.RMSprop does the same.
    Source: Tieleman and Hinton (2012), "Neural networks for machine learning", lecture 6.5.
    """
    square, velocity = (np.zeros_like(gradient), np.zeros_like(gradient)) if state is None else state
    square = _ALPHA * square + (1 - _ALPHA) * gradient**2
    scaled = gradient / (np.sqrt(square) + _EPSILON)
    velocity = momentum * velocity + scaled if momentum else scaled
    return -learning_rate * velocity, (square, velocity)


def rmsprop_preconditioner(state: RMSpropState, momentum: float) -> Array:
    """(R, P) what RMSprop's last step divided each gradient by, beside the learning rate: sqrt(s) + 1e-8."""
    size: Array = np.sqrt(state[0]) + _EPSILON
    return size


def adam(gradient: Array, state: AdamState | None, learning_rate: Array, beta1: float) -> tuple[Array, AdamState]:
    """Adam: momentum, with every parameter's step divided by the usual size of its gradient.

    With beta1 m, its momentum, usually 0.9, and step number k = 1, 2, ...:
        v = m * v + (1 - m) * dw             a running mean of the gradient
        s = 0.999 * s + 0.001 * dw^2         a running mean of its square
        w = w - lr * (v / (1 - m^k)) / (sqrt(s / (1 - 0.999^k)) + 1e-8)
    The divisors 1 - m^k make up for v and s starting at 0, so the first step is lr * sign(dw).
    The state is (v, s, k). torch.optim.Adam does the same.
    Source: Kingma and Ba (2015), arXiv 1412.6980, algorithm 1.
    """
    mean, square, k = (np.zeros_like(gradient), np.zeros_like(gradient), 0) if state is None else state
    mean = beta1 * mean + (1 - beta1) * gradient
    square = _BETA2 * square + (1 - _BETA2) * gradient**2
    k += 1
    # Bias correction: both means begin at 0, so that after k steps they are 1 - beta^k of their size.
    size = np.sqrt(square / (1 - _BETA2**k)) + _EPSILON
    return -learning_rate * (mean / (1 - beta1**k)) / size, (mean, square, k)


def adam_preconditioner(state: AdamState, momentum: float) -> Array:
    """(R, P) what Adam's last step divided each gradient by, beside the learning rate.

    After k steps it is (sqrt(s / (1 - 0.999^k)) + 1e-8) (1 - m^k), in the letters of `adam`: with it Adam is
    gradient descent with momentum, every parameter on a scale of its own, and lr times the largest eigenvalue of
    the Hessian on these scales is what stands at the edge of stability.
    Source: Cohen et al. (2022), arXiv 2207.14484.
    """
    _, square, k = state
    size: Array = np.sqrt(square / (1 - _BETA2**k)) + _EPSILON
    return size * (1 - momentum**k)


class Memory(NamedTuple):
    """What a rule carries from step to step, each (R, P), or None where it has no such thing.

    velocity: the gradients of late, added up or averaged.  square: their squares, likewise.
    """

    velocity: Array | None = None
    square: Array | None = None


class Rule(NamedTuple):
    """An update rule: its name, its formula, and what depends on the rule elsewhere.

    momentum: what is usual; None where the rule goes without.  preconditioner: (state, momentum) -> (R, P), what the
    last step divided each gradient by, for a rule that divides.  weight_decay: how far a step shrinks the parameters.
    memory: what a state after a step holds.
    """

    title: str
    update: UpdateRule
    memory: Callable[[State], Memory]
    momentum: float | None = None
    preconditioner: Callable[[State, float], Array] | None = None
    weight_decay: float = 0.0

    @property
    def adaptive(self) -> bool:
        """Whether it gives every parameter a scale of its own: then no limit is known before it is trained."""
        return self.preconditioner is not None

    def move(
        self, parameters: Array, gradient: Array, state: State, learning_rate: Array, momentum: float
    ) -> tuple[Array, State]:
        """(parameters after one update, state): w = (1 - lr * weight_decay) * w, then w = w + step.

        The shrinking is what makes AdamW of Adam: it knows nothing of gradients, so their size does not matter to it
        (torch.optim.AdamW does the same). Source: Loshchilov and Hutter (2019), arXiv 1711.05101, algorithm 2.
        """
        step, state = self.update(gradient, state, learning_rate, momentum)
        if self.weight_decay:
            parameters = (1 - learning_rate * self.weight_decay) * parameters
        return parameters + step, state


# "momentum" is gradient descent with a velocity: one formula, two names people look for.
UPDATE_RULES: dict[str, Rule] = {
    "sgd": Rule("Gradient descent", gradient_descent, lambda state: Memory()),
    "momentum": Rule("Momentum", gradient_descent, Memory, 0.9),
    "nesterov": Rule("Nesterov momentum", nesterov, Memory, 0.9),
    "adagrad": Rule("Adagrad", adagrad, lambda state: Memory(None, state), None, adagrad_preconditioner),
    "rmsprop": Rule("RMSprop", rmsprop, lambda state: Memory(None, state[0]), 0.0, rmsprop_preconditioner),
    "adam": Rule("Adam", adam, lambda state: Memory(*state[:2]), 0.9, adam_preconditioner),
    "adamw": Rule("AdamW", adam, lambda state: Memory(*state[:2]), 0.9, adam_preconditioner, _WEIGHT_DECAY),
}
