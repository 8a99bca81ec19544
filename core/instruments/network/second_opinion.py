"""A second opinion: the advice of a diagnosis is trained, and it is told whether the diagnosis was right."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from ...diagnosis.rules import Diagnosis
from ...drawing.tables import Table, arrow
from ...experiment.experiment import FIELDS, Experiment
from ...training.history import History, thin
from ...training.train import Progress, SoFar, part_of, train
from ...words import number

STEP = 3.0  # how far the rate is moved either way
_CLEARLY = 0.95  # of the loss as it was: a smaller gain confirms nothing
_FURTHER = 1.2  # times the fall: what 3 times a rate too slow must bring, and a good one must not leave to be had
_NEGLIGIBLE = 1e-3  # of the loss before training: below that, lower is no gain
_FIRST_LAYER = 8  # units of the hidden layer a model without any is given
NAMES = ("as it was", f"rate / {STEP:g}", f"rate × {STEP:g}", "wider")
_POINTS = 300  # of a curve that are drawn
_LIMITS = {field.name: field for field in FIELDS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One run: what was changed, and the loss it ended at (median of its last tenth; inf where it overflowed)."""

    name: str
    loss: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondOpinion:
    """trials: as it was, rate / 3, rate x 3, wider.  right: whether the diagnosis holds; None where it claims nothing.

    words: what was found, with its numbers.  curves (trial, epoch, loss): the losses of all of them.
    """

    trials: tuple[Trial, ...]
    right: bool | None
    words: str
    curves: Table


