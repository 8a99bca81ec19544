"""The pictures that some of the lessons' questions are about, as a lesson's page draws them beside the question."""

from collections.abc import Mapping

from ..drawing.axes import Axis
from ..drawing.lines import lines
from ..story import from_scratch, input_hidden_output, maps
from ..story.network_chart import network
from .chart_files import Drawing

Figures = Mapping[str, tuple[Drawing, ...]]


def figures(lesson: str) -> Figures:
    """The pictures of a lesson by the key of their question; most questions need none."""
    made = {"from_scratch": _flat_curves, "too_high_too_low": _valley, "input_hidden_output": _network}
    return made[lesson]() if lesson in made else {}


def _flat_curves() -> Figures:
    """Each flat curve beside the question about it."""
    found = {}
    for question, curve in zip(from_scratch.flat_questions(), from_scratch.three_flats(), strict=True):
        flat = curve.flat
        spec = lines("light", flat.names, flat.styles, flat.x, flat.y, flat.height, marks="marks" in flat.tables)
        found[question.key] = (
            Drawing(key=question.key, name=flat.title, words=flat.alt, spec=spec, tables=flat.tables),
        )
    return found


def _valley() -> Figures:
    curve, begin = maps.shape()
    low, high = maps.SIDES
    x, y = Axis(title="w", low=low, high=high), Axis(title="loss", low=0, high=0.6)
    question = maps.question()
    drawing = Drawing(
        key=question.key,
        name="The double valley",
        words=f"Two valleys, at w = -1 and w = 1, a hill between them; w starts at {maps.START}, in the right one.",
        spec=lines("light", ("loss",), ("one",), x, y, height=200, marks=True),
        tables={"curves": curve, "marks": begin},
    )
    return {question.key: (drawing,)}


def _network() -> Figures:
    story = input_hidden_output
    example, stage = story.Example(), story.STAGES[1]
    question = story.questions()[0]
    drawing = Drawing(
        key=question.key,
        name="The network and its numbers",
        words=story.in_words(example, stage),
        spec=network("light"),
        tables=story.tables(example, stage),
    )
    return {question.key: (drawing,)}
