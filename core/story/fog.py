"""Lesson 2, a mountain in fog: a walk that knows only its height and the slope under its feet.

The walk is gradient descent whose rate the walker may change at every step; beside it stands gradient descent at the
best fixed rate there is, found by trying many. "The bottom" is a height of at most Surface.reached above the lowest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from ..data.surfaces import DEFAULT_CONDITION, NAMES, Surface, contours, surface
from ..drawing.frames import moments
from ..drawing.stops import Stop, around
from ..methods.descent import descend
from ..words import many, number
from .question import ChoiceQuestion

Point = tuple[float, float]

MOST_STEPS = 3000  # a walk's, and a fixed rate's: enough for Rosenbrock's valley
WALKERS = {"Ada": (0.0, 1.0), "Ben": (-8.0, 0.0)}  # where the first question's two stand in the ravine
_CONDITIONS = (25, 32, 40, 64, 80, 100, 125, 160, 200)  # of other numbers: so that 2 / its lowest curvature overflows
_RATES = (1e-4, 4.0)  # the lowest and the highest fixed rate tried
_TRIED = 240  # rates at once, first between these, then where the best ones lie
_GOOD = (2.0, 1.05, 1.0, 1.0)  # times the fewest steps: where rates so good lie, the next look is taken
_STEEP = 20  # a ravine that no single rate solves in two steps
_FAR = 3.0  # map widths from its middle: what lies beyond is not sent to the picture
_IN_A_LIMIT = 40  # stops of a dragged rate up to the limit
_PAUSE_RATE = 0.1  # of the walk over the saddle


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """Where somebody went on a surface, step by step. places: start first.  rates: that of each step."""

    name: str
    condition: float = DEFAULT_CONDITION
    places: tuple[Point, ...] = ()
    rates: tuple[float, ...] = ()

    @property
    def land(self) -> Surface:
        """The surface walked on."""
        return surface(self.name, self.condition)

    @property
    def path(self) -> Array:
        """(steps + 1, 2) the places (w, b), the start first."""
        return np.array(self.places or (self.land.start,))

    @property
    def heights(self) -> Array:
        """(steps + 1,) the loss at each place."""
        return heights(self.land, self.path)

    @property
    def height(self) -> float:
        """The loss where the walker stands; infinity where it overflowed, however that came about."""
        height = float(self.heights[-1])
        return height if math.isfinite(height) else math.inf

    @property
    def slope(self) -> Point:
        """The gradient where the walker stands."""
        with np.errstate(over="ignore", invalid="ignore"):
            along_w, along_b = self.land.gradient(self.path[-1]).tolist()
        return along_w, along_b

    @property
    def legs(self) -> list[tuple[float, int]]:
        """(rate, steps at it) one after the other: what retraces it."""
        return [(rate, len(list(steps))) for rate, steps in groupby(self.rates)]

    def move(self, rate: float) -> Point:
        """How far the next step would lead at this rate, along w and along b."""
        along_w, along_b = self.slope
        return -rate * along_w, -rate * along_b

    @property
    def steps(self) -> int:
        """How many steps were taken."""
        return len(self.rates)

    @property
    def ended(self) -> bool:
        """Whether there is no step further."""
        return self.overflowed or self.steps == MOST_STEPS

    @property
    def overflowed(self) -> bool:
        """Whether the last place is too far away, or too high, for the computer."""
        return not (np.isfinite(self.heights[-1]) and np.isfinite([*self.slope]).all())

    @property
    def left_map(self) -> int | None:
        """The first step that ended outside the map."""
        return _first(~self.land.on_map(self.path))

    @property
    def arrived(self) -> int | None:
        """The first step that ended at the bottom."""
        return _first(self.heights <= self.land.reached)

    def on(self, rate: float, steps: int) -> Walk:
        """So many steps further against the slope; an overflow is the last step, and MOST_STEPS are the most."""
        steps = min(steps, MOST_STEPS - self.steps)
        if self.overflowed or steps < 1:
            return self
        new = descend(self.land.gradient, self.path[-1], rate, steps)[0, 1:]
        end = _first(~np.isfinite(heights(self.land, new)))
        kept = new if end is None else new[: end + 1]
        places = tuple((w, b) for w, b in kept.tolist())
        return replace(self, places=(*map(tuple, self.path.tolist()), *places), rates=self.rates + (rate,) * len(kept))

    def anew(self) -> Walk:
        """The same surface before the first step."""
        return replace(self, places=(), rates=())

    def back(self) -> Walk:
        """The walk without its last step."""
        return replace(self, places=self.places[:-1], rates=self.rates[:-1])


def retraced(name: str, condition: float, legs: Sequence[tuple[float, int]]) -> Walk:
    """The walk on this surface that went so: (rate, steps at it), one after the other."""
    walk = Walk(name=name, condition=condition)
    for rate, steps in legs:
        walk = walk.on(rate, steps)
    return walk


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """Gradient descent at one rate. path (steps + 1, 2) ends where it reached the bottom to stay.

    half_steps: steps to the bottom at half the rate, infinity where MOST_STEPS are too few; half_height: its height
    when it gets there, or after MOST_STEPS.
    """

    rate: float
    path: Array
    half_steps: float
    half_height: float

    @property
    def steps(self) -> int:
        """Steps to the bottom."""
        return len(self.path) - 1


def heights(land: Surface, path: Array) -> Array:
    """(...) the loss at places (..., 2), however far away; overflow comes as inf or nan."""
    with np.errstate(over="ignore", invalid="ignore"):
        return land.loss(path)


def steps_to_bottom(land: Surface, rates: Array) -> tuple[Array, Array]:
    """(R,) steps after which each rate is at the bottom to stay, infinity for never; (R,) its height then.

    Of a rate that never is, the height is that after MOST_STEPS.
    Staying is judged over MOST_STEPS: a rate that jumps about may pass the bottom by luck.
    """
    height = heights(land, descend(land.gradient, land.start, rates, MOST_STEPS))
    off = ~(height <= land.reached)
    # The last time off the bottom, and one more; the start is never at the bottom.
    steps = MOST_STEPS + 1 - off[:, ::-1].argmax(1)
    never = steps > MOST_STEPS
    then = height[np.arange(len(height)), np.minimum(steps, MOST_STEPS)]
    return np.where(never, np.inf, steps), then


def best_fixed(name: str, condition: float = DEFAULT_CONDITION) -> Fixed:
    """The fixed rate with the fewest steps to the bottom, the lowest there among equals: many tried, then finer."""
    land = surface(name, condition)
    rates = np.geomspace(*_RATES, _TRIED)
    for good in _GOOD:
        steps, then = steps_to_bottom(land, rates)
        part = np.where(np.isfinite(steps), then / land.reached, 0.0)  # at most 1: it decides among equals
        cost = steps + part
        at = int(cost.argmin())
        best, taken = float(rates[at]), int(steps[at])
        near = np.flatnonzero(cost <= good * cost[at])
        rates = np.linspace(rates[max(near[0] - 1, 0)], rates[min(near[-1] + 1, _TRIED - 1)], _TRIED)
    (half_steps,), (half_height,) = steps_to_bottom(land, np.array([best / 2]))
    path = descend(land.gradient, land.start, best, taken)[0]
    return Fixed(rate=best, path=path, half_steps=float(half_steps), half_height=float(half_height))


def downhill(walk: Walk) -> str:
    """Which way is down, and how steep, in words."""
    if walk.overflowed:
        return "The ground is level here: there is no slope to follow."
    steep = math.hypot(*walk.slope)
    ways = [f"{'smaller' if g > 0 else 'larger'} {axis}" for axis, g in zip("wb", walk.slope, strict=True) if g != 0]
    if not ways:
        return "The ground is exactly level."
    return f"Downhill is towards {' and '.join(ways)}. The slope is {number(steep)} in all."


def status(walk: Walk, rate: float) -> str:
    """What there is to say of the walk so far, of the way still to go, and of a rate out of the ordinary."""
    said = [whereabouts(walk)]
    if walk.arrived is None:
        said.append(f"The bottom counts as reached at height {number(walk.land.reached)} or lower.")
    if rate == 0:
        said.append("A rate of 0 takes no step at all.")
    elif rate < 0:
        said.append("A negative rate walks uphill.")
    elif not walk.overflowed and any(walk.slope) and (walk.path[-1] + walk.move(rate) == walk.path[-1]).all():
        said.append("At this rate the step is too short to change a digit of w or b.")
    return " ".join(said).strip()


def whereabouts(walk: Walk) -> str:
    """What happened on the walk so far, in a sentence or two."""
    said = []
    if walk.arrived is not None:
        said.append(f"You reached the bottom, height {number(walk.land.reached)} or lower, at step {walk.arrived:,}.")
    if walk.left_map is not None:
        (left, right), (low, high) = walk.land.w_range, walk.land.b_range
        piece = f"w from {number(left)} to {number(right)} and b from {number(low)} to {number(high)}"
        said.append(f"You left the map, which shows {piece}, at step {walk.left_map:,}.")
    if walk.overflowed:
        said.append(f"It overflowed at step {walk.steps:,}: too large a number for the computer. Step back.")
    elif walk.steps == MOST_STEPS:
        said.append(f"This was step {MOST_STEPS:,}, the last one. Step back, or start again.")
    return " ".join(said)


def score(walk: Walk, best: Fixed) -> str:
    """The walker beside gradient descent at its best fixed rate."""
    if not walk.steps:
        you = "You: not one step yet"
    elif walk.arrived is None:
        you = f"You: not at the bottom after {_steps(walk.steps)}"
    else:
        you = f"You: {_steps(walk.arrived)}"
    return f"{you}. Best fixed rate, {number(best.rate)}: {_steps(best.steps)}."


def comparison(walk: Walk, best: Fixed) -> str:
    """What the score means."""
    said = []
    if walk.arrived is not None and walk.arrived < best.steps:
        said.append(
            "You beat every fixed rate: changing the rate on the way can do better than the best single one."
            if len(set(walk.rates[: walk.arrived])) > 1
            else "You reached the bottom sooner than any fixed rate that also stays there."
        )
    if math.isfinite(best.half_steps):
        said.append(f"At half the best fixed rate it takes {_steps(int(best.half_steps))}.")
    else:
        said.append(
            f"At half the best fixed rate it stands at height {number(best.half_height)} after {_steps(MOST_STEPS)}: "
            "smaller is not always safer."
        )
    bowl = surface("round bowl")
    if walk.land is not bowl:
        at_once = bowl.limit(bowl.start) / 2
        said.append(f"In the round bowl the best rate is {number(at_once)}: no rate is best everywhere.")
    return " ".join(said)


def mathematics() -> str:
    """The lesson's mathematics, as markdown: the step, what the slope of a bowl is made of, and the six formulas."""
    step = r"$$\begin{pmatrix} w \\ b \end{pmatrix} \leftarrow \begin{pmatrix} w \\ b \end{pmatrix} - \mathrm{lr}"
    step += r"\begin{pmatrix} \partial L / \partial w \\ \partial L / \partial b \end{pmatrix}$$"
    words = (
        "Along a direction of curvature c, a distance d from the bottom, the slope is c d and the step lr · c d: "
        "after it the distance is (1 − lr · c) d. Every direction needs lr · c < 2, so the largest curvature sets "
        "the limit, and the smallest sets the speed."
    )
    return "\n\n".join([step, words, *(f"{name}: ${surface(name).formula}$" for name in NAMES)])


