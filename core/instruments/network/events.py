"""What happens on the way: the epochs of a network's run that are worth a look, each with what happens there."""

import math
from typing import NamedTuple

import numpy as np
from numpy import ndarray as Array

from ...diagnosis.measures import Measures
from ...diagnosis.network_verdicts import catapult_peak
from ...diagnosis.theory import edge
from ...training.history import History
from ...words import LANE_LETTERS, number
from .explain import place, title

_HALVED = 0.5  # of the first sharpness
_NEARLY_ALL = 0.95  # of the training points
_STAYS = 0.01  # relative: a loss this near its last is there


class Event(NamedTuple):
    """epoch: where it happens.  lane: whose it is; None: of all of them.  words: what happens, without a full stop."""

    epoch: int
    lane: int | None
    words: str

    @property
    def sentence(self) -> str:
        """All of it in one line."""
        who = "" if self.lane is None else f", lane {LANE_LETTERS[self.lane]}"
        return f"Epoch {self.epoch:,}{who}: {self.words}."


def events(history: History, seen: Measures) -> tuple[Event, ...]:
    """What has happened so far, in the order of the epochs.  seen: the run's measures."""
    found = [*_schedule(history), *_by_hand(history)]
    for lane in range(len(history.loss)):
        found += [*_loss(history, lane), *_sharpness(history, lane)]
    if history.finished:  # of a run under way only the network of now is looked at
        found += [*_accuracy(seen), *_nothing_more(history)]
    return tuple(sorted(found, key=lambda event: event.epoch))


def _schedule(history: History) -> list[Event]:
    """Where a warm-up ends."""
    experiment = history.experiment
    epoch = math.ceil(experiment.epochs / 10)
    if not experiment.schedule.startswith("warm-up") or not 0 < epoch <= history.done:
        return []
    return [Event(epoch, None, "the warm-up ends, and each lane has its full rate")]


def _by_hand(history: History) -> list[Event]:
    made = []
    for change in history.experiment.by_hand():
        what = "its rate"
        if change.parameter is not None:
            what = title(history.experiment, place(history.experiment.widths, change.parameter))
        made.append(Event(change.epoch, change.lane, f"{what} is set to {number(change.value)} by hand"))
    return [event for event in made if event.epoch <= history.done]


def _loss(history: History, lane: int) -> list[Event]:
    """Where it overflows; of a catapult its peak."""
    loss, overflow = history.loss[lane], int(history.diverged_at[lane])
    if overflow >= 0:
        return [Event(overflow, lane, "its loss overflows")]
    peak = catapult_peak(loss)
    if peak is None:
        return []
    times = number(float(loss[peak] / loss[0]))
    return [Event(peak, lane, f"its loss peaks at {times} times the first, and falls from there")]


def _sharpness(history: History, lane: int) -> list[Event]:
    """Where learning rate x sharpness comes up to its line, and where the sharpness has fallen to half of the first."""
    if history.sharpness is None or history.sharpness_epochs is None or not history.sharpness_epochs.size:
        return []
    line, made, epochs = edge(history.experiment), [], history.sharpness_epochs
    sharpness, product = history.sharpness[lane], history.rate_times_sharpness()[lane]
    climbed, measured = _first(product >= line), _first(np.isfinite(product))
    if climbed is not None and measured is not None and product[measured] < line:
        words = f"rate × sharpness has climbed to its line at {number(line)}"
        if history.experiment.steps_per_epoch == 1:  # of mini-batches the full batch's line says less
            words += ": the steps begin to overshoot"
        made.append(Event(int(epochs[climbed]), lane, words))
    halved = _first(sharpness < _HALVED * sharpness[measured or 0])
    # An adaptive rule's scale grows with its first steps, and says nothing of the loss.
    if halved is not None and not history.experiment.adaptive and np.isfinite(history.loss[lane]).all():
        made.append(Event(int(epochs[halved]), lane, "its sharpness has halved: here it bears a higher rate"))
    return made


def _accuracy(seen: Measures) -> list[Event]:
    """Where a network first gets nearly all training points right."""
    if seen.accuracy is None:
        return []
    first = [_first(accuracy >= _NEARLY_ALL) for accuracy in seen.accuracy]
    words = f"it gets {_NEARLY_ALL:.0%} of the training points right, for the first time"
    return [Event(int(seen.epochs[k]), lane, words) for lane, k in enumerate(first) if k]


def _first(true: Array) -> int | None:
    return int(np.argmax(true)) if true.any() else None


def _nothing_more(history: History) -> list[Event]:
    """From where on no loss is further from its last than 1 %; nothing where that is the last tenth of the run."""
    last, done = 0, history.done
    for loss, overflow in zip(history.loss, history.diverged_at, strict=True):
        if overflow >= 0:
            last = max(last, int(overflow))
            continue
        away = np.flatnonzero(np.abs(loss - loss[-1]) > _STAYS * abs(loss[-1]))
        last = max(last, int(away[-1]) + 1 if away.size else 0)
    if last > 0.9 * done:
        return []
    return [Event(last, None, "from here on no lane's loss changes by more than 1 %")]
