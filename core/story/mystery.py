"""The quiz of lesson 8: ten loss curves of real runs, drawn by a seed, whose truth is known before they are run.

What is true of a run follows from its learning rate and the curvatures of its loss (core.diagnosis.theory), never from
our own diagnosis of its curve. Each quiz holds each kind once. Three pairs look alike: far too low and just below
the limit (one rate r, the other limit - r: both leave |1 - r lmax| of the distance a step), a small rate and one that
overshoots, done and stuck in a valley. The curve alone can't tell them apart; the meter can.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy import ndarray as Array
from numpy.random import Generator

from ..data.datasets import dataset
from ..diagnosis.theory import curvatures, landscape, loss_after, stability_limit
from ..drawing.axes import Axis
from ..experiment.experiment import Experiment
from ..training.history import thin
from ..training.problems import problem
from ..training.train import train
from ..words import number, two_digits
from .mystery_words import TITLES, Facts, reading, sign, told_apart, truth, unlike
from .question import ChoiceQuestion

COUNT = 10
LARGEST_SEED = 999_999  # six digits: short enough to be read out
_POINTS = 400
_LARGEST = 1.7e308  # where a chart's axis may end: a little below what float64 can hold

# Which other kinds a curve is most easily taken for; the first is always among the options.
_TAKEN_FOR = {
    "crawl": ("at_limit", "valley", "plateau", "good"),
    "at_limit": ("crawl", "valley", "plateau", "noise"),
    "good": ("overshoot", "crawl", "ringing", "plateau"),
    "overshoot": ("good", "at_limit", "ringing", "crawl"),
    "above": ("far", "at_limit", "good", "ringing"),
    "far": ("above", "at_limit", "ringing", "noise"),
    "ringing": ("noise", "above", "overshoot", "at_limit"),
    "noise": ("ringing", "above", "overshoot", "plateau"),
    "plateau": ("valley", "crawl", "at_limit", "noise"),
    "valley": ("plateau", "crawl", "at_limit", "noise"),
}
KINDS = tuple(_TAKEN_FOR)
_EXACT = (("article", False), ("article", True), ("article-torch", False), ("article-torch", True))  # (data, scaled)
_STEEP = (*_EXACT, ("penguins", False), ("penguins", True), ("far-from-zero", True), ("noisy-line", True))
_NOISY = (("noisy-line", True), ("penguins", True))
_NARROW = (("far-from-zero", False), ("penguins", False))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mystery:
    """One curve of a quiz.  kind: the truth, one of KINDS.  loss (epochs + 1,), meter (epochs,): its real run."""

    kind: str
    experiment: Experiment
    loss: Array
    meter: Array
    question: ChoiceQuestion

    @property
    def overflow(self) -> int:
        """The first epoch whose loss is not finite, -1 if none."""
        bad = ~np.isfinite(self.loss)
        return int(bad.argmax()) if bad.any() else -1

    @property
    def readings(self) -> tuple[float, float, float] | None:
        """The meter at the first step, in the middle and at the last step where it can be read; None if nowhere."""
        seen = self.meter[np.isfinite(self.meter)]
        return (float(seen[0]), float(np.median(seen)), float(seen[-1])) if len(seen) else None


def kinds(seed: int) -> tuple[str, ...]:
    """The truths of a quiz, in its order: each kind once."""
    return tuple(KINDS[at] for at in np.random.default_rng(seed).permutation(COUNT))


def mystery(seed: int, place: int) -> Mystery:
    """Curve `place` (0 to 9) of the quiz that this seed draws; the same for ever."""
    kind = kinds(seed)[place]
    # The look-alikes share their draw: same data, same epochs, rates mirrored in the middle of the stable ones.
    drawn = "crawl" if kind == "at_limit" else kind
    experiment = _DRAW[kind](np.random.default_rng([seed, KINDS.index(drawn)]))
    history = train(experiment)
    loss, meter = history.loss[0], history.meter[0]
    facts = _facts(experiment, loss, meter)
    options = _options(kind, np.random.default_rng([seed, COUNT + place]))
    question = ChoiceQuestion(
        key=f"quiz-{seed}-{place}",
        ask="What is going on in this run?",
        choices={
            TITLES[option]: sign(kind, facts) if option == kind else unlike(kind, option, facts) for option in options
        },
        right=options.index(kind),
        outcome=f"**{TITLES[kind]}.** {truth(kind, facts)}\n\n{_what_ran(experiment, facts)}",
    )
    return Mystery(kind=kind, experiment=experiment, loss=loss, meter=meter, question=question)


def twins(seed: int) -> str:
    """What the two curves of a quiz that look the same differ in: far too low, and just below the limit."""
    places = sorted(kinds(seed).index(kind) for kind in ("crawl", "at_limit"))
    one, other = (mystery(seed, place) for place in places)
    apart = float(np.abs(one.loss / other.loss - 1).max())
    rates = [found.experiment.learning_rates[0] for found in (one, other)]
    return (
        f"Curves {places[0] + 1} and {places[1] + 1} never lay more than {two_digits(100 * apart)} % apart, yet their "
        f"learning rates differ by a factor of {two_digits(max(rates) / min(rates))}, and the advice is opposite. Only "
        "the meter told them apart."
    )


def picture(found: Mystery) -> tuple[Axis, Axis, dict[str, pd.DataFrame]]:
    """(axis of epochs, log axis of the loss, tables for lines.lines): the whole curve, up to its overflow."""
    kept = thin(found.loss, _POINTS)
    end = found.overflow if found.overflow >= 0 else len(found.loss)
    kept = kept[(kept < end) & (found.loss[kept] > 0)]
    low, high = float(found.loss[kept].min()), float(found.loss[kept].max())
    top = math.ceil(math.log10(high))
    last = kept[-1:] if found.overflow >= 0 else kept[:0]
    words = f"overflows at epoch {found.overflow}"
    return (
        Axis(title="epoch", low=0, high=found.experiment.epochs),
        Axis(
            title="loss",
            low=10.0 ** (math.ceil(math.log10(low)) - 1),
            high=10.0**top if top <= 308 else _LARGEST,
            scale="log",
        ),
        {
            "curves": pd.DataFrame({"name": "loss", "x": kept, "y": found.loss[kept]}),
            "marks": pd.DataFrame({"name": "loss", "x": last, "y": found.loss[last], "words": words}),
        },
    )


def seen(found: Mystery) -> str:
    """What the picture shows, in words and numbers, without giving the answer away."""
    finite = found.loss[np.isfinite(found.loss)]
    rises = int((np.diff(finite) > 0).sum())
    end = f"overflows at epoch {found.overflow}" if found.overflow >= 0 else f"ends at {number(finite[-1])}"
    return (
        f"Loss against epoch, on a log axis: starts at {number(finite[0])}, lowest {number(finite.min())}, "
        f"rises in {rises} of {len(finite) - 1} epochs, {end}."
    )


def _options(kind: str, rng: Generator) -> list[str]:
    """Four kinds in an order drawn: the truth, what it is most easily taken for, and two more."""
    always, *others = _TAKEN_FOR[kind]
    taken = [kind, always, *rng.choice(others, 2, replace=False).tolist()]
    return [taken[at] for at in rng.permutation(len(taken))]


def _facts(experiment: Experiment, loss: Array, meter: Array) -> Facts:
    """What the explanations are made of."""
    finite, readable = loss[np.isfinite(loss)], meter[np.isfinite(meter)]
    ends = (float(readable[0]), float(readable[-1])) if len(readable) else (math.nan, math.nan)
    bends = curvatures(experiment)
    return Facts(
        rate=experiment.learning_rates[0],
        limit=stability_limit(experiment),
        epochs=experiment.epochs,
        first=float(finite[0]),
        last=float(finite[-1]),
        floor=landscape(experiment).floor,
        rises=int((np.diff(finite) > 0).sum()),
        overflow=len(finite) if len(finite) < len(loss) else -1,
        meters=ends,
        plain=experiment.steps_per_epoch == 1 and not experiment.momentum,
        batch=experiment.batch_size or len(problem(experiment).targets),
        momentum=experiment.momentum,
        narrow=float(bends[-1] / bends[0]),
    )


def _what_ran(experiment: Experiment, facts: Facts) -> str:
    """The settings of a run, in a line."""
    scaled = "x standardized" if experiment.standardize else "x as measured"
    points = len(problem(experiment).targets)
    batch = f"batches of {facts.batch} of {points} points" if facts.batch < points else "all points in each step"
    momentum = f", momentum {facts.momentum:g}" if facts.momentum else ""
    title = dataset(experiment.data, experiment.seed).title
    return (
        f"What ran: {title}, {scaled}, {batch}{momentum}, learning rate {told_apart(facts.rate, facts.limit)} "
        f"(limit {told_apart(facts.limit, facts.rate)}), {facts.epochs:,} epochs."
    )


# --- How each kind is built: the rate as a share of the limit, the epochs from the closed form


def _crawl(rng: Generator) -> Experiment:
    """1e-4 to 5e-4 of the limit, so few epochs that at least two thirds of the loss are left: exp(-4 x .0005 x 200)."""
    return _mirrored(rng, above_middle=False)


def _at_limit(rng: Generator) -> Experiment:
    """The same distance below the limit: from 0.9995 to 0.9999 of it."""
    return _mirrored(rng, above_middle=True)


def _mirrored(rng: Generator, above_middle: bool) -> Experiment:
    made = _any(rng, _STEEP, epochs=int(rng.integers(60, 200)))
    share = 10 ** rng.uniform(-4, math.log10(5e-4))
    return _at(made, 1 - share if above_middle else share)


def _good(rng: Generator) -> Experiment:
    """A tenth to a fourth of the limit, until the loss has fallen by six to ten decades. No scatter: it can."""
    return _falling(rng, rng.uniform(0.1, 0.25))


def _overshoot(rng: Generator) -> Experiment:
    """Three fourths to nine tenths of the limit: beyond 1 / lmax, so the steepest direction changes sides each step."""
    return _falling(rng, 1 - rng.uniform(0.1, 0.25))


def _falling(rng: Generator, share: float) -> Experiment:
    made = _at(_any(rng, _EXACT), share)
    slowest = float(np.abs(1 - made.learning_rates[0] * curvatures(made)).max())
    return _for(made, math.ceil(rng.uniform(6, 10) * math.log(10) / (-2 * math.log(slowest))))


def _above(rng: Generator) -> Experiment:
    """1.01 to 1.3 times the limit, until the loss has grown by one and a half to nine decades."""
    share = rng.uniform(1.01, 1.3)
    made = _at(_any(rng, _STEEP), share)
    return _for(made, math.ceil(rng.uniform(1.5, 9) * math.log(10) / (2 * math.log(2 * share - 1))))


def _far(rng: Generator) -> Experiment:
    """3 to 1,000 times the limit, for long enough to overflow: past 308 decades at 2 log10(2 share - 1) an epoch."""
    share = 10 ** rng.uniform(math.log10(3), 3)
    made = _at(_any(rng, _STEEP), share)
    return _for(made, math.ceil(rng.uniform(1.1, 1.4) * 308 / (2 * math.log10(2 * share - 1))) + 5)


def _ringing(rng: Generator) -> Experiment:
    """Momentum with lr x lmax between (1 - sqrt(b))^2 and (1 + sqrt(b))^2: complex roots, so it swings. Goh (2017)."""
    made = _any(rng, _EXACT, optimizer="momentum", momentum=float(rng.choice([0.8, 0.9, 0.95])))
    rate = rng.uniform(0.1, 1.0)  # above 0.011 and below 3.6 for all three
    return _for(_at(made, rate / (2 * (1 + made.momentum))), int(rng.integers(60, 110)))


def _noise(rng: Generator) -> Experiment:
    """Few points a step of scattered data: at the best line each batch still has a gradient of its own."""
    made = _any(rng, _NOISY, batch_size=int(rng.choice([2, 4])), epochs=int(rng.integers(40, 80)))
    return _at(made, rng.uniform(0.15, 0.3))


def _plateau(rng: Generator) -> Experiment:
    """Scattered data on a round bowl, for twice as long as the loss takes to within 1e-4 of the best line's."""
    share = rng.uniform(0.04, 0.3)
    made = _at(_any(rng, _NOISY), share)
    floor = landscape(made).floor
    decay = -2 * math.log(abs(1 - 2 * share))
    return _for(made, math.ceil(2 * math.log(1e4 * loss_after(made, made.learning_rates[0], 0) / floor) / decay))


