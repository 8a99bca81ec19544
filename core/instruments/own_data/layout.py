"""Where a table stands in a text: what separates its cells, which lines are its names, and which are none of it."""

import csv
import io
import re
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Any

from ...experiment.fields import shorten
from ..log.limits import MOST_COLUMNS, MOST_ROWS, Rows, too_many_columns
from ..log.numerals import GAPS, is_date, numeral
from ..log.text import Unreadable

_SAMPLE = 50  # lines looked at to tell what separates columns
_TITLES = 100  # lines above and below a table that may be none of it
_DIRECTIVE = re.compile(r'"?sep=(\\t|[^"])"?', re.I)  # a spreadsheet's first line, which is no row
_QUOTED = re.compile(r'"[^"]*"')
_RULED = re.compile(r":?-+:?|=+")  # a cell of the line between names and rows, in markdown
_TOTALS = re.compile(
    r"(?:grand |sub)?total\b|sum\b|summe\b|(?:ins)?gesamt\b|somme\b|mean\b|average\b|mittelwert\b", re.I
)


@dataclass(frozen=True, slots=True)
class Found:
    """names: the row of names, None where there is none.  body: the rows, `count` of them, of which none much beyond
    those allowed are kept.  separator: what stood between cells.  notes: what was left out.
    """

    names: list[str] | None
    body: Rows
    count: int
    separator: str
    notes: list[str]


@dataclass(frozen=True, slots=True)
class _Row:
    """One row. cells: no more than the table is wide.  given: how many there were."""

    line: int
    cells: list[str]
    given: int

    @property
    def filled(self) -> int:
        """How many cells hold anything."""
        return sum(map(bool, self.cells))

    def holds_number(self) -> bool:
        """Whether a cell is a number."""
        return any(map(numeral, self.cells))


def table_in(text: str) -> Found:
    """The table that a text holds. Raises Unreadable where it holds none."""
    first, _, rest = text.partition("\n")
    asked = ""
    if directive := _DIRECTIVE.fullmatch(first.strip("\r ")):
        text, asked = rest, directive[1].replace("\\t", "\t")
    separator, width = (asked, _width(text, asked)) if asked else _separator(text)
    if width > MOST_COLUMNS:
        raise too_many_columns(width)
    if width < 2:
        raise Unreadable(
            "Only one column was found: a table needs at least two, x and y, with commas, semicolons or tabs between "
            "them."
        )
    rows, count = _rows(text, separator, width)
    return _parts(rows, count, separator, width)


def table_of(rows: Rows) -> Found:
    """The same of the rows of a workbook."""
    width = max((place + 1 for row in rows for place, cell in enumerate(row) if cell.strip()), default=0)
    made = [_Row(line + 1, [cell.strip() for cell in row[:width]], width) for line, row in enumerate(rows)]
    return _parts(made, len(rows), "", width)


def _sample(text: str) -> list[str]:
    lines = islice(text.split("\n", 4 * _SAMPLE), 4 * _SAMPLE)
    return [line for line in lines if line.strip() and not line.startswith("#")][:_SAMPLE]


def _separator(text: str) -> tuple[str, int]:
    """(what separates columns, how many there are): of what most lines have equally often, what leaves most numbers."""
    sample = _sample(text)
    best, found = (0.0, 0.0), ("", 1)
    for separator in "\t;|, ":
        widths = [_cells_in(line, separator) for line in sample]
        width = _usual(widths)
        fit = [line for line, one in zip(sample, widths, strict=True) if one == width]
        if width < 2 or len(fit) < (2 if len(sample) > 1 else 1):
            continue
        cells = [cell.strip() for line in fit[len(fit) > 1 :] for cell in _split(line, separator)]
        numbers = sum(is_date(cell) or numeral(cell) is not None for cell in cells) / max(1, len(cells))
        if separator == " " and numbers < 0.5:
            continue  # prose
        score = (round(numbers * len(fit) / len(sample), 2), round(len(fit) / len(sample), 2))
        if score > best:
            best, found = score, (separator, width)
    return found


def _cells_in(line: str, separator: str) -> int:
    """How many cells a line has, without parsing it: ten million commas would be as many cells."""
    bare = _QUOTED.sub("q", line)
    return len(bare.split(None, 10_000)) if separator == " " else bare.count(separator) + 1


