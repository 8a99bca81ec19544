"""The first sheet of an Excel workbook (.xlsx) that holds anything, as rows of text: values, never formulas.

An .xlsx is a zip of XML. How large it becomes is read in the zip's directory before anything is unpacked, and Python's
zip reader hands out no more than the directory says; entities are refused by defusedxml, which openpyxl uses.
"""

import datetime
import io
import warnings
import zipfile
import zlib
from typing import Any

from ...experiment.fields import shorten
from ..log.text import Unreadable
from .limits import MOST_COLUMNS, MOST_ROWS, too_many_columns, too_many_rows

MOST_UNPACKED = 60_000_000  # bytes; 20,000 rows of 20 cells are about 20 MB of XML
_MOST_FILES = 1000  # in the zip; a workbook of a few sheets has about 15
_MOST_LOOKED_AT = 10 * MOST_ROWS  # rows, blank ones included


def read_rows(content: bytes) -> tuple[list[list[str]], list[str]]:
    """(rows that hold anything, what is to be said of them). Raises Unreadable where it is no such workbook."""
    formulas = _check_zip(content)
    place, rows, name, more = _sheet(content, values=True)
    lost = 0
    if formulas:
        # Values are what a spreadsheet saved beside each formula; a program may have saved none.
        place, written, name, more = _sheet(content, values=False, place=place)
        rows = rows or [(None,) * len(row) for row in written]
        pairs = [pair for both in zip(written, rows, strict=False) for pair in zip(*both, strict=False)]
        lost = sum(was is not None and value is None for was, value in pairs)
    filled = [[_text(cell) for cell in row] for row in rows if any(cell is not None for cell in row)]
    words = "1 cell holds a formula" if lost == 1 else f"{lost:,} cells hold formulas"
    remedy = "open the workbook in a spreadsheet and save it"
    if not filled:
        nothing = f"{words} without values: {remedy}" if lost else "no sheet of this workbook holds a value"
        raise Unreadable(f"There is nothing to read: {nothing}.")
    notes = [f'Read was the sheet "{shorten(name)}"; {more} more {"was" if more == 1 else "were"} not.'] if more else []
    if lost:
        notes.append(
            f"{words} without a saved value and {'counts as a gap' if lost == 1 else 'count as gaps'}: {remedy}."
        )
    return filled, notes


def _check_zip(content: bytes) -> bool:
    """Refuse what is no workbook, or would become too large, by the zip's directory alone; whether it has formulas."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = archive.infolist()
            _check_files(files)
            sheets = [archive.read(file) for file in files if file.filename.startswith("xl/worksheets/")]
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise error if isinstance(error, Unreadable) else _broken(error) from None
    return any(b"<f" in sheet or b":f" in sheet for sheet in sheets)


def _check_files(files: list[zipfile.ZipInfo]) -> None:
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


def _broken(error: Exception) -> Unreadable:
    return Unreadable(
        f"This workbook is damaged ({type(error).__name__}): open it in a spreadsheet, and save it again or as CSV."
    )


def _sheet(content: bytes, values: bool, place: int = -1) -> tuple[int, list[tuple[Any, ...]], str, int]:
    """(place, rows, name, how many other sheets there are) of the sheet at this place, or the first that holds any.

    values: the cells are what formulas came to; else the formulas themselves.
    """
    import openpyxl  # here: it takes a fifth of a second, and only workbooks need it

    rows: list[tuple[Any, ...]] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # styles and extensions it leaves out: none is needed
        try:
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=values, keep_links=False)
            sheets = book.worksheets
            for number, sheet in enumerate(sheets):
                if place in (-1, number) and (rows := _rows(sheet)):
                    return number, rows, str(sheet.title), len(sheets) - 1
        except Unreadable:
            raise
        except Exception as error:  # a damaged file fails in a hundred ways, all of which mean the same
            raise _broken(error) from None
    return -1, [], "", 0


def _rows(sheet: Any) -> list[tuple[Any, ...]]:
    """The sheet's rows, [] where none holds anything; refused as soon as they are too many or too wide."""
    rows: list[tuple[Any, ...]] = []
    filled = 0
    sheet.reset_dimensions()  # what a file says of its size need not be true
    for row in sheet.iter_rows(max_col=MOST_COLUMNS + 1, values_only=True):
        filled += any(cell is not None for cell in row)
        if len(row) > MOST_COLUMNS and row[MOST_COLUMNS] is not None:
            raise too_many_columns(f"more than {MOST_COLUMNS}")
        if filled > MOST_ROWS + 1 or len(rows) > _MOST_LOOKED_AT:
            raise too_many_rows(f"more than {MOST_ROWS:,}")
        rows.append(row)
    return rows if filled else []


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime.datetime | datetime.date | datetime.time):
        return cell.isoformat()
    return repr(cell) if isinstance(cell, float) else str(cell)
