"""Lesson 7, without gradients: the race of core.diagnosis.alternatives in 2 to 1000 numbers, tuning by hand, and scale.

Medians are over the runs; a band reaches from the tenth to the ninetieth percentile. Everything is counted in
evaluations of the loss, a gradient step as three of them (see core.diagnosis.alternatives).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from ..diagnosis import alternatives
from ..diagnosis.alternatives import CHILDREN, PARENTS, REACH, STEP_COST, Task, draws_expected, reached
from ..drawing.stops import Stop
from ..words import SKETCH, count, duration, many, number, two_digits
from .question import ChoiceQuestion

DIMENSIONS = (2, 3, 5, 10, 30, 100, 300, 1000)
MANY = 100  # numbers to find in the second question
EVALUATIONS = 2000  # of the race
TARGET = 1e-6
TARGET_WORDS = number(TARGET)
LOWEST, LOWEST_BY_HAND = 1e-10, 1e-3  # where the pictures end
ENDS = EVALUATIONS, LOWEST, 100  # of the race's picture: its last evaluation, its least and its largest loss
_EXACT = 1e-12  # a loss of tenths is a multiple of 0.01 or 0, but for rounding
_MOST = 60_000  # evaluations: twice what evolving needs in 100 dimensions
_BEYOND = 1e-30  # drawn in place of 0, which a log scale hasn't: far below the picture
UNIVERSE = 13.8e9 * 365.25 * 86400  # seconds since the big bang; Planck Collaboration (2020), A&A 641, A6
ATOMS = 80  # log10 of the atoms in the observable universe, roughly
EXAMPLES = 32  # in the batch of a timed step
STEPS = 10_000  # a plain training run: what one gradient step is multiplied by

GRADIENT, EVOLUTION, GENETIC, RANDOM, CLOSED = (
    "gradient descent",
    "evolution strategy",
    "genetic algorithm",
    "random search",
    "closed form",
)
YOU = "you"
STEP = "one gradient step"
# (line, its style): the casts of the pictures.
RACERS = ((GRADIENT, "one"), (EVOLUTION, "two"), (GENETIC, "three"), (RANDOM, "open"), (CLOSED, "five"))
OPENING = (*RACERS, (SKETCH, "high"))
PLAYERS = ((YOU, "three"), *RACERS[:2])
SCALED = ((STEP, "one"), (RANDOM, "open"))

METHODS = f"""
Gradient descent is not the only way down. Each of these looks for the best numbers too, and none walks down a slope:
- **Random search** guesses all numbers at once, again and again, and remembers the best guess.
- An **evolution strategy** takes a random step, and keeps it if the loss fell.
- A **genetic algorithm** breeds: the best {PARENTS} so far have {CHILDREN} children, mixed and slightly changed.
- The **closed form** solves the equations that say "the gradient is 0". For a line that can be done.

