"""The first sheet of an Excel workbook (.xlsx) that holds anything, as rows of text: values, never formulas.

An .xlsx is a zip of XML. How large it becomes is read in the zip's directory before anything is unpacked, Python's zip
reader hands out no more than the directory says, and what is in a part is counted before it is parsed. Entities are
refused by defusedxml, which openpyxl uses. openpyxl finds the parts and tells dates; its own readers of styles, strings
and cells would make an object of each, ten times as slowly, for a formatting that no table needs.
"""

import datetime
import io
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from openpyxl.reader.excel import SHARED_STRINGS, ExcelReader
from openpyxl.styles.numbers import builtin_format_code, is_date_format, is_timedelta_format
from openpyxl.utils import column_index_from_string
from openpyxl.utils.datetime import from_excel, from_ISO8601
from openpyxl.xml.functions import fromstring, iterparse

from ...experiment.fields import shorten
from .limits import MOST_COLUMNS, MOST_ROWS, Rows, too_many_columns, too_many_rows
from .text import Unreadable

MOST_UNPACKED = 60_000_000  # bytes; 20,000 rows of 20 cells are about 20 MB of XML
_MOST_FILES = 1000  # in the zip; a workbook of a few sheets has about 15
_MOST_LOOKED_AT = 10 * MOST_ROWS  # rows, blank ones included
_MOST_PIECES = 4_000_000  # elements and attributes of all parts that are read
_MOST_IN_PART = 3_000_000  # of them: 20,000 rows of 20 formulas with value and format have 2.6 million
_MOST_STYLED = 1_000_000  # of them in the styles; Excel allows 65,490 formats of cells
_MOST_LISTED = 200_000  # of them in a part that openpyxl reads: it lists the others
_MOST_STRINGS = 1_000_000  # texts of all sheets
_MOST_BETWEEN = 100_000  # elements from one row to the next; Excel has 16,384 columns
_PIECE = 8_192  # bytes; the parser is given twice as many at first
_MOST_FORMATS = 4000  # of numbers, in use; Excel allows 250 of one's own
_LONGEST_FORMAT = 255  # characters: Excel's own limit
_LONGEST_NUMBER = 100  # characters; Excel writes up to 24
_STYLES = "xl/styles.xml"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_SHEET, _ROW, _FORMULA, _SAVED, _INLINE = (f"{_MAIN}{tag}" for tag in ("sheetData", "row", "f", "v", "is"))
_STRING, _T, _RUN = (f"{_MAIN}{tag}" for tag in ("si", "t", "r"))


def read_rows(content: bytes) -> tuple[Rows, list[str]]:
    """(rows that hold anything, what is to be said of them). Raises Unreadable where it is no such workbook."""
    try:
        with _Archive(io.BytesIO(content)) as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what openpyxl leaves out: none of it is needed
            _check_files(archive.infolist())
            rows, lost, name, more = _first_sheet(archive, content)
    except (Unreadable, MemoryError):
        raise
    except Exception as error:  # a damaged file fails in a hundred ways, all of which mean the same
        raise Unreadable(
            f"This workbook is damaged ({type(error).__name__}): open it in a spreadsheet, and save it again or as CSV."
        ) from None
    words = "1 cell holds a formula" if lost == 1 else f"{lost:,} cells hold formulas"
    remedy = "open the workbook in a spreadsheet and save it"
    if not rows:
        nothing = f"{words} without values: {remedy}" if lost else "no sheet of this workbook holds a value"
        raise Unreadable(f"There is nothing to read: {nothing}.")
    notes = [f'Read was the sheet "{shorten(name)}"; {more} more {"was" if more == 1 else "were"} not.'] if more else []
    if lost:
        notes.append(
            f"{words} without a saved value and {'counts as a gap' if lost == 1 else 'count as gaps'}: {remedy}."
        )
    return rows, notes


def _check_files(files: list[zipfile.ZipInfo]) -> None:
    """Refuse what is no workbook, or would become too large, by the zip's directory alone."""
    if "xl/workbook.xml" not in {file.filename for file in files}:
        raise Unreadable("This is a zip archive that holds no Excel workbook: save the table as .xlsx or CSV.")
    unpacked = sum(file.file_size for file in files)
    if unpacked > MOST_UNPACKED or len(files) > _MOST_FILES:
        raise Unreadable(
            f"Unpacked, this workbook has {unpacked / 1e6:,.0f} MB in {len(files):,} files; {MOST_UNPACKED / 1e6:.0f} "
            f"MB in {_MOST_FILES:,} are allowed: save the sheet alone as CSV."
        )
    if any(file.flag_bits & 1 for file in files):
        raise Unreadable("This workbook is encrypted: save it without a password.")


