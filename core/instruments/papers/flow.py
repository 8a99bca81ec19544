"""Papers of what gradient descent does at the edge: the flow that it follows in the mean, and rates that follow it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy import ndarray as Array

from ...drawing.axes import Axis
from ...methods.network import Network
from ...methods.network_hessian import hessian_product
from ...training.problems import problem
from ...training.sharpness import lanczos
from ...training.train import Progress, train
from ...words import number
from .edge import MOONS
from .paper import Expected, Measured, Paper, picture

RATE, STEPS = 0.2, 1500
_LOOKED_AT = (600, 1000, 1500)
_EACH_STEP = 2  # pieces a step of descent is integrated in: one is unstable at the edge
_NUDGE = 1e-2  # along the sharpest direction, to see how the sharpness changes
_FIRST, _LATER = 40, 3  # Hessian-vector products of the first measurement, and of those after
_WINDOW = 50  # epochs to each side over which descent is averaged
_GREEDY_STEPS, _SMOOTHED, _SIGMAS = 1500, 0.9, (1.0, 1.5, 2.0)
_CONSTANTS = (0.05, 0.1, 0.2, 0.3, 0.4)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moons:
    """The two moons' network on all its points, from the start of a seed; all parameters (1, P)."""

    network: Network
    x: Array
    targets: Array
    start: Array

    @classmethod
    def of(cls, seed: int) -> "Moons":
        """That of this seed."""
        task = problem(replace(MOONS, seed=seed))
        assert task.network is not None
        return cls(
            network=task.network, x=task.inputs[:, :-1], targets=task.targets, start=task.start[None].astype(float)
        )

    def gradient(self, at: Array) -> Array:
        """(1, P) of the loss."""
        return self.network.gradient(at, self.x, self.targets)

    def loss(self, at: Array) -> float:
        """The loss."""
        return float(self.network.mean_loss(self.network.forward(at, self.x)[-1], self.targets)[0])

    def hessian(self, at: Array) -> Callable[[Array], Array]:
        """Its product with vectors (1, P)."""
        return hessian_product(self.network, at, self.x, self.targets)


def central_flow(moons: Moons, rate: float, steps: int, progress: Progress | None = None) -> tuple[Array, Array]:
    """(loss (steps + 1,), rate x sharpness (steps + 1,)) along the central flow of gradient descent at this rate.

    dw/dt = -rate (grad L + sigma^2 / 2 grad S), with sigma^2 = 0 below the edge, and at it such that the sharpness S
    stays at 2 / rate; the loss is L + sigma^2 S / 2, that of descent averaged over its swings. A step of descent is a
    unit of time. grad S, along the sharpest direction u, is (g(w + e u) - 2 g(w) + g(w - e u)) / e^2.
    Source: Cohen et al. (2024), arXiv 2410.24206, for one direction at the edge.
    """
    at, direction, products = moons.start, np.random.default_rng(0).normal(size=moons.start.shape), _FIRST
    direction /= np.linalg.norm(direction)
    losses, turns = np.empty(steps + 1), np.empty(steps + 1)
    for step in range(steps + 1):
        for piece in range(_EACH_STEP):
            gradient = moons.gradient(at)
            (sharpness,), direction = lanczos(moons.hessian(at), direction, products)
            products, variance, slope = _LATER, 0.0, np.zeros_like(at)
            if sharpness >= 2 / rate:
                beside = [moons.gradient(at + side * _NUDGE * direction) for side in (1, -1)]
                slope = (sum(beside) - 2 * gradient) / _NUDGE**2
                # Holds S where it is, and leads back what has gone beyond within a step or two.
                variance = float((sharpness - 2 / rate) / rate - 2 * (slope * gradient).sum()) / float((slope**2).sum())
                variance = max(0.0, variance)
            if not piece:
                losses[step], turns[step] = moons.loss(at) + variance * sharpness / 2, rate * sharpness
            at = at - rate / _EACH_STEP * (gradient + variance / 2 * slope)
        if progress and step % 50 == 0:
            progress(step / steps)
    return losses, turns


def flow(seed: int, progress: Progress | None = None) -> Measured:
    """The loss along the central flow, as a share of that of descent smoothed."""
    descent = train(replace(MOONS, seed=seed, learning_rates=(RATE,), epochs=STEPS + _WINDOW, sharpness=0)).loss[0]
    slow = train(replace(MOONS, seed=seed, learning_rates=(RATE / 8,), epochs=8 * STEPS, sharpness=0)).loss[0]
    losses, turns = central_flow(Moons.of(seed), RATE, STEPS, progress)
    smooth = np.convolve(descent, np.ones(2 * _WINDOW + 1) / (2 * _WINDOW + 1), mode="valid")
    steps = np.arange(STEPS + 1.0)
    drawn = picture(
        "Loss",
        {
            "descent, smoothed": (steps[_WINDOW:], smooth[: STEPS + 1 - _WINDOW]),
            "central flow": (steps, losses),
            "gradient flow": (steps, slow[::8]),
        },
        Axis(low=0, high=STEPS, title="step"),
        Axis(low=0.03, high=1, title="loss", scale="log"),
        f"At step {STEPS:,} the flow is at {number(losses[-1])}, descent at {number(smooth[STEPS - _WINDOW])}.",
    )
    shares = [float(losses[at] / smooth[at - _WINDOW]) for at in _LOOKED_AT]
    return Measured(values=(*shares, float(turns.max())), pictures=(drawn,))