To be fair, count **evaluations**: how often the loss is computed. A gradient step counts as {STEP_COST}, because
finding the gradient costs about twice as much as computing the loss once.
"""
BY_HAND = (
    "A secret line through five points, at x = 1 to 5 as in the article. You are told its loss and nothing else, "
    "just like the others. Each move of a slider is an evaluation."
)
MORE = (
    "The same bowl in more directions: its curvatures stay within those of the article's line, so for gradient "
    "descent it gets no harder. The others have ever more directions to choose from."
)
TIMING = (
    "How long does one gradient step take when a network has 10, 100, and so on up to 10 million parameters? "
    "PyTorch will take real steps on the machine that serves this page, for a few seconds."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """What ran in one dimension. arrived: median evaluations to TARGET, inf if not within the race.

    final: median loss at the end.  curves: columns name, x (evaluations), y, low, high (loss).
    """

    dimensions: int
    runs: int
    arrived: Mapping[str, float]
    final: Mapping[str, float]
    curves: pd.DataFrame


def runs_of(dimensions: int) -> int:
    """How often each method is run: fewer where a run costs more; by then they hardly differ."""
    return 20 if dimensions <= 10 else 5 if dimensions <= 300 else 3


def race(dimensions: int) -> Race:
    """All methods on the quadratic of this dimension, EVALUATIONS evaluations each."""
    task, runs = alternatives.task(dimensions), runs_of(dimensions)
    best = {
        GRADIENT: alternatives.gradient_descent(task, EVALUATIONS),
        EVOLUTION: alternatives.evolution(task, EVALUATIONS, runs),
        GENETIC: alternatives.genetic(task, EVALUATIONS, runs),
        RANDOM: alternatives.random_search(task, EVALUATIONS, runs),
    }
    solved = float(task.loss(alternatives.closed_form(task)))
    fall = [float(task.loss(task.start)), _BEYOND]
    drop = pd.DataFrame({"name": CLOSED, "x": solving_cost(dimensions), "y": fall, "low": fall, "high": fall})
    return Race(
        dimensions=dimensions,
        runs=runs,
        arrived={name: float(np.median(reached(losses, TARGET))) for name, losses in best.items()},
        final={name: float(np.median(losses[:, -1])) for name, losses in best.items()} | {CLOSED: solved},
        curves=pd.concat([*(_curve(name, losses) for name, losses in best.items()), drop], ignore_index=True),
    )


def _curve(name: str, best: Array) -> pd.DataFrame:
    """Median and band, at every evaluation first and at every tenth later."""
    at = np.unique(np.concatenate([np.arange(60), np.arange(0, best.shape[1], 10)]))
    at = at[at < best.shape[1]]
    low, middle, high = np.maximum(np.quantile(best[:, at], [0.1, 0.5, 0.9], axis=0), _BEYOND)
    return pd.DataFrame({"name": name, "x": at, "y": middle, "low": low, "high": high})


def solving_cost(dimensions: int) -> float:
    """Evaluations that cost as much as solving: 2/3 d^3 operations against 2 d^2 for the loss with its full H."""
    return dimensions / 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """How long it takes to TARGET in one dimension: gradient steps, and the median of evolution's evaluations."""

    dimensions: int
    steps: int
    evolution: float

    @property
    def gradient(self) -> int:
        """The evaluations that the gradient steps count as."""
        return STEP_COST * self.steps

    @property
    def times(self) -> float:
        """How many times as many evaluations evolution needs."""
        return self.evolution / self.gradient


def arrival(dimensions: int) -> Arrival:
    """Gradient descent and evolution, run until they are there; up to MANY numbers this takes half a second."""
    task = alternatives.task(dimensions)
    steps = reached(alternatives.gradient_descent(task, EVALUATIONS), TARGET)[0] // STEP_COST
    evolved = reached(alternatives.evolution(task, _MOST, runs_of(dimensions), target=TARGET), TARGET)
    return Arrival(dimensions=dimensions, steps=int(steps), evolution=float(np.median(evolved)))


def arrivals_table(arrivals: Sequence[Arrival]) -> pd.DataFrame:
    """Columns name, x (numbers to find), y (evaluations to TARGET), for the picture of cost against dimension."""
    rows = [(GRADIENT, each.dimensions, float(each.gradient)) for each in arrivals]
    rows += [(EVOLUTION, each.dimensions, each.evolution) for each in arrivals]
    return pd.DataFrame(rows, columns=["name", "x", "y"])


def arrivals_alt(arrivals: Sequence[Arrival]) -> str:
    """The picture of cost against dimension in words."""
    each = "; ".join(f"{a.dimensions} numbers: {a.gradient:,} and {a.evolution:,.0f}" for a in arrivals)
    return f"Evaluations to loss {TARGET_WORDS}, of gradient descent and of the evolution strategy. {each}."


def growth_words(arrivals: Sequence[Arrival]) -> str:
    """What the picture of cost against dimension shows."""
    first, last = arrivals[0], arrivals[-1]
    behind = next((a for a in arrivals if a.times > 1), last)
    guess = draws_expected(alternatives.task(last.dimensions), TARGET)
    return (
        f"From {first.dimensions} to {last.dimensions} numbers, {last.dimensions // first.dimensions} times as many, "
        f"gradient descent's cost goes from {first.gradient:,} to {last.gradient:,} evaluations. Evolution's goes from "
        f"{first.evolution:,.0f} to {last.evolution:,.0f}, "
        f"**{two_digits(last.evolution / first.evolution)} times as many**. "
        f"From {behind.dimensions} numbers on it is the slower one.\n\n"
        f"Random search, at {last.dimensions} numbers, expects $10^{{{guess:.0f}}}$ draws. The universe has about "
        f"$10^{{{ATOMS}}}$ atoms.\n\n"
        "A gradient says for every number at once which way is down. A random step tests one direction."
    )


