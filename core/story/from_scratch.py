"""Lesson 3, from scratch: how to read the curve a loop leaves, and the three causes of a flat one.

Two flat curves are the look-alikes of the article's line (x = 1..5, y = 2x): a rate far too low and one just under
the limit. The third is a line fitted to the parabola y = x^2 at x = -2..2: the best line there is, y = 2, has the
loss 14/5 = 2.8 exactly, by least squares, while a model with one column more, x^2, reaches 0.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from ..diagnosis.curve import typical
from ..diagnosis.rules import Diagnosis, diagnose_curve
from ..diagnosis.verdicts import diagnose
from ..drawing.axes import Axis, positive, whole_decades
from ..drawing.picture import Picture
from ..drawing.stops import Stop, around
from ..experiment.experiment import Experiment
from ..methods.descent import descend
from ..training.train import train
from ..words import many, number, two_digits
from .article_loop import LINE, MOST_EPOCHS, Recording, record
from .question import ChoiceQuestion

EPOCHS = 100
DOWN, UP, FLAT = 0.01, 0.086, 1e-6  # the article's good rate, one just above the limit, the article's too low
LOOK_ALIKES = (2.4311e-5, 0.0845)  # opposite in cause, and within 0.06 % of each other over 100 epochs
X = np.arange(-2.0, 3.0)
Y = X**2
PARABOLA = "a\u00a0x²\u00a0+\u00a0w\u00a0x\u00a0+\u00a0b"  # in one piece, as LINE is
RATE = 0.1  # below the limits of both models on these points, 0.5 and 0.135
_OTHER_RATES = (0.002, 0.004, 0.005, 0.015, 0.02, 0.025, 0.03, 0.04)  # one step of these goes only part of the way
_EPOCHS = Axis(title="epoch", low=0, high=EPOCHS)
_NEXT = "\n\n:material/arrow_forward: "
_LEGEND = 40  # px a legend takes: added, so that pictures side by side are of one size
_LEAST, _MOST = 1e-12, 1e6  # rates an Experiment takes
_DRAGGED = tuple(0.0845 * k / 20 for k in range(1, 23))  # rates up to a tenth above the limit
_DEEPEST, _HIGHEST = 1e-9, 1e4  # losses in the picture of a dragged rate
_TOLD_APART = 150  # points of a curve
_READABLE = 1e-12  # of the loss: a smaller promised decrease is lost in rounding


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """One run of the lesson: its loss (epochs + 1,), and what is read off it.

    gradient: its length where the last epoch begins.  meter: that of the last quarter, nan where no step can be read.
    cause, remedy: of a flat one, in words.
    """

    name: str
    rate: float
    loss: Array
    gradient: float
    meter: float
    diagnosis: Diagnosis

    cause: str = ""
    remedy: str = ""

    @property
    def last(self) -> float:
        """The loss at the end."""
        return float(self.loss[-1])

    @property
    def words(self) -> str:
        """Where the loss went, and the lab's verdict; of a flat one not the verdict: its cause is asked below."""
        went = f"From {number(self.loss[0])} to {number(self.last)}"
        if self.diagnosis.role == "low":
            return f"{went}: it hardly falls."
        return f"{went}. **{self.diagnosis.title}:** {_small(self.diagnosis.reason)}"

    @property
    def found(self) -> str:
        """The cause of a flat curve, with what gradient and meter read at its end, and the remedy.

        Not the verdict's own advice, as that names the limit, which lesson 4 asks for.
        """
        meter = "can't be read, no step is left" if math.isnan(self.meter) else f"**{number(self.meter)}**"
        readings = f"Gradient **{number(self.gradient)}**, meter {meter}"
        return f"**{self.cause}.**\n\n{readings}{_NEXT}{self.remedy}"

    @property
    def shape(self) -> Picture:
        """The curve in the colour of its verdict, on a log axis that holds down, up and flat."""
        loss = Axis(title="loss", low=0.01, high=1e6, scale="log")
        return replace(self._picture(self.diagnosis.role, loss), title=f"{self.name}, at rate {number(self.rate)}")

    @property
    def flat(self) -> Picture:
        """The curve with nothing that tells it from the other flat ones."""
        return self._picture("one", Axis(title="loss", low=0, high=50))

    def _picture(self, style: str, loss: Axis) -> Picture:
        return Picture(
            title=self.name,
            names=(self.name,),
            styles=(style,),
            x=_EPOCHS,
            y=loss,
            height=200,
            tables=_table((self.name, self.loss)) | {"marks": _mark(self.name, self.loss)},
            alt=f"{self.name}: the loss goes from {number(self.loss[0])} to {number(self.last)} in {EPOCHS} epochs.",
        )


