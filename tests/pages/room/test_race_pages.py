"""What the host's page and the hall's show of the two races: nothing of the truth before it is revealed."""

from __future__ import annotations

import pytest

from core.story.fog import best_fixed
from core.story.mystery import mystery
from pages.room import told
from tests.pages.room.classes import Class, charts, html, labels, read

RACES = ("mystery:17", "fog:ravine:20")
ALL_RIGHT = [mystery(17, place).question.right for place in range(10)]


@pytest.fixture
def racing(one: Class, monkeypatch: pytest.MonkeyPatch) -> Class:
    """A room with the races, of six."""
    racing = Class(one.rooms, RACES)
    racing.come_in(6)
    monkeypatch.setattr(told, "secret", lambda code: racing.secret)
    return racing


def test_ten_curves_are_told_with_how_many_were_right_once_revealed(racing):
    racing.do("open")
    half = [*ALL_RIGHT[:5], *[None] * 5]
    racing.answer(*[ALL_RIGHT] * 3, half, half)
    for app in (racing.hall(), racing.host()):
        assert "3 of 6 have told all ten" in read(app)
        assert "Mini-batches" not in read(app) and 'class="room-curves"' not in html(app)
    racing.do("close", "reveal")
    for app in (racing.hall(), racing.host()):
        assert html(app).count("100%</span>") == 5 and html(app).count("60%</span>") == 5
        assert "Mini-batches: it jitters at its noise floor" in read(app)
        assert "of 5 answers. The best was right about 10 of 10." in read(app)


def test_walks_are_drawn_over_the_map_beside_the_best_fixed_rate_once_revealed(racing):
    racing.do("next", "open")
    racing.answer([[0.05, 1], [1.0, 1]], *[[[0.05, 5]]] * 4)
    for app in (racing.hall(), racing.host()):
        assert "5 of 6 are on their way" in read(app) and charts(app) == []
        assert "ravine" not in read(racing.hall())
    racing.do("close", "reveal")
    steps = best_fixed("ravine", 20).steps
    for app in (racing.hall(), racing.host()):
        (chart,) = charts(app)
        assert "The best reached the bottom in 2 steps" in chart and f"takes {steps} steps" in chart
        assert "1 of 5 walks reached the bottom, the best in 2 steps." in read(app)
        assert "A rate that changes on the way can do better" in read(app)


def test_a_race_has_rounds_and_no_votes(racing):
    racing.do("next", "open")
    racing.answer(*[[[0.05, 5]]] * 6)
    racing.do("close")
    assert "What came of it comes soon" in read(racing.hall()) and "The answer comes" not in read(racing.hall())
    assert "Second round" in labels(racing.host()) and "Vote again" not in labels(racing.host())
    racing.do("again")
    for app in (racing.hall(), racing.host()):
        assert "second round" in read(app) and "vote" not in read(app).lower().replace("votes", "")


def test_of_fewer_than_five_a_race_tells_their_number_alone(racing):
    racing.do("open")
    racing.answer(*[ALL_RIGHT] * 4)
    racing.do("close", "reveal")
    assert "4 answers: with fewer than five" in read(racing.hall()) and "%</span>" not in html(racing.hall())
    racing.do("next", "open")
    racing.answer(*[[[0.05, 5]]] * 4)
    racing.do("close", "reveal")
    assert charts(racing.hall()) == [] and "reached the bottom" not in read(racing.hall())
