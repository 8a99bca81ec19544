"""Lesson 8's four parts, model, loss function, optimizer and data: what swapping one of them changes.

Every number is that of a run or of a closed form. The article's line at the rate 0.01 is where all swaps start.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from ..data.datasets import dataset
from ..diagnosis.theory import landscape, stability_limit
from ..drawing.axes import Axis
from ..experiment.experiment import Experiment
from ..experiment.presets import NETWORK_PRESETS
from ..methods.descent import descend
from ..training.problems import problem
from ..training.train import train
from ..words import SKETCH, number, two_digits
from .exclusive_or import NETWORK, TRAINING_STEPS, train_on_xor
from .falling_rate import schedule_question
from .input_hidden_output import Example
from .one_step import OneStep
from .question import ChoiceQuestion

RATE = 0.01  # the article's good rate: every swap keeps it
MOMENTUM = 0.9  # the usual first try, and the lab's
_XOR_SEED, _XOR_RATE = Example().seed, Example().learning_rate  # as lesson 6 begins

_SKETCHED = 60  # epochs in which a sketched loss rises out of the picture

# The story so far: (what was learned, in which lessons).
RECAP = (
    ("A plain step is w − learning rate × gradient, and nothing else.", (1,)),
    ("It sees only the slope under its feet, and repeats six lines of code.", (2, 3)),
    ("On a bowl, above 2 / curvature it explodes; just below, it can look as if it stood still.", (4,)),
    ("Backpropagation finds the gradient, through as many layers as there are.", (5, 6)),
    ("Without gradients it works too, until there are many numbers to find.", (7,)),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Swap:
    """The article's run with one part swapped.  limit: its stability limit.  loss (epochs + 1,): its curve."""

    limit: float
    loss: Array

    @property
    def overflow(self) -> int:
        """The first epoch whose loss is not finite, -1 if none."""
        bad = ~np.isfinite(self.loss)
        return int(bad.argmax()) if bad.any() else -1

    @property
    def fate(self) -> str:
        """Where the run ended, in words."""
        epochs = len(self.loss) - 1
        if self.overflow >= 0:
            return f"the loss overflows at epoch {self.overflow}"
        return f"the loss falls from {number(self.loss[0])} to {number(self.loss[-1])} in {epochs:,} epochs"


@lru_cache(maxsize=1)
def swaps() -> dict[str, Swap]:
    """The article's line as it is ("none"), and with the model, the loss, the optimizer or the data swapped."""
    plain = Experiment(learning_rates=(RATE,))
    momentum = replace(plain, optimizer="momentum", momentum=MOMENTUM)
    penguins = replace(plain, data="penguins")
    trained = {"none": plain, "optimizer": momentum, "data": penguins}
    made = {name: Swap(limit=stability_limit(each), loss=train(each).loss[0]) for name, each in trained.items()}
    task, curvature = problem(plain), float(landscape(plain).curvatures[-1])
    slopes = task.inputs[:, :1]  # y = w x: the same line without its b
    made["model"] = Swap(
        limit=2 / float(2 * np.mean(slopes**2)), loss=_line_losses(slopes, task.targets, plain.epochs, factor=2)
    )
    # With a half in front loss, gradient and curvature are half as large.
    half = _line_losses(task.inputs, task.targets, plain.epochs, factor=1) / 2
    made["loss"] = Swap(limit=2 / (curvature / 2), loss=half)
    return made


def _line_losses(inputs: Array, targets: Array, epochs: int, factor: float) -> Array:
    """(epochs + 1,) mean of squares of a line trained at RATE; factor: what differentiating the loss puts in front."""

    def gradient(parameters: Array) -> Array:
        slopes: Array = factor / len(inputs) * (parameters @ inputs.T - targets) @ inputs
        return slopes

    path = descend(gradient, np.zeros(inputs.shape[1]), RATE, epochs)[0]
    losses: Array = np.mean((path @ inputs.T - targets) ** 2, axis=1)
    return losses


