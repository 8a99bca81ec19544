"""Lesson 5: the same run with its gradient from three sources, then with three update rules, then call by call.

The halves themselves are in halves.py, and what needs PyTorch in torch_backpropagation.py: this module asks
questions of their runs, and lays them out in words and tables.
"""

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from ..diagnosis.theory import landscape
from ..drawing.axes import Axis
from ..drawing.frames import Box, contour_box, contours
from ..drawing.stops import Stop
from ..experiment.experiment import Experiment
from ..methods.descent import descend
from ..methods.optimizers import adam, gradient_descent
from ..training.train import torch_is_installed
from ..words import SKETCH, count, duration, number, two_digits
from .article_loop import LINE
from .halves import (
    BEST,
    CALLS,
    DATA,
    NOTHING,
    RATE,
    RULES,
    START,
    STEPS,
    Call,
    Gradient,
    Loop,
    Pair,
    X,
    Y,
    apart,
    by_finite_differences,
    by_hand,
    loss,
    losses,
    path,
)
from .question import ChoiceQuestion

SOURCES = ("by hand", "autograd", "finite differences")
WITHOUT_TORCH = ("by hand", "finite differences")
NUDGES = (0.1, 1e-3, 1e-5, 1e-7, 1e-9, 1e-11, 1e-13, 1e-15, 1e-16)
_STRAYS = 1e-4  # paths further apart than this have something to explain
NUDGE = 1e-5  # near the cube root of the rounding of a float64, where central differences are best on most losses

LADDER = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
# Fair to each: the rate of the ladder that is soonest at the target for good.
FAIR = {"gradient descent": 0.1, "momentum": 0.02, "Adam": 0.5}
TARGET = 1e-3  # of the loss
LONGEST = 200  # steps of a race
MOST_DRAWN = STEPS
DRAWN = (*range(1, 21), *range(25, MOST_DRAWN + 1, 5))  # steps that a slider stops at
RACED = Axis(title="loss", low=1e-3, high=1e3, scale="log")  # of the race of rules

LEAVE_OUT = (NOTHING, *CALLS)

# A backward pass multiplies each weight twice, once for its own gradient and once to hand the error on; a
# forward pass does so once. For any function at all it is a small number: Griewank and Walther,
# Evaluating Derivatives (2008), ch. 4.
PASSES_OF_BACKPROPAGATION = 3
_SIZES = (2, 1_000, 100_000, 10_000_000)  # parameters: this line, then networks
_PASS_SECONDS = 1e-3  # what the table takes one forward pass to last


def gradient_from(source: str, nudge: float = NUDGE) -> Gradient:
    """(w, b) -> (dw, db) by one of SOURCES; ValueError for any other word."""
    if source == "autograd":
        from .torch_backpropagation import by_autograd  # here, so that the others need no torch

        return by_autograd
    if source == "by hand":
        return by_hand
    if source == "finite differences":
        return lambda w, b: by_finite_differences(w, b, nudge)
    raise ValueError(f"source must be one of {', '.join(SOURCES)}, got {source!r}")


def gradient_code(source: str) -> str:
    """The code of one of SOURCES as it runs, and the update rule after it, which is the same for all."""
    parts: dict[str, tuple[Callable[..., Any], ...]] = {
        "by hand": (by_hand,),
        "finite differences": (loss, by_finite_differences),
    }
    code = "\n".join(inspect.getsource(part) for part in parts.get(source) or (gradient_from(source),))
    return f"{code}\n# the update rule, whoever found dw and db\nw, b = w - {RATE:g} * dw, b - {RATE:g} * db"


def swapped_gradient(source: str, nudge: float = NUDGE) -> Array:
    """(STEPS + 1, 2) the run whose gradient comes from this source."""
    return path(gradient_from(source, nudge))


