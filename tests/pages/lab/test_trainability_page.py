"""The trainability map as a server runs it, without a browser."""

from __future__ import annotations

import pytest

from core.instruments.trainability.trainability import Window
from tests.pages.app import open_page, words


def test_the_whole_map_is_shown_with_its_share_of_trained_networks():
    app = open_page("lab/trainability/page.py")
    said = words(app)
    assert "of 16,384 networks trained" in said
    assert "Drag a box on the picture" in said
    assert not app.warning


def test_a_link_shows_its_piece_and_the_way_back():
    piece = Window(left=1.0, right=2.0, low=0.01, high=0.02)
    app = open_page("lab/trainability/page.py", window=piece.to_word())
    assert "100% of 16,384" in words(app)  # far below the boundary
    back, wider = (button for button in app.button if button.label in ("The whole map", "Zoom out"))
    assert not back.disabled
    wider.click().run()
    assert not app.exception
    assert Window.from_word(app.query_params["window"]) == Window.from_word(piece.widened(2).to_word())
    next(button for button in app.button if button.label == "The whole map").click().run()
    assert Window.from_word(app.query_params["window"]) == Window()


@pytest.mark.parametrize("word", ["2_1_1_2", "<b>_1_1_2"])
def test_a_hostile_piece_is_told_and_the_whole_map_shown(word: str):
    app = open_page("lab/trainability/page.py", window=word)
    assert "here is all of it" in words(app)
    assert "of 16,384 networks trained" in words(app)
