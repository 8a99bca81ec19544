"""All papers, by the word of their link; and what their numbers were for several seeds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

from ...training.train import Progress
from ...words import many, number
from .compared import COMPARED
from .edge import EDGES
from .flow import FLOWS
from .limits import LIMITS
from .paper import Expected, Measured, Paper, Range
from .steps import STEPS
from .width import WIDTH

_BY_SUBJECT = {
    "At the edge of stability": EDGES | FLOWS,
    "What a limit is": LIMITS,
    "Which steps to take": STEPS,
    "Many runs compared": COMPARED | WIDTH,
}
PAPERS: dict[str, Paper] = {name: paper for papers in _BY_SUBJECT.values() for name, paper in papers.items()}
SEEDS = (0, 1, 2)  # that a claim is held against


def parts() -> dict[str, dict[str, Paper]]:
    """The gallery by its headings: what reproduces, by subject, then what does not."""
    shown = {
        subject: {name: paper for name, paper in papers.items() if paper.reproduced}
        for subject, papers in _BY_SUBJECT.items()
    }
    return shown | {"Did not reproduce here": {name: paper for name, paper in PAPERS.items() if not paper.reproduced}}


def measured(name: str, seed: int, progress: Progress | None = None) -> Measured:
    """The result of the paper of this name for a seed."""
    return PAPERS[name].result(seed, progress)


def seeds_of(paper: Paper) -> tuple[int, ...]:
    """The seeds it is run for: one where chance has no part."""
    return SEEDS if paper.chance else SEEDS[:1]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Row:
    """One expected number beside what was measured, values (seeds,), and whether it lies where it may."""

    expected: Expected
    values: Array
    holds: bool

    @property
    def range_words(self) -> str:
        """Where it may lie for each seed, and where the median of three."""
        of_three = f"; median {_words(self.expected.median)}" if self.expected.median else ""
        return _words(self.expected.each) + of_three


def _words(span: Range) -> str:
    low, high = map(number, span)
    if low != high:
        return f"{low} to {high}"
    return low if span[0] == span[1] else f"about {low}"


def rows(paper: Paper, found: Sequence[Measured]) -> list[Row]:
    """A row for each number that is expected of the paper, of the seeds measured so far."""
    columns = np.array([each.values for each in found], float).T
    return [
        Row(expected=expected, values=values, holds=expected.holds(values))
        for expected, values in zip(paper.expected, columns, strict=True)
    ]


def cells(found: Sequence[Row]) -> list[dict[str, str]]:
    """The rows in words, a column each: the number, where it may lie, what was measured, and whether it does."""
    return [
        {
            "number": row.expected.words,
            "expected": row.range_words,
            "measured": ", ".join(map(number, row.values)),
            "it lies": "inside" if row.holds else "outside",
        }
        for row in found
    ]


def as_text(name: str, found: Sequence[Row]) -> str:
    """The same for a terminal, under the paper's name."""
    table = [list(row.values()) for row in cells(found)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ["  ".join(f"{word:<{width}}" for word, width in zip(row, widths, strict=True)) for row in table]
    paper = PAPERS[name]
    number_of = f", arXiv {paper.arxiv}" * bool(paper.arxiv)
    return "\n".join(
        [f"{name}: {paper.title}. {paper.source}{number_of}", *(f"  {line.rstrip()}" for line in lines), "", ""]
    )


def conclusion(paper: Paper, found: Sequence[Row]) -> str:
    """Whether all numbers lie where they should, in a sentence of markdown."""
    outside = sum(not row.holds for row in found)
    if not outside and not paper.reproduced:
        return "**The same as before: the claim does not show here.** Every number lies where it was found."
    if not outside:
        return ":green[:material/check_circle:] **Every number lies where it should.**"
    return (
        f":orange[:material/info:] **{outside} of {many(len(found), 'number')} outside.** Some of these runs are "
        "chaotic: on a processor that rounds in another way they end elsewhere."
    )
