"""The rules by which tools read a learning rate off a range test: each as its source has it, its traps told.

A range test records the loss while the rate rises. Every tool smooths that curve in its own way, stops at its own
threshold and then looks at it by its own rule, and they answer differently: by decades. Here each rule sees what it
would have seen at home, down to the 32 bits some of them compute in, because a rule that compares neighbours on a
flat stretch is decided by the last bit.

Sources: fastai 2.8.12, fastai/callback/schedule.py and AvgSmoothLoss in fastai/learner.py; torch-lr-finder 0.2.2,
torch_lr_finder/lr_finder.py; PyTorch Lightning 2.5.2 and 2.5.3 (2.6.6 is the same), src/lightning/pytorch/tuner/
lr_finder.py. The idea of the test: Smith (2015), arXiv 1506.01186.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

KEPT = 0.98  # of the running mean, at every step: fastai's and Lightning's
_TAKEN = 0.05  # of each new loss: torch-lr-finder's
_FASTAI_STOPS, _TORCH_LR_FINDER_STOPS, _LIGHTNING_STOPS = 4.0, 5.0, 4.0  # times the lowest smoothed loss


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RangeTest:
    """A run whose learning rate rose step by step, and how each tool saw it.

    rates (n,): the learning rate of each step.  losses (n,): the loss of the step's own batch before the step, raw:
    so loss k is the work of the rates before k.  steps: how many were asked for; n is less where every tool had
    stopped.
    fastai, torch_lr_finder, lightning (k,), k <= n: the loss as that tool smooths it, up to and with the step at
    which it stops.
    """

    rates: Array
    losses: Array
    steps: int
    fastai: Array
    torch_lr_finder: Array
    lightning: Array

    @property
    def blow_up(self) -> float | None:
        """The rate at which fastai's smoothed loss exceeded 4 x its lowest or stopped being a number; None if never.

        Not the largest stable rate: it takes steps for an instability to grow, and the rate rises meanwhile.
        """
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            bad = ~(self.fastai <= _FASTAI_STOPS * np.fmin.accumulate(self.fastai))
        return float(self.rates[bad.argmax()]) if bad.any() else None


def recorded(rates: Array, losses: Array, steps: int) -> RangeTest:
    """The RangeTest of a recorded curve: rates (n,), raw losses (n,), and how many steps were asked for.

    What comes after the last tool has stopped is left out.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        fastai = _until(_running_mean(losses.astype(np.float32)), _FASTAI_STOPS)
        torch_lr_finder = _until(_blended(losses), _TORCH_LR_FINDER_STOPS)
        lightning = _until(_lightning_mean(losses), _LIGHTNING_STOPS)
    seen = max(len(fastai), len(torch_lr_finder), len(lightning))
    return RangeTest(
        rates=rates[:seen],
        losses=losses[:seen],
        steps=steps,
        fastai=fastai,
        torch_lr_finder=torch_lr_finder,
        lightning=lightning,
    )


def _until(smoothed: Array, times: float) -> Array:
    """The curve up to and with the first value above so many times the lowest before it. nan stops nothing."""
    over = smoothed > times * np.fmin.accumulate(smoothed)
    return smoothed[: over.argmax() + 1] if over.any() else smoothed


def _running_mean(losses: Array) -> Array:
    """fastai's: m = .98 m + .02 loss, over 1 - .98^(k + 1) to make up for starting at 0. In 32 bits, as there."""
    mean, taken, seen = np.float32(0), float(np.float32(1) - np.float32(KEPT)), []
    for k, loss in enumerate(losses):
        mean = np.float32(float(mean) - float(mean - loss) * taken)  # rounded once: torch.lerp is a fused multiply-add
        seen.append(mean / np.float32(1 - KEPT ** (k + 1)))
    return np.array(seen, np.float32)


def _blended(losses: Array) -> Array:
    """torch-lr-finder's: .05 loss + .95 of the value before, from the first loss."""
    seen = [float(losses[0])]
    for loss in losses.tolist()[1:]:
        seen.append(_TAKEN * loss + (1 - _TAKEN) * seen[-1])
    return np.array(seen)


