"""Lesson 1, one step by hand: y = w x on a single point, where every number can be checked with a pencil.

loss = (y - w x)^2, so the gradient is -2 x (y - w x) and the curvature 2 x^2, the same everywhere. Each step
multiplies the distance to the best w by 1 - lr * curvature. With a half in the loss, (y - w x)^2 / 2, gradient
and curvature are half as large and the same rate means half the step.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy import ndarray as Array
from numpy.typing import ArrayLike

from ..drawing.axes import Axis
from ..drawing.stops import Stop, around
from ..methods.descent import descend
from ..words import number
from .question import ChoiceQuestion, NumberQuestion

MOST_STEPS = 40
_NEXT_TO = 1e-9  # relative: nearer is there
_JUST_ABOVE = 1.05  # of the limit: who explodes so near above it has found it
_PARABOLA_POINTS = 121
_IN_A_LIMIT = 40  # stops of a dragged rate up to the limit: the article's rates are among them
_ROUND_RATES, _BELOW_THE_LIMIT = (0.01, 0.02, 0.05, 0.1, 0.2), 0.8  # of other numbers; a share of the limit
_A_LITTLE = 1 + 4 / _IN_A_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class OneStep:
    """The model y = w x, one point (x, y), a start and a rate; the article's numbers are the defaults.

    half: whether the loss carries a half.
    """

    x: float = 2.0
    y: float = 10.0
    w: float = 1.0
    learning_rate: float = 0.1
    half: bool = False

    @property
    def factor(self) -> float:
        """What stands before the square once it is differentiated: 2, or 1 with a half in the loss."""
        return 1.0 if self.half else 2.0

    @property
    def curvature(self) -> float:
        """The second derivative of the loss: 2 x^2, or x^2 with a half in the loss."""
        return self.factor * self.x * self.x

    @property
    def limit(self) -> float:
        """The rate above which every step lands further away: 2 / curvature; infinity where x = 0."""
        return 2 / self.curvature if self.curvature else math.inf

    @property
    def one_jump(self) -> float:
        """The rate that lands on the best w at once: 1 / curvature; infinity where x = 0."""
        return 1 / self.curvature if self.curvature else math.inf

    @property
    def best(self) -> float:
        """The w that fits the point, y / x; nan where x = 0."""
        return self.y / self.x if self.x else math.nan

    def prediction(self, w: ArrayLike) -> Array:
        """(...) what the model says at w (...): w x."""
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(w, float) * self.x

    def loss(self, w: ArrayLike) -> Array:
        """(...) the loss at w (...)."""
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(self.factor / 2 * (self.y - self.prediction(w)) ** 2)

    def gradient(self, w: ArrayLike) -> Array:
        """(...) the derivative of the loss at w (...)."""
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(-self.factor * self.x * (self.y - self.prediction(w)))

    def path(self, steps: int) -> Array:
        """(steps + 1,) w after 0, 1, ..., steps updates."""
        return descend(self.gradient, [self.w], self.learning_rate, steps)[0, :, 0]


def fate(step: OneStep) -> str:
    """What this rate does for ever, in a sentence, by theory: lr x curvature against 0, 1 and 2."""
    product = step.learning_rate * step.curvature
    in_curvature = f"and the curvature (how fast the gradient grows with w) is {number(step.curvature)}"
    if not math.isfinite(product) or not all(map(math.isfinite, (step.y, step.w))):
        return "These numbers are too large for the computer: the step overflows."
    if step.curvature == 0:
        return "With x = 0 the prediction is 0 whatever w is: the gradient is 0, and no rate moves w."
    if step.learning_rate == 0:
        return "A rate of 0 takes no step at all."
    if product < 0:
        return "A negative rate walks uphill: each step moves w away from the best one."
    if product > 2 * (1 + _NEXT_TO):
        return (
            f"Above the limit, {number(step.limit)}: each step lands {number(product - 1)} times as far from the best "
            "w."
        )
    if product >= 2 * (1 - _NEXT_TO):
        return f"Exactly at the limit, {number(step.limit)}: w bounces between two places for ever."
    if product > 1 + _NEXT_TO:
        return f"Each step jumps past the best w and lands {number(product - 1)} times as far away, on the other side."
    if product >= 1 - _NEXT_TO:
        return f"Lands on the best w in one step: the rate is 1 / curvature, {in_curvature}."
    return f"Each step leaves {number(1 - product)} of the distance to the best w."


def challenges(step: OneStep) -> tuple[tuple[str, bool, str], ...]:
    """(what to find, whether this rate does it, the answer) of the lesson's three, judged by running two steps."""
    start, first, second = step.path(2)
    moved = first != start
    lands = moved and math.isclose(first, step.best, rel_tol=_NEXT_TO)
    bounces = moved and not lands and math.isclose(second, start, rel_tol=_NEXT_TO)
    explodes = not bounces and 1 < step.learning_rate * step.curvature / 2 <= _JUST_ABOVE
    return (
        ("The rate that lands in one step", bool(lands), f"1 / curvature = {number(step.one_jump)}"),
        ("The rate that bounces for ever", bool(bounces), f"2 / curvature = {number(step.limit)}"),
        (
            "A rate that explodes, at most 5 % above the limit",
            bool(explodes),
            f"anything above {number(step.limit)}: there is no smallest, the limit itself still bounces",
        ),
    )


