"""Tables as people have them: files after public ones, and any table of numbers written in any of the spellings."""

from __future__ import annotations

import random
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import strategies as st

from core import Table, read_table
from core.instruments.log.numerals import convention as convention_of
from core.instruments.log.numerals import is_time, numeral
from tests.cases import drawn, for_each

FILES = Path(__file__).parent / "tables"


def numbers(table: Table) -> dict[str, list[float]]:
    return {column.name: column.values.tolist() for column in table.columns if column.kind == "number"}


def of_file(name: str) -> Table:
    return read_table((FILES / name).read_bytes())


STEPS = np.arange(24)
RIGHT = {
    "german_thousands.csv": {"Faelle": 1000 + 137 * STEPS, "pro 100k": 10 + 1.3 * STEPS},
    "percent.csv": {"loan": 1000 + 50 * STEPS, "term": 36 + 0 * STEPS, "rate": 7 + 0.31 * STEPS},
    "dollars.csv": {"sqft": 900 + 40 * STEPS, "price": 150_000 + 9100 * STEPS},
    "sep_line.csv": {"x": STEPS, "y": 1 + 2.5 * STEPS.astype(float)},
    "nbsp_thousands.csv": {"année": 1990 + STEPS, "population": 12_000 + 137 * STEPS},
    "european_date_point_only.csv": {"Wert": 10 + 3 * STEPS},
}


@for_each("name", RIGHT)
def test_a_file_is_read_as_what_it_was_made_from(name):
    table = of_file(name)
    assert list(numbers(table)) == list(RIGHT[name])
    for column, values in numbers(table).items():
        np.testing.assert_allclose(values, RIGHT[name][column], rtol=1e-12, err_msg=column)


def test_dates_and_times_are_no_numbers_and_that_is_said():
    for name, count, said in (
        ("german_date_decimal_comma.csv", 2, '"Datum", "Uhrzeit" hold dates or times'),
        ("airquality_like.csv", 5, '"Date", "Time" hold dates or times'),
        ("european_date_point_only.csv", 1, '"Datum" holds dates or times'),
    ):
        table = of_file(name)
        assert len(numbers(table)) == count
        assert said in " ".join(table.notes)
        assert {column.kind for column in table.columns if f'"{column.name}"' in said} == {"other"}


def test_percent_and_money_are_said():
    assert '"rate" is read in %: 7.00% is 7.' in of_file("percent.csv").notes
    assert '"price" is read in $: $150,000 is 150000.' in of_file("dollars.csv").notes


def test_runs_of_spaces_part_columns_and_a_name_in_quotation_marks_is_one():
    table = of_file("auto_mpg_fixed_width.data")
    assert [column.kind for column in table.columns] == ["number"] * 8 + ["other"]
    assert table.columns[0].values[:3].tolist() == [18.0, 18.4, 18.8]
    assert table.columns[3].gaps == 1  # its "?"
    assert table.columns[8].values[0] == "maker model 0"


def test_commas_that_are_decimal_and_part_columns_are_refused_with_the_remedy():
    with pytest.raises(ValueError, match="where numbers have decimal commas put a semicolon or a tab between columns"):
        of_file("decimal_comma_in_comma_csv_unquoted.csv")