def challenges(walk: Walk) -> tuple[tuple[str, bool, str], ...]:
    """(what to find, whether this walk does it, the answer) of the lesson's three."""
    at, there = walk.arrived, walk.land.name
    well = surface("double well")
    jump = (well.start[0] - well.minima[0][0]) / float(well.gradient(well.start)[0])
    return (
        ("Round bowl: reach the bottom in one step", there == "round bowl" and at == 1, "rate 1, 1 / curvature"),
        (
            f"Ravine, condition number {_STEEP} or more: reach it in two steps, with two rates",
            there == "ravine" and walk.condition >= _STEEP and at == 2,
            f"1 / curvature of each direction in turn: at condition number {_STEEP}, {number(1 / _STEEP)}, then 1",
        ),
        (
            "Double well: get past the first hollow to the deeper one",
            there == "double well" and at is not None,
            f"a first step long enough to jump the ridge; at rate {number(jump)} it lands in the deeper hollow",
        ),
    )


def other_numbers(seed: int) -> float:
    """Another condition number of the ravine, of which the limit is a short decimal."""
    return float(np.random.default_rng(seed).choice(_CONDITIONS))


def questions(condition: float = DEFAULT_CONDITION) -> tuple[ChoiceQuestion, ChoiceQuestion, ChoiceQuestion]:
    """The lesson's three: what a steep slope says, the limit in the ravine, whether level ground is the bottom.

    condition: of the ravine, the lesson's own or another.
    """
    return _steep_question(condition), _limit_question(condition), _level_question()


