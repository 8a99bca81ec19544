"""What is pasted or uploaded, as a table; and what is refused, in a sentence."""

from __future__ import annotations

import datetime
import io
import tracemalloc
import zipfile

import numpy as np
import openpyxl
import pytest

from core.instruments.log.limits import MOST_COLUMNS, MOST_ROWS
from core.instruments.log.text import Unreadable
from core.instruments.own_data.cells import read_cells
from core.instruments.own_data.columns import read_table
from tests.cases import for_each


def columns(content):
    table = read_table(content)
    return {column.name: column for column in table.columns}, " ".join(table.notes)


def book(rows, *more):
    """An Excel workbook with a sheet for each table of rows."""
    made = openpyxl.Workbook()
    for place, table in enumerate((rows, *more)):
        sheet = made.active if place == 0 else made.create_sheet(f"sheet {place + 1}")
        for row in table:
            sheet.append(row)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def zipped(**files):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return file.getvalue()


TABLE = "größe,gewicht\n1.5,2\n-2,4.25\n3e2,6\n"
WRITTEN = {
    "text": TABLE,
    "UTF-8": TABLE.encode(),
    "UTF-8 with a mark": TABLE.encode("utf-8-sig"),
    "UTF-16": TABLE.encode("utf-16"),
    "UTF-16, big end first": b"\xfe\xff" + TABLE.encode("utf-16-be"),
    "carriage returns": TABLE.replace("\n", "\r\n"),
    "tabs": TABLE.replace(",", "\t"),
    "semicolons, decimal commas": TABLE.replace(",", ";").replace(".", ","),
    "tabs, decimal commas": TABLE.replace(",", "\t").replace(".", ","),
    "spaces": TABLE.partition("\n")[2].replace(",", "  "),
    "a workbook": book([["größe", "gewicht"], [1.5, 2], [-2, 4.25], [300, 6]]),
    "a workbook with an empty sheet first": book([], [["größe", "gewicht"], [1.5, 2], [-2, 4.25], [300, 6]]),
    "blank rows and columns": "größe,,gewicht,\n1.5,,2,\n,,,\n-2,,4.25,\n\n3e2,,6,\n",
}


@for_each("way", WRITTEN)
def test_a_table_means_the_same_however_it_is_written(way):
    found, notes = columns(WRITTEN[way])
    first, second = found.values()
    assert first.values.tolist() == [1.5, -2, 300]
    assert second.values.tolist() == [2, 4.25, 6]
    assert list(found) == (["column 1", "column 2"] if way == "spaces" else ["größe", "gewicht"])
    assert ("decimal commas" in notes) == ("decimal" in way)


def test_what_each_column_holds_is_told_with_its_gaps():
    rows = "a,b,c,d\n1,red,5,x\nnan,blue,5,y1\ninf,red,5,y2\n,NA,5,y3\nn/a,blue,5,y4\n#DIV/0!,,5,y5\n"
    rows += "".join(f"{k},red,5,z{k}\n" for k in range(30))
    found, notes = columns(rows)
    assert found["a"].says() == "numbers from 0 to 29; 5 gaps (2 nan or inf)"
    assert found["b"].says() == "2 different words; 2 gaps"
    assert found["c"].says() == "always 5"
    assert found["d"].says() == "text"
    assert [column.kind for column in found.values()] == ["number", "category", "number", "other"]
    assert "2 cells are nan or inf" in notes


def test_a_few_words_among_numbers_are_gaps_and_many_make_it_text():
    few, _ = columns("a,b\n" + "".join(f"{k},1\n" for k in range(30)) + "broken,1\n")
    assert few["a"].says() == "numbers from 0 to 29; 1 gap (1 cell holds text)"
    many, _ = columns("a,b\n1,1\n2,2\nbroken,1\nlost,2\n")
    assert many["a"].kind == "category"


def test_commas_between_thousands_are_no_decimal_commas():
    found, notes = columns('a,b\n"1,234",1\n"12,345",2\n7,3\n')
    assert found["a"].values.tolist() == [1234, 12345, 7]
    assert "decimal" not in notes


def test_columns_of_one_name_are_told_apart_and_nameless_ones_called_by_their_place():
    found, notes = columns("a,a,,a (2)\n1,2,3,4\n5,6,7,8\n")
    assert list(found) == ["a", "a (2)", "column 3", "a (2) (2)"]
    assert "Columns of the same name" in notes


def test_formulas_are_never_calculated_in_text():
    found, notes = columns("a,b\n" + "1,2\n" * 30 + "=1+1,=cmd|' /C calc'!A0\n")
    assert found["a"].gaps == found["b"].gaps == 1
    assert "2 cells hold formulas" in notes


def test_of_formulas_in_a_workbook_only_saved_values_count():
    found, notes = columns(book([["a", "b"], [1, 2], [2, "=A3*2"], [3, 7], [4, 9]]))
    assert np.isnan(found["b"].values).tolist() == [False, True, False, False]
    assert "1 cell holds a formula without a saved value and counts as a gap" in notes
    saved = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book([["a", "b"], [1, 2], [2, "=A3*2"]]))) as old,
        zipfile.ZipFile(saved, "w") as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"<v></v>", b"<v>4</v>").replace(b"<v />", b"<v>4</v>"))
    found, notes = columns(saved.getvalue())
    assert found["b"].values.tolist() == [2, 4]
    assert notes == ""