def distance(source: str, places: Array, hand: Array) -> str:
    """How far a source's path strays from the one by hand, in a sentence, and why where it does."""
    w, b = places[-1]
    ends = f"After {STEPS} steps w = {number(w)}, b = {number(b)}"
    if source == "by hand":
        return f"{ends}. The other paths are compared with this one."
    far = apart(places, hand)
    gap = (
        f"{ends}: never more than **{two_digits(far)}** from the path by hand"
        if far
        else f"{ends}: the path by hand, **to the last digit**"
    )
    if source == "autograd":
        return f"{gap}. It is the same chain rule, done by the computer."
    if not places.any():
        return f"{gap}. Such a small nudge changes no digit of the loss: the gradient reads 0, and nothing moves."
    if far > _STRAYS:
        return f"{gap}. Such a small nudge is lost in rounding: the loss has only 16 digits."
    return f"{gap}, too little to see."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Race:
    """One update rule's run: places (LONGEST + 1, 2), losses (LONGEST + 1,), and the gradient it was first handed."""

    rule: str
    rate: float
    first_gradient: Pair
    places: Array
    losses: Array

    @property
    def first_step(self) -> Pair:
        """How far the first step moved w and b."""
        return float(self.places[1, 0]), float(self.places[1, 1])  # from (0, 0)

    @property
    def arrived(self) -> int | None:
        """The step from which the loss stays at or below TARGET; None where it has not by the end."""
        above = np.flatnonzero(~(self.losses <= TARGET))
        return int(above[-1]) + 1 if above[-1] < LONGEST else None


def race(rule: str, rate: float) -> Race:
    """The run of one of RULES, the gradient by hand."""
    places = path(by_hand, rule, rate, LONGEST)
    return Race(rule=rule, rate=rate, first_gradient=by_hand(*START), places=places, losses=losses(places))


SCRIPT = """\
import torch

x = torch.tensor([1.0, 2.0, 3.0, 4.0])
y = 2 * x
w = torch.zeros(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.SGD([w, b], lr=0.01)  # the update rule: momentum=0.9 or torch.optim.Adam would go here

for epoch in range(100):
    y_pred = w * x + b                   # forward
    loss = ((y - y_pred) ** 2).mean()
    optimizer.zero_grad()                # forget the last gradient
    loss.backward()                      # backpropagation: find the gradient
    optimizer.step()                     # the update rule: use it
"""


HALVES = (
    "**1. Find the gradient**\n\nWhich way is uphill, and how steep is it, for every parameter? "
    "By hand, by autograd, by finite differences.\n\n**Backpropagation** is a way to do this half. "
    "In PyTorch: `loss.backward()`",
    "**2. Use it**\n\nGiven the gradient, how far does each parameter move? "
    "By gradient descent, with momentum, by Adam.\n\n**Gradient descent** is a way to do this half. "
    "In PyTorch: `optimizer.step()`",
)
TASK = (
    f"The line {LINE} learns the points "
    + ", ".join(f"({x:g}, {y:g})" for x, y in zip(X, Y, strict=True))
    + f" from w\u00a0=\u00a0b\u00a0=\u00a00. Its loss is the mean of the squared errors, "
    f"{number(loss(*START))} at the start."
)
THREE_CALLS = (
    "PyTorch separates the two halves, too. `zero_grad()` clears what the last step left behind, `backward()` finds "
    "the gradient and adds it to `w.grad` and `b.grad`, `step()` uses what it finds there."
)
_FORMULAS = (
    r"L(w, b) = \frac{1}{n} \sum_i e_i^2 \qquad e_i = w x_i + b - y_i",
    r"\frac{\partial L}{\partial w} = \frac{1}{n} \sum_i 2 e_i \cdot \frac{\partial e_i}{\partial w}"
    r" = \frac{2}{n} \sum_i e_i x_i \qquad \frac{\partial L}{\partial b} = \frac{2}{n} \sum_i e_i",
    r"\frac{\partial L}{\partial w} \approx \frac{L(w + h, b) - L(w - h, b)}{2h}",
    r"\text{gradient descent: } w \leftarrow w - \mathrm{lr} \cdot g",
    r"\text{momentum: } v \leftarrow m\,v + g \qquad w \leftarrow w - \mathrm{lr} \cdot v",
    r"\text{Adam: } v \leftarrow m\,v + (1 - m)\,g \qquad s \leftarrow 0.999\,s + 0.001\,g^2",
    r"w \leftarrow w - \mathrm{lr} \cdot \frac{v / (1 - m^k)}{\sqrt{s / (1 - 0.999^k)} + 10^{-8}}",
)
MATHEMATICS = "\n\n".join(f"$$\n{formula}\n$$" for formula in _FORMULAS) + (
    "\n\n"
    "Backpropagation is the second line: the **chain rule**, from the loss back to each parameter, with what "
    "layers share worked out once. The third line asks the loss alone; on this parabola it is exact for any h, "
    "but for rounding; a network's loss bends, and there a long nudge misses too. g is the gradient, m = 0.9, k "
    "counts the steps from 1. In Adam's first step v / (1 − m) is g and the root is |g|, so it moves by lr × the "
    "sign of g. Without zero_grad() the gradient used is g₁ + g₂ + … + gₖ, which is momentum with m = 1."
)