def results(ran: Race) -> str:
    """The race as a table in markdown: method, when it reached TARGET, and its loss at the end."""
    lines = [f"| | evaluations to {TARGET_WORDS} | loss at the end |", "|:--|--:|--:|"]
    for name, arrived in ran.arrived.items():
        when = f"{arrived:,.0f}" if math.isfinite(arrived) else f"over {EVALUATIONS:,}"
        lines.append(f"| {name} | {when} | {number(ran.final[name])} |")
    solved, cost = ran.final[CLOSED], two_digits(solving_cost(ran.dimensions))
    rounding = " (rounding)" if solved else ""
    lines.append(f"| {CLOSED} | as much arithmetic as {cost} evaluations | {number(solved)}{rounding} |")
    return "\n".join(lines)


def how_it_ran(ran: Race) -> str:
    """What the table and the picture are of."""
    rate = alternatives.task(ran.dimensions).rate
    return (
        f"Medians of {ran.runs} runs of {EVALUATIONS:,} evaluations; the bands hold the middle eight of ten. Gradient "
        f"descent has the rate 2 / (largest + smallest curvature), {number(rate)}: it shrinks the slowest direction "
        "fastest."
    )


def races() -> list[Stop]:
    """The race in each of DIMENSIONS. Tables: curves (name, x, y, low, high)."""
    return [_race_stop(race(dimensions)) for dimensions in DIMENSIONS]


def _race_stop(ran: Race) -> Stop:
    there = [f"{name} after {at:,.0f}" for name, at in ran.arrived.items() if math.isfinite(at)]
    late = [name for name, at in ran.arrived.items() if not math.isfinite(at)]
    says = f"Evaluations to loss {TARGET_WORDS}: {', '.join(there)}; more than {EVALUATIONS:,}: {', '.join(late)}."
    return Stop(ran.dimensions, {"curves": ran.curves}, race_alt(ran), says)


def race_alt(ran: Race) -> str:
    """The picture of a race in words, for who can't see it."""
    ends = ", ".join(f"{name} {number(loss)}" for name, loss in ran.final.items())
    return f"Lowest loss so far against evaluations, {ran.dimensions} numbers to find. After {EVALUATIONS:,}: {ends}."


def two_numbers(ran: Race) -> ChoiceQuestion:
    """The first question: with two numbers to find, do the others get there?"""
    gd, es, ga = (f"{ran.arrived[name]:,.0f}" for name in (GRADIENT, EVOLUTION, GENETIC))
    task = alternatives.task(2)
    draws = number(10 ** draws_expected(task, TARGET))
    guess = f"the best of random search's {EVALUATIONS:,} draws has loss {number(ran.final[RANDOM])}"
    return ChoiceQuestion(
        key="without-two",
        ask=(
            f"The article's line: **two numbers to find**, w and b. All begin at w = b = 0 with loss "
            f"{number(float(task.loss(task.start)))} and have {EVALUATIONS:,} evaluations. Do the methods that never "
            f"see a gradient get down to a loss of {TARGET_WORDS}?"
        ),
        choices={
            "No, only gradient descent gets there": f"Two of them do: the evolution strategy after {es} evaluations, "
            f"the genetic algorithm after {ga}.",
            "Yes, but all of them later than gradient descent": f"The evolution strategy needed {es} evaluations, "
            f"gradient descent {gd}.",
            "Yes, and one of them sooner than gradient descent": f"Exactly: {es} against {gd}.",
            "Yes, even random search": f"Not in time: {guess}. On average it takes {draws} draws to hit "
            f"{TARGET_WORDS}.",
        },
        right=2,
        outcome=(
            f"Evolution strategy: {es} evaluations. Gradient descent: {gd}. Genetic algorithm: {ga}. Only random "
            f"search does not arrive: {guess}. With two numbers to find, doing without gradients is fine."
        ),
    )


def opening(ran: Race, shown: bool, answer: str = "") -> tuple[dict[str, pd.DataFrame], str]:
    """(the tables curves and marks, words) of the first question: gradient descent alone until it is `shown`.

    answer: the choice that was predicted, drawn as a sketch of the methods without a gradient; "" for none.
    """
    first = float(ran.curves["y"].iloc[0])
    marks = pd.DataFrame({"name": [RANDOM], "x": [0.0], "y": [first], "words": ["the others: and then?"]})
    if not shown:
        words = f"Gradient descent from {number(first)} past {TARGET_WORDS}. How fast are the others?"
        return {"curves": ran.curves[ran.curves["name"] == GRADIENT], "marks": marks}, words
    choices = list(two_numbers(ran).choices)
    curves = [ran.curves]
    if answer in choices:
        own = ran.arrived[GRADIENT]
        # None arrives: level far above the target. Else straight down to it, later or sooner or only just in time.
        x, lowest = [
            (own, 1e3 * TARGET),
            (min(1.5 * own, EVALUATIONS), TARGET),
            (0.5 * own, TARGET),
            (EVALUATIONS, TARGET),
        ][choices.index(answer)]
        ends = [first, lowest] + [lowest] * (lowest > TARGET)
        at = [0.0, x, EVALUATIONS][: len(ends)]
        curves.append(pd.DataFrame({"name": SKETCH, "x": at, "y": ends, "low": ends, "high": ends}))
    words = race_alt(ran) + (f" You predicted: {answer}." if answer else "")
    return {"curves": pd.concat(curves, ignore_index=True), "marks": marks[:0]}, words


