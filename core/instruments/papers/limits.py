"""Papers of what a limit is: a logistic loss that has one and one that has none, Adam's on one weight, a warm-up's."""

import math
from dataclasses import replace

import numpy as np
from numpy import ndarray as Array

from ...drawing.axes import Axis
from ...experiment.experiment import Experiment
from ...methods.descent import descend
from ...methods.wide_net import catapult
from ...training.train import Progress, train
from ...words import number
from .paper import Expected, Measured, Paper, picture

_SEPARABLE = np.array([[1.0, 0.2], [-0.6, 0.3]])  # each point times its label, +1 or -1
_RATES = (1.0, 10.0, 100.0, 1000.0)
_STEPS = 100
_ONES = np.array([1.0, 1.0, 1.0, -1.0])  # one weight, x = 1, labels + + + -: the minimum is w = ln 3
ONE_WEIGHT_LIMIT = 32 / 3  # 2 / (p (1 - p)) at the minimum, p = 3/4
_TIMES = (0.99, 1.1, 2.0)  # that limit
_SPIKES = {"rate": 0.01, "beta1": 0.9, "beta2": 0.99, "steps": 6000}
_LINE = 38.0  # (2 + 2 beta1) / (1 - beta1)


def logistic_loss(weights: Array, points: Array) -> Array:
    """(...,) mean of log(1 + exp(-margin)) at weights (..., d), of points (n, d) times their labels."""
    return np.asarray(np.logaddexp(0, -weights @ points.T).mean(axis=-1))


def logistic_gradient(weights: Array, points: Array) -> Array:
    """(..., d) its gradient: -mean of x sigmoid(-margin)."""
    margins = weights @ points.T
    return np.asarray(-(0.5 * (1 - np.tanh(margins / 2))) @ points / len(points))


def no_limit(seed: int, progress: Progress | None = None) -> Measured:
    """Separable points: every rate gets down, the highest soonest."""
    path = descend(lambda w: logistic_gradient(w, _SEPARABLE), np.zeros(2), _RATES, _STEPS)
    loss = logistic_loss(path, _SEPARABLE)
    step = np.arange(_STEPS + 1.0)
    last = max(int(np.flatnonzero(np.diff(each) > 0)[-1]) + 1 for each in loss[2:])
    drawn = picture(
        "Points that a line separates: loss",
        {f"rate {rate:g}": (step, each) for rate, each in zip(_RATES, loss, strict=True)},
        Axis(low=0, high=_STEPS, title="step"),
        Axis(low=1e-12, high=1e2, title="loss", scale="log"),
        f"Every rate gets down. After {_STEPS} steps: {', '.join(number(end) for end in loss[:, -1])}.",
    )
    return Measured(values=(*loss[:, -1].tolist(), float(loss[3].max()), float(last)), pictures=(drawn,))


def a_limit(seed: int, progress: Progress | None = None) -> Measured:
    """Points that nothing separates: above the limit the weight swings for ever, and never overflows."""
    rates = [times * ONE_WEIGHT_LIMIT for times in (*_TIMES, 1.01)]
    points = _ONES[:, None]
    path = descend(lambda w: logistic_gradient(w, points), np.zeros(1), rates, 5000)[..., 0]
    below, _, chaos, near = path
    step = np.arange(41.0)
    drawn = picture(
        "Points that nothing separates: the weight",
        {f"{times:g} × the limit": (step, each[:41]) for times, each in zip(_TIMES, path, strict=False)},
        Axis(low=0, high=40, title="step"),
        Axis(low=-6, high=12, title="w"),
        f"Below the limit the weight comes to {number(below[-1])}. Above it, it swings and stays below "
        f"{number(np.abs(chaos).max())}.",
    )
    lower = float(near[-2:].min())
    twice = float(np.abs(near[-1] - near[-3]))
    return Measured(values=(float(below[-1]), lower, twice, float(np.abs(chaos).max())), pictures=(drawn,))


def adam_on_one_weight(rate: float, beta1: float, beta2: float, steps: int) -> tuple[Array, Array]:
    """(|x| (steps + 1,), rate x preconditioned curvature (steps,)) of Adam on x^2 / 2 from x = 1, eps 1e-8.

    The rule as core/methods/optimizers.py has it, with a beta2 of its own.
    """
    x, mean, square = 1.0, 0.0, 0.0
    size, product = [abs(x)], []
    for k in range(1, steps + 1):
        mean, square = beta1 * mean + (1 - beta1) * x, beta2 * square + (1 - beta2) * x * x
        scale = math.sqrt(square / (1 - beta2**k)) + 1e-8
        product.append(rate / (scale * (1 - beta1**k)))
        x -= rate * mean / (1 - beta1**k) / scale
        size.append(abs(x))
    return np.array(size), np.array(product)