def _steep_question(condition: float) -> ChoiceQuestion:
    land = surface("ravine", condition)
    near, far = np.array(WALKERS["Ada"]), np.array(WALKERS["Ben"])
    steep, gentle = (float(np.linalg.norm(land.gradient(at))) for at in (near, far))
    close, distant = float(np.linalg.norm(near)), float(np.linalg.norm(far))
    bends = land.hessian(near).diagonal().tolist()
    return ChoiceQuestion(
        key="fog-steep",
        ask=f"Two walkers stand in the same fog. Under Ada's feet the slope is **{steep:g}**, under Ben's "
        f"**{gentle:g}**. **Can you tell from this** who is nearer to the bottom?",
        choices={
            "Yes, Ada: steep ground is near the drop": "She is nearer this time, but her slope does not say so: on "
            f"ground with the same curvature everywhere she would be {number(steep / gentle)} times as far away as "
            "Ben.",
            "Yes, Ben: the ground levels out below": "Along one way down it does. But these two stand on "
            f"different slopes: Ben has {distant:g} to go at slope {gentle:g}, Ada {close:g} at slope {steep:g}.",
            "No: the slope alone does not tell": "It tells the direction, not the distance.",
        },
        right=2,
        outcome=f"Ada stands on the wall of a ravine, **{close:g}** from the bottom; Ben far out on its floor, "
        f"**{distant:g}** from it. Slope is curvature × distance: {bends[1]:g} × {close:g} and {bends[0]:g} × "
        f"{distant:g}, where curvature says how strongly the ground bends. So a step of rate × slope may be too "
        "long for one and too short for the other.",
    )


