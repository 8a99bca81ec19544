"""Workbooks are read as openpyxl reads them, in one pass, and what a small one may unpack to is counted first."""

from __future__ import annotations

import datetime
import io
import time
import zipfile

import openpyxl
import pytest
from hypothesis import strategies as st

from core.instruments.log import workbook
from core.instruments.log.text import Unreadable
from core.instruments.log.workbook import read_rows
from tests.cases import drawn, for_each

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
TWO_ROWS = "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c><c><v>4</v></c></row>"


def book(rows: str = TWO_ROWS, sheets: int = 1, strings: str = "", styles: str = "", names: str = "") -> bytes:
    """A workbook of so many sheets, all of which point at one part with these rows."""
    listed = "".join(f'<sheet name="s{k}" sheetId="{k + 1}" r:id="a"/>' for k in range(sheets))
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Override PartName="/xl/workbook.xml" '
        f'ContentType="{SHEETS}.sheet.main+xml"/><Override PartName="/xl/sharedStrings.xml" '
        f'ContentType="{SHEETS}.sharedStrings+xml"/></Types>',
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets>{listed}</sheets>{names}</workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="a" '
        f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>",
        "xl/sharedStrings.xml": f"<sst {MAIN}>{strings}</sst>",
        "xl/styles.xml": f"<styleSheet {MAIN}>{styles}</styleSheet>",
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(-1e300, 1e300),
    st.text("aé<&> 1,.=#", min_size=1, max_size=6).filter(lambda text: not text.startswith("=")),
    st.datetimes(datetime.datetime(1950, 1, 1), datetime.datetime(2100, 1, 1)).map(
        lambda day: day.replace(microsecond=0)
    ),
    st.dates(datetime.date(1950, 1, 1), datetime.date(2100, 1, 1)),
    st.timedeltas(datetime.timedelta(hours=1), datetime.timedelta(days=9)),
    st.sampled_from(["#N/A", datetime.time(3, 4, 5)]),
)


@drawn(25, 1000, rows=st.lists(st.lists(VALUES, min_size=1, max_size=5), min_size=1, max_size=5))
def test_every_cell_is_what_openpyxl_says_it_is(rows):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    file = io.BytesIO()
    made.save(file)
    sheet = openpyxl.load_workbook(file, data_only=True).active
    there = [row for row in sheet.iter_rows(values_only=True) if any(cell is not None for cell in row)]
    if not there:
        with pytest.raises(Unreadable, match="no sheet of this workbook holds a value"):
            read_rows(file.getvalue())
        return
    found, _ = read_rows(file.getvalue())
    for row, cells in zip(there, found, strict=True):
        said = [workbook._text(cell) for cell in row]
        assert cells == said + [""] * (len(cells) - len(said))


def test_runs_of_a_text_are_put_together_and_what_tells_its_sound_is_not():
    words = '<si><r><t>a</t></r><r><rPr/><t xml:space="preserve"> b</t></r><rPh sb="0" eb="1"><t>c</t></rPh></si><si/>'
    rows = '<row><c t="s"><v>0</v></c><c t="inlineStr"><is><t>d</t></is></c><c t="s"><v>1</v></c></row>'
    assert read_rows(book(rows, strings=words))[0][0][:3] == ["a b", "d", ""]


def test_cells_stand_where_they_say_and_a_row_that_comes_again_does_not_count():
    rows = '<row r="2"><c r="B2"><v>1</v></c><c><v>2</v></c></row><row r="2"><c><v>9</v></c></row>'
    rows += '<row r="1000000"><c r="C1000000"><v>3</v></c><c r="AB1000000"/></row>'
    found, _ = read_rows(book(rows))
    assert [row[:4] for row in found] == [["", "1", "2", ""], ["", "", "3", ""]]


def test_a_sheet_is_named_by_the_first_that_points_at_it_and_the_others_are_counted():
    assert read_rows(book(sheets=3))[1] == ['Read was the sheet "s0"; 2 more were not.']


BLANK = "<row>" + "<c/>" * 20 + "</row>"
MANY = "elements and attributes, more than are read: save the sheet alone as CSV"
BOMBS = {  # a workbook is made when its turn comes
    "elements": (lambda: book("<a/>" * 3_000_001), MANY),
    "styles": (lambda: book(styles="<cellXfs>" + "<xf/>" * 1_000_001 + "</cellXfs>"), MANY),
    "names": (lambda: book(names="<definedNames>" + "<definedName/>" * 200_001 + "</definedNames>"), MANY),
    "strings": (lambda: book(strings="<si/>" * 3_000_001), MANY),
    "formats": (
        lambda: book(styles="<cellXfs>" + "".join(f'<xf numFmtId="{k}"/>' for k in range(4001)) + "</cellXfs>"),
        "4,001 formats",
    ),
    "a wide row": (lambda: book("<row>" + "<c/>" * 200_000 + "</row>"), "This workbook is damaged"),
    "elements of no row": (lambda: book("<a/>" * 200_000), "This workbook is damaged"),
    "one text in every cell": (
        lambda: book('<row><c t="s"><v>0</v></c></row>' * 700, strings=f"<si><t>{'a' * 100_000}</t></si>"),
        "over 60 MB of text",
    ),
    "a number of many digits": (lambda: book(f"<row><c><v>{'1' * 1000}</v></c></row>"), "This workbook is damaged"),
}


@for_each("name", BOMBS)
def test_a_small_workbook_that_holds_much_is_refused_before_that_is_parsed(name):
    make, says = BOMBS[name]
    content = make()
    assert len(content) < 60_000
    start = time.process_time()
    with pytest.raises(Unreadable, match=says):
        read_rows(content)
    assert time.process_time() - start < 10


def test_sheets_that_point_at_one_part_are_read_once(monkeypatch):
    reads = []
    rows_of = workbook._rows
    monkeypatch.setattr(workbook, "_rows", lambda *given: reads.append(given) or rows_of(*given))
    with pytest.raises(Unreadable, match="no sheet of this workbook holds a value"):
        read_rows(book(BLANK * 10, sheets=150))
    assert len(reads) == 1


def test_a_comment_of_megabytes_is_parsed_twice_and_not_once_for_each_piece():
    part = workbook._Part(b"a" * 1_000_000)
    sizes = iter(lambda: len(part.read(16)), 0)
    assert len(list(sizes)) < 10


@pytest.mark.slow
@for_each(
    "make",
    [
        lambda: book(BLANK * 150_000, sheets=150),
        lambda: book(strings="<si/>" * 990_000),
        lambda: book(styles="<fonts>" + "<font/>" * 600_000 + "</fonts>"),
        lambda: book("<!--" + "-a" * 29_000_000 + "-->" + TWO_ROWS),
    ],
)
def test_the_largest_of_these_are_answered_in_seconds(make):
    content = make()
    start = time.process_time()
    try:
        read_rows(content)
    except Unreadable as refused:
        assert "is damaged" not in str(refused)
    assert time.process_time() - start < 60
