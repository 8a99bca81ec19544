"""Tables as they are sent to a page: Arrow, in 32 bits where that is enough to draw.

A page sends them as they are, where a DataFrame would be converted again at every rerun.
"""

from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa

from .frames import Columns

Table: TypeAlias = pa.Table
_DRAWABLE = 1e30  # beyond this a 32 bit number has no room


def as_arrow(table: Any) -> Table:
    """A chart's table, whichever way it is kept: Arrow, a data frame, columns, or a list of rows."""
    if isinstance(table, pa.Table):
        return table
    return pa.Table.from_pylist(table) if isinstance(table, list) else arrow(table)


def arrow(frame: pd.DataFrame | Columns) -> Table:
    """The columns as an Arrow table without an index, their numbers in 32 bits where they fit."""
    drawn = {}
    for name, column in frame.items():
        values = np.asarray(column)
        if values.dtype.kind == "i" and (np.abs(values) < 2**31).all():
            values = values.astype(np.int32)
        elif values.dtype.kind == "f" and _fits_32_bits(values):
            values = values.astype(np.float32)
        drawn[str(name)] = pa.array(values, from_pandas=values.dtype.kind == "f")
    return pa.table(drawn)


def _fits_32_bits(values: np.ndarray) -> bool:
    size = np.abs(values[np.isfinite(values) & (values != 0)])
    return bool(((size < _DRAWABLE) & (size > 1 / _DRAWABLE)).all())
