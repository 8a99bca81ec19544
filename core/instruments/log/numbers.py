"""Cells of a log as numbers: with decimal points or commas, with nan and inf as tools write them."""

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy import ndarray as Array

_NAN = {"nan", "+nan", "-nan", "nan(ind)", "-nan(ind)", "1.#qnan", "1.#ind", "-1.#ind"}
_INF = {"inf", "+inf", "infinity", "+infinity", "1.#inf", "∞"}
GAP = {"", "na", "n/a", "<na>", "none", "null", "-", "--"}  # NA is Keras' word for what was not measured
_PLAIN = r"[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?|[+-]?\d{1,3}([.,]\d{3})+([.,]\d+)?"
NUMBER = re.compile("|".join([_PLAIN, *map(re.escape, _NAN | _INF | {"-inf", "-infinity"})]), re.I | re.A)
PLAIN = re.compile(
    r"[+-]?(?:[0-9]{1,30}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,4})?"
)  # with a point or none
# A number whose point parts no thousands, whatever its file does with points.
_POINT = re.compile(r"[+-]?(?:0*\.[0-9]+|[0-9]+\.(?:[0-9]{1,2}|[0-9]{4,})?)(?:[eE][+-]?[0-9]+)?")
_OF = re.compile(r"^([0-9]{1,9})\s*/\s*[0-9]{1,9}$")
THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?")


def numbers(cells: pd.Series, commas: bool) -> tuple[Array, Array, int]:
    """(values (n,), where there is one (n,), how many cells are neither number nor empty).

    commas: whether commas are decimal; otherwise they part thousands.  nan and inf are values too.
    """
    if not commas and (plain := _plain(cells)) is not None:
        return *plain, 0
    text = cells.str.strip()
    if commas:
        text = text.where(~text.str.fullmatch(_POINT.pattern), "with a decimal point among decimal commas")
        text = text.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
    elif (grouped := text.str.fullmatch(THOUSANDS.pattern)).any():
        text = text.where(~grouped, text.str.replace(",", "", regex=False))
    values = pd.to_numeric(text, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan).copy()
    there = ~np.isnan(values)
    rest = np.flatnonzero(~there)
    words = text.iloc[rest].str.lower()
    of = words.str.extract(_OF.pattern)[0].to_numpy(dtype=object)  # 3/90: the third of ninety
    for row, number in zip(rest, of, strict=True):
        if isinstance(number, str):
            values[row], there[row] = float(number), True
    for known, value in ((_NAN, np.nan), (_INF, np.inf), ({"-inf", "-infinity"}, -np.inf)):
        rows = rest[words.isin(known).to_numpy(dtype=bool)]
        values[rows], there[rows] = value, True
    odd = int((~there).sum() - words.isin(GAP).sum())
    return values, there, odd


def _plain(cells: pd.Series) -> tuple[Array, Array] | None:
    """(values, where there is one) of cells that are all numbers or empty, ten times as fast; None of others."""
    try:
        text = pa.array(cells, from_pandas=True)
        text = pc.if_else(pc.equal(text, ""), None, text)
        found = pc.cast(text, pa.float64())
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        return None
    there = np.asarray(found.is_valid().to_numpy(zero_copy_only=False))
    return np.array(found.to_numpy(zero_copy_only=False), dtype=np.float64), there


def as_number(cell: str) -> float | None:
    """The number that a cell is by itself, nan and inf included; None of anything else."""
    text = cell.strip()
    if len(text) > 400 or not NUMBER.fullmatch(text):
        return None
    word = text.lower()
    if word in _NAN:
        return np.nan
    if word.lstrip("+-") in _INF:
        return -np.inf if word.startswith("-") else np.inf
    try:
        return float(text.replace(",", "") if THOUSANDS.fullmatch(text) else text)
    except ValueError:
        return None