_ARTICLE = OneStep()


def other_numbers(seed: int) -> OneStep:
    """Numbers to be worked with on paper, another set for each seed; as in the lesson, w begins below its best."""
    draw = np.random.default_rng(seed)
    x, best = int(draw.choice([2, 4, 5])), int(draw.integers(4, 10))  # of these the limit is a short decimal
    rates = [rate for rate in _ROUND_RATES if rate * x * x < _BELOW_THE_LIMIT and rate * 2 * x * x != 1]
    w, rate = int(draw.integers(1, best - 1)), float(draw.choice(rates))
    return OneStep(x=float(x), y=float(x * best), w=float(w), learning_rate=rate)


def questions(article: OneStep = _ARTICLE) -> tuple[NumberQuestion, ChoiceQuestion, NumberQuestion]:
    """The lesson's three, about the article's own numbers or others: the first step, the bounce, the half."""
    best = article.best
    gradient, landed = float(article.gradient(article.w)), float(article.path(1)[1])
    first = NumberQuestion(
        key="one-step",
        ask=(
            f"The model is y = w\u00a0x, with x = {article.x:g}, y = {article.y:g} and w = {article.w:g}. The gradient "
            f"of the loss there is {number(gradient)}. After **one step with learning rate "
            f"{article.learning_rate:g}**, what is w?"
        ),
        answer=landed,
        outcome=f"w = {article.w:g} − {article.learning_rate:g} × ({number(gradient)}) = **{landed:g}**.",
        mistakes=(
            (article.w + article.learning_rate * gradient, "That is w plus the step: the minus turns it downhill."),
            (article.w - gradient, "That is a step with rate 1: the rate scales the gradient first."),
            (
                -article.learning_rate * gradient,
                f"That is the step itself; w starts at {article.w:g}, so add it to {article.w:g}.",
            ),
            (article.best, "That is the best w. One step gets only part of the way at this rate."),
        ),
        otherwise="The rule is w − lr × gradient. The gradient is negative, and minus a negative number is plus.",
    )
    bounce = replace(article, learning_rate=article.limit)
    there = ", ".join(f"{w:g}" for w in bounce.path(3))
    bouncing = ChoiceQuestion(
        key="one-step-bounce",
        ask=(
            f"The same point and the same loss, without a half, from w = {bounce.w:g}. Now the learning rate is "
            f"**{bounce.learning_rate:g}**. What does w do, step after step?"
        ),
        choices={
            f"It reaches {best:g}, only faster": f"It jumps over {best:g}: from {bounce.w:g} straight to "
            f"{bounce.path(1)[1]:g}, as far on the other side.",
            "It jumps from side to side for ever": "Exactly: each jump is twice the distance.",
            "It explodes": f"Not at this rate: it always comes back to {bounce.w:g}. A slightly larger rate would "
            "explode.",
        },
        right=1,
        outcome=f"w goes {there}, and so on: each step is exactly twice the way to {best:g}.",
    )
    halved = replace(article, half=True)
    half_landed = float(halved.path(1)[1])
    half = NumberQuestion(
        key="one-step-half",
        ask=(
            "Many books put a half in front: loss = ½ (y − w x)². Same point, same start, "
            f"**same rate {halved.learning_rate:g}**. Where does w land now?"
        ),
        answer=half_landed,
        outcome=(
            f"w = {halved.w:g} − {halved.learning_rate:g} × ({number(gradient / 2)}) = **{half_landed:g}**: half the "
            f"gradient, half the step. The limit doubles, from {article.limit:g} to {halved.limit:g}. So a learning "
            "rate only means something together with its loss."
        ),
        mistakes=((landed, "That is the step without the half; the half halves the gradient too."),),
        otherwise=f"The gradient is half of {number(gradient)}, so the step is half as long.",
    )
    return first, bouncing, half