def _small(words: str) -> str:
    """A sentence as it goes on after a colon."""
    return words[0].lower() + words[1:]


def three_shapes() -> tuple[Curve, ...]:
    """Down, up and flat: the article's line at three rates."""
    return _curves(("Down", "Up", "Flat"), (DOWN, UP, FLAT))


def three_flats() -> tuple[Curve, ...]:
    """A, a rate too low; B, a rate at its limit; C, a model that can do no better."""
    a, b = _curves(("Curve A", "Curve B"), LOOK_ALIKES)
    return (
        replace(a, cause="The rate is too low", remedy="Raise the rate to 3 times as much, look again, and repeat."),
        replace(
            b,
            cause="The rate is at its limit",
            remedy="Lower the rate, first to half. At a higher rate the loss would grow.",
        ),
        replace(
            _line_on_parabola(),
            cause="The model is not powerful enough",
            remedy="Try another start or a larger model.",
        ),
    )


def _curves(names: tuple[str, ...], rates: tuple[float, ...]) -> tuple[Curve, ...]:
    history = train(Experiment(learning_rates=rates, epochs=EPOCHS))
    return tuple(
        Curve(
            name=name,
            rate=rates[lane],
            loss=history.loss[lane],
            gradient=float(history.gradient_norm[lane, -1]),
            meter=typical(history.meter[lane]),
            diagnosis=diagnosis,
        )
        for lane, (name, diagnosis) in enumerate(zip(names, diagnose(history), strict=True))
    )


def inputs(degree: int) -> Array:
    """(5, degree + 1) columns x^degree, ..., x, 1: a line has degree 1, a parabola 2."""
    return np.asarray(np.vander(X, degree + 1))


def loss_of(parameters: Array) -> Array:
    """(...,) mean square of what the polynomial with coefficients (..., degree + 1) misses on the parabola's points."""
    missed = parameters @ inputs(parameters.shape[-1] - 1).T - Y
    return np.asarray((missed**2).mean(axis=-1))


def gradient_of(parameters: Array) -> Array:
    """(..., degree + 1) its gradient, 2/n X' (X p - y)."""
    columns = inputs(parameters.shape[-1] - 1)
    return np.asarray(2 / len(X) * (parameters @ columns.T - Y) @ columns)


def fit(degree: int, rate: float = RATE) -> Array:
    """(epochs + 1, degree + 1) gradient descent from zeros on the parabola's points, epoch by epoch."""
    return np.asarray(descend(gradient_of, np.zeros(degree + 1), rate, EPOCHS)[0])


def best(degree: int) -> tuple[Array, float]:
    """(coefficients (degree + 1,), loss) of the best fit there is, by least squares; rounding counts as 0."""
    coefficients = np.linalg.lstsq(inputs(degree), Y, rcond=None)[0]
    loss = float(loss_of(coefficients))
    return coefficients, loss if loss > 1e-28 * float(np.mean(Y**2)) else 0.0


def _line_on_parabola() -> Curve:
    path = fit(1)
    loss, gradient = loss_of(path), gradient_of(path)
    promised = -np.einsum("ep,ep->e", gradient[:-1], np.diff(path, axis=0))
    with np.errstate(divide="ignore", invalid="ignore"):
        meter = np.where(promised > _READABLE * loss[:-1], 2 * (1 + np.diff(loss) / promised), np.nan)
    return Curve(
        name="Curve C",
        rate=RATE,
        loss=loss,
        gradient=float(np.linalg.norm(gradient[-2])),
        meter=typical(meter),
        diagnosis=diagnose_curve(loss, meter=meter, baseline=float(np.var(Y))),
    )


def loss_after(rate: float) -> float:
    """Loss of the article's line after the lesson's epochs at this rate."""
    return float(train(Experiment(learning_rates=(rate,), epochs=EPOCHS)).loss[0, -1])


