"""A chart's pictures at many values of one number, from which a browser draws the one where its slider stands."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

STOP = "stop"  # the column that says to which a row belongs


class Stop(NamedTuple):
    """One value: what the chart's tables hold there, the picture in words, and what is said of it below."""

    value: float
    tables: Mapping[str, pd.DataFrame]
    alt: str
    says: str = ""


def joined(stops: Sequence[Stop]) -> dict[str, pd.DataFrame]:
    """The tables of all stops as one set, with a column `stop`; a table that is alike at all of them once, without."""
    return {name: _joined([stop.tables[name] for stop in stops]) for name in stops[0].tables}


def _joined(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    first = tables[0]
    if all(each is first or each.equals(first) for each in tables):
        return first
    return pd.concat([each.assign(**{STOP: k}) for k, each in enumerate(tables)], ignore_index=True)


def around(values: Sequence[float], own: float) -> tuple[float, ...]:
    """The values a slider stops at, of four digits as they are read, ascending, with one's own among them."""
    return tuple(sorted({*(float(f"{value:.4g}") for value in values), own}))
