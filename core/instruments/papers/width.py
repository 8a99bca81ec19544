"""Rates that carry over width: the best learning rate of narrow and wide networks, by two ways to scale them."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy import ndarray as Array

from ...drawing.axes import Axis
from ...methods.network import Network
from ...training.problems import problem
from ...training.train import Progress
from ...words import number
from ..sweep.findings import alike_at, best
from .edge import MOONS
from .paper import Expected, Measured, Paper, picture

WIDTHS = (16, 32, 64, 128, 256)
_STEPS, _BATCH = 100, 32
_RATES = np.geomspace(1e-2, 10, 13)  # four a decade
_SEEDS = 3  # of networks, that each seed stands for


def maximal_update(widths: tuple[int, ...]) -> tuple[Array, Array]:
    """(first weights times this (P,), learning rate times this (P,)) of maximal-update scaling, for gradient descent.

    For a network as Network draws it, hidden layers `width` wide, beside one of 16: with r = width / 16 the rate of the
    first layer and of hidden biases is r times as high, that of the last layer's weights 1 / r; those weights begin
    1 / sqrt(r) as large. At a width of 16 both are 1. Source: Yang et al. (2021), arXiv 2203.03466, table 3, SGD.
    """
    ratio, last = widths[1] / WIDTHS[0], len(widths) - 2
    start, rate = [], []
    for layer, (inputs, outputs) in enumerate(pairwise(widths)):
        weights, biases = np.ones(inputs * outputs), np.ones(outputs)
        start += [weights * (ratio**-0.5 if layer == last else 1), biases]
        rate += [weights * (ratio if layer == 0 else 1 / ratio if layer == last else 1)]
        rate += [biases * (1 if layer == last else ratio)]
    return np.concatenate(start), np.concatenate(rate)


def final_losses(width: int, scaled: bool, seed: int) -> Array:
    """(R,) the loss after 100 steps of mini-batches at each rate, of tanh 2-width-width-1 on two moons."""
    task = problem(replace(MOONS, seed=seed))
    x, y = task.inputs[:, :-1], task.targets
    network = Network(widths=(x.shape[1], width, width, 1), activation="tanh", loss="mse")
    shrink, raised = maximal_update(network.widths) if scaled else (np.ones(network.size), np.ones(network.size))
    at = np.tile(network.start(seed) * shrink, (len(_RATES), 1))
    rates, draw = _RATES[:, None] * raised, np.random.default_rng(seed)
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(_STEPS):
            rows = draw.integers(len(x), size=_BATCH)
            at = at - rates * network.gradient(at, x[rows], y[rows])
        return network.mean_loss(network.forward(at, x)[-1], y)


def widths(seed: int, progress: Progress | None = None) -> Measured:
    """The best rate at five widths, as networks are drawn by default and with maximal-update scaling."""
    spans, drawn, across = [], [], np.array(WIDTHS, float)
    for k, (name, scaled) in enumerate((("Standard", False), ("Maximal-update", True))):
        found = []
        for place, width in enumerate(WIDTHS):
            seeds = range(_SEEDS * seed, _SEEDS * (seed + 1))
            losses = np.stack([final_losses(width, scaled, each) for each in seeds])
            found.append((_RATES[best(losses)], *alike_at(_RATES, losses)))
            if progress:
                progress((k + (place + 1) / len(WIDTHS)) / 2)
        at, low, high = np.array(found).T
        spans.append(float(at[1] / at[-1]))
        drawn.append(
            picture(
                f"{name} scaling: the best rate at each width",
                {"best rate": (across, at), "as good, from": (across, low), "as good, to": (across, high)},
                Axis(low=10, high=300, title="width", scale="log"),
                Axis(low=1e-2, high=10, title="learning rate", scale="log"),
                f"Best rates at {', '.join(map(str, WIDTHS))}: {', '.join(map(number, at))}.",
            )
        )
    return Measured(values=tuple(spans), pictures=tuple(drawn))


WIDTH = {
    "width": Paper(
        title="Rates that carry over width",
        claim="Networks drawn and stepped in the usual way want a lower learning rate the wider they are. With "
        "maximal-update scaling the best rate of a narrow network is that of a wide one.",
        source="Yang and others (2021)",
        arxiv="2203.03466",
        recipe="Two moons, tanh 2-n-n-1 at n = 16 to 256, mean squared error, 100 steps of 32 points, 13 rates, "
        "medians of three networks for each seed.",
        differs="Theirs are Transformers with Adam and up to billions of numbers; ours is gradient descent.",
        expected=(
            Expected(words="best rate at 32 over that at 256, standard", each=(0.8, 20), median=(3, 12)),
            Expected(words="the same with maximal-update scaling", each=(0.3, 2.5), median=(0.5, 1.8)),
        ),
        result=widths,
        seconds=9.0,
        page="sweep",
        experiment=replace(MOONS, learning_rates=(0.01, 10.0), epochs=30, batch_size=32, sharpness=0),
    )
}
