"""What a log's runs say: each its verdict, the numbers behind it, and what one curve can't tell."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from ...diagnosis.rules import WANDER, Diagnosis
from ...diagnosis.theory import limit_from_run
from ...training.history import thin
from ...words import LANE_LETTERS, number
from .run import Run
from .verdict import step_words, verdict

_TAIL = 10  # a run's last tenth, whose median is its final loss
_RISES = 0.02  # of itself: a validation loss so far above its lowest has risen
_STEADY = 8  # losses in a row that must grow by one factor
_FLAT = ("too_slow", "plateau", "noisy", "at_limit", "oscillating")
_LOWER = 0.8  # of a run's final loss: another that ends below tells something of it
_BY_HEART = "A larger model would learn still more by heart: see to the validation loss first."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """A run with its verdict.

    overfits: what its validation loss says beside it, "" where nothing.
    unknown: what this curve can't tell, and the one experiment that would.
    """

    run: Run
    diagnosis: Diagnosis
    overfits: str
    unknown: str

    @property
    def title(self) -> str:
        """The verdict in a word or two."""
        return self.diagnosis.title


def read_runs(runs: Sequence[Run], baseline: float | None = None) -> tuple[Reading, ...]:
    """A Reading of each run, in the light of the others.  baseline: loss of the best constant prediction, if known.

    A flat run beside one that differs in its rate and ends much lower is told so: that is the experiment it needs.
    """
    finals = [final_loss(run) for run in runs]
    best = int(np.argmin(finals))
    letter = LANE_LETTERS[best] if best < len(LANE_LETTERS) else runs[best].name
    rates = [run.rate for run in runs]
    readings = []
    for run, final in zip(runs, finals, strict=True):
        found, rate, other = read_run(run, baseline), run.rate, rates[best]
        if rate and other and rate != other and finals[best] < _LOWER * final:
            found = _beside(found, letter, rate, other, finals[best])
        elif run is runs[best] and rate and min(filter(None, rates)) < rate < max(filter(None, rates)):
            found = replace(found, unknown="Whether a rate between those of this log would be faster still.")
        readings.append(found)
    return tuple(readings)


def read_run(run: Run, baseline: float | None = None) -> Reading:
    """The Reading of a run by itself. Raises ValueError where baseline is not finite."""
    found = verdict(run.loss, run.steps, run.axis, baseline, run.learning_rate, run.epochs)
    overfits = _overfits(run)
    if overfits and found.label == "plateau":
        found = replace(found, advice=_BY_HEART)
    return Reading(run=run, diagnosis=found, overfits=overfits, unknown=_unknown(run, found.label))


def _beside(found: Reading, letter: str, rate: float, other: float, final: float) -> Reading:
    """What a run at another rate, which ended much lower, says of this one."""
    verdict, low = found.diagnosis, other > rate
    ended = f"run {letter}, at {number(other)}, ended at {number(final)}"
    if verdict.role == "good":
        return replace(found, unknown=f"Little: {ended}, so that rate is the better one.")
    if verdict.label not in _FLAT:
        return found
    verdict = replace(
        verdict,
        label="too_slow" if low else verdict.label,
        reason="The loss has hardly moved." if low and verdict.label == "plateau" else verdict.reason,
        advice=f"Too {'low' if low else 'high'}: {ended}.",
    )
    return replace(found, diagnosis=verdict, unknown=f"Little: run {letter} is the experiment that tells.")


def final_loss(run: Run) -> float:
    """The median of its last tenth; inf where that holds what is no finite number."""
    tail = run.loss[-max(1, len(run.loss) // _TAIL) :]
    return float(np.median(tail)) if np.isfinite(tail).all() else math.inf


def _overfits(run: Run) -> str:
    """Whether the validation loss turned and rose, told by medians of tenths so that one lucky value counts little."""
    held, at = run.validation, run.validation_steps
    if held is None or at is None:
        return ""
    if not np.isfinite(held).all():
        return _lost(run, held, at)
    if len(held) < 5 or not np.isfinite(run.loss).all():
        return ""
    blocks = np.array_split(held, min(_TAIL, len(held) // 2 or 1))
    medians = np.array([np.median(block) for block in blocks])
    low, end = int(medians.argmin()), medians[-1]
    usual = float(np.median(np.abs(np.diff(held)))) if len(held) > 1 else 0.0
    if end - medians[low] <= max(_RISES * abs(medians[low]), WANDER * usual) or low == len(medians) - 1:
        return ""
    lowest = int(held.argmin())
    return (
        f"The validation loss was lowest, {number(held[lowest])}, at {run.axis} {step_words(at[lowest])} and has risen "
        f"to {number(held[-1])} since: the model learns its training data by heart. Keep the weights from there, and "
        "try more data or more regularisation; another learning rate does not cure that."
    )


def _lost(run: Run, held: Array, at: Array) -> str:
    """What is said where the validation loss stops being a finite number, and the training loss does not."""
    first = int(np.isfinite(held).argmin())
    if not np.isfinite(run.loss).all():
        return ""
    became = "is nan" if np.isnan(held[first]) else "is infinite"
    return (
        f"The validation loss {became} from {run.axis} {step_words(at[first])} on while the training loss is a number: "
        "look for empty batches, a division by 0 or half precision in the evaluation, and for weights that have grown."
    )


def _unknown(run: Run, label: str) -> str:
    rate = run.rate
    times, third = "3 times the rate", "a third of it"
    if rate is not None:
        times, third = f"3 times the rate ({number(3 * rate)})", f"a third of it ({number(rate / 3)})"
    known = "the learning rate or the gradients" if run.learning_rate is None else "the gradients"
    if label == "diverged":
        return (
            f"Whether it was the rate: a logarithm of 0, a bad batch or half precision end so too. Run it again at "
            f"{third}: if it stays finite, it was."
        )
    if label in ("exploding", "oscillating", "risen"):
        limit = _limit(run)
        if limit is not None:
            return (
                "Whether it was plain gradient descent on all of the data. If it was, its steady growth gives the "
                f"limit away: about {number(limit)}."
            )
        return f"How far above its limit the rate is. Run it again at {third}, and by thirds until it falls."
    if label in _FLAT:
        return (
            f"Without {known} a flat curve may mean a rate that is too low or one at its limit. One experiment tells: "
            f"the same run at {times} and at {third}. If the higher falls faster, it was too low; if the lower does, "
            "it was too high; if neither does, it is not the rate."
        )
    if label == "broken":
        return "Anything about the rate, until the loss is a loss again."
    if label == "range_test":
        return "How a run does at the rate you take from it: train at that rate, at 3 times it and at a third."
    if label == "too_short":
        return "Anything about the rate: there is too little to see."
    return (
        f"Whether another rate would have been faster. The same run at {times} and at {third} tells; the best of "
        "them should lie in the middle."
    )


def _limit(run: Run) -> float | None:
    """The stability limit that a steadily growing loss gives away.

    On a bowl, by full-batch gradient descent, late in the run; None where rate or growth is not steady.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = run.loss[-_STEADY:][1:] / run.loss[-_STEADY:][:-1]
    if run.rate is None or run.every != 1 or len(growth) < _STEADY - 1 or not growth.min() > 1:
        return None
    return limit_from_run(run.rate, run.loss) if np.ptp(growth) < 1e-3 * growth[-1] else None