def _limit_question(condition: float) -> ChoiceQuestion:
    land = surface("ravine", condition)
    gentle, steep = land.hessian(land.start).diagonal().tolist()
    limit, count = land.limit(land.start), 100
    gentle_limit, under, over, half = 2 / gentle, 0.98 * limit, 1.1 * limit, 1 / steep
    runs = {
        rate: Walk(name=land.name, condition=condition).on(rate, count) for rate in (gentle_limit, under, over, half)
    }
    height = {rate: number(run.heights[-1]) for rate, run in runs.items()}
    return ChoiceQuestion(
        key="fog-limit",
        ask=f"In the ravine the ground bends by **{gentle:g}** along the floor and by **{steep:g}** across it "
        f"(condition number {steep / gentle:g}). Above which fixed rate does the walk explode?",
        choices={
            f"{gentle_limit:g}, which is 2 / {gentle:g}": "Along the floor that is the limit. Across it each step "
            f"lands {number(gentle_limit * steep - 1)} times as far away: at this rate the height overflows at step "
            f"{runs[gentle_limit].steps}.",
            f"{limit:g}, which is 2 / {steep:g}": "The steepest direction sets the limit.",
            f"{half:g}, which is 1 / {steep:g}": "At that rate the steep direction arrives in one step, and a "
            f"slightly larger rate does not explode yet. After {count} steps at it the height is {height[half]}.",
        },
        right=1,
        outcome=f"From height {float(land.loss(land.start)):g}, {count} steps at {number(under)} lead down to "
        f"**{height[under]}**, and at {number(over)} up to **{height[over]}**. The steepest direction sets the limit, "
        f"{limit:g}, and along the floor a step then covers at most {number(100 * limit * gentle)} % of the way.",
    )


