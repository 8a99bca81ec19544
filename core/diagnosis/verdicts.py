"""diagnose(history): one Diagnosis a lane, completed by what theory knows of the line it was trained on.

diagnose_curve sees a curve only. Here the floor, the limit and the start are known, so its words can be
corrected where they would mislead, and given their numbers.
"""

from dataclasses import replace
from typing import Protocol

import numpy as np

from ..experiment.experiment import Experiment
from ..training.history import History
from ..words import count, number
from .among import fastest_by_theory, fastest_of_curves, judged, near_limit
from .network_verdicts import diagnose_network
from .rules import AT_LIMIT, OF_BATCHES, RAISE, Diagnosis, diagnose_curve, hardly_begun
from .theory import (
    Landscape,
    baseline,
    epochs_to,
    landscape,
    overshoot_limit,
    predictable,
    stability_limit,
)

_GOAL = 1e-6  # of the loss that can be lost: what "there" means when epochs are foretold
_NO_STEP, _STAYED = 1e-24, 1e-12  # of mean y^2: a start with no gradient but rounding; a run that kept it
_ARRIVED = 1e-6  # of the first height above the floor: what is left is of no interest
_FEW = 3  # epochs that must follow a change by hand before anything is said of it
_SAME = 1e-6  # relative: a rate so near a limit is at it
_SHOT_UP = 10.0  # times the first loss: a peak that has to be told
_MOST_LEFT, _HALF_THE_GRADIENT = 0.5, 0.5  # of what can be lost; of the first gradient: a line that has hardly begun
_MOVED = 0.01  # of the loss: less is hardly any movement
_BROUGHT_DOWN, _GRADIENT_LEFT = 0.1, 0.02  # of the rate asked for; of the first gradient: there is way to go


class ReadsItself(Protocol):
    """A run whose model is none of ours, as `watch` gives it."""

    def diagnose(self) -> tuple[Diagnosis, ...]:
        """One Diagnosis a lane."""


def diagnose(history: History | ReadsItself) -> tuple[Diagnosis, ...]:
    """One Diagnosis a lane: that of its curve, with what is known of the model and its data."""
    if not isinstance(history, History):
        return history.diagnose()
    if history.experiment.changes:
        return tuple(_since_its_change(history, lane) for lane in range(len(history.loss)))
    experiment, lanes = history.experiment, range(len(history.loss))
    if predictable(experiment):
        found = tuple(_lane(history, lane) for lane in lanes)
        plain = is_plain(experiment)
        fastest = fastest_by_theory(experiment) if plain else fastest_of_curves(history, found)
        found = judged(found, history, fastest, landscape(experiment).floor)
        return tuple(_near_limit(each, experiment, lane) for lane, each in enumerate(found)) if plain else found
    network = experiment.network()
    found = diagnose_network(history) if network else tuple(_of_curve(history, lane) for lane in lanes)
    found = tuple(_brought_down(found[lane], history, lane) or found[lane] for lane in lanes)
    return judged(found, history, fastest_of_curves(history, found), 0.0 if network else landscape(experiment).floor)


def _since_its_change(history: History, lane: int) -> Diagnosis:
    """The Diagnosis of a network's lane since it was last changed by hand, where a few epochs have followed."""
    epochs = [change.epoch for change in history.experiment.by_hand() if change.lane == lane]
    last = max((epoch for epoch in epochs if epoch <= history.done - _FEW), default=0)
    since = history.lane_since(lane, last)
    (found,) = diagnose_network(since)
    found = _brought_down(found, since, 0) or found
    if last and found.label in ("converged", "plateau") and _stands_on_a_slope(since, history.gradient_norm[lane, 0]):
        reason = "The loss hardly moves, yet the gradient is as large as at the change: the steps are too small."
        found = replace(found, label="too_slow", reason=reason, advice=RAISE)
    return (
        replace(found, reason=f"Since its change at epoch {last:,}, epochs counted from there. {found.reason}")
        if last
        else found
    )


