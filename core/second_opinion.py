"""A second opinion: the advice of a diagnosis is trained, and it is told whether the diagnosis was right."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.diagnosis import Diagnosis
from core.experiment import FIELDS, Experiment
from core.history import History
from core.training import train
from core.words import number

Array = NDArray[Any]

STEP = 3.0  # how far the rate is moved either way
_CLEARLY = 0.95  # of the loss as it was: a smaller gain confirms nothing
_FASTER = 1.5  # times the fall: what 3 times a rate that is too slow must bring
_MUCH = 0.5  # of it: what a good rate must not leave to be had
_NEGLIGIBLE = 1e-3  # of the loss before training: below that, lower is no gain
_FIRST_LAYER = 8  # units of the hidden layer a model without any is given
_LIMITS = {field.name: field for field in FIELDS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One run: what was changed, and the loss it ended at (median of its last tenth; inf where it overflowed)."""

    name: str
    loss: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondOpinion:
    """trials: as it was, rate / 3, rate x 3, wider.  right: whether the diagnosis holds; None where it claims nothing.

    words: what was found, with its numbers.
    """

    trials: tuple[Trial, ...]
    right: bool | None
    words: str


def second_opinion(history: History, diagnosis: Diagnosis, lane: int) -> SecondOpinion:
    """Train a lane's advice for as long as the lane itself: rate / 3, rate x 3 and a wider network.

    All start from the same weights; the wider network has its own, drawn from the same seed.
    """
    experiment = history.experiment
    rate, limits = experiment.learning_rates[lane], _LIMITS["learning_rates"]
    rates = (max(rate / STEP, limits.low), min(rate * STEP, limits.high))
    bare = replace(experiment, sharpness=0)
    lower, higher = train(_affordable(replace(bare, learning_rates=rates, epochs=1), experiment.epochs)).loss
    trials = [
        Trial(name="as it was", loss=_level(history.loss[lane])),
        Trial(name=f"rate / {STEP:g}", loss=_level(lower)),
        Trial(name=f"rate × {STEP:g}", loss=_level(higher)),
    ]
    wide = wider(experiment)
    if wide != experiment.hidden:
        asked = replace(bare, hidden=wide, start=(), learning_rates=(rate,), epochs=1)
        trials.append(Trial(name="wider", loss=_level(train(_affordable(asked, experiment.epochs)).loss[0])))
    right, words = _judge(diagnosis, float(history.loss[lane, 0]), *(trial.loss for trial in trials))
    return SecondOpinion(trials=tuple(trials), right=right, words=words)


def wider(experiment: Experiment) -> tuple[int, ...]:
    """Twice as many units in each hidden layer, as far as there may be; without any, one layer of 8."""
    most = int(_LIMITS["hidden"].high)
    return tuple(min(2 * units, most) for units in experiment.hidden) or (_FIRST_LAYER,)


def _affordable(experiment: Experiment, epochs: int) -> Experiment:
    return replace(experiment, epochs=min(epochs, experiment.largest_epochs()))


def _level(loss: Array) -> float:
    tail = loss[-max(1, len(loss) // 10) :]
    return float(np.median(tail)) if np.isfinite(tail).all() else math.inf


def _judge(
    diagnosis: Diagnosis, first: float, here: float, lower: float, higher: float, wide: float = math.inf
) -> tuple[bool | None, str]:
    least = _NEGLIGIBLE * first

    def gains(loss: float, share: float = _CLEARLY) -> bool:
        return loss < share * here and here - min(loss, here) > (least if math.isfinite(here) else 0)

    ended = f"it ends at {_told(here)} as it was"
    if diagnosis.role == "low":
        right = first - higher > _FASTER * (first - here)
        return right, f"At {STEP:g} times the rate the loss falls from {_told(first)} to {_told(higher)}; {ended}."
    if diagnosis.role == "high":
        right = gains(lower)
        return right, f"At a third of the rate the loss ends at {_told(lower)}; {ended}."
    if diagnosis.role == "good":
        best = min(lower, higher)
        right = not gains(best, _MUCH)
        name = "a third of" if lower <= higher else f"{STEP:g} times"
        if right:
            return (
                right,
                f"No rate {STEP:g} times lower or higher halves the loss: {_told(lower)} and {_told(higher)}; {ended}.",
            )
        return right, f"At {name} the rate the loss ends at {_told(best)}; {ended}."
    if diagnosis.label == "too_short":
        return None, f"Too few epochs to claim anything; {ended}."
    return _judge_plateau(gains(wide), min(lower, higher), wide, ended)


def _judge_plateau(wider_helps: bool, rate: float, wide: float, ended: str) -> tuple[bool, str]:
    if wider_helps and wide <= rate:
        return True, f"A wider network ends at {_told(wide)}, no rate of these below {_told(rate)}; {ended}."
    if rate < wide:
        return (
            False,
            f"It was the rate after all: another one ends at {_told(rate)}, a wider network at {_told(wide)}; {ended}.",
        )
    return False, f"A wider network ends at {_told(wide)}: width alone is not what is missing; {ended}."


def _told(loss: float) -> str:
    return number(loss) if math.isfinite(loss) else "overflow"
