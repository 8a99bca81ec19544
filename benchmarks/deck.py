"""The deck of the article's line: how long it takes to build, and how many bytes it sends."""

from collections.abc import Iterator

from benchmarks.table import Row, at_most, seconds
from core import Experiment
from core.drawing.deck import family
from core.instruments.compare.stage import packed

_REPEATS = 15


def rows() -> Iterator[Row]:
    """Deck rows of the table."""
    asked = family(Experiment())
    sent = packed(asked)
    fastest = 1000 * min(seconds(lambda: packed(asked)) for _ in range(_REPEATS))
    yield at_most("deck of the article's line, built", 80, fastest, "ms", f"fastest of {_REPEATS} runs")
    details = f"{len(asked.learning_rates)} rates"
    yield at_most("deck of the article's line, compressed", 35, len(sent) / 1000, "kB", details)