ROWS = {"a": [1.0, 2.0, 4.0, 8.0], "b": [10.5, 11.5, 12.5, 9.25]}
XY = "a,b\n1,10.5\n2,11.5\n4,12.5\n8,9.25\n"
LAYOUTS = {
    "a title": ("Monthly report\n\n" + XY, "1 line above the table was left out"),
    "a title with commas": ("Report of 2024, by region\nSource: bureau, division, 2023\n" + XY, "2 lines above"),
    "a title of as many cells": ("Sales of 2024, by region\n" + XY, "1 line above"),
    "a title filled up": ("Report;\n" + XY.replace(",", ";"), "1 line above"),
    "a source": (XY + "\nSource: bureau\n", "1 line below the table was left out"),
    "a source with commas": (XY + "Source: bureau, division, 2023\nAs of: May\n", "2 lines below"),
    "a total": ("n,a,b\nu,1,10.5\nv,2,11.5\nu,4,12.5\nv,8,9.25\nTotal,15,43.75\n", "1 line below"),
    "names again": (XY.replace("4,12.5", "a,b\n4,12.5"), "1 line with the names again was left out"),
    "groups above names": (XY.replace("a,b\n", "G,G\na,b\n"), "1 line above the table was left out"),
    "units": (XY.replace("a,b\n", "a,b\n(m),(s)\n"), 'Line 2 was taken as units and left out: "(m) (s)"'),
    "a directive": ("sep=;\n" + XY.replace(",", ";"), ""),
    "a directive in quotation marks": ('"sep=\\t"\n' + XY.replace(",", "\t"), ""),
    "comments": ("# made by hand\n" + XY + "# the end\n", ""),
    "numbered rows": ('"a" "b"\n"1" 1 10.5\n"2" 2 11.5\n"3" 4 12.5\n"4" 8 9.25\n', ""),
    "a printed frame": ("     a      b\n0  1.0  10.50\n1  2.0  11.50\n2  4.0  12.50\n3  8.0   9.25\n", ""),
    "markdown": ("| a | b |\n|---|--:|\n| 1 | 10.5 |\n| 2 | 11.5 |\n| 4 | 12.5 |\n| 8 | 9.25 |\n", ""),
    "spaces and a name": (
        'a b n\n1 10.5 "one of them"\n2 11.5 "another"\n4 12.5 "a third"\n8 9.25 "the last"\n',
        "",
    ),
}


@for_each("name", LAYOUTS)
def test_what_stands_around_a_table_is_none_of_it_and_is_said(name):
    text, said = LAYOUTS[name]
    table = read_table(text)
    found = numbers(table)
    assert {column: found[column] for column in ("a", "b")} == ROWS
    assert said in " ".join(table.notes)
    assert len(table.notes) == bool(said)


WRITTEN = {  # cells, the mark that is decimal in their file, their values
    "1.137 2.274 11,30": (",", [1137, 2274, 11.3]),
    "1.137 2.274 11.30": (".", [1.137, 2.274, 11.3]),
    "1,137 2,274 11.30": (".", [1137, 2274, 11.3]),
    "1.234.567,5 0,5": (",", [1234567.5, 0.5]),
    "1.234.567 7": (",", [1234567, 7]),
    "12,34,567 1,50,000": (".", [1234567, 150000]),
    "1'234.5 12’000.0": (".", [1234.5, 12000]),
    "1\u00a0234,5 12\u202f000,0": (",", [1234.5, 12000]),
    "(5.5) -5.5 \u22125.5 5.5- +5.5": (".", [-5.5, -5.5, -5.5, -5.5, 5.5]),
    "1e3 1.5E-2 .5 3500.": (".", [1000, 0.015, 0.5, 3500]),
    "$1,500.00 -$5.00 $-5.00 ($5.00)": (".", [1500, -5, -5, -5]),
    "5,5% 7,25%": (",", [5.5, 7.25]),
    "0,123 0,456": (",", [0.123, 0.456]),
}


@for_each("cells", WRITTEN)
def test_numbers_of_one_file_are_read_by_one_convention(cells):
    decimal, values = WRITTEN[cells]
    found = {cell: numeral(cell) for cell in cells.split(" ")}
    assert convention_of([found], ";")[0] == decimal
    np.testing.assert_allclose([each.value(decimal) for each in found.values()], values, rtol=1e-12)


NONE = "10.0.0.1 18.00.00 01.03.2024 1.2.3 1,2,3 12-34 2024-01-01 8:30 1/2 abc $ % - 1e 1.5.5 0.123.456 5€% €5€ --5 (5"


def test_what_only_looks_like_a_number_is_none():
    assert [cell for cell in NONE.split(" ") if numeral(cell)] == []
    assert numeral("1 2") is None
    assert numeral("12 34") is None
    assert numeral("1 234").value(".") == 1234


TIMES = [
    "2024-03-01 2024-03-02",
    "01.03.2024 02.03.2024",
    "1/3/24 12/31/24",
    "20240301 20240302",
    "18.00.00 19.30.00",
    "08:30 9:15",
    "08.30 18.00",
    "Jan-24 Feb-24",
    "01.2024 02.2024",
    "2024-03-01T10:00:00Z 2024-03-01T11:00:00Z",
]


def test_dates_and_times_are_told_from_numbers():
    assert [cells for cells in TIMES if not is_time(cells.split(" "))] == []
    assert is_time(["1 Mar 2024", "March 2, 2024", "3. Mai 2024"])
    for cells in ("12.50 18.00", "1.5 2.5", "10.0.0.1 10.0.0.2", "1990 1991", "20249999 20240000", "0.30 0.45"):
        assert not is_time(cells.split(" ")), cells