def _stands_on_a_slope(since: History, first: float) -> bool:
    """Whether a lane has hardly moved since its change and kept its gradient.  first: the run's first gradient norm."""
    norms, loss = since.gradient_norm[0], since.loss[0]
    kept = norms[-1] >= max(_HALF_THE_GRADIENT * norms[0], _GRADIENT_LEFT * first)
    return bool(kept and abs(loss[-1] - loss[0]) < _MOVED * abs(loss[0]))


def _of_curve(history: History, lane: int) -> Diagnosis:
    """Where its limit is not known beforehand: only the floor and the baseline complete the curve."""
    experiment, loss = history.experiment, history.loss[lane]
    floor, base = landscape(experiment).floor, baseline(experiment)
    found = diagnose_curve(loss, meter=history.meter[lane], floor=floor, baseline=base)
    most_is_left = loss[-1] - floor > _MOST_LEFT * (loss[0] - floor)
    if not most_is_left or _brought_down(found, history, lane):
        return found
    return hardly_begun(found, history.meter[lane], history.gradient_norm[lane], _HALF_THE_GRADIENT)


def _brought_down(found: Diagnosis, history: History, lane: int) -> Diagnosis | None:
    """A curve that stopped because its schedule lowered the rate is at no end of its way: the gradient is still there.

    The curve alone can't tell; the rate and the gradient of the last step can.
    """
    norms, asked = history.gradient_norm[lane], history.experiment.learning_rates[lane]
    rate = float(history.rates(np.array([history.done]))[lane, 0])
    stopped = found.label in ("plateau", "converged") and norms[-1] > _GRADIENT_LEFT * norms[0]
    if not stopped or rate > _BROUGHT_DOWN * asked:
        return None
    return replace(
        found,
        label="plateau",
        reason=f"The schedule has brought the rate down to {number(rate)}, and that stops the loss, "
        "though the gradient has not become small.",
        advice="Raise the rate, train longer, or take a schedule that falls later.",
    )


def is_plain(experiment: Experiment) -> bool:
    """Whether the meter is learning rate x curvature: gradient descent without momentum on the full batch."""
    return not experiment.adaptive and experiment.momentum == 0 and experiment.steps_per_epoch == 1


def _lane(history: History, lane: int) -> Diagnosis:
    experiment, loss = history.experiment, history.loss[lane]
    land = landscape(experiment)
    if _started_there(land) and loss[-1] - land.floor <= _STAYED * land.y_squared:
        return Diagnosis(
            label="converged",
            reason="It started at the minimum: no gradient, so no step.",
            clauses=(f"The loss is {number(loss[0])} from the start",),
            advice="From here any rate looks fine: move the start.",
        )
    found = diagnose_curve(loss, meter=history.meter[lane], floor=land.floor, baseline=baseline(experiment))
    found = _spikes(found, experiment, loss)
    rate = experiment.learning_rates[lane]
    if found.role != "high" and _is_at_limit(experiment, rate) and history.gradient_norm[lane, -1] > 0:
        found = replace(found, label="at_limit", advice=AT_LIMIT)
    if found.label == "at_limit":
        found = _at_limit(found, loss, land.floor, rate, experiment)
    if found.role == "high":
        return _with_limit(found, experiment, rate)
    if found.label == "plateau":
        return _valley(found, experiment, loss, land)
    if found.label == "noisy":
        return replace(found, advice=OF_BATCHES)
    return _with_epochs(found, experiment, rate, land.floor) if is_plain(experiment) else found


def _started_there(land: Landscape) -> bool:
    return float(np.sum(land.curvatures * land.along**2)) <= _NO_STEP * land.y_squared


def _near_limit(found: Diagnosis, experiment: Experiment, lane: int) -> Diagnosis:
    return near_limit(found, experiment.learning_rates[lane], stability_limit(experiment))


