"""Several charts on one page: what a reader of the PDF finds in it."""

from __future__ import annotations

import io
import re

import pytest
from pypdf import PdfReader

from core import Experiment, train
from core.export.loss_lines import loss_drawing
from core.export.poster import Card, _page, poster


def cards(count: int) -> list[Card]:
    drawn = loss_drawing(train(Experiment(epochs=20)))
    return [Card(title=f"{k}. A <b> & c", words=("Asked.",), drawing=drawn, said=f"Said {k}.") for k in range(count)]


def test_it_is_one_page_whose_words_are_text_and_no_markup():
    (page,) = PdfReader(io.BytesIO(poster("Rates & <losses>", "Totals.", [*cards(2), Card(title="3. Bare")]))).pages
    text = page.extract_text()
    for words in ("Rates & <losses>", "Totals.", "0. A <b> & c", "1. A <b> & c", "3. Bare", "Asked.", "Said 1."):
        assert words in text


def test_no_two_charts_of_a_page_share_the_name_of_a_part():
    drawn = _page("t", "", cards(3), "light")
    names = re.findall(r'id="([^"]+)"', drawn)
    assert len(names) == len(set(names)) >= 3
    assert set(re.findall(r"url\(#([^)]+)\)", drawn)) <= set(names)


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (2, 1), (3, 2), (8, 2), (9, 3)])
def test_more_cards_stand_in_more_columns(count: int, columns: int):
    drawn = _page("t", "", [Card(title="x")] * count, "light")
    assert len(set(re.findall(r"translate\((\d+) ", drawn))) == min(columns, count)


def test_a_long_line_is_broken_within_its_card():
    drawn = _page("t", "", [Card(title="x", words=("word " * 200,))], "light")
    assert max(map(len, re.findall(r">([^<]*)</text>", drawn))) < 100
