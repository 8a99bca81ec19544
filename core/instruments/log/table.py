"""The text of a log as a table of cells: what separates its columns, and whether its first line names them."""

import csv
import io
import re
import warnings
from itertools import islice

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as csv_reader

from ...experiment.fields import shorten
from .columns import Column, column
from .heads import LAYOUTS, Layout, Start, begins, without_heads, without_names
from .numbers import NUMBER, PLAIN
from .records import Cells, Records, Values
from .text import MOST_BYTES, UnreadableLog

MOST_ROWS = 2_000_000
MOST_COLUMNS = 10_000  # a thousand runs of Weights & Biases have three columns each
FEW_COLUMNS = 64  # of more, only those that are needed are read
_FEW_CELLS = 1_000_000  # may lack any of their rows' ends
_SAMPLE = 50  # lines looked at to tell what separates columns
_SURELY = 100  # times as many separators as columns are allowed: more than quotation marks can explain
_LOOKED_AT = 100_000  # characters in which a table must begin
_DIRECTIVE = re.compile(r"sep=([,;\t|])[^\S\n]*\n", re.I)  # Excel's own word for what separates columns
_QUOTED = re.compile(r'"[^"]*"')
_WHOLE = re.compile(r"[+-]?\d+")


def read_table(text: str) -> Records | None:
    """The records of a text that is a table: CSV and its kin, markdown, or columns set apart by spaces; None of others.

    Of very many columns only those are read whose names say something. Raises UnreadableLog where a table breaks off.
    """
    lines = text.count("\n") + 1
    if lines > MOST_ROWS + 100:
        raise UnreadableLog(f"The log has {lines:,} lines; {MOST_ROWS:,} are allowed: keep every tenth, say.")
    directive = _DIRECTIVE.match(text)
    text = text[directive.end() :] if directive else text
    for layout in LAYOUTS:
        if directive and layout.separator != directive[1]:
            continue
        sample = first_lines(layout.rows(text[:_LOOKED_AT]))
        if (widest := count_columns(sample, layout.separator, MOST_COLUMNS)) > MOST_COLUMNS:
            raise _too_many_columns(widest)
        found = begins(layout, sample)
        if found is not None:
            return _read(layout, layout.rows(text), found)
    return None


def _read(layout: Layout, text: str, start: Start) -> Records:
    for _ in range(start.skipped):
        text = text[text.find("\n") + 1 :]
    sample = first_lines(text)
    separator = layout.separator
    if start.numbered:
        first, width = start.names, len(start.names)
    else:
        first, width = shape_of(sample[start.heads - 1 :] if start.heads else sample, separator)
    if separator == "," and _is_one_column(sample, first):
        # 0,693 is one number with a decimal comma: there is no step that stays 0.
        separator, (first, width) = "\t", shape_of(sample, "\t")
    if width > MOST_COLUMNS:
        raise _too_many_columns(width)
    names = start.names if start.heads > 1 else first if start.heads else []
    if start.numbered:
        names, width = ["", *names], max(width, len(names) + 1)
    named = bool(names) and not all(NUMBER.fullmatch(cell.strip()) for cell in names if cell.strip())
    columns = [column(index, name) for index, name in enumerate([*names, *[""] * (width - len(names))])]
    cells = _cells(text, separator, columns, start.heads if named else 0)
    return without_heads(cells, columns, separator) if named else without_names(cells, separator)


def _too_many_columns(found: int) -> UnreadableLog:
    return UnreadableLog(f"The log has {found:,} columns; {MOST_COLUMNS:,} are allowed: keep step and losses.")


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


def _cells(text: str, separator: str, columns: list[Column], heads: int) -> dict[int, Cells]:
    """The cells of each column as text, "" where there is nothing."""
    wanted = [each.index for each in columns if len(columns) <= FEW_COLUMNS or each.kind != "other"]
    wanted = wanted or [each.index for each in columns]
    for _ in range(heads):
        text = text[text.find("\n") + 1 :] if "\n" in text else ""
    if not text.strip():
        raise UnreadableLog("Only a first line with names was found, and no numbers below it: paste the rows too.")
    # Where no row is cut short there is a separator to each cell, so a short text can't become a large table.
    lines = text.count("\n") + 1
    if lines * len(wanted) > max(_FEW_CELLS, min(MOST_BYTES, 4 * len(text))):
        raise UnreadableLog(
            f"The log has {lines:,} lines of up to {len(columns):,} columns, and many are cut short: give each a cell "
            "for every column, or keep step and losses."
        )
    whole = text.count('"') % 2 == 0
    table = _quickly(text, separator, len(columns), wanted) if whole else None
    return _one_by_one(text, separator, len(columns), wanted, heads) if table is None else table


def _quickly(text: str, separator: str, width: int, wanted: list[int]) -> dict[int, Cells] | None:
    """The columns, those of numbers as numbers, the others as text; None where rows are not of one length."""
    content, plain = text.encode(), _columns_of_numbers(text, separator, wanted)
    for numeric in [plain, set()] if plain else [set()]:
        types = {str(index): pa.float64() if index in numeric else pa.large_string() for index in range(width)}
        try:
            found = csv_reader.read_csv(
                pa.BufferReader(content),
                csv_reader.ReadOptions(column_names=list(types), use_threads=False),
                csv_reader.ParseOptions(delimiter=separator, newlines_in_values='"' in text),
                csv_reader.ConvertOptions(
                    column_types=types,
                    include_columns=[str(index) for index in wanted],
                    null_values=[""],
                    strings_can_be_null=False,
                    quoted_strings_can_be_null=True,
                ),
            )
        except pa.ArrowInvalid:
            continue
        return {index: _cells_of(found.column(str(index)), index in numeric) for index in wanted}
    return None


def _columns_of_numbers(text: str, separator: str, wanted: list[int]) -> set[int]:
    """Those of which the first rows hold numbers with decimal points and nothing else."""
    rows = list(csv.reader(first_lines(text[:_LOOKED_AT]), delimiter=separator))
    seen = {index: [row[index].strip() for row in rows[:-1] or rows if index < len(row)] for index in wanted[:200]}
    return {
        index
        for index, cells in seen.items()
        if any(cells) and all(cell == "" or PLAIN.fullmatch(cell) for cell in cells)
    }


def _cells_of(found: pa.ChunkedArray, numeric: bool) -> Cells:
    if not numeric:
        return pd.Series(found.combine_chunks(), dtype="str")
    if not found.null_count:
        return Values(np.asarray(found.to_numpy(), dtype=np.float64), np.ones(len(found), bool))
    values = np.asarray(found.fill_null(np.nan).to_numpy(), dtype=np.float64)
    return Values(values, np.asarray(found.is_valid().to_numpy(), dtype=bool))


def _one_by_one(text: str, separator: str, width: int, wanted: list[int], heads: int) -> dict[int, Cells]:
    """The same where rows are cut short: what they lack is ""."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # the first row is longer than all others
            table = pd.read_csv(
                io.StringIO("\n" * heads + text),
                sep=separator,
                header=None,
                names=range(width),
                index_col=False,
                usecols=wanted if len(wanted) < width else None,
                dtype=str,
                keep_default_na=False,
            )
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        found = str(error).strip().removeprefix("Error tokenizing data. C error: ")
        raise UnreadableLog(
            f"The table breaks off ({shorten(found)}): look for a line with too many cells or a lone quotation mark."
        ) from None
    except pd.errors.EmptyDataError:
        raise UnreadableLog("Only a first line with names was found, and no numbers below it.") from None
    return {index: table[index].fillna("") for index in wanted}
