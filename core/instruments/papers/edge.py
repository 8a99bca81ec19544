"""Papers of the edge of stability: how sharp the ground is where full-batch training settles.

All of them train one recipe: two moons, 200 points of noise 0.2, standardized; tanh 2-32-32-1, mean of squares on
targets -1 and +1. What is claimed is learning rate x sharpness, the largest eigenvalue of the Hessian (of an adaptive
rule on the rule's own scales), as the median over the last third of the epochs.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy import ndarray as Array

from ...drawing.axes import Axis
from ...drawing.picture import Picture
from ...experiment.experiment import Experiment
from ...training.history import History
from ...training.train import Progress, part_of, train
from ...words import number
from .paper import Expected, Measured, Paper, picture

MOONS = Experiment(data="moons", standardize=True, hidden=(32, 32), loss="mse", sharpness=60)
_LIKE = "Theirs are networks for images (CIFAR-10) trained for up to tens of thousands of steps; ours is small."
_OVER = "rate × sharpness"


def products(history: History) -> Array:
    """(R, M) learning rate x sharpness."""
    assert history.sharpness is not None
    rates = np.array(history.experiment.learning_rates)[:, None]
    return np.asarray(history.sharpness * rates)


def late(history: History) -> Array:
    """(R,) its median over the last third of the epochs."""
    assert history.sharpness_epochs is not None
    last = history.sharpness_epochs >= 2 / 3 * history.experiment.epochs
    return np.asarray(np.median(products(history)[:, last], axis=1))


def _drawn(history: History, line: float, title: str = "Learning rate × sharpness") -> Picture:
    at, found = history.sharpness_epochs, products(history)
    assert at is not None
    curves = {
        f"rate {number(rate)}": (at, of) for rate, of in zip(history.experiment.learning_rates, found, strict=True)
    }
    name = f"the limit, {number(line)}"
    ends = ", ".join(f"{number(end)} at {lane}" for lane, end in zip(curves, late(history), strict=True))
    return picture(
        title,
        curves | {name: (np.array([0.0, history.experiment.epochs]), np.array([line, line]))},
        Axis(low=0, high=history.experiment.epochs, title="epoch"),
        Axis(low=0, high=1.6 * line, title=_OVER),
        f"{title} against epoch. It ends near {ends}; the limit is {number(line)}.",
        level=name,
    )


_EDGE = replace(MOONS, learning_rates=(0.05, 0.1, 0.2), epochs=3000)
_MOMENTUM = replace(MOONS, learning_rates=(0.15, 0.18, 0.2), optimizer="momentum", momentum=0.5, epochs=3000)
_ADAM = replace(MOONS, learning_rates=(0.01,), optimizer="adam", momentum=0.9, epochs=2000)
# What stands in a rule's stability line beside its rate: (rule, its momentum or beta1, rate, the line).
_ADAPTIVE = (
    ("adam", 0.0, 0.003, 2.0),
    ("adam", 0.5, 0.01, 6.0),
    ("rmsprop", 0.0, 0.001, 2.0),
    ("rmsprop", 0.5, 0.001, 3.0),
    ("adagrad", 0.0, 0.1, 2.0),
    ("adamw", 0.9, 0.01, 38.0),
)
_ADAPTIVE_DRAWN = (("adam", 0.0), ("rmsprop", 0.0), ("adagrad", 0.0), ("adamw", 0.9))  # six lines would be a tangle
_BATCHES = (8, 100, None)
_SETTLES = replace(MOONS, learning_rates=(0.2,), epochs=1500)


def edge_of_stability(seed: int, progress: Progress | None = None) -> Measured:
    """Plain gradient descent at three rates."""
    history = train(replace(_EDGE, seed=seed), progress)
    return Measured(values=tuple(late(history).tolist()), pictures=(_drawn(history, 2.0),))


def edge_with_momentum(seed: int, progress: Progress | None = None) -> Measured:
    """Polyak's momentum at three rates."""
    history = train(replace(_MOMENTUM, seed=seed), progress)
    return Measured(values=tuple(late(history).tolist()), pictures=(_drawn(history, 3.0),))


def edge_of_adam(seed: int, progress: Progress | None = None) -> Measured:
    """Adam with its usual beta1, on its own scales."""
    history = train(replace(_ADAM, seed=seed), progress)
    return Measured(values=tuple(late(history).tolist()), pictures=(_drawn(history, 38.0),))


def adaptive_edges(seed: int, progress: Progress | None = None) -> Measured:
    """Six more settings of adaptive rules, each as a share of its own line."""
    shares, curves = [], {}
    for k, (rule, momentum, rate, line) in enumerate(_ADAPTIVE):
        one = replace(MOONS, optimizer=rule, momentum=momentum, learning_rates=(rate,), epochs=2000, seed=seed)
        history = train(one, part_of(progress, k, len(_ADAPTIVE)))
        shares.append(float(late(history)[0]) / line)
        if (rule, momentum) in _ADAPTIVE_DRAWN:
            assert history.sharpness_epochs is not None
            curves[_called(rule, momentum)] = (history.sharpness_epochs, products(history)[0] / line)
    whole = {"the limit": (np.array([0.0, 2000.0]), np.ones(2))}
    drawn = picture(
        "Rate × sharpness, as a share of each rule's limit",
        curves | whole,
        Axis(low=0, high=2000, title="epoch"),
        Axis(low=0, high=1.6, title="share of the limit"),
        f"At the end, of all six settings: {', '.join(map(number, shares))}; 1 is the limit.",
        level="the limit",
    )
    return Measured(values=tuple(shares), pictures=(drawn,))


