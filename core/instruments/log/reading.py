"""What a log's runs say: each its verdict, the numbers behind it, and what one curve can't tell."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from ...diagnosis.rules import STAYS_ABOVE, WANDER, Diagnosis, above_the_start, diagnose_curve
from ...diagnosis.theory import limit_from_run
from ...training.history import thin
from ...words import LANE_LETTERS, number
from .training_log import Run

_TAIL = 10  # a run's last tenth, whose median is its final loss
_RISES = 0.02  # of itself: a validation loss so far above its lowest has risen
_STEADY = 8  # losses in a row that must grow by one factor
_FLAT = ("too_slow", "plateau", "noisy", "at_limit", "oscillating")
# What the curve's own rules say of steps is, in a log, seen from one record to the next.
_LOWER = 0.8  # of a run's final loss: another that ends below tells something of it
_REASONS = {"edge": "The loss goes up and down from record to record, yet its trend falls."}
_SUDDEN = (
    "Look first for a logarithm or division of 0, a bad batch or half precision; then run it at a third of the rate."
)
_BY_HEART = "A larger model would learn still more by heart: see to the validation loss first."
_ADVICE = {
    "too_slow": "Probably too low: raise the rate 3 to 10 times. A rate just under its limit looks the same, though."
}


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
        return "Above its start" if self.diagnosis.reason == STAYS_ABOVE else self.diagnosis.title


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
    found = diagnose_curve(run.loss, baseline=baseline)
    found = above_the_start(found, run.loss, stays=True, clearly=True, by=", 3 to 10 times to begin with")
    found = replace(
        found,
        reason=_REASONS.get(found.label, found.reason),
        clauses=_clauses(run),
        advice=_ADVICE.get(found.label, found.advice),
    )
    if found.label == "diverged" and not _grew(run.loss):
        found = replace(
            found, reason="The loss is no finite number any more, and had not grown before.", advice=_SUDDEN
        )
    overfits = _overfits(run)
    if overfits and found.label == "plateau":
        found = replace(found, advice=_BY_HEART)
    return Reading(run=run, diagnosis=found, overfits=overfits, unknown=_unknown(run, found.label))


def _grew(loss: Array) -> bool:
    """Whether the loss stood well above its start when it was last finite; so it is too where none ever was."""
    first = int(np.isfinite(loss).argmin())
    return first == 0 or bool(loss[first - 1] > loss[0] + abs(loss[0]))


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


def _at(run: Run, which: int) -> str:
    return f"{run.axis} {step_words(run.steps[which])}"


def step_words(value: float) -> str:
    """A step for reading: 12,345; 0.25."""
    return f"{value:,.0f}" if value == round(value) else number(value)


def _clauses(run: Run) -> tuple[str, ...]:
    """From where to where the loss went, in the log's own steps."""
    loss = run.loss
    bad = np.flatnonzero(~np.isfinite(loss))
    if bad.size:
        first = int(bad[0])
        became = "stopped being a number" if np.isnan(loss[first]) else "overflowed"
        if first == 0:
            return (f"The first loss recorded, at {_at(run, 0)}, is {number(loss[0])}",)
        began = f"The loss began at {number(loss[0])}, stood at {number(loss[first - 1])}"
        return (f"{began} and {became} at {_at(run, first)}",)
    if len(loss) == 1:
        return (f"One loss, {number(loss[0])}, at {_at(run, 0)}",)
    lowest = int(np.argmin(loss))
    below = min(loss[0], loss[-1]) - loss[lowest] > 0.01 * abs(loss[-1])
    low = f", lowest {number(loss[lowest])} at {_at(run, lowest)}" if below else ""
    ends = f"from {number(loss[0])} at {_at(run, 0)} to {number(loss[-1])} at {_at(run, -1)}"
    return f"The loss went {ends}{low}", f"{len(loss):,} losses"


def final_loss(run: Run) -> float:
    """The median of its last tenth; inf where that holds what is no finite number."""
    tail = run.loss[-max(1, len(run.loss) // _TAIL) :]
    return float(np.median(tail)) if np.isfinite(tail).all() else math.inf


def _overfits(run: Run) -> str:
    """Whether the validation loss turned and rose, told by medians of tenths so that one lucky value counts little."""
    held, at = run.validation, run.validation_steps
    if held is None or at is None or len(held) < 5 or not np.isfinite(run.loss).all():
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
    if label in ("exploding", "oscillating"):
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
    growth = run.loss[-_STEADY:][1:] / run.loss[-_STEADY:][:-1]
    if run.rate is None or run.every != 1 or len(growth) < _STEADY - 1 or not growth.min() > 1:
        return None
    return limit_from_run(run.rate, run.loss) if np.ptp(growth) < 1e-3 * growth[-1] else None


def sampling(run: Run) -> str:
    """What the spacing of a log's records hides, "" where every step is there."""
    if len(run.steps) < 2 or run.axis == "record":
        return ""
    if run.axis == "epoch":
        return "One loss an epoch: what happens from step to step within an epoch is not in this log."
    gaps, every = np.diff(run.steps), run.every
    words = ""
    if every > 1:
        words = f"Recorded every {step_words(every)} steps: "
        even = every == round(every) and every % 2 == 0
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
