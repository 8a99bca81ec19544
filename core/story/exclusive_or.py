"""Exclusive-or, learned by the small network of lesson 6 and by the same without its hidden layer.

The latter is a line in two variables and can't: its best loss is the variance of the targets, 0.25 (Minsky & Papert
1969). The loss is the mean of squares without a half.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from ..methods.descent import descend
from ..methods.network import Network
from ..training.history import thin
from ..words import number, readable
from .question import ChoiceQuestion

NETWORK = Network(widths=(2, 3, 1))
LINE = Network(widths=(2, 1))
XOR_X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR_Y = np.array([[0.0], [1.0], [1.0], [0.0]])
SEEDS = 20
TRAINING_STEPS = 1000  # at 0.1 every seed has learned exclusive-or by then
AGREEMENT_STEPS = 200
SAME = 1e-9  # relative: the two trainers' weights agree
_RESTING, _A_WHILE = 0.2, 20  # a loss above it for so many steps is a plateau near the line's 0.25
LEARNED = 1e-3  # a loss below which every answer is within 0.07 of its target
_CURVE_POINTS = 400
_FAR = 1e6  # times the picture's height: a stroke there is as good as upright
NETWORK_NAME, LINE_NAME = NAMES = ("hidden layer", "no hidden layer")
TRAINING = (
    "#### Train it\nThe same network and the same step, again and again, now on the four points of **exclusive-or**: "
    "the target is 1 where exactly one input is 1, and 0 otherwise."
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trained:
    """The network and the line on the four points of exclusive-or; losses (TRAINING_STEPS + 1,), answers (4,)."""

    network_loss: Array
    line_loss: Array
    network_outputs: Array
    line_outputs: Array

    @property
    def top(self) -> float:
        """The largest loss the picture shows: room for both starts, in steps of a half."""
        return max(1.0, math.ceil(2 * float(max(self.network_loss[0], self.line_loss[0]))) / 2)


def train_on_xor(seed: int, learning_rate: float) -> Trained:
    """Both from their own start of this seed, every step with all four points."""
    network_loss, network_outputs = _descent(NETWORK, NETWORK.start(seed), learning_rate)
    line_loss, line_outputs = _descent(LINE, LINE.start(seed), learning_rate)
    return Trained(
        network_loss=network_loss, line_loss=line_loss, network_outputs=network_outputs, line_outputs=line_outputs
    )


def weights_on_the_way(seed: int, learning_rate: float, steps: int) -> Array:
    """(steps + 1, 13) the network's weights after 0, 1, ..., steps steps on exclusive-or."""
    path: Array = _path(NETWORK, NETWORK.start(seed)[None], learning_rate, steps)[0]
    return path


def seeds_that_learn(learning_rate: float) -> int:
    """How many of the first SEEDS starts reach a loss below LEARNED: all of them trained as one batch."""
    starts = np.array([NETWORK.start(seed) for seed in range(SEEDS)])
    last = _path(NETWORK, starts, learning_rate, TRAINING_STEPS)[:, -1]
    with np.errstate(over="ignore", invalid="ignore"):
        loss = NETWORK.mean_loss(NETWORK.forward(last, XOR_X)[-1], XOR_Y)
        return int((loss < LEARNED).sum())


def _path(network: Network, starts: Array, learning_rate: float, steps: int) -> Array:
    rates = [learning_rate] * len(starts)
    return descend(lambda at: network.gradient(at, XOR_X, XOR_Y), starts, rates, steps)


def _descent(network: Network, start: Array, learning_rate: float) -> tuple[Array, Array]:
    """(loss after each step, last answers (4,)); all steps' losses are one batch."""
    path = _path(network, start[None], learning_rate, TRAINING_STEPS)[0]
    with np.errstate(over="ignore", invalid="ignore"):
        output = network.forward(path, XOR_X)[-1]
        return network.mean_loss(output, XOR_Y), output[-1, :, 0]


def curves(trained: Trained) -> dict[str, pd.DataFrame]:
    """For lines.lines: curves (name, x, y) to where one leaves for good, marks (name, x, y, words) where one does."""
    drawn, left = [], []
    for name, loss in zip(NAMES, (trained.network_loss, trained.line_loss), strict=True):
        with np.errstate(invalid="ignore"):
            inside = np.flatnonzero(loss <= trained.top)
        last, kept = int(inside[-1]), thin(loss, _CURVE_POINTS)
        if last + 1 < len(loss):
            left.append((name, last + 1, trained.top, f"left at step {last + 1:,}"))
            # The stroke that leaves for good, and nothing beyond it.
            kept = np.unique(np.append(kept[kept <= last], [last, last + 1]))
        elif len(gaps := np.flatnonzero(np.diff(inside) > 1)):
            first, back = inside[gaps[0]] + 1, inside[gaps[-1] + 1]
            left.append((name, first, trained.top, f"left at step {first:,}, back for good at {back:,}"))
        shown = kept[loss[kept] < _FAR * trained.top]
        drawn.append(pd.DataFrame({"name": name, "x": shown, "y": loss[shown]}))
    return {
        "curves": pd.concat(drawn, ignore_index=True),
        "marks": pd.DataFrame(left, columns=["name", "x", "y", "words"]),
    }