def _lightning_mean(losses: Array) -> Array:
    """Lightning's: fastai's mean over 1 - .98^(k + 2). One too many: the first value is half of the first loss."""
    mean, seen = 0.0, []
    for k, loss in enumerate(losses.tolist()):
        mean = KEPT * mean + (1 - KEPT) * loss
        seen.append(mean / (1 - KEPT ** (k + 2)))  # its step count is already raised when the mean is taken
    return np.array(seen)


def _for_fastai(test: RangeTest) -> tuple[Array, Array]:
    """(rates, losses) as fastai hands them to its rules: [steps // 10 : -5], up to the first nan."""
    kept = slice(test.steps // 10, -5)
    rates, losses = test.rates[: len(test.fastai)][kept], test.fastai[kept]
    gone = np.isnan(losses)
    end = int(gone.argmax()) if gone.any() else len(losses)
    return rates[:end], losses[:end]


def minimum(test: RangeTest) -> float | None:
    """fastai's `minimum`: a tenth of the rate at which the smoothed loss is lowest, rates[argmin losses] / 10.

    Traps: where the loss still falls at the end of the test, the minimum is the end of the test; the tenth is a
    habit, not a measurement; heavy smoothing moves the minimum to the right, towards the cliff.
    None where nothing is left after trimming.
    """
    rates, losses = _for_fastai(test)
    return float(rates[losses.argmin()]) / 10 if len(losses) else None


def steep(test: RangeTest) -> float | None:
    """fastai's `steep`: the rate before the steepest fall, argmin of (L[k + 1] - L[k]) / (log lr[k + 1] - log lr[k]).

    Traps: on a noisy curve it is the noisiest place; on a curve that falls by decades it is early, where losses are
    large. None where fewer than two points are left after trimming.
    """
    rates, losses = _for_fastai(test)
    if len(losses) < 2:
        return None
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        slopes = np.diff(losses) / np.diff(np.log(rates.astype(np.float32)))
    return float(rates[slopes.argmin()])


def valley(test: RangeTest) -> float | None:
    """fastai's `valley`, its default: about half way down the longest decreasing subsequence of the smoothed loss.

    L: the most losses, in their order, each lower than the one before; e: where the first such sequence ends;
    s = e - L; the rate at s + int(L / 3) + int(L / 6).
    Traps: the sequence may have gaps, s then lies after its beginning; half way is half of its steps, not half of the
    fall, so it depends on how low the test began; a loss that never falls gives the lowest rate, not none.
    None where nothing is left after trimming.
    """
    rates, losses = _for_fastai(test)
    if not len(losses):
        return None
    lengths = np.ones(len(losses), int)
    for k in range(1, len(losses)):
        lengths[k] += lengths[:k][losses[:k] > losses[k]].max(initial=0)
    end, length = int(lengths.argmax()), int(lengths.max())
    if length == 1:
        end, length = 0, 0  # nothing falls: the source never leaves its first index
    return float(rates[end - length + int(length / 3) + int(length / 3 / 2)])


def slide(test: RangeTest) -> float | None:
    """fastai's `slide`: from the right, two places 15 apart move left while the slopes there differ by more than .005.

    Slopes are np.gradient of the smoothed loss, for each step; the rate is that of the left place where they last
    differed.
    Traps: .005 is in units of the loss. A loss of 44 hardly ever gets there, and the rule walks to the left end; a loss
    of .01 is there at once, and the rule answers the 16th rate from the right, whatever the curve.
    None where fewer than 16 points are left after trimming.
    """
    gap, threshold = 15, 0.005
    rates, losses = _for_fastai(test)
    if len(losses) <= gap:
        return None
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        slopes = np.gradient(losses)
        right = len(losses) - 1
        answer = left = right - gap
        while left >= 0 and abs(slopes[right] - slopes[left]) > threshold:
            answer, right, left = left, right - 1, left - 1
    return float(rates[answer])


def torch_lr_finder(test: RangeTest) -> float | None:
    """torch-lr-finder's: the steepest fall for each step, argmin of np.gradient(losses), first 10 and last 5 left out.

    Traps: the smoothed loss lags some 20 steps behind, which moves the answer to the right; nan counts as the least, so
    a run that overflows to nan before it stops is answered by the rate where it did.
    None with fewer than 17 steps; the source raises.
    """
    rates, losses = test.rates[: len(test.torch_lr_finder)][10:-5], test.torch_lr_finder[10:-5]
    if len(losses) < 2:
        return None
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return float(rates[np.gradient(losses).argmin()])


def _for_lightning(test: RangeTest) -> tuple[Array, Array, Array]:
    """(rates (m,), losses (m,) in 32 bits, which are finite (m,)) as Lightning looks at them: [10 : -1]."""
    with np.errstate(over="ignore"):
        losses = test.lightning[10:-1].astype(np.float32)
    return test.rates[: len(test.lightning)][10:-1], losses, np.isfinite(losses)


def lightning_now(test: RangeTest) -> float | None:
    """Lightning's since 2.5.3: argmin of dL/dlr, against the rate itself and not its logarithm; [10 : -1], finite only.

    Traps: the rates lie a million times closer together on the left, so the slope is largest there: even a fall that
    only the last bit sees wins over the real one, four decades to the right (its issue 21141, open). Its mean starts
    at half of the loss, so the threshold of 4 x is 2 x where the loss never falls.
    None with fewer than two finite points.
    """
    rates, losses, finite = _for_lightning(test)
    rates = rates[finite]
    if len(rates) < 2:
        return None
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return float(rates[np.gradient(losses[finite], rates.astype(np.float32)).argmin()])


def lightning_before(test: RangeTest) -> float | None:
    """Lightning's before 2.5.3: argmin of the slope for each step, whatever the rates; [10 : -1], finite only.

    Traps: losses that are not finite are left out, but the place is counted as if they were there; the smoothed loss
    lags some 50 steps behind; its mean as in `lightning_now`.
    None with fewer than two finite points.
    """
    rates, losses, finite = _for_lightning(test)
    if finite.sum() < 2:
        return None
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return float(rates[np.gradient(losses[finite]).argmin()])


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule: its title, short for a chart, and a sentence; and what it computes: a rate, None where it finds none."""

    title: str
    short: str
    words: str
    suggest: Callable[[RangeTest], float | None]


RULES: dict[str, Rule] = {
    "minimum": Rule(
        title="minimum / 10 (fastai)",
        short="min / 10",
        words="A tenth of the rate at which the smoothed loss is lowest.",
        suggest=minimum,
    ),
    "valley": Rule(
        title="valley (fastai)",
        short="valley",
        words="Half way along the longest fall of the smoothed loss: what fastai answers unless asked otherwise.",
        suggest=valley,
    ),
    "steep": Rule(
        title="steep (fastai)",
        short="steep",
        words="Where the smoothed loss falls fastest, on a log axis of rates.",
        suggest=steep,
    ),
    "slide": Rule(
        title="slide (fastai)",
        short="slide",
        words="From the right, until two slopes 15 steps apart are alike to 0.005.",
        suggest=slide,
    ),
    "torch_lr_finder": Rule(
        title="steepest (torch-lr-finder)",
        short="steepest",
        words="Where the smoothed loss falls most in one step, the first 10 and the last 5 left out.",
        suggest=torch_lr_finder,
    ),
    "lightning_now": Rule(
        title="Lightning since 2.5.3",
        short="Lightning",
        words="Where the smoothed loss falls fastest against the rate itself, not its logarithm.",
        suggest=lightning_now,
    ),
    "lightning_before": Rule(
        title="Lightning before 2.5.3",
        short="old Lightning",
        words="Where the smoothed loss falls most in one step, the first 10 and the last left out.",
        suggest=lightning_before,
    ),
}
