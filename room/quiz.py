"""The mystery race: the ten loss curves of one quiz, and who of a class tells the most of them.

An answer is kept as {"choices": [place or None, ten times], "at": when, in seconds}: right answers count first, and of
equals the one that came sooner. `made` is what `prepared` gives; `given` are the answers of a class, by seat.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.export.markup import inline
from core.story.mystery import COUNT, Mystery, meter_read, mystery, picture
from core.story.mystery import seen as told_in_words
from core.words import number

from .tally import FEWEST

if TYPE_CHECKING:
    from .plan import Step

Given = Mapping[int, dict[str, Any]]
_POINTS = 120  # of a curve that a phone draws: a jitter still looks like one
_CHOICES = 4  # of each curve


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiz:
    """curves: what a phone draws and asks, without an answer.  right, whys: of each curve the right choice, and why."""

    curves: tuple[dict[str, Any], ...]
    right: tuple[int, ...]
    whys: tuple[str, ...]


def prepared(step: Step) -> Quiz:
    """The ten that the step's seed draws; trains them."""
    found = [mystery(step.version, place) for place in range(COUNT)]
    questions = [each.question for each in found]
    return Quiz(
        curves=tuple(map(_drawn, found)),
        right=tuple(each.right for each in questions),
        whys=tuple(inline(list(each.choices.values())[each.right]) for each in questions),
    )


def _drawn(found: Mystery) -> dict[str, Any]:
    """Points from 0 to 1 on both axes, the loss on a log one; what the meter said; the choices, as HTML."""
    epochs, losses, tables = picture(found)
    x, y = (tables["curves"][name].to_numpy(float) for name in "xy")
    keep = np.unique(np.linspace(0, len(x) - 1, min(_POINTS, len(x))).round().astype(int))
    low, high = np.log10(losses.ends)
    places = zip(x[keep] / epochs.high, (np.log10(y[keep]) - low) / (high - low), strict=True)
    return {
        "points": [[round(float(along), 3), round(float(up), 3)] for along, up in places],
        "left": found.overflow >= 0,
        "low": number(losses.low),
        "high": number(losses.high),
        "epochs": found.experiment.epochs,
        "words": told_in_words(found),
        "meter": inline(meter_read(found)),
        "choices": [inline(choice) for choice in found.question.choices],
    }


def small_picture(curve: dict[str, Any]) -> str:
    """A curve of a Quiz as an SVG of 120 x 40, without axes."""
    places = " ".join(f"{2 + 116 * along:.1f},{38 - 36 * up:.1f}" for along, up in curve["points"])
    line = f'<polyline points="{places}" fill="none" stroke="#808080" stroke-width="2.5" stroke-linejoin="round"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40" viewBox="0 0 120 40">{line}</svg>'


def reads(value: Any) -> list[int | None]:
    """What a seat sent: ten places of choices, None where it has not chosen yet. Raises ValueError."""
    fits = isinstance(value, list) and len(value) == COUNT
    if not fits or not all(each is None or (type(each) is int and each in range(_CHOICES)) for each in value):
        raise ValueError(f"The answer is a list of {COUNT}: of each curve the place of a choice, or null.")
    return list(value)


def sent(value: dict[str, Any]) -> list[int | None]:
    """An answer as its seat sent it."""
    return list(value["choices"])


def done(given: Given) -> int:
    """How many have chosen for each curve."""
    return sum(None not in value["choices"] for value in given.values())


def seen(made: Quiz, step: Step, value: Any) -> dict[str, Any]:
    """What a seat may see while the race is on."""
    return {"curves": made.curves}


def judged(made: Quiz, step: Step, value: dict[str, Any]) -> dict[str, Any]:
    """What a seat is told of its answer: of each curve whether it was told right."""
    return {"each": _each(made, value)}


def standing(made: Quiz, step: Step, given: Given) -> list[int]:
    """The seats, the best first."""
    return sorted(given, key=lambda seat: (-sum(_each(made, given[seat])), given[seat]["at"], seat))


def place(made: Quiz, step: Step, given: Given, seat: int) -> int:
    """Which it is in the standing, from 1."""
    return standing(made, step, given).index(seat) + 1


def result(made: Quiz, step: Step, given: Given) -> dict[str, Any]:
    """What everybody is told once it is revealed: of each curve what it was, and how many told it."""
    few = len(given) < FEWEST
    each = [_each(made, value) for value in given.values()]
    return {
        "kind": "quiz",
        "titles": [curve["choices"][right] for curve, right in zip(made.curves, made.right, strict=True)],
        "whys": list(made.whys),
        "answers": len(given),
        "right": None if few else [sum(column) for column in zip(*each, strict=True)],
        "best": None if few else max(map(sum, each)),
        "few": few,
    }


def rows(made: Quiz, step: Step, given: Given) -> list[dict[str, Any]]:
    """A row for each curve: what it was, and how many told it."""
    told = result(made, step, given)
    return [
        {"answer": f"curve {place + 1}: {title}", "count": count, "right": True}
        for place, (title, count) in enumerate(zip(told["titles"], told["right"], strict=True))
    ]


def _each(made: Quiz, value: dict[str, Any]) -> list[bool]:
    return [choice == right for choice, right in zip(value["choices"], made.right, strict=True)]