def _valley(rng: Generator) -> Experiment:
    """A bowl thousands of times steeper across than along: the run crosses it and has hardly begun to walk along."""
    return _at(_any(rng, _NARROW, epochs=int(rng.integers(60, 200))), rng.uniform(0.1, 0.45))


def _any(rng: Generator, pool: tuple[tuple[str, bool], ...], **fields: Any) -> Experiment:
    """One of the pool's data sets, with noise of its own."""
    data, standardize = pool[int(rng.integers(len(pool)))]
    fields = {"epochs": 1} | fields
    return Experiment(
        data=data, standardize=standardize, seed=int(rng.integers(2**31)), learning_rates=(1.0,), **fields
    )


def _at(made: Experiment, share: float) -> Experiment:
    """At this share of its stability limit."""
    return replace(made, learning_rates=(share * stability_limit(made),))


def _for(made: Experiment, epochs: int) -> Experiment:
    return replace(made, epochs=epochs)


_DRAW: dict[str, Callable[[Generator], Experiment]] = {
    "crawl": _crawl,
    "at_limit": _at_limit,
    "good": _good,
    "overshoot": _overshoot,
    "above": _above,
    "far": _far,
    "ringing": _ringing,
    "noise": _noise,
    "plateau": _plateau,
    "valley": _valley,
}


def meter_read(found: Mystery) -> str:
    """What the meter said along the run, a sentence of markdown: it tells apart what looks the same."""
    if found.readings is None:
        return "The meter can't be read here: rounding hides every step's decrease."
    first, typical, last = map(reading, found.readings)
    if first == typical == last:
        return f"The meter: **{first}** at every step where it can be read."
    return f"The meter: **{first}** at the first step, typically **{typical}**, **{last}** at the last readable one."
