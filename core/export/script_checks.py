"""What an exported script must find: losses of the really trained run, each as sharp as it can be asked for.

Sums taken in another order are rounded differently. Most runs don't mind; some make every difference larger until
it decides the loss. Which is which is measured: the run is trained again, everything moved by a little.
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy import ndarray as Array

from ..data.datasets import is_upload
from ..experiment.experiment import RATE_LIMITS, Experiment
from ..training.problems import problem
from ..training.train import train
from ..words import LANE_LETTERS

# By precision: how far the start is moved, thousands of roundings in float64 and about a hundred in float32; the
# sharpest tolerance of the last loss that is asked for; the loosest, beyond which two runs may be near each other by
# chance alone; and that of a loss on the way, where the last one can't be told.
_MOVED = {"float64": 1e-12, "float32": 1e-5}
_SHARPEST = {"float64": 1e-9, "float32": 1e-3}
_LOOSEST = {"float64": 1e-5, "float32": 1e-2}
_ON_THE_WAY = {"float64": 1e-6, "float32": 1e-2}
_MARGIN = 30  # times what was measured: the next processor rounds differently again
_NEAR_OVERFLOW = 1e-6  # of the largest number
_LATELY = 10  # epochs: in the last one alone they may be, too


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What is sure of one learning rate's losses, or of those on its rows held out.

    loss: the last one.  epoch: the last whose loss is sure, `there` is that loss and `tolerance` how sure, relative.
    ending: how the run ended, "sure" (then `epoch` is the last of all), "overflowed", "near zero" (rounding decides
    the digits, only `below` is sure) or "unsure" (rounding decides all of it).
    """

    rate: float
    loss: float
    epoch: int
    there: float
    tolerance: float
    ending: str
    below: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """losses: of each learning rate.  tests: likewise of the rows held out, () without any.

    overflows: whether any loss of the run is not finite.
    """

    losses: tuple[Check, ...]
    tests: tuple[Check, ...]
    overflows: bool


def checks(experiment: Experiment) -> Checks:
    """Train the experiment, by its engine, and once more from a start moved by a little; takes as long as both."""
    # What comes of an upload must not outlive its session.
    return _trained(experiment) if is_upload(experiment.data) else _kept(experiment)


@lru_cache(maxsize=32)  # small; a script, a notebook and a zip of one run ask for the same
def _kept(experiment: Experiment) -> Checks:
    return _trained(experiment)


def _trained(experiment: Experiment) -> Checks:
    bare = replace(experiment, sharpness=0)
    history, moved = train(bare), train(_moved(bare))
    tests: tuple[Check, ...] = ()
    squares = float((problem(bare).targets ** 2).mean())
    if history.test_loss is not None and moved.test_loss is not None:
        tests = _of_all(bare, history.test_loss, moved.test_loss, squares)
    return Checks(
        losses=_of_all(bare, history.loss, moved.loss, squares),
        tests=tests,
        overflows=not np.isfinite(history.loss).all(),
    )


def _moved(experiment: Experiment) -> Experiment:
    """The experiment from a start a little beside its own; rates too, as a large first step would hide the start."""
    by, roundings = _MOVED[experiment.precision], 4 * float(np.finfo(experiment.precision).eps)
    rates = tuple(max(rate * (1 - roundings), RATE_LIMITS[0]) for rate in experiment.learning_rates)
    if experiment.network():
        gain = experiment.gain * (1 - by) or by  # less, because it may be the largest that is legal
        return replace(experiment, learning_rates=rates, gain=gain)
    w, b = experiment.start or (0.0, 0.0)
    return replace(experiment, learning_rates=rates, start=(w * (1 - by) + by, b * (1 - by) + by))


def _of_all(experiment: Experiment, losses: Array, moved: Array, squares: float) -> tuple[Check, ...]:
    return tuple(
        _of_one(experiment, rate, of_one, of_moved, squares)
        for rate, of_one, of_moved in zip(experiment.learning_rates, losses, moved, strict=True)
    )


