"""Pictures are opened by what opens them: Pillow, an XML parser, a PDF reader."""

from __future__ import annotations

import io
import socket
from xml.etree import ElementTree

import pandas as pd
import pyarrow as pa
import pytest
from PIL import Image
from pypdf import PdfReader

from core.drawing import charts
from core.drawing.chart_parts import INK, PAPER, Colour, in_theme
from core.export.chart_files import Drawing, picture, rows

EPOCHS = 100
WORDS = 'Loss <against> epoch: from 4 to 0.2 & "down".'


@pytest.fixture
def drawing() -> Drawing:
    colour = charts.lane_colours(2, "light")[1]
    spec = charts.loss_curve("light", (1, 0), colour, 0.1, 10.0, EPOCHS)
    curve = pa.table({"epoch": [0, 10, 100], "loss": [4.0, 1.0, 0.2]})
    exits = pd.DataFrame({"epoch": [], "loss": [], "words": []})
    return Drawing(key="loss-0", name="Loss & rate", words=WORDS, spec=spec, tables={"curve": curve, "exit": exits})


def colours(png: bytes) -> dict[tuple[int, int, int], int]:
    with Image.open(io.BytesIO(png)) as image:
        assert image.format == "PNG"
        found = image.convert("RGB").getcolors(1 << 24)
    return {colour: count for count, colour in found or []}  # type: ignore[misc]


@pytest.mark.parametrize(("theme", "line"), [("light", "#009E73"), ("dark", "#00B386")])
def test_a_png_is_twice_as_wide_as_asked_and_shows_the_curve_on_the_themes_paper(drawing, theme, line):
    png = picture(drawing, "png", theme, width=400)
    with Image.open(io.BytesIO(png)) as image:
        assert image.width == 800
    seen = colours(png)
    assert max(seen, key=lambda colour: seen[colour]) == rgb(PAPER[theme])
    assert seen[rgb(line)] > 500


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[k : k + 2], 16) for k in (1, 3, 5))


def test_an_svg_says_what_it_shows_and_refers_to_nothing_outside(drawing):
    svg = picture(drawing, "svg", "light")
    tree = ElementTree.fromstring(svg)
    space = "{http://www.w3.org/2000/svg}"
    assert (tree.findtext(f"{space}title"), tree.findtext(f"{space}desc")) == ("Loss & rate", WORDS)
    for node in tree.iter():
        for name, value in node.attrib.items():
            assert "href" not in name or value.startswith(("#", "data:"))
            assert "url(" not in value or "url(#" in value
    assert b"@import" not in svg and b"<script" not in svg


def test_a_pdf_has_one_page_whose_text_is_text(drawing):
    reader = PdfReader(io.BytesIO(picture(drawing, "pdf", "light")))
    assert len(reader.pages) == 1
    text = reader.pages[0].extract_text()
    for word in ("Loss & rate", "epoch", "loss"):
        assert word in text


def test_the_picture_is_that_of_the_last_epoch(drawing):
    svg = picture(drawing, "svg", "light").decode()
    early = Drawing(
        key="e", name=drawing.name, words=WORDS, spec=drawing.spec,
        tables={**drawing.tables, "curve": drawing.tables["curve"].slice(0, 2)},
    )  # fmt: skip
    assert svg != picture(early, "svg", "light").decode()


def test_no_request_is_made_and_a_table_from_elsewhere_is_refused(drawing, monkeypatch):
    asked = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *found: asked.append(found))
    spec = {**drawing.spec, "data": {"url": "http://localhost:9/x.csv"}}
    spec["layer"] = [{**layer, "data": {"url": "http://localhost:9/x.csv"}} for layer in spec["layer"]]
    elsewhere = Drawing(key="x", name="x", words="x", spec=spec, tables={})
    svg = picture(drawing, "svg", "light")
    assert b"mark-line" in svg and asked == []
    with pytest.raises(ValueError, match="not allowed"):
        picture(elsewhere, "svg", "light")


def test_a_colour_knows_itself_in_the_other_theme():
    spec = charts.loss_curve("light", (6, 3), charts.lane_colours(2, "light")[1], 0.1, 10.0, EPOCHS)
    dark = charts.loss_curve("dark", (6, 3), charts.lane_colours(2, "dark")[1], 0.1, 10.0, EPOCHS)
    assert in_theme(spec, "dark") == in_theme(dark, "dark") != spec
    assert in_theme(dark, "light") == spec
    assert isinstance(INK["light"], Colour) and INK["light"].in_theme("dark") == INK["dark"]


def test_tables_of_every_kind_become_rows_and_what_is_not_finite_null():
    expected = [{"x": 1, "y": None}, {"x": 2, "y": 0.5}]
    columns = {"x": [1, 2], "y": [float("inf"), 0.5]}
    for table in (pa.table(columns), pd.DataFrame(columns), columns, pd.DataFrame(columns).to_dict("records")):
        assert rows(table) == expected


def test_another_form_is_refused(drawing):
    with pytest.raises(ValueError, match="form must be one of png, svg, pdf, got 'gif'"):
        picture(drawing, "gif", "light")