def _usual(widths: list[int]) -> int:
    """The width of most lines that have more than one cell; of equally many the larger one."""
    return max((one for one in set(widths) if one > 1), key=lambda one: (widths.count(one), one), default=1)


def _width(text: str, separator: str) -> int:
    return _usual([_cells_in(line, separator) for line in _sample(text)])


def _split(line: str, separator: str) -> list[str]:
    """The cells of one line, the first of very many."""
    if len(line) > 10_000 or '"' not in line:
        return line.split(None if separator == " " else separator, MOST_COLUMNS)[:MOST_COLUMNS]
    try:
        return next(_reader(line, separator), [])
    except csv.Error:
        return []


def _reader(text: str, separator: str, strict: bool = False) -> Any:
    if separator == " ":  # runs of spaces and tabs are one
        text = "\n".join(line.strip() for line in text.replace("\t", " ").split("\n"))
    return csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=separator == " ", strict=strict)


def _rows(text: str, separator: str, width: int) -> tuple[list[_Row], int]:
    """(rows that hold anything, few more than are allowed; how many there are)."""
    rows: list[_Row] = []
    count = 0
    reader = _reader(text, separator, strict=True)
    try:
        for row in reader:
            cells = [cell.strip() for cell in row[:width]]
            more = len(row) > width and any(cell.strip() for cell in row[width:])
            if (not any(cells) and not more) or all(_RULED.fullmatch(cell) or not cell for cell in cells):
                continue
            if cells[0].startswith("#") and len(row) < width:
                continue
            count += 1
            if count <= MOST_ROWS + 2 * _TITLES:
                rows.append(_Row(reader.line_num, cells, len(row) if more else min(len(row), width)))
    except csv.Error as error:
        raise Unreadable(
            f"The table breaks off at line {reader.line_num:,} ({shorten(str(error))}): look there, and above, for a "
            "lone quotation mark."
        ) from None
    return rows, count


def _parts(rows: list[_Row], count: int, separator: str, width: int) -> Found:
    """The rows without titles above them, units below their names and notes under them."""
    notes: list[str] = []
    names: list[str] | None = None
    above, first, units = _head(rows, width)
    if above is not None:
        names, titles, body = rows[above].cells, rows[:above], rows[above + 1 + units :]
        if units:
            unit = rows[above + 1]
            notes.append(f"Line {unit.line:,} was taken as units and left out: {_begin([unit])}.")
    else:
        if 0 < first <= _TITLES:
            names = _names_one_short(rows[first - 1], rows[first], separator, width)
        titles, body = rows[: first - (names is not None)], rows[first:]
    if titles:
        notes.append(f"{_lines(len(titles))} above the table {_was(titles)} left out: {_begin(titles)}.")
    if again := sum(row.cells == names for row in body):
        body = [row for row in body if row.cells != names]
        notes.append(f"{_lines(again)} with the names again {'was' if again == 1 else 'were'} left out.")
    body, feet = _without_feet(body, width) if len(rows) == count else (body, [])
    if feet:
        notes.append(f"{_lines(len(feet))} below the table {_was(feet)} left out: {_begin(feet)}.")
    _check_widths(body, width)
    left = count - (len(rows) - len(body))
    return Found(names, [row.cells for row in body], left, separator, notes)


def _names_one_short(above: _Row, first: _Row, separator: str, width: int) -> list[str] | None:
    """Names above rows that have one cell more, as where rows are numbered; None where the line above is a title.

    Raises Unreadable where names and cells can't be told apart, as where commas are decimal and separate columns too.
    """
    if not first.holds_number() or (above.filled < 2 and separator != ","):
        return None
    if above.given == width - 1 and separator != "," and not above.holds_number():
        return ["", *above.cells]
    raise Unreadable(
        f"Line {above.line:,} has {above.given:,} cell{'s' if above.given > 1 else ''} and line {first.line:,} has "
        f"{first.given:,}: give each column one name, and where numbers have decimal commas put a semicolon or a tab "
        "between columns."
    )