def loop_question(rate: float = DOWN) -> ChoiceQuestion:
    """What `loss` holds once all six lines have run: the loss from before the step."""
    first, second = record(rate, 2).losses.tolist()
    return ChoiceQuestion(
        key="scratch-loop",
        ask=(
            f"The six lines inside the loop have run **once**, with lr = {rate:g} from w = 0 and b = 0. w and b have "
            "moved. What does the variable `loss` hold now?"
        ),
        choices={
            f"{number(first)}, the loss at w = 0 and b = 0": "Exactly: its line ran before w and b moved, and has not "
            "run since.",
            f"{number(second)}, the loss at the new w and b": "That is how wrong the new line is, but nothing has "
            f"worked it out yet. `loss` becomes {number(second)} in the second pass.",
            "0, because w and b have been corrected": "One step goes only part of the way: the loss at the new w and b "
            f"is {number(second)}.",
        },
        right=0,
        outcome=(
            f"`loss` is **{number(first)}**. The loss is found first, then w and b "
            f"move. The next pass finds **{number(second)}**. A curve's point at epoch k is the loss after k steps."
        ),
    )


def flat_questions() -> tuple[ChoiceQuestion, ChoiceQuestion, ChoiceQuestion]:
    """The same question about curves A, B and C: raise the rate, lower it, or take a larger model?"""
    a, b, c = three_flats()
    return _too_low(a), _at_limit(a, b), _too_small(c)


_RAISE, _LOWER = "Raise the learning rate", "Lower the learning rate"
_LARGER, _LONGER = "Take a larger model", "Train ten times as long"
_FITS = "The points lie on a line, so this model can reach a loss of 0. The model is not the problem."


def _too_low(a: Curve) -> ChoiceQuestion:
    raised = loss_after(10 * a.rate)
    return ChoiceQuestion(
        key="scratch-flat-a",
        ask=(
            f"**Curve A**: gradient descent fits a line to points that lie on a line. In {EPOCHS} epochs the loss "
            f"went from {number(a.loss[0])} to only {number(a.last)}. What do you do?"
        ),
        choices={
            _RAISE: f"Right for A: at ten times its rate the loss comes to {number(raised)}.",
            _LOWER: f"At half its rate the loss comes to {number(loss_after(a.rate / 2))} only: even flatter.",
            _LARGER: _FITS,
        },
        right=0,
        outcome=(
            f"The rate was {number(a.rate)}, **too low**. At ten times that, the loss comes to **{number(raised)}** in "
            "as many epochs. The curve alone could not tell you. The **meter** can: it reads "
            f"**{number(a.meter)}**. Near 0 a step is tiny compared with the valley; at 2 it lands just as high on "
            "the other side."
        ),
    )


def _at_limit(a: Curve, b: Curve) -> ChoiceQuestion:
    apart = float(np.abs(b.loss / a.loss - 1).max())
    raised, halved = loss_after(10 * b.rate), loss_after(b.rate / 2)
    return ChoiceQuestion(
        key="scratch-flat-b",
        ask=(
            f"**Curve B**: the line and the points of curve A, another rate. It stays within {100 * apart:.2g} % of A "
            f"from the first epoch to the last, and ends at {number(b.last)}. What do you do?"
        ),
        choices={
            _RAISE: f"It was right for A. Here ten times the rate takes the loss to {number(raised)}. "
            "Flat does not mean: raise the rate.",
            _LOWER: f"Right for B: at half its rate the loss comes to {number(halved)}.",
            _LARGER: _FITS,
        },
        right=1,
        outcome=(
            f"The rate was {two_digits(b.rate / a.rate)} times that of A, **just under the limit**, and the meter "
            f"reads **{number(b.meter)}**: each step jumps over the valley and lands almost as high on the other "
            "side. "
            f"Half the rate brings the loss to **{number(halved)}**; ten times the rate, to **{number(raised)}**. "
            "Same curve as A, opposite advice."
        ),
    )