def two_walkers(shown: bool, answer: str = "") -> tuple[dict[str, pd.DataFrame], str]:
    """(the tables of fog_chart.two_walkers, words): the first question's walkers; the bottom once it is `shown`.

    answer: the choice that was predicted; "" for none.
    """
    ravine = replace(surface("ravine"), w_range=(-11.0, 11.0), b_range=(-2.0, 2.0))
    slopes = {name: float(np.linalg.norm(ravine.gradient(np.array(at)))) for name, at in WALKERS.items()}
    far = {name: float(np.linalg.norm(at)) for name, at in WALKERS.items()}
    said = {name: f"{name}: slope {slopes[name]:g}" for name in WALKERS}
    people = pd.DataFrame([(*at, said[name]) for name, at in WALKERS.items()], columns=["w", "b", "words"])
    away = pd.DataFrame(
        [(*np.array(at) / 2, f"{far[name]:g} away") for name, at in WALKERS.items()], columns=people.columns
    )
    bottom = pd.DataFrame([(0.0, 0.0)] if shown else [], columns=["w", "b"])
    ways = people.assign(w2=0.0, b2=0.0) if shown else people.iloc[:0].assign(w2=0.0, b2=0.0)
    lines = contours(ravine) if shown else contours(ravine).iloc[:0]
    words = "; ".join(said.values()) + (". The bottom lies between them." if shown else ". Fog hides the bottom.")
    words += f" You predicted {answer}." if answer else ""
    tables = {"contours": lines, "ways": ways, "walkers": people, "bottom": bottom, "far": away[: shown * len(away)]}
    return tables | {"predicted": _predicted(answer)}, words


def _predicted(answer: str) -> pd.DataFrame:
    """Columns w, b, words, stands: the walker who was predicted to be nearer; words alone where it was neither."""
    at = next((place for name, place in WALKERS.items() if name in answer), None)
    if at:
        rows = [(*at, "your prediction", True)]
    else:
        rows = [(-10.0, -2.0, f"your prediction: {answer[0].lower()}{answer[1:]}", False)] if answer else []
    return pd.DataFrame(rows, columns=["w", "b", "words", "stands"])


def pause() -> tuple[Walk, int]:
    """Gradient descent over the saddle, to the bottom and on, and the step at which the ground is most nearly level."""
    land = surface("saddle")
    arrived = Walk(name=land.name).on(_PAUSE_RATE, 1000).arrived
    assert arrived is not None
    walk = Walk(name=land.name).on(_PAUSE_RATE, arrived + 15)
    return walk, int(np.linalg.norm(land.gradient(walk.path[:arrived]), axis=-1).argmin())