def many_numbers(two: Arrival, many: Arrival) -> ChoiceQuestion:
    """The second question: how much does evolution fall behind with MANY numbers?"""
    sizes = (1 / 3, 3, 30, 300)
    counts = f"{many.evolution:,.0f} evaluations against {many.gradient:,}"
    return ChoiceQuestion(
        key="without-many",
        ask=(
            f"Now a loss of the same shape with **{many.dimensions} numbers to find**. How many times as many "
            f"evaluations as gradient descent does the evolution strategy need to reach {TARGET_WORDS}?"
        ),
        choices={
            "It is still faster": f"With two numbers it was. With {many.dimensions} it needs {counts}.",
            "About 3 times as many": f"More: {counts}. Of all the ways a random step can go, few lead far down.",
            "About 30 times as many": f"Exactly: {counts}.",
            "About 300 times as many": f"Not that many: {counts}. The cost grows with how many numbers there are, "
            "not with the square of that.",
        },
        right=nearest(sizes, many.times),
        outcome=(
            f"{counts}: **{two_digits(many.times)} times as many**. With two numbers it was "
            f"{two.evolution:,.0f} against {two.gradient:,}, {two_digits(two.times)} times as many. Gradient "
            f"descent took {two.steps} steps for two numbers and {many.steps} for {many.dimensions}: no "
            "more."
        ),
    )


def nearest(sizes: Sequence[float], value: float) -> int:
    """The index of the size that is the smallest factor away from the value."""
    return min(range(len(sizes)), key=lambda at: abs(math.log(sizes[at] / value)))


# Tuning by hand.


def secret(which: int) -> Task:
    """The article's line with another w and b: of one decimal, from 1 to 5 in size."""
    rng = np.random.default_rng(which)
    w, b = rng.integers(10, 51, 2) * rng.choice([-1, 1], 2) / 10
    return alternatives.line_through(float(w), float(b))


@dataclass(frozen=True, slots=True, kw_only=True)
class Game:
    """Tuning by hand so far. shown: evaluations on the axis.  curves: columns name, x, y, the lowest loss so far."""

    words: str
    shown: int
    curves: pd.DataFrame


def game(which: int, tries: Sequence[tuple[float, float]]) -> Game:
    """Your tries (w, b) at secret line `which`, beside two rivals.

    Your line ends where your loss is 0, which a log scale has no place for.
    """
    task, shown = secret(which), max(30, len(tries))
    losses = [_rounded(float(task.loss(np.array(point)))) for point in [(0.0, 0.0), *tries]]
    rivals = {
        GRADIENT: alternatives.gradient_descent(task, shown)[0],
        EVOLUTION: np.median(alternatives.evolution(task, shown, runs_of(2)), axis=0),
    }
    best = {YOU: np.minimum.accumulate(losses), **rivals}
    tables = [pd.DataFrame({"name": name, "x": range(len(y)), "y": y}) for name, y in best.items()]
    curves = pd.concat(tables, ignore_index=True)
    return Game(words=_game_words(losses, rivals), shown=shown, curves=curves[curves["y"] > 0])


def _rounded(loss: float) -> float:
    return loss if loss > _EXACT else 0.0


def _game_words(losses: Sequence[float], rivals: Mapping[str, Array]) -> str:
    n = len(losses) - 1
    if not n:
        return f"At w = b = 0 the loss is **{number(losses[0])}**. Move a slider."
    last = f"**That is it: you found the line.** Try {n}" if losses[-1] == 0 else f"Try {n}"
    es, gd, steps = rivals[EVOLUTION][n], rivals[GRADIENT][n], n // STEP_COST
    return (
        f"{last}: loss **{number(losses[-1])}**, your best so far {number(min(losses[1:]))}. After "
        f"{many(n, 'evaluation')}, the evolution strategy is at {number(es)} "
        f"and gradient descent, {many(steps, 'step')} on its way, at {number(gd)}."
    )