def answers(trained: Trained) -> pd.DataFrame:
    """The four points: x1, x2, target, and what both say of each at the end."""
    return pd.DataFrame(
        {
            "x1": XOR_X[:, 0].astype(int),
            "x2": XOR_X[:, 1].astype(int),
            "target": XOR_Y[:, 0].astype(int),
            NETWORK_NAME: [_answer(float(output)) for output in trained.network_outputs],
            LINE_NAME: [_answer(float(output)) for output in trained.line_outputs],
        }
    )


def _answer(output: float) -> str:
    return (
        readable(f"{round(output, 3) + 0.0:.3f}")
        if abs(output) < 1e3
        else number(output)
        if math.isfinite(output)
        else "overflow"
    )


def training_words(trained: Trained, learning_rate: float) -> str:
    """How both trainings went, in sentences."""
    if learning_rate == 0:
        return "A rate of 0 takes no step: both losses stay where they are."
    words = f"{_end('With', trained.network_loss)} {_end('Without', trained.line_loss)}"
    if learning_rate < 0:
        return f"A negative rate walks uphill. {words}"
    if not np.isfinite([trained.network_loss[-1], trained.line_loss[-1]]).all():
        return f"{words} The rate is too high."
    resting = int(np.argmax(trained.network_loss < _RESTING))
    if resting > _A_WHILE and trained.network_loss[-1] < LEARNED:
        words += (
            f" Note the plateau before the fall: until step {resting:,} the network's loss, too, was above "
            f"{_RESTING:g}, little better than the line's. **A plateau is not always the end.**"
        )
    return words


def _end(which: str, loss: Array) -> str:
    bad = np.flatnonzero(~np.isfinite(loss))
    if not len(bad):
        return f"{which} a hidden layer the loss {'rises to' if loss[-1] > loss[0] else 'ends at'} {number(loss[-1])}."
    lowest = int(np.argmin(loss[: bad[0]])) if bad[0] else 0
    had = f", after it had been down to {number(loss[lowest])} at step {lowest:,}" if loss[lowest] < _RESTING else ""
    return f"{which} a hidden layer the loss explodes and overflows at step {bad[0]:,}{had}."


def chance_of_learning(learned: int) -> str:
    """How many first weights lead to a network that has learned exclusive-or, in a sentence."""
    return (
        f"Was it luck? Of the {SEEDS} seeds, **{learned}** bring the loss below {LEARNED:g} within {TRAINING_STEPS:,} "
        "steps at this rate."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Both trainers on exclusive-or. difference: the largest of any weight after `steps` steps, relative to the
    largest weight; parted: the first step after which it is above SAME, None where there is none.
    """

    difference: float
    steps: int
    parted: int | None


def agreement_words(agreement: Agreement | None) -> str:
    """How far both trainers agree; None where PyTorch refuses the rate."""
    if agreement is None:
        return "Both trainers can't be compared at this rate: PyTorch takes no negative one."
    who = "Both trainers, NumPy by hand and PyTorch with autograd,"
    if agreement.parted is not None:
        return (
            f"{who} agree to {number(SAME)} on every weight until step {agreement.parted - 1:,}. Then they part: an "
            "unstable rate makes even a difference in the last digit grow."
        )
    how = f"to **{readable(f'{agreement.difference:.0e}')}**" if agreement.difference else "**exactly**"
    return (
        f"{who} agree {how} on every weight after {agreement.steps:,} steps: the largest difference, relative "
        "to the largest weight."
    )


def line_question(seed: int, learning_rate: float) -> ChoiceQuestion:
    """Where does the loss stop without a hidden layer?"""
    trained = train_on_xor(seed, learning_rate)
    output, loss = float(trained.line_outputs.mean()), float(trained.line_loss[-1])
    return ChoiceQuestion(
        key="network-line",
        ask=(
            "Take the hidden layer away, so that the inputs lead straight to the output, and train on the four points "
            "of exclusive-or. **Where does the loss stop?**"
        ),
        choices={
            "At 0, only later than with the hidden layer": f"It stops at {number(loss)}. What is left is a plane over "
            "(x1, x2), and no plane is high at two opposite corners and low at the other two.",
            f"At {number(loss)}": f"Exactly: it says {number(output)} to all four points.",
            f"At {number(output)}": f"{number(output)} is what it says to every point in the end. Each is off by "
            f"{number(output)}, and squared that is {number(loss)}.",
            "Nowhere: the loss goes up and down for ever": "At this rate it falls steadily, and stops at "
            f"{number(loss)}.",
        },
        right=1,
        outcome=(
            f"At **{number(loss)}**, the variance of the targets. The best it can do is to say {number(output)} to all "
            f"four. With the hidden layer the same loop reaches {number(float(trained.network_loss[-1]))}."
        ),
    )