def _too_small(c: Curve) -> ChoiceQuestion:
    points = ", ".join(f"({number(x)}, {number(y)})" for x, y in zip(X, Y, strict=True))
    larger, faster, slower = (
        float(loss_of(fit(degree, rate)[-1])) for degree, rate in ((2, RATE), (1, 2 * RATE), (1, RATE / 2))
    )
    longer = float(loss_of(descend(gradient_of, np.zeros(2), RATE, 10 * EPOCHS)[0, -1]))
    floor = best(1)[1]
    return ChoiceQuestion(
        key="scratch-flat-c",
        ask=(
            f"**Curve C**: a line too, on the points {points}. The loss fell from {number(c.loss[0])} to "
            f"{number(c.last)} and stays there; the gradient at the end is {number(c.gradient)}. **How could the "
            "loss go lower?**"
        ),
        choices={
            _RAISE: f"A rate multiplies the gradient, which is gone. At twice the rate the loss is {number(faster)}.",
            _LOWER: f"A rate multiplies the gradient, which is gone. At half the rate the loss is {number(slower)}.",
            _LARGER: "Exactly: no line passes through these points, but a curve does.",
            _LONGER: f"After ten times as many epochs it is {number(longer)} still: the best a line can do.",
        },
        right=2,
        outcome=(
            f"The points lie on a parabola, and no line has a loss below **{number(floor)}**. A model with one more "
            f"parameter, {PARABOLA}, comes to **{number(larger)}** at the same rate in as many epochs. The line had "
            "converged; converged does not mean solved."
        ),
    )


def about(lr: float, losses: Array) -> str:
    """What the loop's whole run at this rate does, in a sentence or two; the page may stand at any line of it."""
    if lr == 0:
        return "A rate of 0 takes no step: w and b stay where they are."
    if lr < 0:
        return f"A negative rate walks uphill: the first pass finds the loss {number(losses[0])}" + _later(losses)
    if lr < _LEAST:
        return (
            "A rate so near 0 hardly moves w and b: the first pass finds the loss " + number(losses[0]) + _later(losses)
        )
    if lr > _MOST:
        return f"A rate far beyond the limit: the first pass finds the loss {number(losses[0])}" + _later(losses)
    epochs = len(losses)
    history = train(Experiment(learning_rates=(lr,), epochs=epochs))
    found, (first, last) = diagnose(history)[0], history.loss[0, [0, -1]]
    # Start and end only: the meter is explained further down, and the limit is asked for in lesson 4.
    went = found.clauses[0] if found.label == "diverged" else f"The loss went from {number(first)} to {number(last)}"
    whole = f"The whole run of {many(epochs, 'epoch')}"
    return f"{whole}: **{_small(found.title)}.** {found.reason} {went}."


def _later(losses: Array) -> str:
    if not np.isfinite(losses[-1]):
        return f", and pass {int(np.isfinite(losses).argmin()) + 1:,} overflows."
    return f", the last {number(losses[-1])}." if len(losses) > 1 else "."


def loop_picture(run: Recording, at: int) -> Picture:
    """The losses the loop has found after `at` steps. The axes hold the first 10, 100 or 1000 epochs of the run."""
    found = run.found(at)
    window = next(run.losses[: size + 1] for size in (10, 100, MOST_EPOCHS) if len(found) <= size)
    drawable = positive(window)
    return Picture(
        title=run.words(at),
        names=("loss",),
        styles=("one",),
        x=Axis(title="epoch", low=0, high=max(1, len(window) - 1)),
        y=whole_decades(max(drawable.min(), 1e-300), drawable.max(), title="loss"),
        tables=_table(("loss", found)) | {"marks": _mark("loss", found)},
        alt=f"The losses found so far, {len(found)} of {len(run.losses)}. {run.words(at)}",
        height=300,
    )


def loop_stops(run: Recording, lr: float, at: int) -> tuple[Picture, list[Stop]]:
    """(the picture of a recorded run at `at`, the same at other rates) while the rate is dragged, on the same axes.

    Tables: curves (name, epoch, y), marks (name, epoch, y, words). The other runs are trained by the lab, not recorded.
    """
    picture, found = loop_picture(run, at), len(run.found(at))
    if found < 2 or not 0 < lr <= _DRAGGED[-1]:  # before the first step all rates are alike
        tables = {name: table.rename(columns={"x": "epoch"}) for name, table in picture.tables.items()}
        return picture, [Stop(lr, tables, picture.alt, about(lr, run.losses))]
    others, says = _loops(len(run.losses))
    rates = around([*others], lr)
    losses = {rate: run.losses if rate == lr else others[rate] for rate in rates}
    whole = np.concatenate([positive(each[: round(picture.x.high) + 1]) for each in losses.values()])
    y = whole_decades(max(whole.min(), _DEEPEST), min(whole.max(), _HIGHEST), title="loss")
    stops = [
        Stop(rate, _so_far(each[:found], y), picture.alt, says.get(rate) or about(rate, each))
        for rate, each in losses.items()
    ]
    return replace(picture, y=y), stops