# Scale: what torch_scale times.


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Measured on this machine: seconds of one gradient step and of one evaluation of a 1 - h - h - 1 network."""

    hidden: int
    parameters: int
    step: float
    evaluation: float
    threads: int


def parameters_of(hidden: int) -> int:
    """Weights and biases of a network 1 - hidden - hidden - 1: 2h + (h^2 + h) + (h + 1)."""
    return hidden * hidden + 4 * hidden + 1


def hidden_for(parameters: int) -> int:
    """The width whose network comes nearest to so many parameters: h^2 + 4h + 1 = (h + 2)^2 - 3."""
    return round(math.sqrt(parameters + 3)) - 2


HIDDEN = tuple(hidden_for(10**k) for k in range(1, 8))


def draws(parameters: int) -> str:
    """What random search expects to need until every number is within its own tenth of the range, as a power of 10.

    The chance is 1/10 for each number, so 10^-d for all d at once.
    """
    return f"10^{{{parameters:,}}}".replace(",", "{,}")


def mirrors(hidden: int) -> float:
    """log10 of how many networks compute the same: both layers' units in any order, each with either sign (tanh)."""
    return 2 * (math.lgamma(hidden + 1) / math.log(10) + hidden * math.log10(2))


def search_words(timing: Timing) -> str:
    """How long random search would draw: a time while the universe's age is a measure for it, else only draws."""
    seconds = timing.parameters + math.log10(timing.evaluation)
    if seconds < math.log10(UNIVERSE):
        return f"${draws(timing.parameters)}$ draws, {duration(10**seconds)}"
    return f"${draws(timing.parameters)}$ draws"


def timings_table(timings: Sequence[Timing]) -> str:
    """The timings as a table in markdown."""
    lines = ["| parameters | one gradient step | random search expects |", "|--:|--:|:--|"]
    lines += [f"| {each.parameters:,} | {duration(each.step)} | {search_words(each)} |" for each in timings]
    return "\n".join(lines)


def scale_alt(timings: Sequence[Timing]) -> str:
    """The picture of scale in words."""
    steps = ", ".join(f"{duration(each.step)} at {each.parameters:,}" for each in timings)
    return (
        f"Seconds against parameters. One gradient step: {steps}. Random search climbs tenfold with each parameter and "
        f"passes the age of the universe at {_lifetimes(timings[0]):.0f}."
    )


def _lifetimes(timing: Timing) -> float:
    """How many parameters random search finds in the age of the universe, at this time an evaluation."""
    return math.log10(UNIVERSE / timing.evaluation)


def scale_tables(timings: Sequence[Timing]) -> dict[str, pd.DataFrame]:
    """curves (name, x parameters, y seconds) and marks (name, x, y, words) of the picture of scale."""
    first, last = timings[0], timings[-1]
    ages = _lifetimes(first)
    numbers = np.linspace(1, ages + 3, 60)
    steps = pd.DataFrame({"name": STEP, "x": [t.parameters for t in timings], "y": [t.step for t in timings]})
    search = pd.DataFrame({"name": RANDOM, "x": numbers, "y": first.evaluation * 10**numbers})
    marks = [
        (RANDOM, ages, UNIVERSE, f"{ages:.0f} parameters: the age of the universe"),
        (STEP, last.parameters, last.step, f"{count(last.parameters)}: {duration(last.step)}"),
    ]
    curves = pd.concat([steps, search], ignore_index=True)
    return {"curves": curves, "marks": pd.DataFrame(marks, columns=["name", "x", "y", "words"])}


def longer(timings: Sequence[Timing]) -> ChoiceQuestion:
    """The third question: a thousand times the parameters, how much longer is a step? From this machine's timings."""
    small, large = timings[2], timings[5]
    times = large.step / small.step
    measured = (
        f"{small.parameters:,} parameters take {duration(small.step)}, {large.parameters:,} take "
        f"{duration(large.step)}: **{two_digits(times)} times as long**"
    )
    wrong = {
        "Hardly longer: less than 3 times": "Every weight is multiplied in every step, so a large network's step does "
        "take longer.",
        "3 to 300 times": "A small network's step is mostly PyTorch's own bookkeeping, a large one's the "
        "multiplications.",
        "300 to 3,000 times, like the number of parameters": "The multiplications do grow so. But a small network's "
        "step is mostly bookkeeping, which does not grow.",
        "More than 3,000 times": "One backward pass finds the gradient of all weights, for about twice the work of one "
        "evaluation.",
    }
    right = sum(times >= edge for edge in (3, 300, 3000))
    return ChoiceQuestion(
        key="without-scale",
        ask=(
            f"The times are measured. From a network of about {10**3:,} parameters to one of about {10**6:,}: how "
            "much "
            "longer does **one gradient step** take?"
        ),
        choices={
            text: "Exactly." if at == right else f"{why} Measured: {two_digits(times)} times."
            for at, (text, why) in enumerate(wrong.items())
        },
        right=right,
        outcome=(
            f"On this machine, {measured}. Random search, guessing every number to a tenth of its range, expects "
            f"${draws(large.parameters - small.parameters)}$ times as many draws."
        ),
    )


