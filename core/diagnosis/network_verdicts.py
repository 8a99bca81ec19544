"""The verdict on a network's lane: that of its curve, with what only a network has.

Nothing is known beforehand of how low a network's loss can get. What is known: the loss of the best constant
prediction, the meter, which units are dead, and the sharpness where it was measured.
"""

from dataclasses import replace

import numpy as np

from ..experiment.experiment import Experiment
from ..training.history import History
from ..words import number
from .measures import Measures, measures
from .rules import OF_BATCHES, Diagnosis, diagnose_curve, hardly_begun, sharpness_words
from .theory import baseline, edge

_CATAPULT = 1.5  # times the first loss: a peak that has to be told
_LEARNED = 0.5  # of the baseline: a loss below that has learned something
_LITTLE = 0.8  # a share of the baseline that says little was learned
# Of the gradient's first length: less, and there is nothing left to follow.
_GRADIENT_LEFT, _LEFT_TO_A_LINEAR_MODEL = 0.02, 0.05
_SHRUNK, _BALANCED = 0.1, 0.1  # of the first weights; of the penalty's pull: what is left where it is balanced
_NO_SMALL_PART = 0.05  # of the loss: a penalty that matters
_HALF_THE_GRADIENT = 0.5  # of its first length: a run of which most is still to come
_HOVERS = (0.95, 1.1)  # of the line: where the sharpness of a network at the edge of stability stays
_HOVERING = 5  # measurements in the last third of a run that can show it
_GONE = 0.9  # of a layer's units: so many dead ones stop the layers before it


def diagnose_network(history: History) -> tuple[Diagnosis, ...]:
    """One Diagnosis a lane of a network's History."""
    seen = measures(history)
    return tuple(_lane(history, seen, lane) for lane in range(len(history.loss)))


def _lane(history: History, seen: Measures, lane: int) -> Diagnosis:
    experiment, loss = history.experiment, history.loss[lane]
    found = diagnose_curve(loss, meter=history.meter[lane], baseline=baseline(experiment))
    found = _without_noise(found, experiment)
    found = _at_the_edge(found, loss, baseline(experiment))
    found = _hardly_begun(found, history, lane)
    found = _catapult(found, loss) or _hovers(found, history, lane) or found
    found = _held_by_penalty(found, history, lane) or _capacity(found, experiment)
    found = _dead_layer(found, experiment, seen.dead[lane, -1])
    return found.adding(*_accuracy(seen, lane), *_sharpness(history, lane))


def _without_noise(found: Diagnosis, experiment: Experiment) -> Diagnosis:
    """On the full batch nothing is noise: a loss that wanders does so because its steps are too long."""
    if found.label != "noisy":
        return found
    if experiment.steps_per_epoch > 1:
        return replace(found, advice=OF_BATCHES)
    return replace(
        found,
        label="oscillating",
        reason="The loss jumps about one level without any noise in the data: the steps are too long.",
        advice="Too high: lower the rate, 3 times to begin with.",
    )