@lru_cache(maxsize=8)
def _loops(epochs: int) -> tuple[Mapping[float, Array], Mapping[float, str]]:
    """The losses (epochs,) that the loop would find at each stop of a dragged rate, and what is said of each."""
    rates = around(_DRAGGED, _DRAGGED[0])
    history = train(Experiment(learning_rates=rates, epochs=epochs))
    losses = dict(zip(rates, history.loss[:, :-1], strict=True))
    return losses, {rate: about(rate, each) for rate, each in losses.items()}


def _so_far(losses: Array, y: Axis) -> dict[str, pd.DataFrame]:
    """The tables of a dragged rate: as many points as can be told apart, and the last one where it lies on the axis."""
    # In NumPy: two dozen of them are made at each click of the stepper.
    end = len(losses) if np.isfinite(losses).all() else int(np.isfinite(losses).argmin())
    some = np.unique(np.linspace(0, end - 1, _TOLD_APART).round().astype(int)) if end else np.arange(0)
    some = some[losses[some] > 0]
    last = some[-1:][y.holds(losses[some[-1:]])]
    words = [number(losses[at]) if at == len(losses) - 1 else "overflows next" for at in last.tolist()]
    return {
        "curves": pd.DataFrame({"name": "loss", "epoch": some, "y": losses[some]}),
        "marks": pd.DataFrame({"name": "loss", "epoch": last, "y": losses[last], "words": words}),
    }


def larger_pictures() -> tuple[Picture, Picture, Picture]:
    """The line on the parabola's points, the larger model on them, and the losses of both against the epoch."""
    line, parabola = (loss_of(fit(degree)) for degree in (1, 2))
    losses = Picture(
        title="Both models",
        names=("line", "larger model"),
        styles=("one", "two"),
        x=_EPOCHS,
        y=Axis(title="loss", low=1e-9, high=10, scale="log"),
        tables=_table(("line", line), ("larger model", parabola)),
        alt=f"The line's loss rests at {number(line[-1])}; the larger model's falls to {number(parabola[-1])}.",
        height=200 + _LEGEND,
    )
    return _fitted(1, "The line, w x + b", "one"), _fitted(2, "The larger model, a x² + w x + b", "two"), losses


def _fitted(degree: int, title: str, style: str) -> Picture:
    x, coefficients = np.linspace(-2.2, 2.2, 89), fit(degree)[-1]
    missed = float(loss_of(coefficients))
    return Picture(
        title=title,
        names=(title,),
        styles=(style,),
        x=Axis(title="x", low=-2.2, high=2.2),
        y=Axis(title="y", low=-0.5, high=5),
        tables={
            "curves": pd.DataFrame({"name": title, "x": x, "y": np.polyval(coefficients, x)}),
            "marks": pd.DataFrame({"name": title, "x": X, "y": Y, "words": ""}),
        },
        alt=f"{title}, over the five points of the parabola: its loss is {number(missed)}.",
        height=200 + _LEGEND,
    )


def _table(*curves: tuple[str, Array]) -> dict[str, pd.DataFrame]:
    """Table curves (name, x, y): each (name, losses) epoch by epoch, as far as they are finite."""
    tables = []
    for name, losses in curves:
        drawn = losses[: int(np.isfinite(losses).argmin())] if not np.isfinite(losses).all() else losses
        table = pd.DataFrame({"name": name, "x": np.arange(len(drawn)), "y": drawn})
        tables.append(table[table.y > 0])
    return {"curves": pd.concat(tables, ignore_index=True)}