class _Part(io.BytesIO):
    """A part that is read in pieces which double until `piece` is set back: what no piece ends is parsed anew by each.

    So a comment of many megabytes is parsed about twice, and not a thousand times.
    """

    piece = _PIECE

    def read(self, size: int | None = -1) -> bytes:
        """The next piece; all where no size is asked for."""
        if size is None or size < 0:
            return super().read()
        self.piece *= 2
        return super().read(self.piece)


class _Archive(zipfile.ZipFile):
    """A zip that counts the elements and attributes of a part before it hands it out, and refuses too many."""

    _left = _MOST_PIECES

    def open(self, name: Any, *args: Any, **kwargs: Any) -> IO[bytes]:
        """A part as openpyxl asks for it: one that lists others, so a small one."""
        with super().open(name, *args, **kwargs) as part:
            content = part.read()
        self._count(name, content, _MOST_LISTED)
        return io.BytesIO(content)

    def large(self, name: str, most: int = _MOST_IN_PART) -> _Part:
        """A part that may be large; all of them together have a bound."""
        with super().open(name) as part:
            content = part.read()
        self._left -= self._count(name, content, min(most, self._left))
        return _Part(content)

    def _count(self, name: str, content: bytes, most: int) -> int:
        pieces = content.count(b"<") - content.count(b"</") + content.count(b"=")
        if pieces > most:
            raise Unreadable(
                f'In this workbook, "{shorten(str(name))}" has {pieces:,} elements and attributes, more than are read: '
                "save the sheet alone as CSV."
            )
        return pieces


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Shared:
    """What the cells of all sheets refer to: texts, the styles that mean dates or durations, the day dates begin at."""

    strings: list[str]
    dates: set[int]
    durations: set[int]
    epoch: datetime.datetime


def _first_sheet(archive: _Archive, content: bytes) -> tuple[Rows, int, str, int]:
    """(rows, how many formulas without a value, name, how many other sheets there are) of the first that has rows."""
    reader = ExcelReader(io.BytesIO(content), read_only=True, keep_links=False)
    reader.archive = archive
    reader.read_manifest()
    reader.read_workbook()
    parts = [(sheet.name, rel) for sheet, rel in reader.parser.find_sheets() if rel.target in reader.valid_files]
    sheets = [(str(name), rel.target) for name, rel in parts if "chartsheet" not in rel.Type]
    strings = reader.package.find(SHARED_STRINGS)
    dates, durations = _date_styles(archive) if _STYLES in reader.valid_files else (set(), set())
    shared = _Shared(
        strings=_strings(archive.large(strings.PartName[1:])) if strings else [],
        dates=dates,
        durations=durations,
        epoch=reader.wb.epoch,
    )
    unsaved = 0
    for part in dict.fromkeys(part for _, part in sheets):  # each once, however many sheets point at it
        rows, lost = _rows(archive.large(part), shared)
        if rows:
            return rows, lost, next(name for name, own in sheets if own == part), len(sheets) - 1
        unsaved = unsaved or lost
    return [], unsaved, "", 0


def _date_styles(archive: _Archive) -> tuple[set[int], set[int]]:
    """(styles of cells that show a date, those that show a duration), by their place."""
    root = fromstring(archive.large(_STYLES, _MOST_STYLED).read())
    own = {int(one.get("numFmtId")): one.get("formatCode") for one in root.iterfind(f"{_MAIN}numFmts/{_MAIN}numFmt")}
    styles = [int(style.get("numFmtId", 0)) for style in root.iterfind(f"{_MAIN}cellXfs/{_MAIN}xf")]
    used = set(styles)
    if len(used) > _MOST_FORMATS:
        raise Unreadable(f"This workbook has {len(used):,} formats of numbers: save the sheet alone as CSV.")
    codes = {one: (own.get(one, builtin_format_code(one)) or "")[:_LONGEST_FORMAT] for one in used}
    dates = {one for one in used if is_date_format(codes[one])}
    durations = {one for one in used if is_timedelta_format(codes[one])}
    places = list(enumerate(styles))
    return {place for place, one in places if one in dates}, {place for place, one in places if one in durations}


