"""A class's answers as drawings: the result that everybody is told, its chart, and the same in words."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from core.data.surfaces import contours
from core.drawing.axes import Axis, whole_decades
from core.export.chart_files import Drawing
from core.story.fog import Fixed, Walk, pieces, places
from core.words import LANE_LETTERS, many, number
from room import charts, walk

_SPREAD = 10.0  # from this ratio of the largest to the smallest answer on, a log axis
_DECADES, _EACH, _BINS = 8, 5, 12  # of a log axis at most; bins of a decade; bins of a linear axis
_ABOVE = 0.15  # of a sweep's decades
_AROUND = 1.5  # times: room at both ends of a log axis
_HIGHEST = 1000.0  # times the loss at the lowest rate: what ended higher stands at the top edge
_RIGHT = "✓ right"
SWEEP = "class-sweep"

Result = dict[str, Any]


def drawing(asked: dict[str, Any], result: Result, theme: str) -> Drawing | None:
    """The chart of a result that may be seen; None where there is none. Of a fog race the result holds its `legs`."""
    if result["few"] or result["kind"] == "quiz":
        return None
    if result["kind"] == "walk":
        return class_walks(*walk.again(result), theme)
    if result["kind"] == "rate":
        return class_sweep(result["points"], theme, asked["low"], asked["high"], result["limit"])
    return {"choice": votes, "number": guesses}[result["kind"]](result, theme)


def sentences(result: Result, count: int, drawn: Drawing | None) -> list[str]:
    """What is said below a result, as plain text. count: answers of this step and round."""
    if result["few"] and result["kind"] == "rate":
        return ["Fewer than five have trained: no curve is drawn."]
    if result["few"]:
        return [f"{many(count, 'answer')}: with fewer than five, no more than their number is shown."]
    if result["kind"] == "choice":
        found = [moved(result), gained(result)]
    elif result["kind"] == "number":
        found = [result["said"], outside(result)]
    elif result["kind"] == "quiz":
        how_many = f"How many were right about each curve, of {many(result['answers'], 'answer')}."
        found = [how_many, f"The best was right about {result['best']} of {len(result['titles'])}."]
    elif result["kind"] == "walk":
        found = _walked(result)
    else:
        best = result["best"]
        said = f"The best rate of the class is {number(best)}." if best else "No run of the class stayed finite."
        found = [said, beyond(drawn) if drawn else ""]
    return [words for words in found if words]


_CHANGED = "A rate that changes on the way can do better than the best single one."
_SOONER = "It was there sooner than any fixed rate that also stays there."


def _walked(found: Result) -> list[str]:
    """How the class walked, beside gradient descent at the best fixed rate."""
    best, fixed = found["best"], found["fixed"]
    ghost = f"Gradient descent at the best fixed rate, {number(fixed['rate'])}, takes {many(fixed['steps'], 'step')}."
    if best["steps"] is None:
        none = f"None of {many(found['answers'], 'walk')} reached the bottom; the lowest height is {best['height']}."
        return [none, ghost]
    beat = best["steps"] < fixed["steps"]
    why = [_CHANGED if best["changed"] else _SOONER] if beat else []
    there = f"{found['arrived']} of {many(found['answers'], 'walk')} reached the bottom"
    return [f"{there}, the best in {many(best['steps'], 'step')}.", ghost, *why]


def votes(result: Result, theme: str) -> Drawing:
    """Both votes, or the one that has enough answers, of a result of a choice that tells counts."""
    rounds = {vote: counts for vote, counts in zip(charts.VOTES, result["counts"], strict=False) if counts}
    letters = LANE_LETTERS[: len(next(iter(rounds.values())))]
    labels = tuple(f"{_RIGHT} {letter}" if at == result["right"] else letter for at, letter in enumerate(letters))
    rows: list[dict[str, Any]] = []
    for vote, counts in rounds.items():
        for label, count in zip(labels, counts, strict=True):
            share = count / sum(counts)
            rows.append({"choice": label, "vote": vote, "share": share, "words": f"{count} · {share:.0%}"})
    most = max(row["share"] for row in rows)
    said = "; ".join(
        f"{vote}: {', '.join(f'{letter} {count}' for letter, count in zip(letters, counts, strict=True))}"
        for vote, counts in rounds.items()
    )
    words = f"How the class voted. {said}. {letters[result['right']]} is right."
    spec = charts.votes(theme, labels, tuple(rounds), most)
    return Drawing(key="class-votes", name="Votes of a class", words=words, spec=spec, tables={"votes": rows})


def guesses(result: Result, theme: str) -> Drawing:
    """The numbers of a class as a histogram, with what is true."""
    truth, values, axis = _laid_out(result)
    edges = _edges(axis)
    shown = values[axis.holds(values)]
    counts, _ = np.histogram(shown, edges)
    rows = [
        {"from": low, "to": high, "count": int(count), "words": f"{number(low)} to {number(high)}"}
        for low, high, count in zip(edges[:-1].tolist(), edges[1:].tolist(), counts, strict=True)
        if count
    ]
    lines: list[dict[str, Any]] = [
        {"rate": value, "words": f"{words} {number(value)}", "row": row} for row, (value, words) in enumerate(truth)
    ]
    beyond = f" {outside(result)}".rstrip()
    middle = f" The middle one of {many(len(values), 'answer')} is {number(float(np.median(values)))}."
    of = "The limit: " if "measured" in result else ""
    words = f"Histogram of the class's numbers. {of}{'; '.join(line['words'] for line in lines)}.{middle}{beyond}"
    spec = charts.guesses(theme, axis, int(counts.max()))
    tables = {"guesses": rows, "limits": lines}
    return Drawing(key="class-guesses", name="Guesses of a class", words=words, spec=spec, tables=tables)


def outside(result: Result) -> str:
    """How many of the numbers are too far out to be drawn, in a sentence; "" for none."""
    _, values, axis = _laid_out(result)
    count = len(values) - int(axis.holds(values).sum())
    return f"{many(count, 'answer')} {'lies' if count == 1 else 'lie'} outside this picture." if count else ""


def _laid_out(result: Result) -> tuple[list[tuple[float, str]], np.ndarray, Axis]:
    """(what is true with its words, the numbers, the axis on which they lie)."""
    truth = [(result["answer"], "true value")]
    if (measured := result.get("measured")) is not None:
        truth = [(result["answer"], "predicted"), (measured, "measured")]
    values = np.array(result["values"], float)
    return truth, values, _axis_of_guesses(values, [value for value, _ in truth], measured is not None)


def _axis_of_guesses(values: np.ndarray, truth: list[float], log: bool) -> Axis:
    """Where the truth and the guesses lie; a log axis of a rate, and where positive numbers are far apart."""
    every = np.concatenate([values[np.isfinite(values)], truth])
    if min(truth) > 0 and (log or (every.min() > 0 and every.max() >= _SPREAD * every.min())):
        low, high = min(truth) / 10 ** (_DECADES / 2), max(truth) * 10 ** (_DECADES / 2)
        near = every[(every >= low) & (every <= high)]
        return whole_decades(float(near.min()) / _AROUND, float(near.max()) * _AROUND, least=1, title=_AXIS_OF_GUESSES)
    size = max(abs(value) for value in truth) or 1.0
    near = every[np.abs(every - truth[0]) <= 10 * size]
    room = 0.06 * (float(near.max() - near.min()) or size)
    return Axis(low=float(near.min()) - room, high=float(near.max()) + room, title=_AXIS_OF_GUESSES)


_AXIS_OF_GUESSES = "number that was guessed"


def _edges(axis: Axis) -> np.ndarray:
    if axis.log:
        return np.asarray(np.geomspace(*axis.ends, round(math.log10(axis.high / axis.low)) * _EACH + 1))
    return np.asarray(np.linspace(*axis.ends, _BINS + 1))


def class_sweep(points: Sequence[Sequence[Any]], theme: str, low: float, high: float, limit: float | None) -> Drawing:
    """The class as a sweep, as far as its seats have trained: (rate, final loss or None) of each.

    low, high: the rates that can be dealt.  limit: where it may be seen.
    """
    rates = Axis(
        low=min(low, *(rate for rate, _ in points)), high=max(high, *(rate for rate, _ in points)), scale="log"
    )
    finite = [
        loss
        for _, loss in sorted(points, key=lambda point: point[0])
        if loss is not None and math.isfinite(loss) and loss > 0
    ] or [1.0]
    shown = whole_decades(min(finite) / _AROUND, min(max(finite), _HIGHEST * finite[0]), least=2)
    above = math.ceil(_ABOVE * math.log10(shown.high / shown.low))  # decades in which the words of the limit stand
    losses = replace(shown, high=min(shown.high * 10.0**above, 1e308))
    dots: list[dict[str, Any]] = []
    gone: list[dict[str, Any]] = []
    for rate, loss in points:
        words = number(loss) if loss is not None and math.isfinite(loss) else "overflowed"
        inside = loss is not None and 0 < loss <= shown.high
        (dots if inside else gone).append({"rate": rate, "words": words} | ({"loss": loss} if inside else {}))
    best = min(dots, key=lambda row: row["loss"], default=None)
    tables: dict[str, Any] = {"points": dots or _NO_DOT, "gone": gone or _NO_ROW}
    if best:
        tables["best"] = [{**best, "words": f"best: {number(best['rate'])}"}]
    if limit is not None:
        tables["limits"] = [{"rate": limit, "words": f"limit {number(limit)}", "row": 0}]
    spec = charts.class_sweep(theme, rates, losses, best is not None, limit is not None)
    words = _said(points, len(gone), best, limit)
    return Drawing(key=SWEEP, name="Loss against learning rate, a class", words=words, spec=spec, tables=tables)


def beyond(sweep: Drawing) -> str:
    """What the triangles at the top of a class's sweep are, in a line; "" where there are none."""
    return "▲ overflowed, or ended above this chart." if isinstance(sweep.tables["gone"], list) else ""