def _spikes(found: Diagnosis, experiment: Experiment, loss: np.ndarray) -> Diagnosis:
    """Mini-batches can throw a run far up and catch it again: that is no good rate, wherever it ends."""
    if experiment.steps_per_epoch == 1 or found.role != "good":
        return found
    peak = int(np.argmax(loss))
    told = found.adding(f"highest {number(loss[peak])} at epoch {peak:,}")
    if loss[len(loss) // 2 :].max() > loss[0]:
        return replace(
            told,
            label="oscillating",
            reason="The loss jumps above where it began, again and again.",
            advice="Too high: lower the rate, by half to begin with.",
        )
    return told if loss[peak] > _SHOT_UP * loss[0] else found


def _is_at_limit(experiment: Experiment, rate: float) -> bool:
    return is_plain(experiment) and abs(rate / stability_limit(experiment) - 1) < _SAME


def _at_limit(found: Diagnosis, loss: np.ndarray, floor: float, rate: float, experiment: Experiment) -> Diagnosis:
    """The meter is near 2 all along; what that did to the loss differs."""
    if loss[-1] - floor <= _ARRIVED * (loss[0] - floor):
        return replace(found, label="converged", reason="The loss is at the best this model can reach.", advice="Done.")
    if _is_at_limit(experiment, rate):
        reason = "Each step lands as high on the other side: it bounces for ever."
    elif loss[-1] > 1.01 * loss[0]:
        reason = "The loss stands above where it began: each step overshoots to the other side."
    elif loss[-1] < 0.8 * loss[0]:
        reason = "The loss falls more slowly than it could: each step overshoots to the other side."
    else:
        reason = found.reason
    return replace(found, reason=reason)


def _with_limit(found: Diagnosis, experiment: Experiment, rate: float) -> Diagnosis:
    limit = stability_limit(experiment)
    if experiment.steps_per_epoch > 1:
        return found.adding(f"on the full batch the limit would be {number(limit)}")
    advice = found.advice
    if found.label in ("diverged", "exploding") and rate > limit:
        advice = f"Too high: lower the rate below {number(limit)}."
    return replace(found, advice=advice).adding(f"the limit for this data is {number(limit)}")


def _valley(found: Diagnosis, experiment: Experiment, loss: np.ndarray, land: Landscape) -> Diagnosis:
    """The loss of a line has one minimum: where it seems to stop above it, it creeps along a valley."""
    advice = "Wait much longer, or use momentum."
    if not experiment.standardize:
        advice = "Switch on Standardize x: it makes the valley round, so that one rate suits all directions."
    return replace(
        found,
        reason=f"The loss creeps along a narrow valley: {number(loss[-1])}, where {number(land.floor)} is the best.",
        advice=advice,
    ).adding(f"it is {number(land.curvatures[-1] / land.curvatures[0])} times steeper across than along")


def _with_epochs(found: Diagnosis, experiment: Experiment, rate: float, floor: float) -> Diagnosis:
    """How long it would take to arrive at this rate, and at the fastest from this start."""
    if found.label not in ("too_slow", "good"):
        return found
    goal = floor * (1 + _GOAL) if floor else _GOAL
    here, fastest = epochs_to(experiment, rate, goal), fastest_by_theory(experiment).to(goal)
    if here is None or here <= experiment.epochs:
        return found
    words = f"this rate needs {count(here)} epochs to reach a loss of {number(goal)}"
    there = fastest and epochs_to(experiment, fastest[1], goal)
    if fastest and there is not None and there < here:
        words += f"; a rate of {number(fastest[1])} needs only {count(there)}"
    if found.label == "too_slow":
        advice = f"{found.advice} The limit is {number(stability_limit(experiment))}."
        return replace(found, advice=advice).adding(words)
    if rate > overshoot_limit(experiment) * (1 + _SAME):
        words += f"; above {number(overshoot_limit(experiment))} the first steps overshoot, yet land lower"
    return found.adding(words)
