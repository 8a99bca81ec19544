"""Zones of a rate axis: where steps are steady, overshoot, and grow without end; and the limits between them."""

from itertools import pairwise

import numpy as np
import pandas as pd

from ..words import ZONES, number
from .axes import Axis

_ANOTHER = 0.01  # relative: limits that differ by more are two


def zone_table(rates: Axis, overshoot: float, limit: float) -> pd.DataFrame:
    """Columns from, to, zone: the stretches of a rate axis where steps are steady, overshoot, and grow without end."""
    edges = np.clip([rates.low, overshoot, limit, rates.high], rates.low, rates.high)
    rows = [{"from": a, "to": b, "zone": zone} for (a, b), zone in zip(pairwise(edges), ZONES, strict=True)]
    return pd.DataFrame([row for row in rows if row["to"] > row["from"]])


def limit_table(predicted: float, measured: float | None = None) -> pd.DataFrame:
    """Columns rate, words, row: the predicted limit, and the measured one where it is another."""
    rows = [(predicted, f"limit {number(predicted)}")]
    if measured is not None and abs(measured / predicted - 1) > _ANOTHER:
        rows = [
            (predicted, f"full-batch limit {number(predicted)}"),
            (measured, f"measured limit {number(measured)}"),
        ]
    return pd.DataFrame({"rate": [r for r, _ in rows], "words": [w for _, w in rows], "row": range(len(rows))})