def greedy_losses(moons: Moons, sigma: float, steps: int) -> Array:
    """(steps + 1,) of descent at rate sigma g.g / |g.Hg|, the rate that is best straight downhill for sigma = 1.

    Both products are smoothed by a running mean. Source: Roulet et al. (2024), arXiv 2407.06183.
    """
    at, across, along = moons.start, 0.0, 0.0
    losses = np.empty(steps + 1)
    for step in range(steps + 1):
        losses[step] = moons.loss(at)
        gradient = moons.gradient(at)
        bends = float((gradient * moons.hessian(at)(gradient)).sum())
        keep = _SMOOTHED if step else 0.0
        across = keep * across + (1 - keep) * float((gradient**2).sum())
        along = keep * along + (1 - keep) * abs(bends)
        at = at - sigma * across / along * gradient
    return losses


def greedy(seed: int, progress: Progress | None = None) -> Measured:
    """The loss at the end of rates that follow the curvature, as a multiple of the best constant rate's."""
    moons, steps = Moons.of(seed), np.arange(_GREEDY_STEPS + 1.0)
    constant = train(replace(MOONS, seed=seed, learning_rates=_CONSTANTS, epochs=_GREEDY_STEPS, sharpness=0)).loss
    ends = np.where(np.isfinite(constant[:, -1]), constant[:, -1], np.inf)
    best = int(ends.argmin())
    curves = {f"constant {_CONSTANTS[best]:g}, the best of five": (steps, constant[best])}
    for k, sigma in enumerate(_SIGMAS):
        curves[f"sigma {sigma:g}"] = (steps, greedy_losses(moons, sigma, _GREEDY_STEPS))
        if progress:
            progress((k + 1) / len(_SIGMAS))
    times = [float(curves[f"sigma {sigma:g}"][1][-1] / ends[best]) for sigma in _SIGMAS]
    drawn = picture(
        "Loss",
        curves,
        Axis(low=0, high=_GREEDY_STEPS, title="step"),
        Axis(low=0.03, high=2, title="loss", scale="log"),
        f"The best constant rate ends at {number(ends[best])}, the others at {', '.join(map(number, times))} times it.",
    )
    return Measured(values=tuple(times), pictures=(drawn,))


FLOWS = {
    "central-flow": Paper(
        title="Central flow",
        claim="At the edge gradient descent swings, and in the mean follows a flow that also lowers the sharpness. "
        "Its loss can be computed from that flow.",
        source="Cohen and others (2024)",
        arxiv="2410.24206",
        recipe="Two moons, tanh 2-32-32-1, mean squared error, rate 0.2, 1,500 steps; the flow with one direction at "
        "the edge, descent averaged over 101 steps.",
        differs="Theirs let several directions be at the edge at once; ours has one.",
        expected=(
            Expected(words="loss of the flow over that of descent, step 600", each=(0.8, 1.25), median=(0.9, 1.15)),
            Expected(words="step 1,000", each=(0.8, 1.25), median=(0.9, 1.15)),
            Expected(words="step 1,500", each=(0.8, 1.25), median=(0.9, 1.15)),
            Expected(words="largest rate × sharpness on the flow; the limit is 2", each=(1.95, 2.1)),
        ),
        result=flow,
        seconds=7.0,
        page="network",
        experiment=replace(MOONS, learning_rates=(RATE,), epochs=STEPS),
    ),
    "greedy-rates": Paper(
        title="Rates that follow the curvature",
        claim="A rate set at each step by the curvature along the gradient, times 2, is at the edge of stability and "
        "as good as a tuned constant rate or better; times 1, the best step for the moment, is worse.",
        source="Roulet and others (2024)",
        arxiv="2407.06183",
        recipe="Two moons, tanh 2-32-32-1, mean squared error, 1,500 steps; sigma 1, 1.5 and 2, against the best of "
        "five constant rates.",
        differs="That greedy rates lose shows here, at 1 and at 1.5. That 2 beats a constant rate does not: it is "
        "about as good.",
        expected=(
            Expected(words="end loss over the best constant rate's, sigma 1", each=(1.2, 2.2)),
            Expected(words="sigma 1.5", each=(1.2, 2.2)),
            Expected(words="sigma 2; below 1 it would beat it", each=(0.75, 1.6), median=(0.9, 1.3)),
        ),
        result=greedy,
        seconds=3.5,
        page="self-choosing",
        reproduced=False,
    ),
}