def scale_words(timings: Sequence[Timing]) -> str:
    """What the timings say, fairly: a step is not yet a training run."""
    first, last = timings[0], timings[-1]
    ratio, terabytes = last.step / last.evaluation, 8 * last.parameters**2 / 1e12
    threads = many(first.threads, "thread")
    return (
        f"The fastest of a few, {EXAMPLES} examples a step, {threads}.\n\n"
        f"One step is not yet a training: {STEPS:,} steps of the largest network take {duration(STEPS * last.step)}. "
        f"Random search, guessing each number to a tenth of its range, takes as long as the universe is old for about "
        f"{_lifetimes(first):.0f} parameters.\n\n"
        f"In the largest network a step, update included, takes {two_digits(ratio)} times as long as computing the "
        f"loss; the race counted {STEP_COST}.\n\n"
        f"The closed form does not apply: a network's loss is not a quadratic. Even for one, the table of "
        f"{count(last.parameters)} by {count(last.parameters)} curvatures would fill {terabytes:,.0f} terabytes."
    )


def mathematics() -> str:
    """The lesson's fold: why gradient descent does not mind dimension and the others do."""
    line = alternatives.task(2)
    low, high = line.curvatures
    tenth, target = (number(10 ** draws_expected(line, loss)) for loss in (0.1, TARGET))
    wide = HIDDEN[1]
    parameters, same = parameters_of(wide), mirrors(wide)
    return rf"""
The loss is $\tfrac12 (p - p^*)^\top H\, (p - p^*)$. In two dimensions it is the article's line. In $d$ dimensions the
curvatures are spread evenly on a log scale from {number(low)} to {number(high)}, along the axes, and all numbers start
equally far from their best, with the loss at {number(float(line.loss(line.start)))}.

**Gradient descent** at the rate $2 / (\lambda_{{min}} + \lambda_{{max}})$ multiplies the slowest part of the way by

$$
\frac{{\kappa - 1}}{{\kappa + 1}} = {(high - low) / (high + low):.4f}
$$

in each step, where $\kappa = \lambda_{{max}} / \lambda_{{min}} = {high / low:.1f}$. There is no $d$ in it.

**Random search** draws each number from a box around the start, {REACH:g} times as far as the best lies. It hits the
region where the loss is at most $e$ with the share of the box that this fills. For the line's two numbers, from $-10$
to $10$, that is $2 \pi e / (400 \sqrt{{\det H}})$: a loss of 0.1 takes {tenth} draws on average, {TARGET_WORDS}
takes {target}.

**The evolution strategy** steps in a random direction, and in $d$ dimensions hardly any of it points downhill. On a
round bowl the best it can do is to come nearer by a share of about $0.2 / d$ an evaluation (Rechenberg 1973).

**A gradient step counts as {STEP_COST}**: the backward pass costs about two forward passes. Loss and gradient
together cost at most about four times the loss alone (Griewank and Walther 2008).

**Solving** takes about $\tfrac23 d^3$ operations, where computing this loss with a full $H$ takes $2 d^2$: the work of
$d / 3$ evaluations. It needs $H$ itself, and a loss that is a quadratic.

**Mirror images.** In a network, hidden units can change places, and tanh units their sign, without changing what it
computes. With two layers of $h$ units that makes $(h!\, 2^h)^2$ equally good answers, about $10^{{{same:.0f}}}$ for
$h = {wide}$. Any of them would do, so of the $10^{{{parameters}}}$ draws about $10^{{{parameters - same:.0f}}}$ remain.
"""


def questions() -> tuple[ChoiceQuestion, ...]:
    """The lesson's two whose numbers are the same everywhere; the third is timed on the machine it is asked on."""
    return two_numbers(race(2)), many_numbers(arrival(2), arrival(MANY))
