"""Papers of which rates to take: momentum's best, silver steps, and schedules by theory."""

import math

import numpy as np
from numpy import ndarray as Array

from ...drawing.axes import Axis
from ...experiment.experiment import Experiment
from ...methods.schedules import SCHEDULES
from ...training.train import Progress, train
from ...words import number
from ..self_choosing.rules import silver_steps
from .paper import Expected, Measured, Paper, picture

# Of the article's line: Polyak's best rate and momentum, (2 / (sqrt(lmin) + sqrt(lmax)))^2 and
# ((sqrt(lmax) - sqrt(lmin)) / (sqrt(lmax) + sqrt(lmin)))^2.
_LOW, _HIGH = 12 - math.sqrt(136), 12 + math.sqrt(136)
POLYAK_RATE = (2 / (math.sqrt(_LOW) + math.sqrt(_HIGH))) ** 2
POLYAK_MOMENTUM = ((math.sqrt(_HIGH) - math.sqrt(_LOW)) / (math.sqrt(_HIGH) + math.sqrt(_LOW))) ** 2
_POLYAK = Experiment(learning_rates=(POLYAK_RATE,), optimizer="momentum", momentum=POLYAK_MOMENTUM, epochs=200)
_LENGTHS = (7, 127, 1023)
_HUBER = np.geomspace(1e-6, 1, 4001)  # where the Huber losses turn into lines
_TIMES = (100, 400, 1600)  # steps of a schedule


def polyak(seed: int, progress: Progress | None = None) -> Measured:
    """The article's line at Polyak's best rate and momentum, beside the best fixed rate without."""
    fast, slow = train(_POLYAK).loss[0], train(Experiment(learning_rates=(1 / 12,), epochs=400)).loss[0]
    there = int((fast <= 1e-6).argmax())
    drawn = picture(
        "The article's line: loss",
        {"momentum, Polyak's": (np.arange(201.0), fast), "no momentum, 1/12": (np.arange(401.0), slow)},
        Axis(low=0, high=400, title="step"),
        Axis(low=1e-7, high=1e3, title="loss", scale="log"),
        f"With momentum the loss first peaks at {number(fast.max())}, and is at 10⁻⁶ after {there} steps.",
    )
    rises = int((np.diff(fast[: there + 1]) > 0).sum())
    return Measured(values=(float(there), float(rises), float(fast.max() / fast[0])), pictures=(drawn,))


def worst_huber(steps: Array) -> float:
    """The largest loss after these steps (n,) from 1, of all Huber losses of curvature 1: parabolas that become lines.

    The largest of 4,001 of them; on one of these any number of steps of constant rate 1 has its worst case.
    """
    at = np.ones_like(_HUBER)
    for step in steps:
        at = at - step * np.clip(at, -_HUBER, _HUBER)
    far = np.abs(at)
    return float(np.where(far <= _HUBER, far**2 / 2, _HUBER * far - _HUBER**2 / 2).max())


def silver(seed: int, progress: Progress | None = None) -> Measured:
    """Silver steps against the constant rate 1, in the worst case."""
    rates = silver_steps(_LENGTHS[-1])
    lengths = np.array([2**k - 1 for k in range(1, 11)])
    ours, constant = (np.array([worst_huber(of[:n]) for n in lengths]) for of in (rates, np.ones_like(rates)))
    count = Axis(low=1, high=1100, title="steps", scale="log")
    worst = picture(
        "Loss in the worst case",
        {"silver steps": (lengths.astype(float), ours), "constant rate": (lengths.astype(float), constant)},
        count,
        Axis(low=1e-5, high=1, title="loss", scale="log"),
        f"After {lengths[-1]:,} steps {number(ours[-1])} with silver steps, {number(constant[-1])} at a constant rate.",
    )
    first = np.arange(1.0, 128)
    limit = "the limit, 2"
    taken = picture(
        "Each step's rate × curvature",
        {"silver steps": (first, rates[:127]), limit: (first[[0, -1]], np.full(2, 2.0))},
        Axis(low=0, high=128, title="step"),
        Axis(low=1, high=100, title="rate × curvature", scale="log"),
        f"Most are below 2; the largest is {number(rates[:127].max())}.",
        level=limit,
    )
    values = [float(of[list(lengths).index(n)]) for of in (ours, constant) for n in _LENGTHS]
    return Measured(values=(float(rates[:127].max()), *values), pictures=(worst, taken))