def _at_the_edge(found: Diagnosis, loss: np.ndarray, base: float) -> Diagnosis:
    """A network that hovers where its steps overshoot, and has learned all the same (Cohen et al. 2021)."""
    if found.label != "at_limit" or loss[-1] > _LEARNED * base or loss[-1] > np.median(loss[len(loss) // 2 :]):
        return found
    return replace(
        found,
        label="edge",
        reason="Each step overshoots to the other side, yet the loss goes on falling.",
        advice="At the edge of stability: fine to go on. For a smoother curve, halve the rate.",
    )


def _hovers(found: Diagnosis, history: History, lane: int) -> Diagnosis | None:
    """A network that learns while its sharpness stays at the line: measured, not only felt in its curve."""
    if found.label not in ("good", "edge") or history.sharpness is None or history.sharpness_epochs is None:
        return None
    late = history.sharpness_epochs >= 2 * history.done / 3
    line, products = edge(history.experiment), history.rate_times_sharpness()[lane, late]
    if late.sum() < _HOVERING or not _HOVERS[0] <= np.median(products) / line <= _HOVERS[1]:
        return None
    return replace(
        found,
        label="edge",
        reason=f"Rate × sharpness stays at its line, {number(line)}, and the loss goes on falling.",
        advice="At the edge of stability: fine to go on. For a smoother curve, halve the rate.",
    )


def _hardly_begun(found: Diagnosis, history: History, lane: int) -> Diagnosis:
    """A loss that has explained little of what a constant leaves, or half of it with half of the gradient left.

    A linear model has no saddle to leave. Where a constant leaves nothing, nothing is to be explained.
    """
    base = baseline(history.experiment)
    left = history.loss[lane, -1] / base if base > 0 else 0.0
    if not left > _LEARNED:
        return found
    least = _GRADIENT_LEFT if history.experiment.hidden else _LEFT_TO_A_LINEAR_MODEL
    least = least if left > _LITTLE else _HALF_THE_GRADIENT
    return hardly_begun(found, history.meter[lane], history.gradient_norm[lane], least)


def catapult_peak(loss: np.ndarray) -> int | None:
    """The epoch at which a loss that first rises well above its start and then falls below it is highest; else None.

    Source: Lewkowycz et al. (2020), arXiv 2003.02218.
    """
    if not np.isfinite(loss).all():
        return None
    peak = int(np.argmax(loss))
    return None if loss[peak] < _CATAPULT * loss[0] or loss[-1] > loss[0] else peak


def _catapult(found: Diagnosis, loss: np.ndarray) -> Diagnosis | None:
    """A loss that first rises well above its start and then falls below it (Lewkowycz et al. 2020)."""
    peak = catapult_peak(loss)
    if found.label not in ("good", "converged") or peak is None:
        return None
    return replace(
        found,
        reason=f"A catapult: the loss shot up to {number(loss[peak])} at epoch {peak:,}, "
        f"landed in a flatter place and fell to {number(loss[-1])}.",
    )


def _held_by_penalty(found: Diagnosis, history: History, lane: int) -> Diagnosis | None:
    """Where the loss has stopped because its penalty, l1 or l2, pulls the weights back as hard as the data pull."""
    network, snapshots = history.experiment.network(), history.snapshots
    rests = found.label in ("plateau", "oscillating", "at_limit")  # weights that l1 holds at 0 flip about it
    if not rests or network is None or snapshots is None or not (network.l1 or network.l2):
        return None
    first, last = snapshots[lane, [0]], snapshots[lane, [-1]]
    shrunk = np.abs(last[:, network.penalised]).sum() < _SHRUNK * np.abs(first[:, network.penalised]).sum()
    pull = np.linalg.norm(network.penalty_gradient(last))
    balanced = history.gradient_norm[lane, -1] < _BALANCED * pull
    share = network.penalty(last)[0] / history.loss[lane, -1]
    if not (shrunk or (found.label == "plateau" and balanced and share > _NO_SMALL_PART)):
        return None
    name = " and ".join(part for part in ("l1", "l2") if getattr(network, part))
    return replace(
        found,
        label="plateau",
        reason=f"The loss has stopped where the penalty, {name}, pulls the weights to 0 as hard as the data pull them "
        "away.",
        advice=f"Lower {name} first, 10 times to begin with. Another rate or a wider network changes little.",
    ).adding(f"the penalty is {share:.0%} of the loss")


def _capacity(found: Diagnosis, experiment: Experiment) -> Diagnosis:
    """Where the loss has stopped: what to try next."""
    if found.label != "plateau":
        return found
    if experiment.hidden:
        advice = (
            "Too few units, a saddle, noise in the labels, a penalty, or a fit that is done: try a wider network and a "
            "higher rate. The test below trains both."
        )
        return replace(found, advice=advice)
    return replace(
        found,
        reason="The loss has stopped, and a model without hidden layers can only draw straight boundaries.",
        advice="Not powerful enough, perhaps: add a hidden layer. Another rate changes nothing.",
    )


def _dead_layer(found: Diagnosis, experiment: Experiment, dead: np.ndarray) -> Diagnosis:
    """A layer whose units are dead passes no gradient back: no rate moves what lies before it."""
    ends = np.cumsum(experiment.hidden)
    for layer, (first, end) in enumerate(zip([0, *ends], ends, strict=False), start=1):
        count = int(dead[first:end].sum())
        if count >= _GONE * (end - first) and found.label in ("plateau", "too_slow", "good", "converged", "too_short"):
            return replace(
                found,
                label="plateau" if found.label in ("too_slow", "good") else found.label,
                reason=f"{count} of {end - first} units of hidden layer {layer} are dead: no gradient gets through.",
                advice="No rate wakes them: take a lower rate from the start, another seed or another activation.",
            )
    return found


def _accuracy(seen: Measures, lane: int) -> list[str]:
    if seen.accuracy is None or not np.isfinite(seen.accuracy[lane, -1]):
        return []
    words = f"accuracy {number(100 * seen.accuracy[lane, -1])}%"  # as the lane has it: 99.5% is not all of them
    held = seen.test_accuracy
    return [words if held is None else f"{words}, on held-out points {number(100 * held[lane, -1])}%"]


def _sharpness(history: History, lane: int) -> list[str]:
    if history.sharpness is None or history.diverged_at[lane] >= 0:
        return []
    return sharpness_words(history.rate_times_sharpness()[lane], edge(history.experiment))