# What one can take home: PyTorch's loop, and the update rules from scratch.
CODE = "\n\n".join([SCRIPT, inspect.getsource(gradient_descent), inspect.getsource(adam)])


def gradient_question() -> ChoiceQuestion:
    """Part one: the gradient from finite differences."""
    hand, nudged = swapped_gradient("by hand"), swapped_gradient("finite differences")
    found = np.array([(by_hand(w, b), by_finite_differences(w, b, NUDGE)) for w, b in hand])  # (steps + 1, 2, 2)
    missed = apart(found[:, 0], found[:, 1])
    (w, b), end = hand[-1], float(losses(nudged)[-1])
    return ChoiceQuestion(
        key="backprop-gradient",
        ask=(
            f"The line trains for {STEPS} steps at rate {number(RATE)}, with its gradient computed **by hand**. A "
            "second run gets its gradient from **finite differences**: nudge each number a little, and look how much "
            "the loss changes. Same start, same update rule. What will its path of w and b be?"
        ),
        choices={
            "The same": "The update rule never asks where a gradient came from.",
            "Noisier": "Nothing is drawn at random: along this path the nudged gradient misses the true one by at most "
            f"{two_digits(missed)}.",
            "Slower to converge": f"Each step costs more, yet goes just as far: both runs end at loss {number(end)}.",
        },
        right=0,
        outcome=(
            f"The same path. After {STEPS} steps both stand at w = {number(w)}, b = {number(b)}, and on the way they "
            f"were never more than **{two_digits(apart(hand, nudged))}** apart."
        ),
    )


