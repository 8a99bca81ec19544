"""What can be known before training: curvature, stability limits, the minimum, the time it takes.

All of it is exact for the line, whose loss is a quadratic in its parameters,

    loss(p) = floor + 1/2 (p - p*)' H (p - p*),    H = 2/n X' X,

so that gradient descent multiplies the error along each eigenvector of H by
1 - lr * eigenvalue at every step. Source: Goh (2017), "Why Momentum Really Works",
Distill, doi 10.23915/distill.00006; Polyak (1964).
"""

import math
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np
from numpy import ndarray as Array

from ..experiment.experiment import Experiment
from ..methods.optimizers import UPDATE_RULES
from ..training.problems import Problem, problem


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class Landscape:
    """The quadratic a line is trained on: all that theory needs to know of it. Arrays are read-only.

    hessian (P, P): second derivatives of the loss, 2/n X' X.  curvatures (P,): its eigenvalues, smallest
    first.  minimum (P,): the best parameters.  floor: their loss.  start (P,): the first parameters.  along (P,): how
    far the start lies from the minimum along each eigenvector.  y_squared: mean of y^2, what losses are measured by.
    """

    hessian: Array
    curvatures: Array
    minimum: Array
    floor: float
    start: Array
    along: Array
    y_squared: float

    def loss(self, parameters: Array) -> Array:
        """(...,) training loss at parameters (..., P)."""
        away = parameters - self.minimum
        rise: Array = np.einsum("...i,ij,...j->...", away, self.hessian, away) / 2
        return self.floor + rise


def landscape(experiment: Experiment) -> Landscape:
    """The Landscape of an experiment; worked out once for each data set, scaling and start.

    Raises ValueError where the loss is no quadratic: with hidden layers, cross-entropy or penalties.
    """
    if not experiment.quadratic:
        raise ValueError(
            "the loss must be a quadratic for a closed form: hidden=(), the mean squared error and no penalty, "
            f"got hidden={experiment.hidden}, loss={experiment.resolved_loss()}: measure sharpness instead"
        )
    task = problem(experiment)
    made = _LANDSCAPES.get(task)
    if made is None:
        made = _LANDSCAPES[task] = _landscape(task)
    return made


_LANDSCAPES: WeakKeyDictionary[Problem, Landscape] = WeakKeyDictionary()  # as long as the problem itself is kept


def _landscape(task: Problem) -> Landscape:
    points = len(task.inputs)
    # Eigenvalues from singular values of X: those of X' X would lose half the digits of the smallest.
    _, singular, vectors = np.linalg.svd(task.inputs, full_matrices=False)
    targets = task.targets.ravel()
    best = np.linalg.lstsq(task.inputs, targets, rcond=None)[0]
    floor, y_squared = float(np.mean((task.inputs @ best - targets) ** 2)), float(np.mean(targets**2))
    made = Landscape(
        hessian=2 / points * task.inputs.T @ task.inputs,
        curvatures=(2 / points * singular**2)[::-1].copy(),
        minimum=best,
        # A perfect fit leaves the rounding of y behind, about 1e-16 of it: that is 0.
        floor=floor if floor > 1e-28 * y_squared else 0.0,
        start=task.start,
        along=(vectors @ (task.start - best))[::-1].copy(),
        y_squared=y_squared,
    )
    for array in (made.hessian, made.curvatures, made.minimum, made.along):
        array.flags.writeable = False
    return made


def curvatures(experiment: Experiment) -> Array:
    """(P,) eigenvalues of the Hessian, smallest first, never below 0."""
    return landscape(experiment).curvatures


def stability_limit(experiment: Experiment) -> float:
    """The largest stable learning rate, edge / lmax; above it full-batch training grows without end.

    lmax is the largest eigenvalue of the Hessian. Exact for the line trained on the full batch at a constant rate,
    by gradient descent, with or without momentum; mini-batches can be unstable below it.
    Source: Polyak (1964); Goh (2017).
    Raises ValueError where it is not known beforehand: where the curvature changes while it is trained, under an
    adaptive rule, whose scale does, and under a schedule, whose rate does. Learning rate x (preconditioned) sharpness
    then has to stay below `edge`.
    """
    return edge(experiment) / _steepest(experiment)


def predictable(experiment: Experiment) -> bool:
    """Whether theory knows a run beforehand: a quadratic, at a constant rate, on one scale for all parameters."""
    constant = experiment.schedule == "constant" and not experiment.changes
    return experiment.quadratic and not experiment.adaptive and constant


def _steepest(experiment: Experiment) -> float:
    """The largest curvature, where it alone decides which rates are stable."""
    if experiment.quadratic and not predictable(experiment):
        raise ValueError(
            "a limit known beforehand needs optimizer sgd, momentum or nesterov and a constant schedule, "
            f"got {experiment.optimizer}, {experiment.schedule}{' and changes by hand' * bool(experiment.changes)}: "
            "measure the limit instead"
        )
    return float(curvatures(experiment)[-1])


def edge(experiment: Experiment) -> float:
    """Where learning rate x sharpness becomes unstable: the `stability_line` of the experiment's update rule."""
    return stability_line(experiment.optimizer, experiment.momentum)


