"""What is made of a class's answers: counts, who moved to what, the normalised gain. Pure functions of answers.

Below five answers only their number is told: with fewer, a count is somebody.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from core.story.question import ChoiceQuestion, NumberQuestion
from core.words import many, number

FEWEST = 5  # answers of which more than their number is told
SPLIT = 0.35, 0.70  # share of right answers between which a discussion helps most, by Mazur's Peer Instruction


def of_choices(question: ChoiceQuestion, first: Mapping[int, int], second: Mapping[int, int]) -> dict[str, Any]:
    """Of a vote. first, second: the choice of each seat, in both rounds.

    counts: answers of each choice, of each round that was; None of one with too few.  moved: moved[i][j] seats went
    from choice i to j, of those that voted twice.  gain: (after - before) / (1 - before) of the shares of these that
    were right (Hake's normalised gain); None where all were right before.  few: whether nothing more is told.
    """
    choices = range(len(question.choices))
    rounds = [first, second] if second else [first]
    counts = [_counts(each.values(), choices) for each in rounds]
    both = [(first[seat], second[seat]) for seat in first if seat in second]
    moved = gain = None
    if len(both) >= FEWEST:
        pairs = Counter(both)
        moved = [[pairs[i, j] for j in choices] for i in choices]
        before, after = (sum(pair[k] == question.right for pair in both) / len(both) for k in (0, 1))
        gain = (after - before) / (1 - before) if before < 1 else None
    return {
        "right": question.right,
        "counts": counts,
        "moved": moved,
        "gain": gain,
        "few": not any(counts),
    }


def of_numbers(question: NumberQuestion, values: Sequence[float]) -> dict[str, Any]:
    """Of guesses of a number: all of them, sorted, and how many are right, in a sentence; None where they are few."""
    enough = len(values) >= FEWEST
    return {
        "answer": question.answer,
        "values": sorted(values) if enough else None,
        "said": _near(question, values) if enough else None,
        "few": not enough,
    }


def _near(question: NumberQuestion, values: Sequence[float]) -> str:
    """How many are near the answer; of a limit also how many of these are above it, which are not right."""
    near = [value for value in values if question.near(value)]
    off = f"{number(100 * question.within)} %"
    if not question.above:
        return f"{len(near)} of {many(len(values), 'answer')} {_are(len(near))} right, to within {off}."
    said = f"{len(near)} of {many(len(values), 'guess', 'guesses')} {_are(len(near))} within {off} of the limit."
    over = sum(value > question.answer for value in near)
    lie = f"{over or 'None'} of these {'lies' if over < 2 else 'lie'} above it, where the loss would grow."
    return f"{said} {lie}" if near else said


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def of_rates(points: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """Of a sweep: (rate, final loss) of each seat that trained, the best rate of these, None where they are few."""
    enough = len(points) >= FEWEST
    there = [(loss, rate) for rate, loss in points if loss < float("inf")]
    return {
        "points": [[rate, loss if loss < float("inf") else None] for rate, loss in sorted(points)] if enough else None,
        "best": min(there)[1] if enough and there else None,
        "few": not enough,
    }


def share_right(question: ChoiceQuestion | NumberQuestion, values: Sequence[Any]) -> float | None:
    """The share of right answers, where there are enough to tell it."""
    return sum(question.judge(value).right for value in values) / len(values) if len(values) >= FEWEST else None


def _counts(values: Any, choices: range) -> list[int] | None:
    found = Counter(values)
    return [found[choice] for choice in choices] if found.total() >= FEWEST else None