def spikes(seed: int, progress: Progress | None = None) -> Measured:
    """Adam on a parabola of one weight: how often it crosses its limit, first when, and where it hovers."""
    rate, beta1, beta2, steps = _SPIKES["rate"], _SPIKES["beta1"], _SPIKES["beta2"], int(_SPIKES["steps"])
    size, product = adam_on_one_weight(rate, beta1, beta2, steps)
    crossings = np.flatnonzero((product[1:] > _LINE) & (product[:-1] <= _LINE)) + 1
    step, limit = np.arange(steps + 1.0), "the limit, 38"
    x = Axis(low=1000, high=3000, title="step")
    weight = picture(
        "How far the weight is from its minimum",
        {"|w|": (step, size)},
        x,
        Axis(low=1e-40, high=1, title="|w|", scale="log"),
        "The distance shrinks to almost nothing, then jumps up again and again.",
    )
    rates = picture(
        "Rate × preconditioned curvature",
        {"this run": (step[1:], product), limit: (np.array(x.ends), np.array([_LINE, _LINE]))},
        x,
        Axis(low=10, high=60, title="rate × curvature"),
        "It rises through the limit, 38; a spike follows, and it falls below.",
        level=limit,
    )
    late = float(np.median(product[-steps // 3 :]))
    return Measured(values=(float(crossings[0] + 1), float(len(crossings)), late), pictures=(weight, rates))


def catapults(seed: int, progress: Progress | None = None) -> Measured:
    """Thirty wide nets at 2.5, 3.95 and 4.05 over the sharpness they begin with."""
    runs = [catapult(_THROWN, 30 * seed + start, 400) for start in range(30)]
    peaks = [run.peak(0)[0] for run in runs]
    back = [np.mean([np.isfinite(run.loss[lane, -1]) for run in runs]) for lane in (1, 2)]
    step = np.arange(41.0)
    drawn = picture(
        "Loss of one of the nets",
        {f"rate × sharpness {at:g}": (step, run) for at, run in zip(_THROWN, runs[0].loss[:, :41], strict=True)},
        Axis(low=0, high=40, title="step"),
        Axis(low=1e-9, high=1e9, title="loss", scale="log"),
        f"At 2.5 the loss peaks at {number(peaks[0])} and ends at {number(runs[0].loss[0, -1])}.",
    )
    return Measured(values=(float(np.median(peaks)), *map(float, back)), pictures=(drawn,))


_THROWN = (2.5, 3.95, 4.05)  # rate x sharpness at the start
_NET = Experiment(
    data="moons", standardize=True, loss="mse", hidden=(32, 32, 32), activation="relu", gain=3, epochs=1000, sharpness=4
)
_OVER_THE_LIMIT = (9.0, 18.0)


def warm_up(seed: int, progress: Progress | None = None) -> Measured:
    """A badly initialised network at 9 and 18 times its first limit, at once and after a warm-up."""
    start = train(replace(_NET, seed=seed, learning_rates=(1e-6,), epochs=1, sharpness=2))
    assert start.sharpness is not None
    limit = 2 / float(start.sharpness[0, 0])
    rates = tuple(times * limit for times in _OVER_THE_LIMIT)
    one = replace(_NET, seed=seed, learning_rates=rates)
    constant, warm = train(one, progress), train(replace(one, schedule="warm-up"))
    epoch = np.arange(_NET.epochs + 1.0)
    assert warm.sharpness is not None
    drawn = picture(
        f"Loss at {_OVER_THE_LIMIT[0]:g} times the limit at the start",
        {"at once": (epoch, constant.loss[0]), "after a warm-up": (epoch, warm.loss[0])},
        Axis(low=0, high=_NET.epochs, title="epoch"),
        Axis(low=1e-2, high=1e6, title="loss", scale="log"),
        f"At once it overflows at epoch {constant.diverged_at[0]}; after a warm-up it ends at "
        f"{number(warm.loss[0, -1])}.",
    )
    flatter = (warm.sharpness[:, 0] / warm.sharpness[:, -1]).min()
    overflowed = np.where(constant.diverged_at < 0, np.inf, constant.diverged_at)  # -1: it never did
    values = (float(overflowed.max()), float(warm.loss[:, -1].max()), float(flatter))
    return Measured(values=values, pictures=(drawn,))


LIMITS = {
    "no-limit": Paper(
        title="A loss without a limit",
        claim="With a logistic loss and points that a line separates, gradient descent gets down at every learning "
        "rate: the loss may rise at first, and a higher rate is sooner.",
        source="Wu and others (2024)",
        arxiv="2402.15926",
        recipe="Two points of two numbers, no bias, from w = 0; rates 1, 10, 100 and 1,000, 100 steps.",
        differs="Theirs is a proof for any such points; ours is one case of it.",
        expected=(
            Expected(words="loss after 100 steps at rate 1", each=(0.152, 0.1523)),
            Expected(words="at rate 10", each=(0.01491, 0.01493)),
            Expected(words="at rate 100", each=(1.65e-6, 1.67e-6)),
            Expected(words="at rate 1,000", each=(1e-47, 1e-45)),
            Expected(words="highest loss on the way, at rate 1,000", each=(72, 73)),
            Expected(words="last step at which a loss rises", each=(2, 2)),
        ),
        result=no_limit,
        seconds=0.05,
        page="compare",
        chance=False,
    ),
    "a-limit": Paper(
        title="The same loss with a limit",
        claim="Where nothing separates the points, the logistic loss has a minimum and a limit; above it gradient "
        "descent goes in cycles, then in no pattern, and never overflows.",
        source="Meng and others (2024)",
        arxiv="2406.05033",
        recipe="One weight, x = 1, labels + + + −; the limit is 32/3. Rates of 0.99, 1.01, 1.1 and 2 times it, 5,000 "
        "steps.",
        differs="Theirs are examples of their own; ours is the smallest there is.",
        expected=(
            Expected(words="w at 0.99 times the limit; ln 3 is the minimum", each=(1.0986, 1.0987)),
            Expected(words="lower of the two places it jumps between at 1.01 times", each=(0.853, 0.856)),
            Expected(words="how far it is from where it was two steps ago", each=(0, 1e-6)),
            Expected(words="largest |w| at twice the limit", each=(10, 10.4)),
        ),
        result=a_limit,
        seconds=0.3,
        page="compare",
        chance=False,
    ),
    "adam-spikes": Paper(
        title="Adam's spikes, on one weight",
        claim="Adam's loss spikes come from its own scales: as gradients shrink it divides by less and less, until its "
        "rate × curvature passes its limit.",
        source="Bai and others (2025)",
        arxiv="2506.04805",
        recipe="Loss w²/2 from w = 1, rate 0.01, beta1 0.9, beta2 0.99, 6,000 steps; the limit is 38.",
        differs="Theirs go on to networks and Transformers.",
        expected=(
            Expected(words="step at which it first passes its limit", each=(1560, 1600)),
            Expected(words="times it passes it in 6,000 steps", each=(50, 95)),
            Expected(words="median of the last third; the limit is 38", each=(34, 38)),
        ),
        result=spikes,
        seconds=0.05,
        page="update-rules",
        chance=False,
    ),
    "catapult": Paper(
        title="The catapult",
        claim="Between 2 and about 4 over the sharpness at the start, a wide network's loss first shoots up and then "
        "trains, to a flatter place; beyond 4 it diverges.",
        source="Lewkowycz and others (2020)",
        arxiv="2003.02218",
        recipe="Two layers of 512 units on one point, as theirs, loss f²/2; thirty starts for each seed, 400 steps.",
        differs="None: it is the network of their section 3.",
        expected=(
            Expected(words="median of the peaks at 2.5; the loss begins near 0.5", each=(24, 31)),
            Expected(words="share that comes back at 3.95", each=(1, 1)),
            Expected(words="share that comes back at 4.05", each=(0, 0)),
        ),
        result=catapults,
        seconds=2.0,
        page="too-high-too-low",
    ),
    "warm-up": Paper(
        title="Warm-up of a bad start",
        claim="A badly initialised network is sharp. A warm-up leads it to flatter ground first, and then it trains at "
        "ten times the rate and more.",
        source="Gilmer and others (2021)",
        arxiv="2110.04369",
        recipe="Two moons, relu 2-32-32-32-1 with first weights 3 times as large, 1,000 epochs, the first 100 of them "
        "to climb; 9 and 18 times the limit at the start.",
        differs="Theirs are networks for images, without normalisation; ours is small.",
        expected=(
            Expected(words="epoch by which both rates overflow without a warm-up", each=(1, 20)),
            Expected(words="higher of the two losses in the end, with it", each=(0, 0.15)),
            Expected(words="times flatter in the end than at the start", each=(5, 100)),
        ),
        result=warm_up,
        seconds=1.0,
        page="schedules",
        experiment=replace(_NET, schedule="warm-up", learning_rates=(0.001, 0.1), sharpness=0),
    ),
}