def stability_line(optimizer: str, momentum: float) -> float:
    """Where learning rate x sharpness becomes unstable under an update rule, with momentum m.

        gradient descent, with or without momentum   2 (1 + m)
        Nesterov's momentum                          2 (1 + m) / (1 + 2 m)
        RMSprop                                      2 (1 + m)
        Adagrad                                      2
        Adam, AdamW                                  2 (1 + m) / (1 - m)
    The last three count for the preconditioned sharpness, with the preconditioner taken as frozen. (AdamW's shrinking
    lowers its line by lr / 200 of itself: nothing at the rates it is used at.)
    Source: Polyak (1964); Cohen et al. (2021), arXiv 2103.00065; Cohen et al. (2022), arXiv 2207.14484.
    Raises ValueError for a rule that is none of these.
    """
    m = momentum
    match optimizer:
        case "sgd" | "momentum" | "rmsprop":
            return 2 * (1 + m)
        case "nesterov":
            return 2 * (1 + m) / (1 + 2 * m)
        case "adagrad":
            return 2.0
        case "adam" | "adamw":
            return 2 * (1 + m) / (1 - m)
    raise ValueError(f"optimizer must be one of {', '.join(UPDATE_RULES)}, got {optimizer!r}: no other line is known")


def overshoot_limit(experiment: Experiment) -> float:
    """The largest learning rate that never overshoots: with momentum m (1 - sqrt(m))^2 / lmax, without it 1 / lmax.

    With Nesterov's momentum ((1 - m) / (1 + m))^2 / lmax: there both roots of z^2 - (1 + m)(1 - a) z + m (1 - a), by
    which the error changes along a direction of a = lr x curvature, are one. From here to the stability limit the
    steepest direction jumps (or swings) past its minimum again and again, and still comes to rest.
    Source: Goh (2017). Raises ValueError where `stability_limit` does.
    """
    m = experiment.momentum
    share = (1 - m) / (1 + m) if experiment.optimizer == "nesterov" else 1 - math.sqrt(m)
    return share**2 / _steepest(experiment)


def safest_rate(experiment: Experiment) -> float:
    """2 / (lmin + lmax): shrinks the worst direction fastest, without momentum. Best in the worst case,
    not from each start. Source: Polyak (1987), Introduction to Optimization, 1.4.
    """
    eigenvalues = curvatures(experiment)
    return float(2 / (eigenvalues[0] + eigenvalues[-1]))


def textbook_trio(experiment: Experiment) -> Experiment:
    """The same experiment at three rates from theory: 1/100 of the safest, the safest, 1.05 of the limit."""
    safest = safest_rate(experiment)
    rates = (safest / 100, safest, 1.05 * stability_limit(experiment))
    affordable = replace(experiment, learning_rates=rates, epochs=1).largest_epochs()
    return replace(experiment, learning_rates=rates, epochs=min(experiment.epochs, affordable))


def minimum(experiment: Experiment) -> tuple[Array, float]:
    """(parameters (P,), loss) of the best line there is: least squares, in closed form."""
    best = landscape(experiment)
    return best.minimum, best.floor


def baseline(experiment: Experiment) -> float:
    """Loss of the best constant prediction: the variance of y, or the entropy of how frequent the classes are."""
    task = problem(experiment)
    if experiment.resolved_loss() == "mse":
        return float(np.var(task.targets, axis=0).mean())
    assert task.labels is not None  # only classes have cross-entropy
    shares = np.bincount(task.labels) / len(task.labels)
    return float(-sum(share * math.log(share) for share in shares if share > 0))


def loss_after(experiment: Experiment, learning_rate: float, epochs: float) -> float:
    """Training loss after so many full-batch epochs of plain gradient descent, in closed form.

    floor + 1/2 sum_i l_i c_i^2 (1 - lr l_i)^(2 epochs), c the start's distance from the minimum along
    eigenvector i. inf where it overflows.
    """
    land = landscape(experiment)
    shrink = np.ones_like(land.curvatures)
    if epochs:
        with np.errstate(over="ignore"):
            shrink = np.exp(2 * epochs * _factors(land, learning_rate))
    return land.floor + float(np.sum(land.curvatures * land.along**2 * shrink)) / 2


def _factors(land: Landscape, learning_rate: float) -> Array:
    """(P,) log |1 - lr l_i|: what an epoch multiplies the distance along each eigenvector by. As a logarithm, because
    15.9 million epochs of a factor near 1 lose digits as a power.
    """
    step = -learning_rate * land.curvatures
    with np.errstate(divide="ignore"):
        return np.where(step > -1, np.log1p(np.maximum(step, -1)), np.log(np.abs(1 + step)))


def epochs_to(experiment: Experiment, learning_rate: float, loss: float) -> int | None:
    """The first full-batch epoch of plain gradient descent whose loss is at most `loss`; None if never."""
    land = landscape(experiment)
    if loss <= land.floor or learning_rate >= 2 / land.curvatures[-1]:
        return None
    rises: list[float] = (land.curvatures * land.along**2 / 2).tolist()
    if land.floor + sum(rises) <= loss:
        return 0
    factors: list[float] = _factors(land, learning_rate).tolist()

    def arrived(epoch: int) -> bool:  # numbers, not arrays: it is asked dozens of times
        return land.floor + sum(c * math.exp(2 * epoch * f) for c, f in zip(rises, factors, strict=True)) <= loss

    low, high = 0, 1
    while not arrived(high):
        low, high = high, 2 * high
        if high > 2**60:
            return None
    while high - low > 1:  # below the limit the loss falls every epoch, so halving finds it
        middle = (low + high) // 2
        low, high = (low, middle) if arrived(middle) else (middle, high)
    return high


def limit_from_run(learning_rate: float, loss: Array) -> float:
    """The stability limit read off one diverging curve (epochs + 1,): 2 lr / (1 + sqrt(L[t+1] / L[t])), late in it.

    Plain gradient descent on the full batch only. nan where the curve has no two finite losses.
    """
    finite = loss[: int(np.isfinite(loss).argmin())] if not np.isfinite(loss).all() else loss
    if len(finite) < 2 or finite[-2] == 0:
        return math.nan
    return 2 * learning_rate / (1 + math.sqrt(finite[-1] / finite[-2]))