def _head(rows: list[_Row], width: int) -> tuple[int | None, int, bool]:
    """(place of the names, None where there are none; of the first row of values; whether units stand between them)."""
    full = [k for k, row in enumerate(rows[: _TITLES + _SAMPLE]) if row.given == width and row.filled > 1]
    if not full:
        return None, 0, False
    places = [place for place in range(width) if _holds_numbers([rows[k] for k in full[1:]], place)]
    first = next((k for k in full if _has_numbers_at(rows[k], places)), full[-1]) if places else full[0]
    if not places and not all(map(numeral, filter(None, rows[first].cells))):
        return first, first + 1, False
    if _are_years(rows[first], rows[first + 1 : first + 1 + _SAMPLE]):
        return first, first + 1, False
    named = [k for k in full if k < first]
    if not named:
        return None, first, False
    last = named[-1]
    if len(named) > 1 and last == named[-2] + 1 and last + 1 == first and _are_units(rows[last], rows[named[-2]]):
        return named[-2], first, True
    return last, first, False


def _has_numbers_at(row: _Row, places: list[int]) -> bool:
    """Whether at least half of a row's cells at these places, gaps left out, are numbers."""
    cells = [row.cells[place] for place in places if row.cells[place].lower() not in GAPS]
    return bool(cells) and 2 * sum(numeral(cell) is not None for cell in cells) >= len(cells)


def _are_years(row: _Row, below: list[_Row]) -> bool:
    """Whether the numbers of a row are years that count on, as names of columns, above values that are none."""
    years = [cell for cell in row.cells if numeral(cell)]
    if len(years) < 2 or any(len(cell) != 4 or not cell.isdigit() for cell in years):
        return False
    counts_on = all(int(after) == int(before) + 1 for before, after in pairwise(years))
    return counts_on and not any(cell.isdigit() and len(cell) == 4 for one in below for cell in one.cells)


def _are_units(row: _Row, names: _Row) -> bool:
    """Whether the words of a row below names are units: in brackets, of up to three letters, or with a slash."""
    written = [cell for cell in names.cells if cell]
    groups = len(set(written)) < len(written)  # of columns, which the row below names one by one
    title = groups or names.holds_number() or any(cell.count(" ") > 1 for cell in written)
    return not title and all(len(cell) <= 3 or cell[0] in "([" or "/" in cell for cell in row.cells if cell)


def _holds_numbers(rows: list[_Row], place: int) -> bool:
    """Whether most cells of a column are numbers."""
    there = [row.cells[place] for row in rows if place < len(row.cells) and row.cells[place].lower() not in GAPS]
    return bool(there) and sum(numeral(cell) is not None for cell in there) > 0.5 * len(there)


def _without_feet(body: list[_Row], width: int) -> tuple[list[_Row], list[_Row]]:
    """(the rows, what stands under them): sources, dates and other text, and totals."""
    places = [place for place in range(width) if _holds_numbers(body[:_SAMPLE], place)]
    end = len(body)
    while end > 1 and len(body) - end < _TITLES and _is_foot(body[end - 1], width, places):
        end -= 1
    return body[:end], body[end:]


def _is_foot(row: _Row, width: int, places: list[int]) -> bool:
    """Whether a row is no row of a table of this width, with numbers at these places."""
    if any(_TOTALS.match(cell) for cell in row.cells[:2]):
        return True
    cells = [row.cells[place] for place in places if place < len(row.cells)]
    cells = [cell for cell in cells if cell.lower() not in GAPS and cell[0] not in "=#"]
    words = sum(numeral(cell) is None for cell in cells)
    if row.given > width or words > len(cells) - words:
        return numeral(row.cells[0]) is None
    alone = row.filled == 1 and not row.holds_number()
    return row.given < width and (alone or ":" in row.cells[0])


def _check_widths(body: list[_Row], width: int) -> None:
    for row in body:
        if row.given > width:
            raise Unreadable(
                f"Line {row.line:,} has {row.given:,} cells and the first lines have {width}: give each row as many, "
                "and put cells that hold a comma between quotation marks."
            )


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"


def _was(rows: list[_Row]) -> str:
    return "was" if len(rows) == 1 else "were"


def _begin(rows: list[_Row]) -> str:
    """How the first of them begins, between quotation marks."""
    return f'"{shorten(" ".join(filter(None, rows[0].cells)))}"'
