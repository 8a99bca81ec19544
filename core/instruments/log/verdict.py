"""The verdict of one recorded curve: what `diagnose_curve` says of it, in the log's own steps."""

from dataclasses import replace

import numpy as np
from numpy import ndarray as Array

from ...diagnosis.columns import still_rising
from ...diagnosis.rules import Diagnosis, diagnose_curve, rising_words
from ...words import number
from ..range_test.rules import RULES, recorded

# What the curve's own rules say of steps is, in a log, seen from one record to the next.
_REASONS = {"edge": "The loss goes up and down from record to record, yet its trend falls."}
_SUDDEN = (
    "Look first for a logarithm or division of 0, a bad batch or half precision; then run it at a third of the rate."
)
_ADVICE = {
    "diverged": "Probably too high: lower the rate, 3 to 10 times to begin with, and look again.",
    "too_slow": "Probably too low: try 3 times the rate, and look again. A rate just under its limit looks the same.",
}


def verdict(
    loss: Array,
    steps: Array,
    axis: str,
    baseline: float | None = None,
    learning_rate: Array | None = None,
    epochs: Array | None = None,
) -> Diagnosis:
    """The Diagnosis of losses (n,) at steps (n,) of this axis.

    baseline: loss of the best constant prediction, if known.  learning_rate, epochs (n,): the rate in force at each,
    and the epoch it was recorded in.
    Raises ValueError where baseline is not finite.
    """
    found = diagnose_curve(loss, baseline=baseline, learning_rate=learning_rate, epoch=epochs)
    if found.label == "range_test" and learning_rate is not None:
        return replace(found, advice=_by_the_rules(learning_rate, loss))
    rising = (rising_words(learning_rate),) if learning_rate is not None and still_rising(learning_rate) else ()
    found = replace(
        found,
        reason=_REASONS.get(found.label, found.reason),
        clauses=(*_clauses(loss, steps, axis), *rising),
        advice=found.advice if rising else _ADVICE.get(found.label, found.advice),
    )
    if found.label == "diverged" and not _grew(loss):
        found = replace(
            found, reason="The loss suddenly became NaN or infinite; it had not grown before.", advice=_SUDDEN
        )
    return found


def _by_the_rules(rates: Array, loss: Array) -> str:
    """Which rates (n,) the rules of range tests would take from a recorded one, its losses (n,) as they are."""
    test = recorded(rates, loss, len(rates))
    taken = {rule.title: rule.suggest(test) for rule in RULES.values()}
    said = ", ".join(f"{title} {number(rate)}" for title, rate in taken.items() if rate is not None)
    if not said:
        return "Record more steps: no rule of a range test finds a rate in so few."
    return f"By the rules of range tests: {said}. They differ, so train at two or three of them before you believe one."


def _grew(loss: Array) -> bool:
    """Whether the loss stood well above its start when it was last finite; so it is too where none ever was."""
    first = int(np.isfinite(loss).argmin())
    return first == 0 or bool(loss[first - 1] > loss[0] + abs(loss[0]))


def _at(steps: Array, axis: str, which: int) -> str:
    return f"{axis} {step_words(steps[which])}"


def step_words(value: float) -> str:
    """A step for reading: 12,345; 0.25."""
    return f"{value:,.0f}" if value == round(value) else number(value)


def _clauses(loss: Array, steps: Array, axis: str) -> tuple[str, ...]:
    """From where to where the loss went, in the log's own steps."""
    bad = np.flatnonzero(~np.isfinite(loss))
    if bad.size:
        first = int(bad[0])
        became = "became NaN" if np.isnan(loss[first]) else "overflowed"
        if first == 0:
            return (f"The first loss recorded, at {_at(steps, axis, 0)}, is {number(loss[0])}",)
        began = f"The loss began at {number(loss[0])}, stood at {number(loss[first - 1])}"
        return (f"{began} and {became} at {_at(steps, axis, first)}",)
    if len(loss) == 1:
        return (f"One loss, {number(loss[0])}, at {_at(steps, axis, 0)}",)
    lowest = int(np.argmin(loss))
    below = min(loss[0], loss[-1]) - loss[lowest] > 0.01 * abs(loss[-1])
    low = f", lowest {number(loss[lowest])} at {_at(steps, axis, lowest)}" if below else ""
    ends = f"from {number(loss[0])} at {_at(steps, axis, 0)} to {number(loss[-1])} at {_at(steps, axis, -1)}"
    return f"The loss went {ends}{low}", f"{len(loss):,} losses"