def schedule_bound(multipliers: Array) -> float:
    """What theory promises of a schedule (T,) of convex losses, at its own best rate, times sqrt(T) / (D G).

    The last step of subgradient descent with gradients of length G from D away: the least over the rate of
    D^2 / (2 rate S_1) + rate G^2 / 2 (Q_1 / S_1 + sum_k m_k Q_k / (S_(k+1) S_k)), S_k = sum of m from k on, Q_k = sum
    of m^2 from k on. Source: Schaipp et al. (2025), arXiv 2501.18965, theorem 3.1.
    """
    left, squares = (np.cumsum(each[::-1])[::-1] for each in (multipliers, multipliers**2))
    noise = squares[0] / left[0] + (multipliers[:-1] / left[1:] * squares[:-1] / left[:-1]).sum()
    return float(math.sqrt(len(multipliers) * noise / left[0]))


_BOUNDED = {
    "constant": SCHEDULES["constant"],
    "cosine": SCHEDULES["cosine"],
    "linear": SCHEDULES["linear"],
    "stable, then decay": SCHEDULES["stable-decay"],
}


def by_theory(seed: int, progress: Progress | None = None) -> Measured:
    """The bounds of four schedules, at three lengths."""
    lengths = [100, 200, *_TIMES[1:2], 800, *_TIMES[2:]]
    found = {
        name: np.array([schedule_bound(np.array([rule(k, n) for k in range(n)])) for n in lengths])
        for name, rule in _BOUNDED.items()
    }
    drawn = picture(
        "What theory promises, times √steps",
        {name: (np.array(lengths, float), each) for name, each in found.items()},
        Axis(low=100, high=1600, title="steps", scale="log"),
        Axis(low=1.9, high=3.1, title="bound × √steps"),
        "The constant rate's grows with the number of steps; the others' hardly change.",
    )
    values = [float(each[lengths.index(n)]) for each in found.values() for n in (_TIMES[0], _TIMES[2])]
    return Measured(values=tuple(values), pictures=(drawn,))


def _near(words: str, value: float, share: float = 0.005) -> Expected:
    return Expected(words=words, each=(value * (1 - share), value * (1 + share)))


STEPS = {
    "polyak": Paper(
        title="Momentum's best rate",
        claim="On a bowl with curvatures from l to L, momentum has a best rate and a best momentum, and gets down as "
        "fast as if the condition number were its square root. On the way the loss may rise.",
        source="Polyak (1964); Goh (2017), Distill, Why momentum really works",
        arxiv="",
        recipe="The article's line from w = b = 0: rate 0.134876, momentum 0.618513, until the loss is 10⁻⁶.",
        differs="The formula is theirs; the line is the article's.",
        expected=(
            Expected(words="steps to a loss of 10⁻⁶", each=(56, 56)),
            Expected(words="epochs in which the loss rises on the way", each=(4, 4)),
            _near("highest loss, in times the first", 9.7),
        ),
        result=polyak,
        seconds=0.1,
        page="compare",
        experiment=_POLYAK,
        chance=False,
    ),
    "silver": Paper(
        title="Silver steps",
        claim="Some steps far above the limit, in the right order, get down faster in the worst case than any constant "
        "rate.",
        source="Altschuler and Parrilo (2023)",
        arxiv="2309.16530",
        recipe="All Huber losses of curvature 1 (parabolas that become lines) from 1; the worst of them after 7, "
        "127 and 1,023 steps, with silver steps and at rate 1.",
        differs="Theirs is a proof for all smooth convex losses; we compute its worst case.",
        expected=(
            _near("largest rate × curvature of the first 127; the limit is 2", 83.01),
            _near("worst loss after 7 silver steps", 0.01842),
            _near("after 127 silver steps", 5.235e-4),
            _near("after 1,023 silver steps", 3.716e-5),
            _near("worst loss after 7 steps of rate 1", 1 / 30),
            _near("after 127 steps of rate 1", 1 / 510),
            _near("after 1,023 steps of rate 1", 1 / 4094),
        ),
        result=silver,
        seconds=1.0,
        page="self-choosing",
        chance=False,
    ),
    "schedules-by-theory": Paper(
        title="Schedules by theory",
        claim="A bound for convex losses, computed for a schedule, ranks schedules as training large models does: "
        "falling ones keep their promise for any length, a constant rate does not.",
        source="Schaipp and others (2025)",
        arxiv="2501.18965",
        recipe="Theorem 3.1, at each schedule's own best rate, times √steps/(D G), for 100 and 1,600 steps; the last "
        "one is constant, then falls over the last fifth.",
        differs="The same formula; they go on to train language models with it.",
        expected=(
            _near("constant, 100 steps", 2.485),
            _near("constant, 1,600 steps", 2.992),
            _near("cosine, 100 steps", 2.091),
            _near("cosine, 1,600 steps", 2.062),
            _near("linear, 100 steps", 2.036),
            _near("linear, 1,600 steps", 2.004),
            _near("stable, then decay, 100 steps", 2.230),
            _near("stable, then decay, 1,600 steps", 2.169),
        ),
        result=by_theory,
        seconds=0.1,
        page="schedules",
        chance=False,
    ),
}