def sampling(run: Run) -> str:
    """What the spacing of a log's records hides, "" where every step is there."""
    if len(run.steps) < 2 or run.axis == "record":
        return ""
    if run.axis == "epoch" and run.every == 1:
        return "One loss an epoch: what happens from step to step within an epoch is not in this log."
    gaps, every = np.diff(run.steps), run.every
    words = ""
    if every > 1 or run.axis == "epoch":
        words = f"Recorded every {step_words(every)} {run.axis}s: "
        even = run.axis == "step" and every == round(every) and every % 2 == 0
        words += (
            "a loss that goes up and down each step would look smooth, as the steps seen are an even number apart."
            if even
            else "shorter waves are hidden, or look longer than they are."
        )
    if gaps.max() > 3 * every:
        words += " The records are unevenly spaced, and the verdict goes by records, not by steps."
    return words.strip()


def table(readings: Sequence[Reading], rows: int = 60) -> pd.DataFrame:
    """Columns run, step, loss, learning_rate: about `rows` of each run, to be read; runs by their letters."""
    tables = []
    for letter, each in zip(LANE_LETTERS, readings, strict=False):
        run, kept = each.run, thin(each.run.loss, rows)
        rates = np.full(len(run.loss), np.nan) if run.learning_rate is None else run.learning_rate
        tables.append(
            pd.DataFrame(
                {"run": letter, run.axis: run.steps[kept], "loss": run.loss[kept], "learning_rate": rates[kept]}
            )
        )
    return pd.concat(tables, ignore_index=True).dropna(axis="columns", how="all")
