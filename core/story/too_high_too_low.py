"""Lesson 4: what a rate that is too high or too low really does, each claim read off a run of the article's line.

The line y = w x + b on x = 1..5, y = 2x, from w = b = 0, loss = mean of squares without a half. Its loss is a bowl,
so theory knows beforehand what each rate does (core.diagnosis.theory); what zig-zags is looked for elsewhere.
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from ..data.points import write_points
from ..diagnosis.rules import Diagnosis
from ..diagnosis.theory import curvatures, epochs_to, loss_after, stability_limit
from ..diagnosis.verdicts import diagnose
from ..drawing.axes import Axis, whole_decades
from ..drawing.frames import curves, exits, loss_axis
from ..drawing.stops import Stop, around
from ..experiment.experiment import FIELDS, Experiment
from ..instruments.sweep.sweep import measured_limit
from ..training.history import History
from ..training.train import train
from ..words import SKETCH, count, many, number, two_digits
from . import catapult, maps
from .article_loop import LINE
from .question import ChoiceQuestion, NumberQuestion, Question

ARTICLE = Experiment()
GOAL = 1e-6  # the loss that counts as there
TRIED_EPOCHS = 100
SLOW_RATE = 0.085  # half a percent above the limit
BUDGETS = (1, 10, 100, 1000)
ALL_BUDGETS = (1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500, 1000)

_SLOW_EPOCHS = 32_000  # it overflows a little earlier
_COUNT, _TELLS_APART = 5, 0.01  # points of another line; its flattest curvature at least, as a share of its steepest
_SEARCHED = (1e-3, 1.0)  # where the limit is looked for: a rate that surely falls, one that surely grows
_AT_LIMIT = 1e-6  # relative: nearer to a limit is at it
_IN_A_LIMIT = 20  # stops of a dragged rate up to the limit
_SEEN = 20  # epochs of the picture of w
_LOWEST, _HIGHEST = next((field.low, field.high) for field in FIELDS if field.name == "learning_rates")


def rises(loss: Array) -> int:
    """In how many steps a curve (K,) of finite losses went up."""
    return int((np.diff(loss) > 0).sum())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Card:
    """One learning rate's curve and verdict.

    curve (epoch, loss) and exit (epoch, loss, words) are what charts.loss_curve draws, on a log axis
    from low to high.  ended: where the loss went, in words.
    """

    rate: float
    diagnosis: Diagnosis
    ended: str
    curve: pd.DataFrame
    exit: pd.DataFrame
    low: float
    high: float
    epochs: int


def cards(history: History) -> tuple[Card, ...]:
    """A card for each learning rate of a run, all on one axis."""
    axis = loss_axis(history)
    drawn, left = pd.DataFrame(curves(history, axis)), pd.DataFrame(exits(history, axis))
    letters = list(dict.fromkeys(drawn["lane"]))
    return tuple(
        Card(
            rate=rate,
            diagnosis=diagnosis,
            ended=_ended(loss),
            curve=drawn[drawn["lane"] == letter],
            exit=left[left["lane"] == letter],
            low=axis.low,
            high=axis.high,
            epochs=history.experiment.epochs,
        )
        for rate, diagnosis, loss, letter in zip(
            history.experiment.learning_rates, diagnose(history), history.loss, letters, strict=True
        )
    )


def _ended(loss: Array) -> str:
    epochs, finite = len(loss) - 1, np.isfinite(loss)
    if not finite.all():
        return f"overflowed at epoch {int(finite.argmin()):,}"
    return f"went from {number(loss[0])} to {number(loss[-1])} in {epochs:,} epochs"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Article:
    """The article's three rates: their cards, and what is said of them."""

    cards: tuple[Card, ...]
    zigzag: str
    smaller: str


