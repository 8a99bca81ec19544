"""What a class is shown of a step, and which answers the step takes."""

import math
import time
from dataclasses import replace
from functools import lru_cache
from typing import Any

from core import train
from core.experiment.described import experiment_words
from core.export.handout import image, pictures
from core.export.loss_lines import loss_drawing
from core.export.markup import inline, paragraphs
from core.story.mystery import COUNT
from core.story.question import ChoiceQuestion, NumberQuestion
from core.words import number

from . import quiz, walk
from .plan import Step, ends, stops

_QUIZ = (
    f"**{COUNT} loss curves of real runs: what happened in each?** They are on your phone, with what the meter said: "
    "learning rate × curvature along the step. Some look exactly alike. Right answers count before speed."
)
_WALK = (
    "**You stand on a mountain in fog.** Your phone knows how high you stand, the loss, and how the ground slopes "
    "under your feet. A step goes downhill, rate × slope far: choose the rate of each, and come to the bottom in as "
    "few steps as you can."
)
_SWEEP = {
    1: "Each of you has **another learning rate**. Train with yours, and see what becomes of the loss.",
    2: "Now **you choose the rate**. Where does the loss end lowest? Train, and see.",
}


def asked(step: Step, round: int) -> dict[str, Any]:
    """What a seat and the hall are shown of it: texts as HTML, and nothing that tells the answer.

    about: of a sweep, what all train: what is left of `ask` once nobody can train any more.  positive: whether a
    number is a rate, which is above 0.
    """
    found, title = step.question, step.heading
    if step.kind == "mystery":
        return {"kind": "quiz", "title": title, "ask": paragraphs(_QUIZ), "of": COUNT}
    if step.kind == "fog":
        sizes = {"stops": stops(*walk.RATES), "at_once": walk.AT_ONCE, "of": walk.MOST_STEPS}
        return {"kind": "walk", "title": title, "ask": paragraphs(_WALK), **sizes}
    if isinstance(found, ChoiceQuestion):
        return {
            "kind": "choice",
            "title": title,
            "picture": bool(picture(step)),
            "ask": paragraphs(found.ask),
            "choices": [inline(choice) for choice in found.choices],
        }
    if isinstance(found, NumberQuestion):
        return {"kind": "number", "title": title, "ask": paragraphs(found.ask), "positive": step.kind == "limit"}
    low, high = ends(step)
    return {
        "kind": "rate",
        "title": title,
        "ask": paragraphs(_SWEEP[round] + f"\n\n{_of(step)}"),
        "about": paragraphs(_of(step)),
        "low": low,
        "high": high,
        "stops": stops(low, high),
        "chooses": round == 2,
    }


@lru_cache(maxsize=20)
def picture(step: Step) -> str:
    """The pictures that a vote is about, as HTML for the hall's screen; "" for none."""
    return pictures(step.lesson, step.key) if step.kind == "vote" else ""


def outcome(step: Step) -> str:
    """What came of a run, its loss against the epoch, as `picture`."""
    if step.kind != "run" or step.experiment is None:
        return ""
    drawn = loss_drawing(train(step.experiment))
    return image(replace(drawn, name=f"Loss at learning rate {number(step.experiment.learning_rates[0])}"))


def reads(step: Step, round: int, value: Any) -> Any:
    """An answer as it is stored: an index, a number, a rate, None for the dealt one, a race's. Raises ValueError."""
    if step.kind == "mystery":
        return {"choices": quiz.reads(value), "at": time.time()}
    if step.kind == "fog":
        return walk.reads(value, stops(*walk.RATES))
    found = step.question
    fits = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if isinstance(found, ChoiceQuestion):
        if not fits or value not in range(len(found.choices)):
            raise ValueError(f"The answer is the place of a choice, 0 to {len(found.choices) - 1}.")
        return int(value)
    if found is not None:
        if not fits:
            raise ValueError("The answer is a number.")
        if step.kind == "limit" and value <= 0:
            raise ValueError("A learning rate is above 0.")
        return float(value)
    if round == 1:
        if value is not None:
            raise ValueError("The rate is dealt: train with it.")
        return None
    if not fits or float(value) not in stops(*ends(step)):
        raise ValueError("Choose one of the rates that are offered.")
    return float(value)


def _of(step: Step) -> str:
    assert step.experiment is not None
    return f"All train the same: {experiment_words(step.experiment)}"
