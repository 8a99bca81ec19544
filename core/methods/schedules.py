"""Schedules: what the learning rate is multiplied by at each step.

A schedule is a function (step, steps) -> multiplier: step counts from 0, steps is how many the whole run has. The
lengths torch.optim.lr_scheduler asks for follow from steps, so that a longer run has the same curve, stretched.
Plateau alone goes by the loss instead; a StatefulSchedule is what a training loop asks, whichever it is.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy import ndarray as Array

Schedule = Callable[[int, int], float]

# Plateau: torch's, and of the rate; after four falls of a tenth nothing moves any more.
_FACTOR, _PATIENCE, _BETTER, _LEAST = 0.1, 10, 1e-4, 1e-4


def constant(step: int, steps: int) -> float:
    """1 at every step: lr_t = lr."""
    return 1.0


def stepped(step: int, steps: int) -> float:
    """A tenth after each 30 % of the run: lr_t = lr * 0.1^floor(step / size), size = 0.3 steps, rounded.

    torch.optim.lr_scheduler.StepLR(step_size=size, gamma=0.1).
    """
    size = max(1, round(0.3 * steps))
    return float(0.1 ** (step // size))


def exponential(step: int, steps: int) -> float:
    """The same factor at each step, down to 1 % as the run ends: lr_t = lr * gamma^step, gamma = 0.01^(1 / steps).

    torch.optim.lr_scheduler.ExponentialLR(gamma).
    """
    return float(0.01 ** (step / steps))


def cosine(step: int, steps: int) -> float:
    """Half a cosine down to 0, which it meets as the run ends: lr_t = lr * (1 + cos(pi * step / steps)) / 2.

    torch.optim.lr_scheduler.CosineAnnealingLR(T_max=steps). Source: Loshchilov and Hutter (2017), arXiv 1608.03983.
    """
    return (1 + math.cos(math.pi * step / steps)) / 2


def linear(step: int, steps: int) -> float:
    """A straight line down to 0, which it meets as the run ends: lr_t = lr * (1 - step / steps).

    torch.optim.lr_scheduler.LinearLR(start_factor=1, end_factor=0, total_iters=steps).
    After a warm-up it is what Bergsma et al. (2025), "Straight to zero", arXiv 2502.15938, find best.
    """
    return 1 - step / steps


def stable_decay(step: int, steps: int) -> float:
    """1, and over the last fifth of the run a straight line to 0: lr_t = lr * min(1, (steps - step) / fall).

    fall = steps / 5, rounded up. The run can be made longer without starting again, as long as it has not begun to
    fall. torch.optim.lr_scheduler.SequentialLR of ConstantLR(factor=1) and LinearLR(start_factor=1, end_factor=0,
    total_iters=fall), milestones=[steps - fall].
    Source: Hu et al. (2024), MiniCPM, arXiv 2404.06395; after a warm-up it is their warm-up-stable-decay.
    """
    return min(1.0, (steps - step) / math.ceil(steps / 5))


def warm_up(step: int, steps: int) -> float:
    """A straight climb over the first tenth of the run, then 1: lr_t = lr * min(1, (step + 1) / (steps / 10)).

    A badly initialised network is sharp; small steps lead it to flatter ground first.
    torch.optim.lr_scheduler.LinearLR(start_factor=10 / steps, total_iters=steps / 10 - 1).
    Source: Gilmer et al. (2021), arXiv 2110.04369.
    """
    return min(1.0, (step + 1) / max(1.0, steps / 10))


def after_warm_up(schedule: Schedule) -> Schedule:
    """The warm-up over the first tenth of the run, then a schedule over the rest, as if the run began there.

    lr_t = lr * warm_up for step < climb, lr * schedule(step - climb, steps - climb) from there on; climb = steps / 10,
    rounded up. torch.optim.lr_scheduler.SequentialLR(milestones=[climb]).
    """

    def warmed(step: int, steps: int) -> float:
        climb = math.ceil(steps / 10)
        return warm_up(step, steps) if step < climb else schedule(step - climb, steps - climb)

    return warmed


def one_cycle(step: int, steps: int) -> float:
    """Half a cosine up from 1/25 of the rate over the first 30 % of the run, then one down to 1/250 000 of it.

    lr_t = lr * (to + (from - to) * (1 + cos(pi * part)) / 2), part = how much of the stretch is done; the first ends at
    step 0.3 steps - 1, the second at the last. The momentum is not cycled.
    torch.optim.lr_scheduler.OneCycleLR(max_lr=lr, total_steps=steps, cycle_momentum=False).
    Source: Smith and Topin (2019), arXiv 1708.07120.
    """
    top, last = 0.3 * steps - 1, steps - 1
    if step <= top:
        return _between(1 / 25, 1.0, step / top)
    return _between(1.0, 1 / 25 * 1e-4, (step - top) / (last - top))


def _between(start: float, end: float, part: float) -> float:
    return end + (start - end) / 2 * (1 + math.cos(math.pi * part))


def cyclical(step: int, steps: int) -> float:
    """Up and down in straight lines between a tenth of the rate and all of it, ten times in a run.

    lr_t = lr * (0.1 + 0.9 * (1 - |1 - step / half| within each cycle)), half = steps / 20, rounded.
    torch.optim.lr_scheduler.CyclicLR(base_lr=lr / 10, max_lr=lr, step_size_up=half, cycle_momentum=False).
    Source: Smith (2017), arXiv 1506.01186.
    """
    half = max(1, round(steps / 20))
    return 0.1 + 0.9 * (1 - abs(1 - step % (2 * half) / half))


def restarts(step: int, steps: int) -> float:
    """The cosine again and again, each time twice as long: four of them in a run.

    lr_t = lr * (1 + cos(pi * since / length)) / 2, since = steps since the last restart; the first length is
    steps / 15, rounded up.
    torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(T_0=length, T_mult=2).
    Source: Loshchilov and Hutter (2017), arXiv 1608.03983.
    """
    length = math.ceil(steps / 15)  # 1 + 2 + 4 + 8 of them
    while step >= length:
        step, length = step - length, 2 * length
    return cosine(step, length)


SCHEDULES: dict[str, Schedule] = {
    "constant": constant,
    "step": stepped,
    "exponential": exponential,
    "cosine": cosine,
    "linear": linear,
    "stable-decay": stable_decay,
    "warm-up": warm_up,
    "warm-up-cosine": after_warm_up(cosine),
    "warm-up-linear": after_warm_up(linear),
    "warm-up-step": after_warm_up(stepped),
    "warm-up-exponential": after_warm_up(exponential),
    "warm-up-stable-decay": after_warm_up(stable_decay),
    "one-cycle": one_cycle,
    "cyclical": cyclical,
    "restarts": restarts,
}
PLATEAU = "plateau"
TITLES = {
    "constant": "Constant",
    "step": "Steps",
    "exponential": "Exponential",
    "cosine": "Cosine",
    "linear": "Linear",
    "stable-decay": "Stable, then decay",
    "warm-up": "Warm-up",
    "warm-up-cosine": "Warm-up, then cosine",
    "warm-up-linear": "Warm-up, then linear",
    "warm-up-step": "Warm-up, then steps",
    "warm-up-exponential": "Warm-up, then exponential",
    "warm-up-stable-decay": "Warm-up, stable, decay",
    "one-cycle": "One cycle",
    "cyclical": "Cyclical",
    "restarts": "Cosine with restarts",
    PLATEAU: "Reduce on a plateau",
}


class StatefulSchedule:
    """What the R rates of one run are multiplied by, step after step, under the schedule of this name.

    `observe` is told the losses (R,) each epoch begins with; `multiplier` gives that of a step.

    Under "plateau" each rate falls to a tenth, and to no less than 1/10 000 of itself, when its loss has not been
    below 0.9999 of its best for more than 10 epochs in a row: then lr = max(0.1 lr, 0.0001 of the first lr).
    torch.optim.lr_scheduler.ReduceLROnPlateau(min_lr=lr / 10 000, eps=0), told the same losses.
    Raises ValueError for a name that is none of TITLES.
    """

    def __init__(self, name: str, steps: int, rates: int) -> None:
        if name not in TITLES:
            raise ValueError(f"schedule must be one of {', '.join(TITLES)}, got {name!r}")
        self.by_loss = name == PLATEAU
        self._schedule, self._steps = constant if self.by_loss else SCHEDULES[name], steps
        self._multiplier, self._best, self._waited = np.ones(rates), np.full(rates, np.inf), np.zeros(rates, int)

    def observe(self, loss: Array) -> None:
        """Take note of the losses (R,) an epoch begins with."""
        if not self.by_loss:
            return
        better = loss < self._best * (1 - _BETTER)
        self._best = np.where(better, loss, self._best)
        self._waited = np.where(better, 0, self._waited + 1)
        falls = self._waited > _PATIENCE
        self._multiplier = np.where(falls, np.maximum(_FACTOR * self._multiplier, _LEAST), self._multiplier)
        self._waited[falls] = 0

    def multiplier(self, step: int) -> float | Array:
        """The multiplier of this step: one for all rates, or (R,) where it goes by the loss."""
        return self._multiplier if self.by_loss else self._schedule(step, self._steps)