def class_walks(walks: Sequence[Walk], fixed: Fixed, theme: str) -> Drawing:
    """The walks of a class, the best first, over the land without its fog, beside gradient descent's."""
    best, *others = walks
    land = best.land
    tables = {
        "contours": contours(land),
        "others": pieces(charts.WALKS[0], land, [walk.path for walk in others]),
        "fixed": pieces(charts.WALKS[1], land, [fixed.path]),
        "best": pieces(charts.WALKS[2], land, [best.path]),
        "places": places(land),
    }
    how = "did not reach the bottom" if best.arrived is None else f"reached the bottom in {many(best.arrived, 'step')}"
    words = f"Map of w and b with the walks of a class, {len(walks)} of them. {land.shape} The best {how}; gradient "
    words += f"descent at the best fixed rate, {number(fixed.rate)}, takes {many(fixed.steps, 'step')}."
    spec = charts.class_walks(theme, land.w_range, land.b_range)
    return Drawing(key="class-walks", name="Walks of a class", words=words, spec=spec, tables=tables)


_NO_ROW: dict[str, list[Any]] = {"rate": [], "words": []}
_NO_DOT = {"loss": [], **_NO_ROW}


def _said(points: Sequence[Any], gone: int, best: Any, limit: float | None) -> str:
    words = f"Loss at the end against learning rate, both on log axes: {many(len(points), 'run')} of the class."
    words += f" The lowest loss, {best['words']}, is at learning rate {number(best['rate'])}." if best else ""
    words += f" {many(gone, 'run')} overflowed or ended above the chart." if gone else ""
    return words + (f" The limit is {number(limit)}." if limit is not None else "")


def moved(result: Result) -> str:
    """Who of those that voted twice changed between the votes, in a sentence; "" where that is not told."""
    table, right = result.get("moved"), result.get("right")
    if not table or right is None:
        return ""
    twice = sum(map(sum, table))
    wrong = sum(sum(row) for at, row in enumerate(table) if at != right)
    to_right = sum(row[right] for at, row in enumerate(table) if at != right)
    left = sum(table[right]) - table[right][right]
    if not wrong:
        return f"All {twice} who voted twice were right in the first vote."
    words = f"{twice} voted twice: {to_right} of {wrong} who were wrong changed to the right answer."
    return words + (f" {left} who {'was' if left == 1 else 'were'} right changed to a wrong one." if left else "")


def gained(result: Result) -> str:
    """The normalised gain of those that voted twice, in a sentence to follow `moved`; "" where there is none."""
    gain = result.get("gain")
    if gain is None:
        return ""
    if gain < 0:
        return "Of these, fewer were right in the second vote than in the first."
    return f"Of what these could gain, they gained {gain:.0%}: the normalised gain."