def opening_paths(shown: bool, answer: str = "") -> dict[str, Array]:
    """The paths of the first question: before it is `shown` the second has only its start.

    answer: the choice that was predicted, drawn as a sketch; "" for none, and before it is shown a start too, so that
    the picture keeps the size of its legend.
    """
    hand, nudged = swapped_gradient("by hand"), swapped_gradient("finite differences")
    if not shown:
        return {"by hand": hand, "finite differences": nudged[:1], SKETCH: hand[:1]}
    paths = {"by hand": hand, "finite differences": nudged}
    choices = list(gradient_question().choices)
    if answer not in choices:
        return paths
    wave = 0.07 * np.sin(np.arange(len(hand)) * 2.4)[:, None] * (-1, 1)  # up and down beside the path
    slower = hand[: len(hand) // 20]  # the first steps are long
    return paths | {SKETCH: (hand, hand + wave, slower)[choices.index(answer)]}


def rule_question(rate: float = RATE) -> ChoiceQuestion:
    """Part two: the first step of momentum and of Adam, at gradient descent's rate."""
    plain, rolling, scaled = (race(rule, rate).first_step for rule in RULES)
    return ChoiceQuestion(
        key="backprop-rule",
        ask=(
            f"**Momentum** keeps a velocity v, 0 at first: v = 0.9 × v + gradient, and a step is −rate "
            "× v, as in PyTorch. **Adam** divides each gradient "
            "by its usual size, so that at first every number moves by about the rate.\n\n"
            f"All three rules get the same first gradient, {pair(by_hand(*START))}. At rate {number(rate)} "
            f"gradient descent moves (w, b) by {pair(plain)}. At **the same rate**, whose first step is exactly that?"
        ),
        choices={
            "Momentum's only": "Momentum has no past yet: its first velocity is the gradient itself.",
            "Adam's only": "Adam divides each gradient by its own size, so both numbers move by the rate, "
            f"{pair(scaled)}: the {number(plain[0] / plain[1])} to 1 of the gradient is gone.",
            "Both": f"Momentum's is. Adam's is {pair(scaled)}: the rate times the sign, however steep it is.",
            "Neither": f"Adam's is not. But momentum has nothing to remember yet: its first step is {pair(rolling)}.",
        },
        right=0,
        outcome=(
            f"Gradient descent {pair(plain)}, momentum **{pair(rolling)}**, Adam **{pair(scaled)}**. "
            "From one gradient each rule makes its own step."
        ),
    )


def piling_question(whole: Loop, piled: Loop) -> ChoiceQuestion:
    """Part three: the loop without zero_grad. whole, piled: the loop as it should be, and without it."""
    second = [call for call in piled.calls if call.name == "backward"][1]
    fresh = (second.after.w_grad or 0) - (second.before.w_grad or 0)
    ahead = next(k for k, (a, b) in enumerate(zip(piled.losses, whole.losses, strict=True)) if a > b) - 1
    low, high = min(piled.losses), max(piled.losses[1:])
    back = piled.losses.index(max(piled.losses[ahead : 3 * ahead]))
    return ChoiceQuestion(
        key="backprop-zero",
        ask=(
            f"{len(whole.losses) - 1} epochs at rate {number(RATE)}, and **zero_grad() is left out**: each backward() "
            "adds its gradient to what w.grad still holds. What does the loss do?"
        ),
        choices={
            "Nothing changes: each backward() finds the gradient again": f"It does find it again, {number(fresh)} in "
            f"epoch {second.epoch}, and then adds it to the {number(second.before.w_grad or 0)} still there: step() "
            f"uses {number(second.after.w_grad or 0)}.",
            "It falls faster, for the gradients add up": f"For {ahead} epochs, yes: {number(piled.losses[ahead])} "
            f"against {number(whole.losses[ahead])}. But the sum of gradients carries w past the valley: "
            f"{number(piled.losses[back])} after {back} epochs.",
            "It falls and climbs again, over and over": "The sum of all gradients carries w past the valley each time.",
            "It explodes": f"Not at this rate: in {len(piled.losses) - 1} epochs it never passes {number(high)}.",
        },
        right=2,
        outcome=(
            f"It swings between {number(low)} and {number(high)} and ends at **{number(piled.losses[-1])}**, where the "
            f"loop with all three calls ends at {number(whole.losses[-1])}. A sum of all gradients is momentum 1: "
            "nothing is forgotten, so nothing slows it down."
        ),
    )


def cost() -> str:
    """What a gradient costs from either source, in sentences and a table."""
    head = ("parameters", "finite differences", "backpropagation")
    return (
        f"**What changes is the cost.** Finite differences run the model forward twice for every parameter: "
        f"{2 * len(START)} times a step here. Backpropagation, by hand or by autograd, runs it forward once and "
        f"backward once, about {PASSES_OF_BACKPROPAGATION} forward passes in all, however many parameters there are. "
        f"If one pass took {duration(_PASS_SECONDS)}, **one gradient** would take:\n\n{_table(head, costs())}"
    )


def costs() -> list[tuple[str, ...]]:
    """Rows (parameters, finite differences, backpropagation): forward passes for one gradient, and how long."""
    return [(count(size), *(_cost(passes) for passes in (2 * size, PASSES_OF_BACKPROPAGATION))) for size in _SIZES]


def _cost(passes: int) -> str:
    return f"{count(passes)} passes, {duration(passes * _PASS_SECONDS)}"


def remarks(races: tuple[Race, ...], box: Box, steps: int) -> list[str]:
    """What the picture of `steps` steps can't show: rates that go nowhere or uphill, paths that leave it."""
    said = []
    for run in races:
        out = left(run.places[: steps + 1], box)
        if run.rate == 0:
            said.append(f"{capital(run.rule)}: a rate of 0 takes no step at all.")
        elif out is not None:
            uphill = " A negative rate walks uphill." if run.rate < 0 else ""
            said.append(f"{capital(run.rule)} at rate {number(run.rate)} leaves the picture at step {out}.{uphill}")
        elif run.rate < 0:
            said.append(f"{capital(run.rule)}: a negative rate walks uphill.")
    return said


def no_best_rate() -> str:
    """That a rate belongs to its rule: what each rule does best with, and one rule at another's best."""
    best = ", ".join(f"{number(rate)} for {rule}" for rule, rate in FAIR.items())
    borrowed = float(race("gradient descent", FAIR["Adam"]).losses[STEPS])
    return (
        f"The fields begin at fair rates: out of {', '.join(map(number, LADDER))}, each rule gets the one that brings "
        f"its loss below {number(TARGET)} for good in the fewest steps: {best}. There is **no one best rate**: "
        f"each rule has its own. This race tunes only the rate, on a small bowl: it does not rank the rules. "
        f"At Adam's {number(FAIR['Adam'])}, gradient descent has a loss of "
        f"{number(borrowed)} after {STEPS} steps."
    )


def race_stops(rates: tuple[float, ...], own: int) -> tuple[list[Stop], list[Stop]]:
    """(the paths over the plane, the losses) of the races' first steps, at the stops of a slider and at one's own.

    rates: of the rules of FAIR.  Tables: those of plane; curves (name, x, y). What a picture can't show stands in the
    first's words.
    """
    races, box = tuple(race(rule, rate) for rule, rate in zip(FAIR, rates, strict=True)), rule_box()
    paths = {run.rule: run.places for run in races}
    still = plane_tables({name: places[:1] for name, places in paths.items()}, box)
    plane, losses = [], []
    for steps in sorted({*DRAWN, own}):
        so_far = {name: places[: steps + 1] for name, places in paths.items()}
        curves = {run.rule: run.losses[: steps + 1] for run in races}
        says = " ".join(remarks(races, box, steps))
        plane.append(Stop(steps, still | {"paths": path_table(so_far, box)}, path_words(so_far), says))
        losses.append(Stop(steps, {"curves": loss_table(curves)}, loss_words(curves)))
    return plane, losses


def results(races: tuple[Race, ...]) -> str:
    """A table of what each race came to."""
    rows = [
        ("first gradient (dw, db)", *(pair(run.first_gradient) for run in races)),
        ("first step (w, b)", *(pair(run.first_step) for run in races)),
        (f"loss after {STEPS} steps", *(shown(run.losses[STEPS]) for run in races)),
        (
            f"loss below {number(TARGET)} for good",
            *(f"from step {run.arrived}" if run.arrived else f"not in {LONGEST} steps" for run in races),
        ),
    ]
    return _table((" ", *(run.rule for run in races)), rows)


def in_link(rule: str) -> str:
    """The name of a rule's rate in the link."""
    return f"backprop-{rule.replace(' ', '-').lower()}"


def capital(words: str) -> str:
    """The words as a sentence begins."""
    return words[0].upper() + words[1:]


def pair(values: Sequence[float] | Array) -> str:
    """(0.3, 0.1)."""
    return f"({shown(values[0])}, {shown(values[1])})"


def shown(value: float) -> str:
    """A number for reading, or that it overflowed."""
    return number(value) if math.isfinite(value) else "overflowed"


def gradient_box() -> Box:
    """The piece of the (w, b) plane that holds the runs of part one, with some room."""
    return _around([swapped_gradient("by hand")])


def rule_box() -> Box:
    """The piece of the (w, b) plane that holds the runs of part two at fair rates, and the valley around them."""
    valley = contour_box(landscape(Experiment(data=DATA)))
    return _around([*(race(rule, rate).places for rule, rate in FAIR.items()), [(valley.w.low, 0), (valley.w.high, 0)]])


def _around(paths: list[Any]) -> Box:
    everything = np.concatenate([*map(np.asarray, paths), [START, BEST]])
    low, high = everything.min(axis=0), everything.max(axis=0)
    room = 0.15 * (high - low)
    w, b = (Axis(low=float(lo), high=float(hi)) for lo, hi in zip(low - room, high + room, strict=True))
    return Box(w=w, b=b)


def path_words(paths: Mapping[str, Array]) -> str:
    """The picture of the paths in words."""
    ends = (f"{name} ends at {pair(places[-1])}" for name, places in paths.items())
    return f"Paths over (w, b) from {pair(START)} towards the minimum: {', '.join(ends)}."


def loss_words(curves: Mapping[str, Sequence[float] | Array]) -> str:
    """The picture of the losses in words."""
    ends = (f"{name} from {shown(curve[0])} to {shown(curve[-1])}" for name, curve in curves.items())
    return f"Loss: {', '.join(ends)}."


def path_table(paths: Mapping[str, Array], box: Box) -> pd.DataFrame:
    """Columns name, step, w, b."""
    drawn = [
        pd.DataFrame({"name": name, "step": range(len(kept)), "w": kept[:, 0], "b": kept[:, 1]})
        for name, kept in ((name, _until_out(places, box)) for name, places in paths.items())
    ]
    return pd.concat(drawn, ignore_index=True)


def plane_tables(paths: Mapping[str, Array], box: Box) -> dict[str, pd.DataFrame]:
    """What plane() draws: contours (level, w, b), paths (name, step, w, b), places (w, b, what).

    A path ends with the step that leaves the box.
    """
    return {
        "contours": pd.DataFrame(contours(landscape(Experiment(data=DATA)), box)).drop(columns="loss"),
        "paths": path_table(paths, box),
        "places": pd.DataFrame({"w": [START[0], BEST[0]], "b": [START[1], BEST[1]], "what": ["start", "minimum"]}),
    }


def left(places: Array, box: Box) -> int | None:
    """The first step that lands outside the box, None if all stay in."""
    outside = np.flatnonzero(~(box.w.holds(places[:, 0]) & box.b.holds(places[:, 1])))
    return int(outside[0]) if outside.size else None


def _until_out(places: Array, box: Box) -> Array:
    """The path up to the step that leaves the box; that step is shortened, in its own direction, to end near it."""
    out = left(places, box)
    if out is None:
        return places
    jump = places[out] - places[out - 1]
    if not np.isfinite(jump).all():
        return places[:out]
    reach = 3 * max(box.w.high - box.w.low, box.b.high - box.b.low)
    return np.concatenate([places[:out], [places[out - 1] + jump * min(1.0, reach / float(np.abs(jump).max()))]])


def loss_table(curves: Mapping[str, Any]) -> pd.DataFrame:
    """Columns name, x (step), y (loss): each curve as far as its loss is a positive number."""
    tables = []
    for name, curve in curves.items():
        values = np.asarray(curve, float)
        bad = np.flatnonzero(~(np.isfinite(values) & (values > 0)))
        values = values[: bad[0]] if bad.size else values
        tables.append(pd.DataFrame({"name": name, "x": range(len(values)), "y": values}))
    return pd.concat(tables, ignore_index=True)


def loop_text(left_out: str, here: str = "") -> str:
    """The training loop with the call `here` pointed at and the one left out struck out."""
    lines = [f"for epoch in range({STEPS}):", "    loss = ((w * x + b - y) ** 2).mean()"]
    for name in CALLS:
        call = f"{'loss' if name == 'backward' else 'optimizer'}.{name}()"
        if name == left_out:
            lines.append(f"    # {call}    left out")
        else:
            lines.append(f"    {call:<23}{'# <-- here' if name == here else ''}".rstrip())
    return "\n".join(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterCall:
    """Where the stepper stands: the loop's code, the tensors before and after as a table, and what happened."""

    code: str
    tensors: str
    words: str


def after_call(loop: Loop, calls: int) -> AfterCall:
    """The loop after this many calls. What the last one changed is bold."""
    call = loop.calls[max(calls - 1, 0)]
    pairs = [
        (label, getattr(call.before, name), getattr(call.after, name))
        for name, label in (("w", "w"), ("b", "b"), ("w_grad", "w.grad"), ("b_grad", "b.grad"))
    ]
    if calls == 0:
        return AfterCall(
            code=loop_text(loop.left_out),
            tensors=_table(("tensor", "at the start"), [(label, _tensor(old)) for label, old, _ in pairs]),
            words=f"The loss is {number(call.loss)}. No call has been made yet.",
        )
    rows = [(label, _tensor(old), f"**{_tensor(new)}**" if new != old else _tensor(new)) for label, old, new in pairs]
    return AfterCall(
        code=loop_text(loop.left_out, call.name),
        tensors=_table(("tensor", f"before {call.name}()", f"after {call.name}()"), rows),
        words=f"**Epoch {call.epoch}, {call.name}().** {explanation(call)}",
    )


def explanation(call: Call) -> str:
    """What this call did, with its numbers."""
    old, new = call.before, call.after
    if call.name == "zero_grad":
        if old.w_grad is None:
            return "There is no gradient yet, so nothing to clear."
        return f"Forgets the gradient of the epoch before: w.grad was {number(old.w_grad)} and is None now."
    if call.name == "backward":
        fresh = (new.w_grad or 0) - (old.w_grad or 0)
        if old.w_grad:
            return (
                f"Finds the gradient, {number(fresh)} for w, and **adds** it to what w.grad still holds: "
                f"{number(old.w_grad)} + ({number(fresh)}) = {number(new.w_grad or 0)}. w and b have not moved."
            )
        return f"Finds the gradient at loss {number(call.loss)}: {number(fresh)} for w. w and b have not moved."
    if old.w_grad is None:
        return "w.grad is None, so step() skips w, without an error. Nothing moves."
    return (
        f"Uses the gradient: w = {number(old.w)} − {number(RATE)} × ({number(old.w_grad)}) = {number(new.w)}. "
        "The gradient stays in w.grad until zero_grad() clears it."
    )


def curves(whole: Loop, other: Loop) -> dict[str, tuple[float, ...]]:
    """The losses by name: of the loop as it should be, and of the other where it is another."""
    shown_too = {} if other.left_out == NOTHING else {f"without {other.left_out}": other.losses}
    return {"all three calls": whole.losses, **shown_too}


def verdict(whole: Loop, other: Loop) -> str:
    """What leaving a call out comes to, from the two runs."""
    end, good = other.losses[-1], whole.losses[-1]
    if other.left_out == "zero_grad":
        lowest = other.losses.index(min(other.losses))
        return (
            f"**Gradients pile up.** The loss is down to {number(min(other.losses))} after {lowest} epochs and up at "
            f"{number(end)} after {len(other.losses) - 1}. Gradient descent with momentum 1, our own, gives the same "
            f"losses to within {two_digits(piling_gap(other))}."
        )
    if other.left_out == "backward":
        return f"**No gradient, no move.** w.grad stays None and the loss stays at {number(end)}. No error is raised."
    if other.left_out == "step":
        dw = other.calls[-1].after.w_grad
        return (
            f"**A gradient alone trains nothing.** backward() finds {number(dw or 0)} for w, {len(other.losses) - 1} "
            f"times over, and the loss stays at {number(end)}: nothing uses it."
        )
    return f"With all three calls the loss falls from {number(other.losses[0])} to {number(good)}."


def piling_gap(piled: Loop) -> float:
    """The largest difference between the losses without zero_grad and those of momentum 1, gradient by hand."""
    rolling = descend(
        lambda here: np.array([by_hand(*here[0])]), START, RATE, len(piled.losses) - 1, gradient_descent, 1.0
    )
    return float(np.abs(losses(rolling[0]) - np.array(piled.losses)).max())


def _tensor(value: float | None) -> str:
    return "None" if value is None else number(value)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


def other_numbers(seed: int) -> float:
    """Another rate of the rules' first step."""
    return float(np.random.default_rng(seed).choice([rate for rate in LADDER if rate != RATE]))


def questions(rate: float = RATE) -> tuple[ChoiceQuestion, ...]:
    """The lesson's three: the gradient's source, the rules' first step and, where PyTorch is there, a call left out.

    rate: of the first step, the lesson's own or another.
    """
    asked = gradient_question(), rule_question(rate)
    if not torch_is_installed():
        return asked
    from .torch_backpropagation import run_loop

    return *asked, piling_question(run_loop(), run_loop("zero_grad"))
