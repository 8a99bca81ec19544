"""The page of rates that choose themselves as a server runs it, without a browser."""

from __future__ import annotations

import pytest

from core.instruments.self_choosing.scene import LOSSES
from tests.pages.app import open_page, tables, words

PAGE = "lab/self_choosing/page.py"


def test_the_first_look_is_the_articles_line_in_two_exact_steps():
    app = open_page(PAGE)
    assert "Two exact steps are enough" in words(app)
    assert len(tables(app)[0]) == 6


@pytest.mark.parametrize(("place", "loss"), [*enumerate(LOSSES)])
def test_every_loss_can_be_chosen(place, loss):
    app = open_page(PAGE, **{"loss-of": loss, "choosing-steps": ("10", "500")[place % 2]})
    assert len(tables(app)[0]) in (3, 6)


def test_a_hostile_link_shows_the_page_all_the_same():
    assert "Two exact steps are enough" in words(open_page(PAGE, **{"loss-of": "<b>", "choosing-steps": "1e9"}))


def test_a_choice_that_a_link_leaves_empty_is_told_in_words():
    app = open_page(PAGE, **{"loss-of": ""})
    assert "The link's loss-of= can't be; the first choice is used." in words(app)
