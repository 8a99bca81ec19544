"""The class as a sweep: which seat trains at which rate, and what becomes of it. All of a step's runs are one batch."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core import Experiment, measured_limit, stability_limit, train
from core.diagnosis.theory import predictable
from core.drawing.axes import Axis
from core.drawing.deck import Deck, deck
from core.words import number

from .plan import Step, ends, stops

BATCH = 64  # seats whose rates are trained together
_AROUND = 3.0  # times, and a part, of the predicted limit: the measured one is looked for between
_POINTS = 60  # of the curve that a phone draws


def dealt(low: float, high: float, seat: int) -> float:
    """The rate of a seat, from 0: van der Corput's sequence on a log axis, so that any number of seats fills it evenly.

    To three digits, as it is shown: what is on the phone is what ran.
    """
    share, halves, left = 0.0, 0.5, seat + 1
    while left:
        left, bit = divmod(left, 2)
        share += bit * halves
        halves /= 2
    return min(max(float(f"{low * (high / low) ** share:.3g}"), low), high)


def dealt_to(step: Step, seat: int) -> float:
    """The rate of a seat in this step."""
    return dealt(*ends(step), seat)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trained:
    """Runs of one step. rates (K,), final (K,) losses, inf where it overflowed; made: the deck they are drawn from."""

    made: Deck
    epochs: int

    def final(self, rate: float) -> float:
        """The loss after the last epoch; inf where it overflowed, or became nan."""
        loss = float(self.made.final[self._at(rate)])
        return math.inf if math.isnan(loss) else loss

    def curve(self, rate: float) -> dict[str, Any]:
        """What a phone draws: points from 0 to 1 on both axes, the loss on a log one, and what is said of the run."""
        at, made = self._at(rate), self.made
        low, high = np.log10(made.losses.ends)
        loss, moments = made.loss[at].astype(float), made.moments
        top = np.flatnonzero(~(loss <= made.losses.high))  # nan and inf too
        until = int(top[0]) if top.size else len(loss)
        with np.errstate(divide="ignore"):
            heights = np.clip((np.log10(loss[:until]) - low) / (high - low), 0, 1)
        across = moments[:until] / max(int(moments[-1]), 1)
        keep = np.unique(np.linspace(0, max(until - 1, 0), min(_POINTS, until)).round().astype(int))
        told = made.words[at]
        return {
            "rate": rate,
            "role": told.role,
            "verdict": told.title,
            "words": told.reason,
            "points": [[round(float(across[k]), 4), round(float(heights[k]), 4)] for k in keep],
            "left": bool(top.size),
            "low": number(made.losses.low),
            "high": number(made.losses.high),
            "epochs": self.epochs,
        }

    def _at(self, rate: float) -> int:
        return int(np.searchsorted(self.made.rates, rate))


def experiments(step: Step, batch: int) -> Experiment:
    """What is trained for the seats of a batch: their dealt rates, and with the first all that can be chosen."""
    assert step.experiment is not None
    low, high = ends(step)
    rates = {dealt(low, high, seat) for seat in range(batch * BATCH, (batch + 1) * BATCH)}
    return replace(step.experiment, learning_rates=tuple(sorted({*rates, *(() if batch else stops(low, high))})))


def trained(experiment: Experiment, axis: Axis | None = None) -> Trained:
    """The runs of a batch.  axis: of the losses of the first one, by which all are drawn."""
    return Trained(made=deck(train(experiment), axis), epochs=experiment.epochs)


def measured(step: Step) -> float | None:
    """The limit of a line, found by training around the predicted one."""
    assert step.experiment is not None
    predicted = limit(step)
    return measured_limit(step.experiment, predicted / _AROUND, predicted * _AROUND) if predicted else None


def limit(step: Step) -> float | None:
    """The stability limit that theory predicts, where it does."""
    assert step.experiment is not None
    found = float(stability_limit(step.experiment)) if predictable(step.experiment) else math.inf
    return found if math.isfinite(found) else None