def test_where_no_number_decides_what_was_taken_is_said():
    table = read_table("n;a\nu;1.137\nv;2.274\nw;3.411\n")
    assert numbers(table)["a"] == [1.137, 2.274, 3.411]
    assert "no number tells whether its point is decimal or parts thousands" in table.notes[0]
    assert numbers(read_table("n;a\nu;1.137\nv;274\nw;3.411\n"))["a"] == [1137, 274, 3411]


def test_millions_are_parted_in_threes_or_as_in_india():
    cells = {"1,000,000.00": 1e6, "12,345,678": 12345678, "1,50,000": 150000, "1,234.5": 1234.5}
    assert {cell: numeral(cell).value(".") for cell in cells} == cells
    assert [numeral(cell) for cell in ("1,00,00", "1,0000,000", "12,34,5678", "1234,567,890")] == [None] * 4


def test_two_currencies_in_a_column_are_no_numbers():
    table = read_table("a,b\n1,$5\n2,€6\n3,$7\n")
    assert table.columns[1].kind == "category"
    assert '"b" mixes $ and €' in table.notes[0]


def written(value: float, digits: int, decimal: str, thousands: str, unit: str) -> str:
    """A number as one convention writes it."""
    whole, _, part = f"{abs(value):,.{digits}f}".partition(".")
    text = whole.replace(",", thousands) + (decimal + part if part else "")
    text = f"{unit}{text}" if unit in ("$", "€ ") else f"{text}{unit}"
    return "-" + text if value < 0 else text


CONVENTIONS = [(".", ","), (",", "."), (".", ""), (",", ""), (".", "'"), (",", "\u00a0"), (",", "\u202f"), (".", " ")]
SEPARATORS = [",", ";", "\t", "|"]
VALUES = st.lists(
    st.tuples(st.integers(-(10**8), 10**8), st.integers(-(10**5), 10**5), st.integers(-999, 999)),
    min_size=5,
    max_size=30,
)


@drawn(
    60,
    2_000,
    values=VALUES,
    convention=st.sampled_from(CONVENTIONS),
    separator=st.sampled_from(SEPARATORS),
    unit=st.sampled_from(["", "%", " %", "$", " €", "€ "]),
    around=st.sampled_from(["", "title", "foot", "directive", "both"]),
    quoted=st.booleans(),
)
def test_any_table_written_in_any_spelling_comes_back(values, convention, separator, unit, around, quoted):
    decimal, thousands = convention
    wanted = np.array([(a / 100, b / 10, c) for a, b, c in values])
    rows = [["first", "second", "c"]]
    for a, b, c in wanted:
        rows.append([written(a, 2, decimal, thousands, unit), written(b, 1, decimal, thousands, ""), f"{c:.0f}"])
    quoted = quoted or separator in (decimal, thousands)
    lines = [separator.join(f'"{cell}"' if quoted else cell for cell in row) for row in rows]
    if around in ("title", "both"):
        lines = ["A table of ours", "", *lines]
    if around in ("foot", "both"):
        lines = [*lines, "", "Source: ourselves"]
    if around == "directive":
        lines = [f"sep={separator}", *lines]
    found = numbers(read_table("\n".join(lines)))
    assert list(found) == ["first", "second", "c"]
    np.testing.assert_allclose(np.column_stack(list(found.values())), wanted, rtol=1e-12)


WORDS = "1 2,5 3.5 1.234 ; , | - ( # x € % 01.03.2024 sep=; total"
PIECES = [*WORDS.split(), "\t", " ", "\n", '"']


@for_each("seed", range(12))
def test_any_megabyte_of_text_is_read_or_refused_in_three_seconds(seed):
    draw = random.Random(seed)
    pieces = draw.sample(PIECES, draw.randint(2, len(PIECES)))
    text = "".join(draw.choices(pieces, k=400_000))[:1_000_000]
    if seed % 3 == 0:  # one piece over and over
        text = (draw.choice(PIECES) + draw.choice(PIECES)) * 300_000
    start = time.process_time()
    try:
        read_table(text[:1_000_000])
    except ValueError as refusal:
        assert "\n" not in str(refusal) and len(str(refusal)) < 300
    assert time.process_time() - start < 3