def _of_one(experiment: Experiment, rate: float, losses: Array, moved: Array, squares: float) -> Check:
    """One lane's losses (epochs + 1,), and those from the moved start; squares: the mean square of the targets."""
    kind, mse = experiment.precision, experiment.resolved_loss() == "mse"
    rounding = _MARGIN * float(np.finfo(kind).eps)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        apart = _MARGIN * np.abs(moved - losses) / losses
        # A prediction is rounded in proportion to what it predicts, the logarithm of a chance in proportion to 1.
        small = np.sqrt(1 + squares / losses) if mse else 1 + 1 / losses
        tolerances = np.maximum(apart, rounding * small)
    # Just before it overflows, the sum in a mean may do so already.
    tolerances[losses > _NEAR_OVERFLOW * np.finfo(kind).max] = np.inf
    lately = tolerances[-_LATELY:].max()
    if lately <= _LOOSEST[kind]:  # not so for nan
        ending, epoch, tolerance = "sure", len(losses) - 1, lately
    else:
        ending = "unsure" if np.isfinite([losses[-1], moved[-1]]).any() else "overflowed"
        unsure = ~(tolerances <= _ON_THE_WAY[kind])
        epoch = max(int(unsure.argmax()) - 1, 0) if unsure.any() else len(losses) - 1
        tolerance = np.nan_to_num(tolerances[epoch])
    near_zero = squares * (rounding / _LOOSEST[kind]) ** 2 if mse else rounding / _LOOSEST[kind]
    if ending == "unsure" and max(losses[-1], moved[-1]) < near_zero:
        ending = "near zero"
    return Check(
        rate=rate,
        loss=float(losses[-1]),
        epoch=epoch,
        there=float(losses[epoch]),
        tolerance=_rounded_up(max(float(tolerance), _SHARPEST[kind])),
        ending=ending,
        below=_rounded_up(10 * near_zero) if ending == "near zero" else 0.0,
    )


def _rounded_up(value: float) -> float:
    """The next power of ten."""
    return float(f"1e{math.ceil(math.log10(value) - 1e-9)}")


_WHY = {
    "float64": "# rounded differently in the 16th digit, which a stable run keeps below 1e-9 of the loss. Change",
    "float32": "# rounded differently in the 7th digit, and over a run in float32 that adds up. Change",
}


def check_lines(experiment: Experiment, found: Checks) -> str:
    """The asserts an exported script ends with, and why they are as sharp as they are."""
    kind = experiment.precision
    lines = [
        "# The losses the Learning-Rate Lab found for this very run. Sums taken in another order are",
        _WHY[kind],
        "# anything above, and these numbers no longer hold.",
    ]
    # Each by what the script keeps it under: its rate, or its letter where rates are changed on the way.
    letters, rates = [f'"{letter}"' for letter in LANE_LETTERS], list(map(repr, experiment.learning_rates))
    keys = letters if experiment.changes else rates
    for key, check in zip(keys, found.losses, strict=False):
        lines += _asserts(check, f"losses[{key}]", kind)
    # Rows held out have no curve in the script: only their last loss can be asked for.
    for key, check in zip(keys, found.tests, strict=False):
        if check.ending == "sure":
            lines.append(_close(f"test_loss[{key}]", check, kind))
    all_sure = all(check.ending in ("sure", "overflowed") for check in (*found.losses, *found.tests))
    which = "Every loss" if all_sure else "As far as rounding lets it be sure, every loss"
    return "\n".join([*lines, f'print("{which} is the one the lab found.")'])


def _asserts(check: Check, name: str, kind: str) -> list[str]:
    last = f"{name}[-1]"
    there = _close(f"{name}[{check.epoch}]", check, kind)
    match check.ending:
        case "sure":
            grown = "  # in this run differences grow" if check.tolerance > _SHARPEST[kind] else ""
            return [_close(last, check, kind) + grown]
        case "overflowed":
            return [there, f"assert not math.isfinite({last})  # it overflowed"]
        case "near zero":
            why = f"# So near to 0 rounding decides the digits; they are sure up to epoch {check.epoch}."
            return [why, there, f"assert {last} < {check.below!r}"]
    sure = f"its loss is sure up to epoch {check.epoch}" if check.epoch else "only its first loss is sure"
    return [
        f"# This run makes every rounding larger: {sure}. At the end the lab's was",
        f"# {check.loss:.4g}; on another computer it may be another.",
        there,
    ]


def _close(name: str, check: Check, kind: str) -> str:
    expected = repr(check.there) if kind == "float64" else f"{check.there:.9g}"
    tolerance = f"{check.tolerance:.0e}".replace("e-0", "e-")
    return f"assert math.isclose({name}, {expected.replace('e+', 'e')}, rel_tol={tolerance})"
