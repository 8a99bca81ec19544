"""Pictures are opened by what opens them: Pillow, an XML parser, a PDF reader."""

from __future__ import annotations

import base64
import io
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import zxingcpp
from fontTools.ttLib import TTFont
from PIL import Image, ImageFont
from pypdf import PdfReader

from core.drawing import charts
from core.drawing.chart_parts import INK, PAPER, Colour, in_theme
from core.export import chart_files, chart_foot
from core.export.chart_files import Drawing, picture, rows
from core.export.qr import qr_code
from core.instruments.network.charts import surface
from core.instruments.network.pictures import POINT_COLOURS
from core.words import number

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


@pytest.fixture
def leaving() -> Drawing:
    """Lane A stays in the chart, lane B goes above it."""
    rows_of = {"A": [1.0, 2.0], "B": [1.0, 1e9]}
    weights = [{"lane": lane, "epoch": 10 * k, "w": w} for lane, ws in rows_of.items() for k, w in enumerate(ws)]
    spec = charts.weight_curve("light", 2, -5.0, 5.0, 10, False)
    lanes = {"A": "learning rate 0.1", "B": "learning rate 9"}
    return Drawing(key="w", name="w", words="w", spec=spec, tables={"weights": weights}, lanes=lanes)


def texts(svg: bytes) -> list[str]:
    return ["".join(node.itertext()) for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_the_legend_names_the_lane_that_left_the_chart(leaving):
    said = texts(picture(leaving, "svg", "light"))
    assert "A: learning rate 0.1" in said and "B: learning rate 9, left the chart" in said


def test_a_dot_at_the_frame_is_drawn_whole_and_one_beyond_it_not(leaving):
    wide = picture(leaving, "png", "light", width=500)
    image = np.array(Image.open(io.BytesIO(wide)).convert("RGB")).astype(int)
    blue = (np.abs(image - rgb("#0072B2")) < 30).all(axis=2)
    column = np.nonzero(blue.any(axis=0))[0].max()  # the right end of lane A's last dot
    dot = blue[:, column - 20 : column + 1]
    height, width = (np.nonzero(dot.any(axis=axis))[0].size for axis in (1, 0))
    assert width >= height - 2, "half a dot is half as wide as high"
    assert not (np.abs(image[:, column - 20 :] - rgb("#009E73")) < 30).all(axis=2).any()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_key_below_names_what_no_letter_does(drawing, theme):
    tested = charts.loss_curve(theme, (6, 3), charts.lane_colours(2, theme)[1], 0.1, 10.0, EPOCHS, tested=True)
    both = replace(drawing, spec=tested, tables={**drawing.tables, "test": drawing.tables["curve"]})
    assert texts(picture(both, "svg", theme))[-2:] == ["on training points", "on held-out points"]
    assert "on held-out points" not in texts(picture(drawing, "svg", theme))


def test_a_picture_of_a_surface_fills_a_slide():
    spec = surface("light", (-1, 1), (-1, 1), ("x", "y"), POINT_COLOURS[:2], ("in", "out"), True)
    dot = io.BytesIO()
    Image.new("RGB", (8, 8), "#FF00FF").save(dot, "png")
    image = {"image": "data:image/png;base64," + base64.b64encode(dot.getvalue()).decode(), "epoch": 1}
    drawing = Drawing(key="v", name="v", words="v", spec=spec, tables={"pictures": [image], "points": []})
    png = picture(drawing, "png", "light", size="1920", caption="What ran. " * 30)
    drawn = np.array(Image.open(io.BytesIO(png)).convert("RGB"))
    assert drawn.shape == (1080, 1920, 3)
    inked = (drawn == rgb("#FF00FF")).all(axis=2)
    assert inked.any(axis=0).mean() > 0.85 and inked.any(axis=1).mean() > 0.6, "across and down"


@pytest.mark.parametrize(("size", "across"), [("document", 1440), ("1920", 1920), ("3840", 3840)])
def test_a_png_is_144_dots_to_the_inch_or_as_wide_as_a_slide(drawing, size, across):
    with Image.open(io.BytesIO(picture(drawing, "png", "light", size=size, caption="What ran. " * 30))) as image:
        assert image.width == across
        if size == "document":
            assert image.info["dpi"] == pytest.approx((144, 144), abs=0.1)
        else:
            assert image.height * 16 == image.width * 9


def test_a_transparent_picture_has_no_ground_and_any_other_a_whole_one(drawing):
    def alpha(transparent: bool) -> Any:
        png = picture(drawing, "png", "dark", transparent=transparent, caption="What ran.")
        return np.array(Image.open(io.BytesIO(png)).convert("RGBA"))[..., 3]

    assert (alpha(False) == 255).all()
    assert (alpha(True) == 0).mean() > 0.8


def test_below_stands_what_ran_within_the_picture_and_a_code_that_a_scanner_reads(drawing):
    caption, link = (
        "A network 2-8-8-1 (tanh) on 192 points of Circle in a ring, 64 held out. " * 3,
        "https://lab.org/?lr=9",
    )
    svg = picture(drawing, "svg", "light", caption=caption, code=qr_code(link).svg)
    assert " ".join(caption.split()) in " ".join(texts(svg))
    png = picture(drawing, "png", "light", size="1920", caption=caption, code=qr_code(link).svg)
    image = np.array(Image.open(io.BytesIO(png)).convert("RGB"))
    assert [found.text for found in zxingcpp.read_barcodes(image)] == [link]
    assert (image[-4:] == 255).all() and (image[:, -4:] == 255).all(), "nothing runs out of the picture"
    paper = PdfReader(io.BytesIO(picture(drawing, "pdf", "light", caption=caption)))
    assert "192 points of Circle" in paper.pages[0].extract_text()


@pytest.mark.parametrize("weight", ["", "-Bold"])
def test_the_font_of_pictures_has_every_letter_of_a_number_and_of_the_labs_words(weight):
    file = Path(chart_files.__file__).with_name("fonts") / f"DejaVuSans{weight}.ttf"
    drawn = set(TTFont(file).getBestCmap())
    numbers = "".join(number(sign * 1.5 * 10.0**power) for sign in (1, -1) for power in range(-320, 300, 7))
    for letter in {*numbers, *"λκη×·²½→≤≥∞°é…–’"}:
        assert ord(letter) in drawn, letter


def test_words_below_a_picture_end_within_it():
    font = ImageFont.truetype(Path(chart_files.__file__).with_name("fonts") / "DejaVuSans.ttf", 11)
    caption = "y = w·x + b on 342 points, from w = 0, b = 0; loss = mean of (y − y_pred)², not half of it; " * 3
    foot = chart_foot.Foot(width=720, letters="#000", caption=caption)
    assert all(font.getlength(line) <= 720 - 2 * 14 for line in foot._lines())