def _each(part: _Part, tag: str) -> Iterator[Any]:
    """The elements of this tag, each cleared when the next one is asked for; none that follow the rows of a sheet."""
    between = 0
    for _, element in iterparse(part):
        part.piece = _PIECE
        between += 1
        if element.tag == tag:
            yield element
            element.clear()
            between = 0
        elif element.tag == _SHEET:
            return
        elif between > _MOST_BETWEEN:
            raise ValueError(f"{between:,} elements lie between two of {tag}")


def _strings(part: _Part) -> list[str]:
    """The texts that cells refer to by their place."""
    strings = []
    for element in _each(part, _STRING):
        strings.append(_words(element).replace("x005F_", ""))
        if len(strings) > _MOST_STRINGS:
            raise Unreadable(f"This workbook has over {_MOST_STRINGS:,} texts: save the sheet alone as CSV.")
    return strings


def _words(element: Any) -> str:
    """A text without its formatting: one piece, or runs of them."""
    pieces = [part.findtext(_T) if part.tag == _RUN else part.text for part in element if part.tag in (_T, _RUN)]
    return "".join(filter(None, pieces))


def _rows(part: _Part, shared: _Shared) -> tuple[Rows, int]:
    """(a sheet's rows that hold anything, how many formulas have no value); refused as soon as there are too many."""
    rows: Rows = []
    number = last = size = lost = 0
    for looked_at, element in enumerate(_each(part, _ROW)):
        number = int(float(element.get("r", number + 1)))
        if number > last:  # a row that comes again does not count
            last = number
            cells, without = _cells(element, shared)
            lost += without
            if any(cell is not None for cell in cells):
                rows.append([_text(cell) for cell in cells])
                size += sum(map(len, rows[-1]))
        if len(rows) > MOST_ROWS + 1 or looked_at > _MOST_LOOKED_AT:
            raise too_many_rows(f"more than {MOST_ROWS:,}")
        if size > MOST_UNPACKED:
            raise Unreadable(f"The table has over {MOST_UNPACKED / 1e6:.0f} MB of text: keep the columns you need.")
    return rows, lost


def _cells(row: Any, shared: _Shared) -> tuple[list[Any], int]:
    """(a value for each column, None where there is none; how many formulas have none)."""
    cells: list[Any] = [None] * MOST_COLUMNS
    column = lost = 0
    for cell in row:
        place = cell.get("r")
        column = column_index_from_string(place.rstrip("0123456789")) if place else column + 1
        if column > MOST_COLUMNS + 1:
            break  # cells stand in order, and this far there are only blank ones
        if not len(cell):
            continue
        value = _value(cell, shared)
        unsaved = value is None and cell.find(_FORMULA) is not None
        if column <= MOST_COLUMNS:
            cells[column - 1] = value
            lost += unsaved
        elif unsaved or value is not None:
            raise too_many_columns(f"more than {MOST_COLUMNS}")
    return cells, lost


def _value(cell: Any, shared: _Shared) -> Any:
    """What a cell holds or its formula came to; None where that is nothing."""
    kind, text = cell.get("t", "n"), cell.findtext(_SAVED)
    if kind == "inlineStr":
        inline = cell.find(_INLINE)
        return None if inline is None else _words(inline)
    if not text:
        return None
    if kind == "s":
        return shared.strings[int(text)]
    if kind == "b":
        return bool(int(text))
    if kind == "d":
        return from_ISO8601(text)
    return _number(text, int(cell.get("s", 0)), shared) if kind == "n" else text


def _number(text: str, style: int, shared: _Shared) -> Any:
    """A number, or the date or duration that it stands for."""
    if len(text) > _LONGEST_NUMBER:
        raise ValueError("no spreadsheet writes such a number")
    value = float(text) if set(text) & set(".eE") else int(text)
    if style not in shared.dates:
        return value
    try:
        return from_excel(value, shared.epoch, timedelta=style in shared.durations)
    except (OverflowError, ValueError):
        return "#VALUE!"  # no day that can be told


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime.datetime | datetime.date | datetime.time):
        return cell.isoformat()
    return repr(cell) if isinstance(cell, float) else str(cell)