def _called(rule: str, momentum: float) -> str:
    names = {"adam": "Adam, beta1", "adamw": "AdamW, beta1", "rmsprop": "RMSprop, momentum", "adagrad": "Adagrad"}
    return names[rule] if rule == "adagrad" else f"{names[rule]} {number(momentum)}"


def small_batches(seed: int, progress: Progress | None = None) -> Measured:
    """Three batch sizes at one rate: how much flatter each smaller one settles than the next."""
    settled, curves = [], dict[str, tuple[Array, Array]]()
    for k, batch in enumerate(_BATCHES):
        history = train(replace(_SETTLES, batch_size=batch, seed=seed), part_of(progress, k, len(_BATCHES)))
        settled.append(float(late(history)[0]))
        assert history.sharpness_epochs is not None
        curves[f"batch {batch}" if batch else "all points"] = (history.sharpness_epochs, products(history)[0])
    drawn = picture(
        "Learning rate × sharpness",
        curves,
        Axis(low=0, high=_SETTLES.epochs, title="epoch"),
        Axis(low=0, high=3, title=_OVER),
        f"Where each settles: {', '.join(map(number, settled))}, from the smallest batch to all points.",
    )
    ratios = [small / large for small, large in pairwise(settled)]
    return Measured(values=tuple(ratios), pictures=(drawn,))


_COHEN, _COHEN_ADAPTIVE = "Cohen and others (2021)", "Cohen and others (2022)"

EDGES = {
    "edge-of-stability": Paper(
        title="Edge of stability",
        claim="Full-batch gradient descent sharpens a network until the sharpness is 2 / learning rate, and then "
        "hovers there while the loss goes on falling, not in each step, but over many.",
        source=_COHEN,
        arxiv="2103.00065",
        recipe="Two moons (200 points, noise 0.2), tanh 2-32-32-1, mean squared error, rates 0.05, 0.1 and 0.2, 3,000 "
        "epochs.",
        differs=_LIKE + " At 0.05 this data does not sharpen it that far.",
        expected=(
            Expected(words=f"late {_OVER} at rate 0.05, below the edge", each=(0.9, 2)),
            Expected(words="at rate 0.1; the limit is 2", each=(1.7, 2.3), median=(1.9, 2.1)),
            Expected(words="at rate 0.2", each=(1.7, 2.3), median=(1.9, 2.1)),
        ),
        result=edge_of_stability,
        seconds=1.5,
        page="network",
        experiment=_EDGE,
    ),
    "momentum-edge": Paper(
        title="Momentum's edge",
        claim="With momentum b the edge stands at 2 (1 + b) / learning rate.",
        source=_COHEN,
        arxiv="2103.00065",
        recipe="The same network and data, momentum 0.5, rates 0.15, 0.18 and 0.2, 3,000 epochs: the limit is 3.",
        differs=_LIKE,
        expected=tuple(
            Expected(words=words, each=(2.1, 3.2), median=(2.82, 3.18))
            for words in (f"late {_OVER} at rate 0.15; the limit is 3", "at rate 0.18", "at rate 0.2")
        ),
        result=edge_with_momentum,
        seconds=1.5,
        page="network",
        experiment=_MOMENTUM,
    ),
    "adam-edge": Paper(
        title="Adam's edge",
        claim="Full-batch Adam hovers where its preconditioned sharpness is 38 / learning rate, at beta1 = 0.9.",
        source=_COHEN_ADAPTIVE,
        arxiv="2207.14484",
        recipe="The same network and data, Adam at rate 0.01, 2,000 epochs.",
        differs=_LIKE,
        expected=(Expected(words=f"late {_OVER} on Adam's scales; the limit is 38", each=(32, 44), median=(34, 42)),),
        result=edge_of_adam,
        seconds=1.0,
        page="network",
        experiment=_ADAM,
    ),
    "adaptive-edges": Paper(
        title="Other adaptive edges",
        claim="Each adaptive rule has an edge of its own: RMSprop and Adagrad 2, RMSprop with momentum m 2 (1 + m), "
        "Adam (2 + 2 beta1) / (1 - beta1), AdamW the same.",
        source=_COHEN_ADAPTIVE,
        arxiv="2207.14484",
        recipe="The same network and data, six settings, 2,000 epochs each.",
        differs=_LIKE,
        expected=tuple(
            Expected(
                words=f"{_called(rule, momentum)}: share of its limit, {number(line)}",
                each=(0.7, 1.2),
                median=(0.9, 1.1),
            )
            for rule, momentum, _, line in _ADAPTIVE
        ),
        result=adaptive_edges,
        seconds=5.0,
        page="network",
        experiment=replace(_ADAM, optimizer="rmsprop", momentum=0.0, learning_rates=(0.001,)),
    ),
    "small-batches": Paper(
        title="Smaller batches settle flatter",
        claim="With mini-batches training stops sharpening before 2 / learning rate: the smaller the batch, the "
        "flatter the place.",
        source="Andreyev and Beneventano (2024)",
        arxiv="2412.20553",
        recipe="The same network and data at rate 0.2 with batches of 8, 100 and all 200 points, 1,500 epochs.",
        differs="We claim the order only: that the batch's own sharpness stands at 2 / rate did not show here.",
        expected=(
            Expected(words=f"late {_OVER}, batch 8 against batch 100", each=(0.3, 0.95)),
            Expected(words="batch 100 against all points", each=(0.4, 0.95)),
        ),
        result=small_batches,
        seconds=5.0,
        page="network",
        experiment=replace(_SETTLES, batch_size=8),
    ),
}