def second_opinion(
    history: History,
    diagnosis: Diagnosis,
    lane: int,
    progress: Progress | None = None,
    show: Callable[[Callable[[], Table]], object] | None = None,
) -> SecondOpinion:
    """Train a lane's advice for as long as the lane itself: rate / 3, rate x 3 and a wider network.

    All start from the same weights; the wider network has its own, drawn from the same seed. Where one of them
    may not run for so long, all are looked at after as many epochs as it may.
    progress: as of `train`.  show: called now and then with what gives the curves so far.
    """
    experiment = history.experiment
    rate, limits = experiment.learning_rates[lane], _LIMITS["learning_rates"]
    rates = (max(rate / STEP, limits.low), min(rate * STEP, limits.high))
    asked = [replace(experiment, sharpness=0, learning_rates=rates, epochs=1)]
    if (wide := wider(experiment)) != experiment.hidden:
        asked.append(replace(asked[0], hidden=wide, start=(), learning_rates=(rate,)))
    epochs = min(experiment.epochs, *(one.largest_epochs() for one in asked))
    tail = np.arange(epochs + 1)[-max(1, (epochs + 1) // 10) :]
    ends = [history.loss[lane, np.unique(history.columns(tail))]]
    curves = [_curve(NAMES[0], *_as_it_was(history, lane, epochs))]
    for k, one in enumerate(asked):
        names = NAMES[len(curves) :]
        seen = show and partial(_show, show, list(curves), names)
        run = train(replace(one, epochs=epochs), part_of(progress, k, len(asked)), seen)
        curves += _curves(names, run)
        ends += list(run.loss[:, tail])
    trials = tuple(Trial(name=name, loss=_level(loss)) for name, loss in zip(NAMES, ends, strict=False))
    right, words = _judge(diagnosis, float(history.loss[lane, 0]), *(trial.loss for trial in trials))
    return SecondOpinion(trials=trials, right=right, words=words, curves=_joined(curves))


def _as_it_was(history: History, lane: int, epochs: int) -> tuple[Array, Array]:
    """(K,) epochs that are kept of the run, as many as are compared, and the (K,) losses there."""
    kept = np.arange(history.done + 1) if history.epochs is None else history.epochs
    compared = kept <= epochs
    return kept[compared], history.loss[lane, compared]


def _show(
    show: Callable[[Callable[[], Table]], object], done: list[pd.DataFrame], names: tuple[str, ...], so_far: SoFar
) -> None:
    show(lambda: _joined([*done, *_curves(names, so_far())]))


def _curves(names: tuple[str, ...], run: History) -> list[pd.DataFrame]:
    return [_curve(name, np.arange(run.done + 1), loss) for name, loss in zip(names, run.loss, strict=False)]


def _curve(name: str, epochs: Array, loss: Array) -> pd.DataFrame:
    """Columns trial, epoch, loss of one run, thinned; it ends where it is not finite."""
    kept = thin(loss, _POINTS)
    kept = kept[np.isfinite(loss[kept]) & (loss[kept] > 0)]
    return pd.DataFrame({"trial": name, "epoch": epochs[kept], "loss": loss[kept]})


def _joined(curves: list[pd.DataFrame]) -> Table:
    return arrow(pd.concat(curves, ignore_index=True))


def wider(experiment: Experiment) -> tuple[int, ...]:
    """Twice as many units in each hidden layer, as far as there may be; without any, one layer of 8."""
    most = int(_LIMITS["hidden"].high)
    return tuple(min(2 * units, most) for units in experiment.hidden) or (_FIRST_LAYER,)


def _level(tail: Array) -> float:
    return float(np.median(tail)) if np.isfinite(tail).all() else math.inf


def _judge(
    diagnosis: Diagnosis, first: float, here: float, lower: float, higher: float, wide: float = math.inf
) -> tuple[bool | None, str]:
    least = _NEGLIGIBLE * first

    def gains(loss: float) -> bool:
        return loss < _CLEARLY * here and here - min(loss, here) > (least if math.isfinite(here) else 0)

    def falls_further(loss: float) -> bool:
        return first - loss > max(_FURTHER * (first - here), 0)

    ended = f"as it was, it ends at {_text(here)}"
    no_better = math.isfinite(here) and not any(gains(loss) or falls_further(loss) for loss in (lower, higher))
    leave = (
        " Neither ends clearly lower, so leave the rate as it is."
        if no_better and diagnosis.role in ("low", "high")
        else ""
    )
    if diagnosis.label == "too_short":
        return None, f"Too few epochs to claim anything; {ended}."
    if diagnosis.role == "low":
        words = f"At {STEP:g} times the rate the loss ends at {_text(higher)}"
        words += f", at a third of it at {_text(lower)}" if leave else ""
        return falls_further(higher), f"{words}; {ended}.{leave}"
    if diagnosis.role == "high" and not math.isfinite(here):
        return True, f"At a third of the rate the loss ends at {_text(lower)}; {ended}."
    if diagnosis.role == "high":
        still = " Better, yet above its start: lower it further." if gains(lower) and lower > first else ""
        words = f"At a third of the rate the loss ends at {_text(lower)}"
        words += f", at {STEP:g} times it at {_text(higher)}" if leave else ""
        return gains(lower), f"{words}; {ended}.{still}{leave}"
    if diagnosis.role == "good":
        right = here <= first and (diagnosis.label == "slow" or not falls_further(min(lower, higher)))
        found = f"a third of the rate ends at {_text(lower)}, {STEP:g} times the rate at {_text(higher)}"
        return right, f"From {_text(first)}, {found}; {ended}."
    return _judge_plateau(gains(wide), min(lower, higher), wide, ended)


def _judge_plateau(wider_helps: bool, rate: float, wide: float, ended: str) -> tuple[bool, str]:
    if wider_helps and wide <= rate:
        return True, f"A wider network ends at {_text(wide)}, no rate of these below {_text(rate)}; {ended}."
    if rate < wide:
        return (
            False,
            f"It was the rate after all: another one ends at {_text(rate)}, a wider network at {_text(wide)}; {ended}.",
        )
    return False, f"A wider network ends at {_text(wide)}: width alone is not what is missing; {ended}."


def _text(loss: float) -> str:
    return number(loss) if math.isfinite(loss) else "overflow"