def _level_question() -> ChoiceQuestion:
    walk, at = pause()
    land, height = walk.land, walk.heights
    slope = float(np.linalg.norm(land.gradient(walk.path[at])))
    earlier = 15
    curvature = float(np.linalg.eigvalsh(land.hessian(walk.path[at]))[0])
    grows = 1 - _PAUSE_RATE * curvature
    return ChoiceQuestion(
        key="fog-level",
        ask=f"A walk over the **saddle** at rate {_PAUSE_RATE:g}. After {at} steps the height is "
        f"**{number(height[at])}**, {earlier} steps earlier it was {number(height[at - earlier])}; the slope has "
        f"shrunk to **{number(slope)}**. Has the walk arrived?",
        choices={
            "Yes: level ground, and the height no longer falls": "A mountain pass is level, too. Here the height "
            f"falls again, from {number(height[at])} to {number(height[-1])}.",
            "Not yet: it will go on falling": "Correct. This level ground is a pass, and from a pass some way leads "
            "down.",
            "No: it is stuck for ever, the slope is too small to leave": "Small is not 0. Beside the ridge each step "
            f"takes it {number(grows)} times as far away, and that adds up.",
        },
        right=1,
        outcome=f"It reached the bottom at step **{walk.arrived}**. A saddle is a pass between two hollows: up one "
        f"way, down the other. Across it the ground bends downwards (curvature {number(curvature)}), so each step "
        f"takes it {number(grows)} times as far from the ridge. A plateau does not mean converged.",
    )


def axes(walk: Walk, best: Fixed | None) -> tuple[int, float, float]:
    """(last step, lowest height, highest height) of the picture of heights; the heights are on a log axis."""
    last = next(
        n for m in (10, 100, 1000, 10_000) for n in (m, 2 * m, 5 * m) if n >= max(walk.steps, best.steps if best else 0)
    )
    top = 10.0 ** (math.ceil(math.log10(walk.heights[0])) + 1)
    return last, walk.land.reached / 10, top


def height_tables(walk: Walk, best: Fixed | None, last: int, low: float, high: float) -> dict[str, pd.DataFrame]:
    """The tables of fog_chart.heights, curves and marks: heights by step until they leave the axis low to high.

    best: stands beside the walk once the fog is lifted.
    """
    land = walk.land
    curves = [pd.DataFrame({"name": "the bottom", "x": [0, last], "y": land.reached})]
    shown = {"you": walk.heights} | ({} if best is None else {"best fixed rate": heights(land, best.path)})
    for name, height in shown.items():
        out = _first(~((height >= low) & (height <= high)))
        end = len(height) - 1 if out is None else out - 1
        below = out is not None and height[out] < low
        # The stroke that leaves is drawn too where it has an end: the chart cuts it at its upper edge, and it ends on
        # the lower one, which stands for all heights below it: a log axis has no place for 0.
        at = _stops(end if out is None or not height[out] < math.inf else out)
        curves.append(pd.DataFrame({"name": name, "x": at, "y": np.maximum(height[at], low)}))
        if name == "you":
            words = f"step {end:,}" if out is None else _exit(out, height[out], low)
            x, y = (out, low) if below else (end, height[end])
            mark = pd.DataFrame({"name": [name], "x": [x], "y": [y], "words": [words]})
    return {"curves": pd.concat(curves, ignore_index=True), "marks": mark}


def through_the_ravine(rate: float) -> list[Stop]:
    """The second question's walk of 100 steps at rates up to above the limit, and at this one, as tables of the map."""
    land = surface("ravine")
    limit = land.limit(land.start)
    spots = pd.DataFrame([(*land.minima[0], "lowest"), (*land.start, "start")], columns=["w", "b", "what"])
    fixed, stops = {"contours": contours(land), "places": spots}, []
    for each in around([limit * k / _IN_A_LIMIT for k in range(1, _IN_A_LIMIT + 5)], rate):
        walk = Walk(name=land.name).on(each, 100)
        after = f"after {walk.steps} steps the height is {number(walk.height)}"
        if walk.overflowed:
            after = f"the height overflows at step {walk.steps}"
        words = f"At rate {number(each)} {after}; it began at {number(walk.heights[0])}."
        stops.append(
            Stop(each, fixed | {"paths": _piece("you", land, walk.path)}, f"Map of the ravine. {words}", words)
        )
    return stops