def window(step: OneStep, path: ArrayLike) -> tuple[Axis, Axis] | None:
    """(axis of w, axis of loss) that hold the best w and the path so far; None where there is nothing to draw.

    Up to a little above the limit it is the same for all rates, so that the picture keeps its axes while the rate is
    dragged; what leaves it is cut.
    """
    if 0 <= step.learning_rate <= _A_LITTLE * step.limit:
        path = np.asarray(path)[:1]
    centre = step.best if math.isfinite(step.best) else step.w
    path = np.asarray(path)
    seen = path[np.isfinite(step.loss(path))]
    if not len(seen) or not math.isfinite(centre):
        return None
    reach = max(float(np.abs(seen - centre).max()) * 1.25, 1e-6 * abs(centre), 1e-9)
    top = float(step.loss([centre - reach, centre + reach]).max())
    if not math.isfinite(top) or not math.isfinite(2 * reach):
        return None
    return Axis(low=centre - reach, high=centre + reach), Axis(low=-0.16 * (top or 1.0), high=top or 1.0)


def _apart(places: Array, room: float) -> list[bool]:
    """Which steps get their number under the line: the last, and each that has room beside those that have one."""
    named = [float(places[-1])]
    shown = [False] * (len(places) - 1) + [True]
    for k, place in enumerate(places[:-1].tolist()):
        shown[k] = all(abs(place - other) > room for other in named)
        if shown[k]:
            named.append(place)
    return shown


def stops(step: OneStep, steps: int, axes: tuple[Axis, Axis], asked: tuple[float, str] | None) -> list[Stop]:
    """The walk of so many steps at rates up to a little above the limit, and at the example's own.

    asked: where w was predicted to be, which is drawn while all numbers are the question's.
    """
    own, limit = step.learning_rate, step.limit
    drags = steps and 0 < limit < math.inf  # before the first step all pictures are alike
    rates = [limit * k / _IN_A_LIMIT for k in range(_IN_A_LIMIT + 5)] if drags else []
    return [_stop(replace(step, learning_rate=rate), steps, axes[0], asked) for rate in around(rates, own)]


def _stop(step: OneStep, steps: int, w_axis: Axis, asked: tuple[float, str] | None) -> Stop:
    path = step.path(steps)
    w, loss, slope = float(path[-1]), float(step.loss(path[-1])), float(step.gradient(path[-1]))
    alt = (
        f"The loss as a parabola over w, lowest at {number(step.best)}. Step {steps}: w = {number(w)}, the loss "
        f"{number(loss)}, its slope {number(slope)}."
    )
    drawn = tables(step, path, w_axis, asked if step == OneStep() or not steps else None)
    says = f"**{fate(step)}**" if steps else "Here it starts. Where does the first step lead?"
    return Stop(value=step.learning_rate, tables=drawn, alt=alt, says=says)


def script(step: OneStep, steps: int) -> str:
    """The walk as a few lines of Python that run as they stand and print every step."""
    dw, loss = ("-x", "(y - prediction) ** 2 / 2") if step.half else ("-2 * x", "(y - prediction) ** 2")
    return (
        f"x, y = {step.x!r}, {step.y!r}\n"
        f"w, lr = {step.w!r}, {step.learning_rate!r}\n\n"
        f"for step in range({steps}):\n"
        "    prediction = w * x\n"
        f"    loss = {loss}\n"
        f"    dw = {dw} * (y - prediction)  # the gradient: how the loss rises with w\n"
        "    w = w - lr * dw\n"
        "    print(step + 1, loss, w)\n"
    )


def tables(
    step: OneStep, path: ArrayLike, w_axis: Axis, asked: tuple[float, str] | None = None
) -> dict[str, pd.DataFrame]:
    """What one_step_chart draws, by the names it knows the tables by.

    asked: a w and words for it, of a question or of its answer; one beyond the axis stands at its end.
    """
    path, span = np.asarray(path), np.linspace(w_axis.low, w_axis.high, _PARABOLA_POINTS)
    seen = path[np.isfinite(step.loss(path))]
    here = seen[-1]
    reach = (w_axis.high - w_axis.low) * np.array([-0.16, 0.16])
    slope = float(step.gradient(here))
    order = np.arange(len(seen))
    return {
        "parabola": pd.DataFrame({"w": span, "loss": step.loss(span)}),
        "tangent": pd.DataFrame({"w": here + reach, "loss": float(step.loss(here)) + slope * reach}),
        "steps": pd.DataFrame(
            {
                "step": order,
                "w": seen,
                "loss": step.loss(seen),
                "label": [f"step {k}: w = {number(at)}" for k, at in zip(order, seen, strict=True)],
                "now": order == len(seen) - 1,
                "named": _apart(seen, 0.12 * (w_axis.high - w_axis.low)),
            }
        ),
        "best": pd.DataFrame({"w": [step.best] if math.isfinite(step.best) else []}),
        "asked": pd.DataFrame(
            [(float(np.clip(w, *w_axis.ends)), words) for w, words in ([asked] if asked else [])],
            columns=["w", "words"],
        ),
    }