@lru_cache(maxsize=1)
def article() -> Article:
    """The article's run: 0.000001, 0.01 and 1.0 for 1000 epochs."""
    history = train(ARTICLE)
    loss, gone = history.loss[2], int(history.diverged_at[2])
    tiny, fine, _ = ARTICLE.learning_rates
    slow, quick = epochs_to(ARTICLE, tiny, GOAL), epochs_to(ARTICLE, fine, GOAL)
    assert slow is not None and quick is not None  # both are below the limit
    return Article(
        cards=cards(history),
        zigzag=(
            "**Many believe** that a rate that is too high makes the loss zig-zag. Here it does not: at rate 1 it went "
            f"up in **{rises(loss[:gone])} of {gone - 1}** epochs, and at epoch **{gone}** it was too large for the "
            "computer. The real causes of zig-zags follow below."
        ),
        smaller=(
            "**Many believe** that a smaller rate is always the safer one. "
            f"At {tiny:f} nothing breaks, and nothing is learned: after {ARTICLE.epochs:,} epochs the loss is "
            f"{number(history.loss[0, -1])} of {number(loss[0])}. To reach a loss of {number(GOAL)} it needs "
            f"**{count(slow)} epochs**; rate {number(fine)} needs {count(quick)}."
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The largest stable rate: what theory says before training and what a search by training finds.

    flattest, steepest: the smallest and largest curvature of the loss.
    """

    flattest: float
    steepest: float
    predicted: float
    measured: float

    @property
    def apart(self) -> float:
        """How far the measured lies from the predicted, as a part of it."""
        return abs(self.measured / self.predicted - 1)


@lru_cache(maxsize=8)
def limit(of: Experiment = ARTICLE) -> Limit:
    """Of the article's five points, or of others."""
    flattest, steepest = curvatures(of).tolist()
    measured = measured_limit(of, *_SEARCHED)
    assert measured is not None  # the search begins with one rate on either side
    return Limit(flattest=flattest, steepest=steepest, predicted=stability_limit(of), measured=measured)


def other_numbers(seed: int) -> Experiment:
    """A line on five other points, whose largest stable rate no known slip comes near."""
    draw = np.random.default_rng(seed)
    while True:
        x = sorted(draw.choice(9, _COUNT, replace=False).tolist())
        of = Experiment(data=write_points((each, 2 * each) for each in x))
        flattest, steepest = curvatures(of).tolist()
        if flattest > _TELLS_APART * steepest and of.dataset().x.tolist() != ARTICLE.dataset().x.tolist():
            return of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trial:
    """A rate the learner tries. product: lr x largest curvature.  fate: what theory says.  card: the run, if any."""

    product: float
    fate: str
    happened: str
    card: Card | None


def trial(rate: float) -> Trial:
    """What theory says of any number as a rate, and what a run of 100 epochs does; the nearest rate that can be run."""
    product = rate * limit().steepest
    if rate <= 0:
        return Trial(product=product, fate=_fate(product), happened="There is no such run to watch.", card=None)
    used = min(max(rate, _LOWEST), _HIGHEST)
    history = train(replace(ARTICLE, learning_rates=(used,), epochs=TRIED_EPOCHS))
    loss, gone = history.loss[0], int(history.diverged_at[0])
    finite = loss[:gone] if gone > 0 else loss
    at = f" (run at {number(used)}, the nearest rate the lab takes)" if used != rate else ""
    happened = f"The loss {_ended(loss)}; it rose in {rises(finite)} of {len(finite) - 1} epochs{at}."
    return Trial(product=product, fate=_fate(product), happened=happened, card=cards(history)[0])


def trials(rate: float) -> tuple[Axis, list[Stop]] | None:
    """(the axis of losses, what to draw and say at each rate), up to above the limit and at this one.

    None where this rate can't be run.
    """
    if not _LOWEST <= rate <= _HIGHEST:
        return None
    rates = around([limit().predicted * k / _IN_A_LIMIT for k in range(1, _IN_A_LIMIT + 3)], rate)
    axis = Axis(low=1e-4, high=1e4, scale="log")
    return axis, [_trial_stop(each, axis) for each in rates]


def _trial_stop(rate: float, axis: Axis) -> Stop:
    history, tried = train(replace(ARTICLE, learning_rates=(rate,), epochs=TRIED_EPOCHS)), trial(rate)
    assert tried.card is not None
    says = f"**{tried.card.diagnosis.title}.** {tried.card.diagnosis.reason}"
    curve, left = (pd.DataFrame(part(history, axis)).drop(columns="lane") for part in (curves, exits))
    return Stop(
        rate, {"curve": curve, "exit": left}, f"Loss against epoch at rate {number(rate)}: it {tried.card.ended}.", says
    )


def _fate(product: float) -> str:
    if product == 0:
        return "A rate of 0 takes no step at all."
    if product < 0:
        return "A negative rate walks uphill: every step raises the loss."
    if not math.isfinite(product):
        return "Unstable: the first step alone is more than the computer can hold."
    if abs(product / 2 - 1) < _AT_LIMIT:
        return "Exactly at the limit: in the steepest direction it bounces for ever."
    if product > 2:
        return f"Unstable: in the steepest direction each step lands {number(product - 1)} times as far away."
    if product > 1:
        return "Above 1 it overshoots in the steepest direction; below 2 each step still lands lower."
    return "Below 1, small and steady: no direction overshoots."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SlowExplosion:
    """A rate just above the limit. curve, marks: tables of lines.lines on these axes; words: the belief met."""

    curve: pd.DataFrame
    marks: pd.DataFrame
    axes: tuple[Axis, Axis]
    words: str


def slow_explosion() -> SlowExplosion:
    """The run at 0.085 until it overflows."""
    loss = train(replace(ARTICLE, learning_rates=(SLOW_RATE,), epochs=_SLOW_EPOCHS)).loss[0]
    gone, early = int(np.isfinite(loss).argmin()), float(loss[TRIED_EPOCHS])
    seen = np.unique(np.geomspace(10, gone - 1, 200).astype(int))
    marks = pd.DataFrame(
        {
            "name": f"rate {SLOW_RATE:g}",
            "x": [TRIED_EPOCHS, gone - 1],
            "y": [early, loss[gone - 1]],
            "words": [f"loss {number(early)}", f"overflows at epoch {gone:,}"],
        }
    )
    return SlowExplosion(
        curve=pd.DataFrame({"name": f"rate {SLOW_RATE:g}", "x": seen, "y": loss[seen]}),
        marks=marks,
        axes=(
            Axis(low=10, high=1.2 * gone, title="epoch", scale="log"),
            Axis(low=1, high=1e308, title="loss", scale="log"),
        ),
        words=(
            "**Many believe** that a run is stable as long as no NaN appears. "
            f"At {SLOW_RATE:g}, {100 * (SLOW_RATE / limit().predicted - 1):.1f} % above the limit, the loss after "
            f"{TRIED_EPOCHS} epochs is **{number(early)}**: an ordinary number, from {number(loss[0])} at the start. "
            f"Each epoch multiplies it by {number(loss[1001] / loss[1000])}, and at epoch **{gone:,}** it overflows. "
            "Watch whether the loss rises. Do not wait for NaN."
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Zigzag:
    """One place a zig-zag lives. table: columns name, x, y, on these axes."""

    title: str
    words: str
    table: pd.DataFrame
    axes: tuple[Axis, Axis]
    styles: tuple[str, ...]


def zigzags() -> tuple[Zigzag, ...]:
    """The parameter, mini-batches, momentum and a loss that is no bowl, each from its own run."""
    return (_in_the_parameter(), _by_batches(), _by_momentum(), _off_the_bowl())


def _in_the_parameter() -> Zigzag:
    rate = 0.09
    run = train(replace(ARTICLE, learning_rates=(rate,), epochs=_SEEN))
    assert run.parameters is not None
    w, best = run.parameters[0, :, 0], 2.0
    flips = int((np.diff(np.sign(w - best)) != 0).sum())
    return Zigzag(
        title="In the parameter",
        words=f"Rate {rate:g}, above the limit. **w** changes sides in {flips} of {_SEEN} steps, while the **loss** "
        f"rises in {rises(run.loss[0])} of {_SEEN}.",
        table=pd.concat([_line("w", w), _line("best w", np.full(_SEEN + 1, best))]),
        axes=(
            Axis(low=0, high=_SEEN, title="epoch"),
            Axis(low=1.1 * float(w.min()), high=1.1 * float(w.max()), title="w"),
        ),
        styles=("one", "good"),
    )


def _by_momentum() -> Zigzag:
    rate, momentum, epochs = 0.01, 0.9, 100
    run = train(replace(ARTICLE, optimizer="momentum", momentum=momentum, learning_rates=(rate,), epochs=epochs))
    loss = run.loss[0]
    return Zigzag(
        title="By momentum",
        words=f"Rate {rate:g}, far below the limit, with momentum: each step adds {momentum:g} of the step before, "
        f"so that w and b roll through the valley and back like a heavy ball. The loss rises in "
        f"**{rises(loss)} of {epochs}** epochs and ends at {number(loss[-1])}: no failure.",
        table=_line("loss", loss),
        axes=(Axis(low=0, high=epochs, title="epoch"), whole_decades(loss.min(), loss.max(), title="loss")),
        styles=("one",),
    )


def _by_batches() -> Zigzag:
    rate, batch, epochs, first = 0.05, 4, 100, 20
    noisy = replace(ARTICLE, data="noisy-line", learning_rates=(rate,), epochs=epochs)
    some, every = train(replace(noisy, batch_size=batch)).loss[0], train(noisy).loss[0]
    seen = np.concatenate([some[first:], every[first:]])
    return Zigzag(
        title="By mini-batches",
        words=f"Rate {rate:g} on 40 noisy points, of which each step sees only {batch}, a **mini-batch**: each has "
        f"a slightly different gradient. The loss rises in **{rises(some)} of {epochs}** epochs; with all points in "
        "each "
        f"step, in {rises(every)}. Drawn from epoch {first} on.",
        table=pd.concat([_line("4 points a step", some, first), _line("all points", every, first)]),
        axes=(
            Axis(low=first, high=epochs, title="epoch"),
            Axis(low=0.98 * float(seen.min()), high=1.02 * float(seen.max()), title="loss"),
        ),
        styles=("one", "good"),
    )


def _off_the_bowl() -> Zigzag:
    rate, steps = 1.2, 40
    loss = maps.loss(maps.path(rate, steps))
    return Zigzag(
        title="On a loss that is no bowl",
        words=f"{maps.FORMULA} at rate {rate:g}: up and down between {number(loss[-2])} and {number(loss[-1])}, "
        f"**{rises(loss)} rises in {steps}** steps. Small swings grow; wide ones reach the flatter hill and shrink.",
        table=_line("loss", loss),
        axes=(
            Axis(low=0, high=steps, title="step"),
            Axis(low=0.0, high=1.15 * float(loss.max()), title="loss"),
        ),
        styles=("one",),
    )


def _line(name: str, values: Array, first: int = 0) -> pd.DataFrame:
    return pd.DataFrame({"name": name, "x": np.arange(first, len(values)), "y": values[first:]})


def best_rate(budget: int) -> float:
    """The rate with the least loss after so many epochs, by the closed form.

    The loss is convex in the rate: a sum of (1 - rate x curvature)^(2 epochs), so golden sections find it.
    """
    low, high, part = 0.0, stability_limit(ARTICLE), (5**0.5 - 1) / 2
    left, right = high - part * (high - low), low + part * (high - low)
    for _ in range(60):
        if loss_after(ARTICLE, left, budget) < loss_after(ARTICLE, right, budget):
            high, left, right = right, right - part * (right - low), left
        else:
            low, left, right = left, right, left + part * (high - left)
    return (low + high) / 2


def budgets() -> tuple[Axis, list[Stop]]:
    """(the axis of losses, the loss against the rate after each number of epochs), in closed form, its least marked."""
    stops = [_budget(epochs) for epochs in ALL_BUDGETS]
    losses = np.concatenate([stop.tables["curves"]["y"] for stop in stops])
    return whole_decades(losses.min(), losses.max(), title="loss"), stops


def _budget(epochs: int) -> Stop:
    best = best_rate(epochs)
    rates = np.append(np.linspace(0, stability_limit(ARTICLE), 240), best)
    losses = np.array([loss_after(ARTICLE, rate, epochs) for rate in rates])
    curve = pd.DataFrame({"name": "loss", "x": rates, "y": losses})
    words = (
        f"After {many(epochs, 'epoch')} the least loss is {number(losses[-1])}, at rate **{number(best)}**, the dot."
    )
    return Stop(epochs, {"curves": curve, "marks": curve[-1:].assign(words="")}, words.replace("*", ""), words)


def budget_table() -> str:
    """A markdown table: each budget's best rate, and its loss after every budget; the least of each column is bold."""
    rates = [best_rate(epochs) for epochs in BUDGETS]
    loss = np.array([[loss_after(ARTICLE, rate, epochs) for epochs in BUDGETS] for rate in rates])  # (rates, budgets)
    least = loss.argmin(axis=0)
    lines = ["| rate | " + " | ".join(f"{epochs:,}" for epochs in BUDGETS) + " |", "|---:" * 5 + "|"]
    for row, rate in enumerate(rates):
        words = [number(float(f"{value:.2g}")) for value in loss[row]]
        cells = [f"**{word}**" if least[at] == row else word for at, word in enumerate(words)]
        lines.append(f"| {number(rate)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def budget_belief() -> str:
    """The belief in one best rate, met by the best rates of the four budgets."""
    rates = ", ".join(number(best_rate(epochs)) for epochs in BUDGETS)
    budgets = ", ".join(f"{epochs:,}" for epochs in BUDGETS)
    return (
        f"**Many believe** there is one best rate for a problem. On these five points it is **{rates}** for "
        f"{budgets} epochs. It depends on how long you train, and as much on the batch, the model and how the loss "
        "is written."
    )


def article_question() -> ChoiceQuestion:
    """What does the loss do at rate 1?"""
    history = train(ARTICLE)
    loss, gone = history.loss[2], int(history.diverged_at[2])
    first, then = number(loss[0]), ", ".join(number(value) for value in loss[1:4])
    return ChoiceQuestion(
        key="too-high",
        ask=(
            f"An article teaches the learning rate with five points, x\u00a0=\u00a01 to 5 and y\u00a0=\u00a02x, and a "
            f"line, {LINE}, at the rates 1, 0.01 and 0.000001. **At rate 1, what does the loss do**, epoch after epoch?"
        ),
        choices={
            "It zig-zags, up and down": f"Many would say so. Yet of the {gone - 1} epochs with a finite loss, "
            f"{rises(loss[:gone])} went up and {gone - 1 - rises(loss[:gone])} went down.",
            "It rises in every epoch": "Exactly: every step lands higher than it began.",
            "It falls first, then rises": f"It never falls: already the first step takes it from {first} to "
            f"{number(loss[1])}.",
        },
        right=1,
        outcome=f"From {first} to {then}, and on: every epoch higher, until it overflows at epoch {gone}.",
    )


def at_rate_one(shown: bool, answer: str) -> tuple[tuple[Axis, Axis], pd.DataFrame, pd.DataFrame, str]:
    """(axes, curves, marks, words) of the article's question: the start, and once it is `shown` the run.

    answer: the choice that was predicted, drawn as a sketch; "" for none.
    """
    history = train(ARTICLE)
    loss, gone = history.loss[2], int(history.diverged_at[2])
    axes = Axis(title="epoch", low=0, high=120), Axis(title="loss", low=1e-50, high=1e308, scale="log")
    first = float(loss[0])
    if not shown:
        # Both names from the start: a legend that comes later would move what stands below.
        start = pd.DataFrame({"name": ["the run", SKETCH], "x": [0, 0], "y": [first, first]})
        words = f"The loss starts at {number(first)}. How does it go on?"
        axes = axes[0], Axis(title="loss", low=1e-2, high=1e5, scale="log")  # the other would say where it goes
        return axes, start, start[:1].assign(words="the start: and then?"), words
    end, last = pd.DataFrame({"name": ["the run"], "x": [gone - 1], "y": [loss[gone - 1]]}), gone - 1
    epochs = np.arange(gone)
    curves = [pd.DataFrame({"name": "the run", "x": epochs, "y": loss[:gone]})]
    choices = list(article_question().choices)
    if answer in choices:
        wave = np.abs((epochs / 10 + 1) % 2 - 1)  # from 0 up to 1 and down again, every 20 epochs
        sketch = (60 * wave, 150 * epochs / last, 3 * ((epochs / last) * 120 - 40) * epochs / last)[
            choices.index(answer)
        ]
        curves.append(pd.DataFrame({"name": SKETCH, "x": epochs, "y": first * 10**sketch}))
    words = f"At rate 1 the loss rises from {number(first)} to {number(float(loss[last]))} at epoch {last}."
    return axes, pd.concat(curves, ignore_index=True), end.assign(words=f"overflows at epoch {gone}"), words


def limit_question(of: Experiment = ARTICLE) -> NumberQuestion:
    """Which is the largest stable rate?"""
    found = limit(of)
    others = (
        "" if of == ARTICLE else f"A line, {LINE}, on other points, x\u00a0=\u00a0{_listed(of)} and y\u00a0=\u00a02x. "
    )
    predicted, steep, flat = found.predicted, found.steepest, found.flattest
    return NumberQuestion(
        key="stability-limit",
        ask=(
            f"{others}Lesson 1 had one w and the limit 2\u00a0/\u00a0curvature. This loss has two parameters, so it "
            f"curves differently in each direction: from {number(flat)} in the flattest to {number(steep)} in the "
            "steepest. **What is the largest learning rate that does not explode?** Within half a percent counts."
        ),
        answer=predicted,
        within=0.005,
        outcome=(
            f"2\u00a0/\u00a0{steep:.5f}\u00a0=\u00a0**{predicted:.7f}**, known before the first step. A search by "
            f"training, which knows no curvature, finds **{found.measured:.7f}**: they differ by "
            f"{two_digits(1e6 * found.apart)} in a million."
        ),
        mistakes=(
            (2 / flat, "That is the limit of the flattest direction. The steepest explodes long before it."),
            (
                1 / steep,
                "That is 1 / curvature: the steepest direction lands in one step. It is stable up to twice that rate.",
            ),
            (2 / (steep + flat), "Near: that is 2 / (sum of both). The steepest alone sets the limit."),
            (4 / (steep + flat), "That is 2 over the mean curvature. The steepest alone sets the limit."),
        ),
        otherwise="The rule of lesson 1 holds in each direction, and the steepest explodes first.",
    )


def _listed(of: Experiment) -> str:
    *more, last = (f"{x:g}" for x in of.dataset().x.ravel())
    return f"{', '.join(more)} and {last}"


def questions(of: Experiment = ARTICLE) -> tuple[Question, ...]:
    """The lesson's four: the article's highest rate, the limit, the double valley, the catapult.

    of: whose limit is asked for, the article's line or another.
    """
    return article_question(), limit_question(of), maps.question(), catapult.question()
