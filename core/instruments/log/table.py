"""The text of a log as a table of cells: what separates its columns, and whether its first line names them."""

import csv
import io
import re
from itertools import islice

import pandas as pd

from ...experiment.fields import shorten
from .columns import Column, column
from .numbers import NUMBER
from .text import MOST_BYTES, UnreadableLog

MOST_ROWS = 2_000_000
MOST_COLUMNS = 10_000  # a thousand runs of Weights & Biases have three columns each
FEW_COLUMNS = 64  # of more, only those that are needed are read
_FEW_CELLS = 1_000_000  # may lack any of their rows' ends
_SAMPLE = 50  # lines looked at to tell what separates columns
_SURELY = 100  # times as many separators as columns are allowed: more than quotation marks can explain
_QUOTED = re.compile(r'"[^"]*"')
_WHOLE = re.compile(r"[+-]?\d+")


def read_table(text: str) -> tuple[list[Column], pd.DataFrame]:
    """The columns by name, and their cells (rows, columns) as text, "" where there is nothing.

    Of very many columns only those are read whose names say something. Raises UnreadableLog where text is no table.
    """
    lines = text.count("\n") + 1
    if lines > MOST_ROWS + 100:
        raise UnreadableLog(f"The log has {lines:,} lines; {MOST_ROWS:,} are allowed: keep every tenth, say.")
    sample = first_lines(text)
    separator = separator_of(sample)
    if separator == " ":
        text, separator = _tabs(text), "\t"
        sample = first_lines(text)
    if (widest := count_columns(sample, separator, MOST_COLUMNS)) > MOST_COLUMNS:
        raise _too_many_columns(widest)
    first, width = shape_of(sample, separator)
    if separator == "," and _is_one_column(sample, first):
        # 0,693 is one number with a decimal comma: there is no step that stays 0.
        separator, (first, width) = "\t", shape_of(sample, "\t")
    if width > MOST_COLUMNS:
        raise _too_many_columns(width)
    named = not all(NUMBER.fullmatch(cell.strip()) for cell in first if cell.strip())
    names = first + [""] * (width - len(first)) if named else _names_of(width)
    columns = [column(index, name) for index, name in enumerate(names)]
    return columns, _cells(text, separator, columns, named)


def _too_many_columns(found: int) -> UnreadableLog:
    return UnreadableLog(f"The log has {found:,} columns; {MOST_COLUMNS:,} are allowed: keep step and losses.")


def _tabs(text: str) -> str:
    """The text with a tab for each run of spaces within a line, and none at its ends.

    Replaced by halves: a regular expression would hold every cell of it at once.
    """
    while "  " in text:
        text = text.replace("  ", " ")
    for end in "\t\n":
        text = text.replace(f" {end}", end).replace(f"{end} ", end)
    return text.strip(" ").replace(" ", "\t")


def first_lines(text: str) -> list[str]:
    """A sample of its lines that hold something: enough to tell what separates columns."""
    return [line for line in islice(text.split("\n", 4 * _SAMPLE), 4 * _SAMPLE) if line.strip()][:_SAMPLE]


def separator_of(sample: list[str]) -> str:
    """What separates columns: tab, semicolon or comma, whichever nearly every line below the first has; or spaces."""
    bare = [_QUOTED.sub("", line) for line in sample]
    body = bare[1:] or bare
    for candidate in "\t;,":
        if sum(candidate in line for line in body) >= 0.9 * len(body):
            return candidate
    return " " if all(map(_is_numbers, body)) else "\t"


def _is_numbers(line: str) -> bool:
    """Whether a line is several numbers; of very many only the first are looked at."""
    words = line.split(None, MOST_COLUMNS)
    return len(words) > 1 and all(map(NUMBER.fullmatch, words[:MOST_COLUMNS]))


def count_columns(sample: list[str], separator: str, most: int) -> int:
    """How many columns the widest line has, before anything is parsed: ten million commas would be as many cells.

    A line with quotation marks is left to `shape_of`, unless it has a hundred times as many as are allowed.
    """
    counts = [(line, _QUOTED.sub("", line).count(separator) + 1) for line in sample]
    return max((count for line, count in counts if '"' not in line or count > _SURELY * most), default=0)


def shape_of(sample: list[str], separator: str) -> tuple[list[str], int]:
    """(the first row's cells, how many columns there are)."""
    try:
        rows = [row for row in csv.reader(io.StringIO("\n".join(sample)), delimiter=separator) if row]
    except csv.Error as error:
        raise UnreadableLog(f"The first lines are no table ({error}): paste the CSV as it was exported.") from None
    first, width = rows[0], max(map(len, rows))
    extra = [cell for row in rows for cell in row[len(first) :] if cell.strip()]
    if extra and not (len(first) == 1 and separator == ","):
        raise UnreadableLog(
            f"The first line has {len(first):,} cells and another has {width:,}: give each column one name, and where "
            "numbers have decimal commas put a semicolon or a tab between columns."
        )
    return first, width


def _is_one_column(sample: list[str], first: list[str]) -> bool:
    """Whether what looks like two columns of whole numbers is one of numbers with decimal commas."""
    pairs = [line.strip().split(",") for line in sample[len(first) == 1 :]]
    if not pairs or not all(len(pair) == 2 and all(map(_WHOLE.fullmatch, pair)) for pair in pairs):
        return False
    steps = [int(pair[0][:9]) for pair in pairs]
    return len(first) == 1 or (len(steps) > 1 and len(set(steps)) <= len(steps) / 2)


def _names_of(width: int) -> list[str]:
    if width > 2:
        raise UnreadableLog(
            f"The log has {width:,} columns without names: name them in a first line, such as step,loss,lr."
        )
    return ["loss"] if width == 1 else ["step", "loss"]


def _cells(text: str, separator: str, columns: list[Column], named: bool) -> pd.DataFrame:
    """(rows, columns) of text, "" where there is nothing."""
    wanted = [each.index for each in columns if len(columns) <= FEW_COLUMNS or each.kind != "other"]
    wanted = wanted or [each.index for each in columns]
    # Where no row is cut short there is a separator to each cell, so a short text can't become a large table.
    lines = text.count("\n") + 1
    if lines * len(wanted) > max(_FEW_CELLS, min(MOST_BYTES, 4 * len(text))):
        raise UnreadableLog(
            f"The log has {lines:,} lines of up to {len(columns):,} columns, and many are cut short: give each a cell "
            "for every column, or keep step and losses."
        )
    try:
        table = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            header=None,
            names=range(len(columns)),
            index_col=False,
            usecols=wanted if len(wanted) < len(columns) else None,
            dtype=str,
            keep_default_na=False,
        )
    except pd.errors.ParserError as error:
        found = str(error).strip().removeprefix("Error tokenizing data. C error: ")
        raise UnreadableLog(
            f"The table breaks off ({shorten(found)}): look for a line with too many cells or a lone quotation mark."
        ) from None
    table = table.iloc[1:] if named else table
    if table.empty:
        raise UnreadableLog("Only a first line with names was found, and no numbers below it: paste the rows too.")
    if len(table) > MOST_ROWS:
        raise UnreadableLog(f"The log has {len(table):,} rows; {MOST_ROWS:,} are allowed: keep every tenth, say.")
    return table.fillna("").reset_index(drop=True)
