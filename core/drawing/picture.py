"""One picture of lines: its tables and all that draws them, before it is a chart."""

from dataclasses import dataclass

import pandas as pd

from .axes import Axis


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """One picture: what stands above it (markdown), all that lines.lines takes, and words for who can't see it.

    tables: curves, and marks where there are some.
    """

    title: str
    names: tuple[str, ...]
    styles: tuple[str, ...]
    x: Axis
    y: Axis
    tables: dict[str, pd.DataFrame]
    alt: str
    height: int

    @property
    def name(self) -> str:
        """What it is called away from its page: what is drawn against what."""
        return f"{self.title}: {self.y.title} against {self.x.title}"