def over_the_saddle(whole: bool) -> tuple[tuple[int, float], dict[str, pd.DataFrame], str]:
    """What fog_chart.plateau draws, up to the pause or as a `whole`: (last step, top of the axis), table, words."""
    walk, at = pause()
    end = walk.steps if whole else at
    curve = pd.DataFrame({"name": "height", "x": np.arange(end + 1), "y": walk.heights[: end + 1]})
    words = f"Height on the saddle at rate {_PAUSE_RATE:g}, from {number(walk.heights[0])} to "
    words += f"{number(walk.heights[at])} at step {at}" + f", then {number(walk.height)} at step {end}." * whole
    marks = pd.DataFrame({"name": "height", "x": [at], "y": walk.heights[at], "words": f"almost level at step {at}"})
    return (end, 1.1 * float(walk.heights[0])), {"curves": curve, "marks": marks}, words


def in_words(walk: Walk) -> str:
    """What the picture of the heights shows."""
    return f"Height against step, from {number(walk.heights[0])} to {number(walk.height)}. {whereabouts(walk)}".strip()


def ground_table(walk: Walk) -> dict[str, pd.DataFrame]:
    """The table of fog_chart.ground: arrow (w, b), length 1, downhill; no row where there is no down."""
    slope = np.array(walk.slope)
    size = float(np.abs(slope).max())
    if walk.overflowed or size == 0:
        return {"arrow": pd.DataFrame({"w": [], "b": []})}
    w, b = -(slope / size) / np.linalg.norm(slope / size)  # the square of a huge slope would overflow
    return {"arrow": pd.DataFrame({"w": [w], "b": [b]})}


def map_tables(walk: Walk, best: Fixed) -> dict[str, pd.DataFrame]:
    """The tables of fog_chart.land: contours (w, b, w2, b2), paths (name, piece, step, w, b), places (w, b, what)."""
    land = walk.land
    paths = [_piece("best fixed rate", land, best.path), _piece("you", land, walk.path)]
    return {
        "contours": contours(land),
        "paths": pd.concat(paths, ignore_index=True),
        "places": places(land),
    }


def pieces(name: str, land: Surface, paths: Sequence[Array]) -> pd.DataFrame:
    """The paths of many walkers for the map, thinned; no piece is joined to another's."""
    parts, before = [], 0
    for path in paths:
        part = _piece(name, land, path)
        part["piece"] += before
        before += len(path)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def places(land: Surface) -> pd.DataFrame:
    """The lowest points and the start of a map: columns w, b, what."""
    spots = pd.DataFrame([*land.minima, land.start], columns=["w", "b"])
    spots["what"] = ["lowest"] * len(land.minima) + ["start"]
    return spots


def _piece(name: str, land: Surface, path: Array) -> pd.DataFrame:
    """One path for the map, thinned, without what is far off; a new piece begins where it comes back."""
    step = _stops(len(path) - 1)
    box = np.array([land.w_range, land.b_range])
    with np.errstate(over="ignore", invalid="ignore"):
        far = ~(np.abs(path[step] - box.mean(1)) <= _FAR * np.ptp(box, axis=1)).all(1)
    near = step[~far]
    return pd.DataFrame(
        {"name": name, "piece": np.cumsum(far)[~far], "step": near, "w": path[near, 0], "b": path[near, 1]}
    )


def _exit(step: int, height: float, low: float) -> str:
    return f"height {number(height)} at step {step:,}" if height < low else f"above this chart at step {step:,}"


def _stops(steps: int) -> Array:
    """Which of the steps 0 to `steps` are drawn: all of a short walk, pairs spread over a long one."""
    return np.array(moments(steps)) if steps else np.array([0])


def _first(true: Array) -> int | None:
    return int(true.argmax()) if true.any() else None


def _steps(count: int) -> str:
    return many(count, "step")