def _mark(name: str, losses: Array) -> pd.DataFrame:
    """Table marks (name, x, y, words): the last loss that can be drawn, and what it is; no row where there is none."""
    last = _table((name, losses))["curves"].tail(1)
    return last.assign(
        words=[number(y) if x == len(losses) - 1 else "overflows next" for x, y in zip(last.x, last.y, strict=True)]
    )


INTRODUCTION = (
    f"A line, {LINE}, on five points; its loss is the mean of the squares, without a half. Each pass of the "
    "loop is one **epoch**: predict, find the loss, find the gradient (dw and db), take a step."
)
READING = (
    "#### How to read a loss curve\nThe same loop at three rates. The axis of the loss is logarithmic: a straight "
    "line there means the same factor in every epoch."
)
FLAT_ONES = (
    "#### Flat: three causes\nA flat curve is the hardest to read: it has three common causes, and each needs its "
    "own remedy. "
    "Here are three flat curves on the same axes."
)


def tell_apart() -> str:
    """What the three flat curves come to."""
    a, b, c = three_flats()
    return (
        "The curve alone does not tell A from B, or whether C can still improve. Two numbers say what to change, "
        "the length of the gradient and the meter (learning rate × curvature along the step):\n\n"
        f"1. **The gradient is near 0** (C: {number(c.gradient)}). There is almost nothing to follow. The run has "
        "stopped, but at the best loss of a model that is too small: **a plateau does not mean converged** to the "
        "best there "
        "is. (At a saddle the gradient is near 0 too, but there a push or a higher rate can help.)\n"
        f"2. **The gradient is large and the meter near 0** (A: {number(a.gradient)} and {number(a.meter)}). The "
        "steps are tiny compared with the valley. Raise the rate a few times and look again: a low reading does not "
        "promise that "
        "every larger rate is safe.\n"
        f"3. **The gradient is large and the meter near 2** (B: {number(b.gradient)} and {number(b.meter)}). Each step "
        "lands on the other side, nearly as high. Lower the rate: **flat does not mean raise the rate**."
    )


def larger_model() -> str:
    """What one number more does for curve C."""
    level, floor = best(1)
    return (
        f"#### A larger model\nThe points of C again. The best line lies level at {number(level[1])}, its loss "
        f"is {number(floor)}. With one more parameter, {PARABOLA}, the same loop at the same rate of {number(RATE)} "
        f"comes to {number(float(loss_of(fit(2)[-1])))} in {EPOCHS} epochs; its best is {number(best(2)[1])}. Look at "
        "your points before you do this: where they scatter at random, the floor is noise, and a larger model would "
        "learn the noise."
    )


def formulas() -> str:
    """The lesson's mathematics: the gradient, the floor of curve C, the meter."""
    (_, level), floor = best(1)
    terms = " + ".join(f"({y:g} - {level:.3g})^2" for y in Y)
    return (
        "The loss and its gradient, as in the code:\n\n"
        r"$$L = \frac1n \sum_i (y_i - w x_i - b)^2$$"
        "\n\n"
        r"$$\frac{\partial L}{\partial w} = -\frac2n \sum_i x_i (y_i - w x_i - b) \qquad"
        r" \frac{\partial L}{\partial b} = -\frac2n \sum_i (y_i - w x_i - b)$$"
        "\n\nThe best line of curve C: the sums of x and of x y are 0, so w = 0 and b is the mean of y, "
        f"{number(level)}. Its loss is exactly\n\n"
        rf"$$\tfrac15 \left( {terms} \right) = {floor:.3g}$$"
        "\n\nThe meter compares the decrease that a step brought with the one that the gradient promised. On a bowl "
        "it is the learning "
        "rate times the curvature along the step; nothing has to be trained for it:\n\n"
        r"$$\text{meter} = 2 \left( 1 - \frac{L_k - L_{k+1}}{\nabla L_k \cdot (\theta_k - \theta_{k+1})} \right)$$"
    )


def other_numbers(seed: int) -> float:
    """Another rate of the loop."""
    return float(np.random.default_rng(seed).choice(_OTHER_RATES))


def questions(rate: float = DOWN) -> tuple[ChoiceQuestion, ...]:
    """The lesson's four: what the loop holds, at its own rate or another, and a remedy for each flat curve."""
    return loop_question(rate), *flat_questions()