def in_the_lab() -> dict[str, Experiment]:
    """What the cards that lead into the lab open there: the article's three rates, one part swapped; or no line."""
    return {
        "model": NETWORK_PRESETS["linear"].experiment,
        "optimizer": Experiment(optimizer="momentum", momentum=MOMENTUM),
        "data": Experiment(data="penguins"),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One of the four parts: its title, what it is, and what swapping it changes, with the numbers of a run."""

    part: str
    title: str
    what: str
    swapped: str


def four_parts() -> tuple[Card, ...]:
    """The four parts."""
    made = swaps()
    before, momentum, penguins = made["none"], made["optimizer"], made["data"]
    xor = train_on_xor(seed=_XOR_SEED, learning_rate=_XOR_RATE)
    whole, half = OneStep(), OneStep(half=True)
    rises = [int((np.diff(swap.loss[:101]) > 0).sum()) for swap in (before, momentum)]
    birds = dataset("penguins")
    return (
        Card(
            part="model",
            title="Model",
            what="Turns an input into a prediction.",
            swapped=(
                f"Swapped: on exclusive-or a line stops at a loss of {number(xor.line_loss[-1])}. Put "
                f"{NETWORK.widths[1]} hidden units between input and output, and {TRAINING_STEPS:,} steps bring it to "
                f"**{number(xor.network_loss[-1])}**."
            ),
        ),
        Card(
            part="loss",
            title="Loss function",
            what="Says how wrong a prediction is, in one number.",
            swapped=(
                f"Swapped: with a half in front, one step at rate {whole.learning_rate:g} leads from w = {whole.w:g} "
                f"to {number(half.path(1)[1])}, not {number(whole.path(1)[1])}, and the limit moves from "
                f"{number(whole.limit)} to **{number(half.limit)}**."
            ),
        ),
        Card(
            part="optimizer",
            title="Optimizer",
            what="Turns a gradient into a step.",
            swapped=(
                f"Swapped: momentum {MOMENTUM:g} moves the article's limit from {number(before.limit)} to "
                f"**{number(momentum.limit)}**. At rate {RATE:g} the loss now rises in {rises[1]} of the first 100 "
                f"epochs; without momentum in {rises[0]}."
            ),
        ),
        Card(
            part="data",
            title="Data",
            what="What the model is asked to fit.",
            swapped=(
                f"Swapped: {len(birds.y)} penguins, {birds.x_name} in {birds.x_units}, move the limit from "
                f"{number(before.limit)} to **{number(penguins.limit)}**. The rate {RATE:g} now overflows at epoch "
                f"{penguins.overflow}."
            ),
        ),
    )


def swap_question() -> ChoiceQuestion:
    """Which of four swaps makes the article's good rate overflow?"""
    made, birds = swaps(), dataset("penguins")
    flipper = f"about {two_digits(float(birds.x.mean()))} {birds.x_units}"

    def why(part: str) -> str:
        return f"No: the limit there is {number(made[part].limit)}, still above {RATE:g}, and {made[part].fate}."

    return ChoiceQuestion(
        key="deep-swap",
        ask=(
            f"The article's line, learning rate {RATE:g}: {made['none'].fate}. Its limit is "
            f"{number(made['none'].limit)}. **Swap one part and keep the rate.** Which swap makes the loss overflow? "
            f"The penguins are {len(birds.y)} birds: {birds.y_name} in {birds.y_units} against {birds.x_name}, "
            f"{flipper}."
        ),
        choices={
            "The model: y = w x, without b": why("model"),
            "The loss: a half in front": why("loss"),
            f"The optimizer: momentum {MOMENTUM:g}": why("optimizer"),
            f"The data: penguins, {birds.x_name} in {birds.x_units}": f"Yes: {made['data'].fate}. The curvature grows "
            f"with the square of x, and x is {flipper}.",
        },
        right=3,
        outcome=(
            f"The limits: {number(made['model'].limit)} without b, {number(made['loss'].limit)} with the half, "
            f"{number(made['optimizer'].limit)} with momentum, **{number(made['data'].limit)} on the penguins**. "
            "A rate belongs to all four parts together; change one and choose the rate again."
        ),
    )


SWAPPED = {
    "as it is": "none",
    "without b": "model",
    "half in front": "loss",
    "momentum": "optimizer",
    "penguins": "data",
}


def swapped_curves(shown: bool, answer: str = "") -> tuple[tuple[Axis, Axis], dict[str, pd.DataFrame], str]:
    """(axes, tables, words) of the swaps' losses over the first epochs; only that of no swap before it is `shown`.

    answer: the swap that was predicted to overflow, drawn as a sketch and named; "" for none.  tables: curves, marks.
    """
    made, last = swaps(), 100
    axes = Axis(title="epoch", low=0, high=last), Axis(title="loss", low=1e-6, high=1e12, scale="log")
    tables = []
    for name, part in SWAPPED.items() if shown else [("as it is", "none")]:
        loss = made[part].loss[: last + 1]
        drawn = loss[: made[part].overflow] if 0 <= made[part].overflow <= last else loss
        kept = drawn[: int((drawn > axes[1].high).argmax()) + 1] if (drawn > axes[1].high).any() else drawn
        tables.append(pd.DataFrame({"name": name, "x": np.arange(len(kept)), "y": kept}))
    words = f"The loss at rate {RATE:g}, as it is: from {number(made['none'].loss[0])}, falling."
    if shown:
        words += " Swapped, three others fall too; on the penguins it rises at once and overflows."
    start = float(made["none"].loss[0])
    marks = pd.DataFrame({"name": ["as it is"], "x": [0], "y": [start], "words": ["and with one part swapped?"]})
    choices = list(swap_question().choices)
    if shown:
        marks = marks[:0]
    if answer in choices:
        epochs = np.array([0, _SKETCHED])
        tables.append(pd.DataFrame({"name": SKETCH, "x": epochs, "y": [start, axes[1].high]}))
        name = list(SWAPPED)[1 + choices.index(answer)]
        near_its_end = float(start * (axes[1].high / start) ** 0.9)  # in the right half, where words stand left of it
        rows = [(SKETCH, 0.9 * _SKETCHED, near_its_end, f"{name} overflows")]
        marks = pd.DataFrame(rows, columns=["name", "x", "y", "words"])
        words += f" You predicted: {answer}."
    return axes, {"curves": pd.concat(tables, ignore_index=True), "marks": marks}, words


def questions() -> tuple[ChoiceQuestion, ...]:
    """The lesson's two before the ten curves: which swap overflows, and whether a falling rate helps."""
    return swap_question(), schedule_question()
