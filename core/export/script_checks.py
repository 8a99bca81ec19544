"""What an exported script must find: losses of the really trained run, each as sharp as it can be asked for.

Sums taken in another order are rounded differently. Most runs don't mind; some make every difference larger until
it decides the loss. Which is which is measured: the run is trained again, everything moved by a little.
"""

import math
import re
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy import ndarray as Array

from ..data.datasets import is_upload
from ..experiment.experiment import RATE_LIMITS, Experiment
from ..training.problems import problem
from ..training.train import train
from ..words import LANE_LETTERS
from .script_parts import lines

# By precision: how far the start is moved, thousands of roundings in float64 and about a hundred in float32; the
# sharpest tolerance of the last loss that is asked for; the loosest, beyond which two runs may be near each other by
# chance alone; and that of a loss on the way, where the last one can't be told.
_MOVED = {"float64": 1e-12, "float32": 1e-5}
_SHARPEST = {"float64": 1e-9, "float32": 1e-3}
_LOOSEST = {"float64": 1e-5, "float32": 1e-2}
_ON_THE_WAY = {"float64": 1e-6, "float32": 1e-2}
_MARGIN = 30  # times what was measured: the next processor rounds differently again
_NEAR_OVERFLOW = 1e-6  # of the largest number
_WIDTH = 120  # characters of a line of a script
_LATELY = 10  # epochs: in the last one alone they may be, too


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What is sure of one learning rate's losses, or of those on its rows held out.

    first, loss: the first and the last one.  epoch: the last whose loss is sure, `there` is that loss and `tolerance`
    how sure, relative.
    ending: how the run ended, "sure" (then `epoch` is the last of all), "overflowed", "near zero" (rounding decides
    the digits) or "unsure" (rounding decides all of it).
    """

    rate: float
    first: float
    loss: float
    epoch: int
    there: float
    tolerance: float
    ending: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """losses: of each learning rate.  tests: likewise of the rows held out, () without any."""

    losses: tuple[Check, ...]
    tests: tuple[Check, ...]


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
    return Checks(losses=_of_all(bare, history.loss, moved.loss, squares), tests=tests)


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
        first=float(losses[0]),
        loss=float(losses[-1]),
        epoch=epoch,
        there=float(losses[epoch]),
        tolerance=_rounded_up(min(max(float(tolerance), _SHARPEST[kind]), 1)),
        ending=ending,
    )


def _rounded_up(value: float) -> float:
    """The next power of ten."""
    return float(f"1e{math.ceil(math.log10(value) - 1e-9)}")


_DIGITS = {"float64": "16th digit, which a stable run keeps below 1e-9 of", "float32": "7th digit, which adds up in"}
_THEN = {
    "sure": "",
    "overflowed": ", then overflows at epoch",
    "near zero": ", then so near 0 that rounding decides",
    "unsure": ", then chaotic: rounding decides",
}

# Its own, as the page tells the lab's: the last epoch that is sure is some epochs before it.
_OVERFLOW = (
    '        if "overflows" in then:',
    "            gone = next((at for at, loss in enumerate(losses[lr]) if not math.isfinite(loss)), -1)",
    '            same, then = same and gone >= 0, f"{then} {gone:,}"',
)


def check_lines(experiment: Experiment, found: Checks, code: str) -> str:
    """The table an exported script ends with: each rate's loss beside the lab's, and what comparing them says.

    code: what stands above it, whose settings must be unchanged for that.
    """
    # Each by what the script keeps it under: its rate, or its letter where rates are changed on the way.
    by_letter = bool(experiment.changes)
    keys = [f'"{letter}"' for letter in LANE_LETTERS] if by_letter else list(map(repr, experiment.learning_rates))
    kind, name, shown = experiment.precision, *(("lane", "{lane:>8}") if by_letter else ("lr", "{lr:8g}"))
    known = dict(zip(keys, found.losses, strict=False))
    # Rows held out have no curve in the script: only their last loss can be compared.
    tests = {key: check for key, check in zip(keys, found.tests, strict=False) if check.ending == "sure"}
    overflowed = any(check.ending == "overflowed" for check in found.losses)
    held_out = " {test_loss[lr]:12.6g}" if found.tests else ""
    return lines(
        "# What the Learning-Rate Lab found. Sums taken in another order are rounded differently in the",
        f"# {_DIGITS[kind]} the loss: hence a tolerance, and the last epoch that is sure.",
        f"lab = {{  # {'lane' if by_letter else 'rate'}: (epoch, loss there, tolerance, loss at the end, what follows)",
        *(f"    {key}: {_known(check, kind)}," for key, check in known.items()),
        "}",
        "lab_test = {  # the last loss on rows held out, tolerance" if tests else "",
        *(f"    {key}: ({_digits(check.there, kind)}, {_power(check.tolerance)})," for key, check in tests.items()),
        "}" if tests else "",
        _unchanged(code, by_letter),
        "results = []",
        f'print("{name:>8}    your loss {"    held out " if held_out else ""}   the lab\'s  check")',
        "for lr in learning_rates:",
        '    theirs, result = "", "not compared, you changed it"',
        f"    if unchanged and {name} in lab:",
        "        epoch, loss, tolerance, last, then = lab[lr]",
        "        same = math.isclose(losses[lr][epoch], loss, rel_tol=tolerance)",
        *(_OVERFLOW if overflowed else ()),
        f"        if same and {name} in lab_test:" if tests else "",
        "            same = math.isclose(test_loss[lr], lab_test[lr][0], rel_tol=lab_test[lr][1])" if tests else "",
        '        theirs, result = f"{last:.6g}", f"same at epoch {epoch:,}{then}" if same else "different"',
        "    results.append(result)",
        f'    print(f"{shown} {{losses[lr][-1]:12.6g}}{held_out} {{theirs:>12}}  {{result}}")',
        'if "different" in results:',
        *_what_differs(found.losses[0], kind),
        'elif "not compared, you changed it" in results:',
        '    print("What you changed has no number of the lab to be compared with.")',
        "else:",
        '    print("At every epoch that is compared, the loss is the one the lab found.")',
    )


def _what_differs(lane: Check, kind: str) -> list[str]:
    """What is said of a run that is not the lab's: the loss before any step tells data and start from steps."""
    if not math.isfinite(lane.first):
        return ['    print("Not the run of the lab: something else in the code was changed.")']
    tolerance = _power(_SHARPEST[kind])
    return [
        "    begins = next(iter(losses.values()))[0]",
        f"    if math.isclose(begins, {_digits(lane.first, kind)}, rel_tol={tolerance}):",
        '        print("Not the run of the lab. It begins at the same loss: the steps were changed.")',
        "    else:",
        '        print("Not the run of the lab. Its first loss differs: data, start or loss was changed.")',
    ]


def _known(check: Check, kind: str) -> str:
    """What a script knows of one lane."""
    last = f"{check.loss:.6g}".replace("e+", "e") if math.isfinite(check.loss) else f"math.{check.loss}"
    return f'({check.epoch}, {_digits(check.there, kind)}, {_power(check.tolerance)}, {last}, "{_THEN[check.ending]}")'


def _unchanged(code: str, by_letter: bool) -> str:
    """The line whether the settings in the code still are what they were; of a rate alone, its row says it."""
    names = "epochs|batch_size|l1|l2|momentum|beta1|beta2|epsilon|seed|noise" + "|learning_rates" * by_letter
    settings = re.findall(rf"^({names}) = (\[.*\]|\S+)", code, re.MULTILINE)
    conditions = [f"{name} == {value}" for name, value in settings]
    line = f"unchanged = {' and '.join(conditions)}"
    return line if len(line) <= _WIDTH else "unchanged = (\n    " + "\n    and ".join(conditions) + "\n)"


def _digits(value: float, kind: str) -> str:
    return (repr(value) if kind == "float64" else f"{value:.9g}").replace("e+", "e")


def _power(value: float) -> str:
    return f"{value:.0e}".replace("e-0", "e-").replace("e+00", ".0")