def test_dates_truths_and_other_sheets_of_a_workbook():
    day = datetime.date(2020, 1, 2)
    found, notes = columns(book([["a", "b", "c"], [1, day, True], [2, day, False], [3, None, True]], [[1]]))
    assert found["b"].kind == "other"
    assert found["c"].says() == "2 different words"
    assert 'Read was the sheet "Sheet"; 1 more was not.' in notes


ENTITIES = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">]><workbook>&c;</workbook>'
HOSTILE = {
    "empty": (b"", "the table is empty"),
    "blank": (" \n \n", "the table is empty"),
    "prose": ("To be or not to be\nthat is the question\n", "Only one column was found"),
    "names only": ("x,y\n", "only a first line with names was found"),
    "Latin-1": ("größe,b\n1,2\n".encode("latin-1"), "byte 0xF6 at place 2 is not UTF-8. Save it as UTF-8"),
    "UTF-16 without a mark": (TABLE.encode("utf-16-le"), "byte|no text"),
    "a PDF": (b"%PDF-1.7\n\xe2\xe3", "This is a PDF"),
    "a picture": (b"\x89PNG\r\n\x1a\n", "This is a picture"),
    "NUL": ("x,y\n1,\0\n", "export the table as CSV"),
    "an unclosed quote": ('x,y\n1,"2\n3,4\n', "breaks off at line 3 .*lone quotation mark"),
    "a huge cell": ("x,y\n1," + "2" * 200_000 + "\n", "field larger than field limit"),
    "a long row": ("x,y\n" + "1,2\n" * 80 + "1,2,3\n", "Line 82 has 3 cells and the first lines have 2"),
    "decimal commas between commas": ("x,y\n0,0,5\n1,0,4\n", "put a semicolon or a tab between columns"),
    "10,000 columns": ("c," * 9_999 + "c\n" + "1," * 9_999 + "1\n", "has 10,000 columns; 20 are allowed"),
    "10,000 quoted columns": (
        '"c",' * 9_999 + '"c"\n' + '"1",' * 9_999 + '"1"\n',
        "has 10,000 columns; 20 are allowed",
    ),
    "millions of commas": ("," * 9_999_999, "has 10,000,000 columns"),
    "21 columns": (",".join("c" * 21) + "\n" + ",".join("1" * 21), "has 21 columns; 20 are allowed"),
    "20,001 rows": ("x,y\n" + "1,2\n" * (MOST_ROWS + 1), "has 20,001 rows; 20,000 are allowed"),
    "a wide workbook": (book([list(range(10_000))]), "more than 20 columns; 20 are allowed"),
    "an empty workbook": (book([]), "no sheet of this workbook holds a value"),
    "formulas only": (book([["=1", "=2"], ["=3", "=4"]]), "4 cells hold formulas without values: open the workbook"),
    "an old workbook": (b"\xd0\xcf\x11\xe0 and so on", "of the old kind, or one with a password"),
    "half a zip": (book([[1, 2]])[:2000], "damaged .BadZipFile."),
    "another zip": (zipped(readme_txt="hello"), "a zip archive that holds no Excel workbook"),
    "no XML": (zipped(xl__workbook_xml="hello"), "This workbook is damaged"),
    "entities": (
        zipped(xl__workbook_xml=ENTITIES, **{"[Content]_Types_xml": "<x/>"}),
        "This workbook is damaged",
    ),
    "many files": (zipped(xl__workbook_xml="", **{f"f{k}": "" for k in range(1000)}), "1,001 files"),
}


@for_each("name", HOSTILE)
def test_a_hostile_file_gets_a_sentence(name):
    content, says = HOSTILE[name]
    with pytest.raises(Unreadable, match=says) as refusal:
        read_cells(content)
    assert len(str(refusal.value)) < 250
    assert "\n" not in str(refusal.value)


def test_a_zip_bomb_is_refused_by_its_directory_before_anything_is_unpacked():
    bomb = zipped(xl__workbook_xml="<x/>", xl__worksheets__sheet1_xml=b"0" * 200_000_000)
    assert len(bomb) < 250_000
    tracemalloc.start()
    with pytest.raises(Unreadable, match="Unpacked, this workbook has 200 MB in 2 files; 60 MB in 1,000 are allowed"):
        read_cells(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_a_zip_that_lies_about_its_size_yields_no_more_than_it_said():
    bomb = zipped(xl__workbook_xml="<x/>", xl__worksheets__sheet1_xml=b"0" * 50_000_000)
    honest = (50_000_000).to_bytes(4, "little")
    lying = bomb.replace(honest, (1000).to_bytes(4, "little"))
    assert lying != bomb
    with pytest.raises(Unreadable, match="This workbook is damaged"):
        read_cells(lying)


def test_200_megabytes_are_refused_by_their_size_alone():
    content = b"," * 200_000_000
    tracemalloc.start()
    with pytest.raises(Unreadable, match=r"The table has 200.0 MB; 10 are allowed"):
        read_cells(content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100_000


def test_a_byte_more_than_is_allowed_is_refused():
    with pytest.raises(Unreadable, match=r"The table has 10.1 MB; 10 are allowed"):
        read_cells(b"x,y\n" + b"1" * (10_000_000 - 3))


def test_the_largest_table_that_is_allowed_is_read():
    rows = "\n".join([",".join("1" * MOST_COLUMNS)] * MOST_ROWS)
    table = read_cells(",".join(f"c{k}" for k in range(MOST_COLUMNS)) + "\n" + rows)
    assert table.cells.shape == (MOST_ROWS, MOST_COLUMNS)
