"""The hall's page: what a class sees on the projector in each phase, and never more than it may."""

from __future__ import annotations

import pytest

from room.store import Unstored
from tests.pages.app import open_page, words
from tests.pages.room.classes import charts, html, labels, primary, read


def test_without_a_room_it_leads_to_the_page_that_opens_one():
    assert "open it from **Class room**" in words(open_page("room/hall.py"))


def test_a_room_that_is_not_there_is_said_to_be_so(one):
    assert "There is no room ZZZZZ. It was erased" in read(open_page("room/hall.py", room="ZZZZZ"))
    assert "&lt;b&gt;" in html(open_page("room/hall.py", room="<b>")).lower(), "an address is no HTML"
    one.rooms.store.erase(one.code)
    assert f"There is no room {one.code}." in read(one.hall()) and "Look at the screen" not in read(one.hall())


def test_the_lobby_shows_the_code_the_address_and_how_many_are_in(one):
    app = one.hall()
    assert "data:image/svg+xml;base64," in html(app)
    assert one.code in read(app) and f"/r/{one.code}" in read(app)
    assert "12 in the room" in read(app)


def test_while_it_is_open_there_is_the_question_with_letters_and_how_many_have_answered(one):
    one.do("open")
    one.answer(0, 1, 1)
    app = one.hall()
    assert "What does w do, step after step?" in read(app)
    assert "A It reaches 5, only faster B It jumps from side to side for ever C It explodes" in read(app)
    assert "3 of 12 have answered" in read(app)
    assert "✓" not in read(app) and charts(app) == []
    assert one.code in read(app)  # for who is late
    one.do("freeze")
    assert "Answers have to wait" in read(one.hall())


def test_discussion_is_asked_for_and_no_tally_is_seen_before_the_reveal(one):
    one.do("open")
    one.answer(*[0] * 5, *[1] * 4)
    one.do("close", "discuss")
    app = one.hall()
    assert "find somebody with another answer" in read(app)
    assert charts(app) == [] and "✓" not in read(app)


def test_the_reveal_has_both_votes_the_right_answer_who_moved_and_what_happens(one):
    one.do("open")
    one.answer(*[0] * 6, *[1] * 4, *[2] * 2)
    one.do("close", "discuss", "again")
    one.answer(*[1] * 10, 2, 0)
    one.do("close", "reveal")
    app = one.hall()
    (chart,) = charts(app)
    assert "first vote: A 6, B 4, C 2; second vote: A 1, B 10, C 1" in chart
    assert "12 voted twice: 6 of 8 who were wrong changed to the right answer" in read(app)
    assert "Of what these could gain, they gained 75%" in read(app)
    assert "✓ right It jumps from side to side for ever" in read(app)
    assert "each step is exactly twice the way to 5" in read(app)


def test_of_fewer_than_five_answers_the_number_alone_is_told(one):
    one.do("open")
    one.answer(0, 1, 2)
    one.do("close", "reveal")
    app = one.hall()
    assert charts(app) == []
    assert "3 answers: with fewer than five, no more than their number is shown" in read(app)


def test_guesses_of_a_limit_become_a_histogram_once_revealed(one):
    one.do("next", "open")
    one.answer(0.01, 0.05, 0.08, 0.09, 0.1, 0.5, 2.0)
    assert charts(one.hall()) == []
    one.do("close", "reveal")
    app = one.hall()
    assert "0.08452" in charts(app)[0] and "7 answers" in charts(app)[0]
    assert "3 of 7 guesses are within 20 % of the limit. 2 of these lie above it" in read(app)


def test_a_sweep_fills_in_while_it_is_open_and_tells_its_limit_at_the_reveal(one):
    one.do("next", "next", "open")
    assert charts(one.hall()) == []
    one.answer(*[None] * 9)
    (chart,) = charts(one.hall())
    assert "9 runs of the class" in chart and "limit" not in chart
    one.do("close", "reveal")
    app = one.hall()
    assert "The limit is 0.08452" in charts(app)[0]
    assert "The best rate of the class is" in read(app)


def test_a_sweep_says_from_when_on_its_curve_is_drawn_and_nothing_of_votes(one):
    one.do("next", "next", "open")
    one.answer(*[None] * 3)
    for app in (one.hall(), one.host()):
        assert "3 of 12 have trained; the curve is drawn from five on" in read(app)
    one.do("close")
    assert "Closed." in read(one.hall()) and "The curve stays" not in read(one.hall())
    one.do("again")
    app = one.hall()
    assert "Now you choose the rate" in read(app) and "You have seen" not in read(app)
    assert "second round" in read(app) and "vote" not in read(app)
    one.do("close", "reveal")
    for app in (one.hall(), one.host()):
        assert "Fewer than five have trained: no curve is drawn." in read(app) and charts(app) == []
        assert "Now you choose" not in read(app) and "All train the same" in read(app)


def test_a_closed_sweep_keeps_its_curve_on_both_pages(one):
    one.do("next", "next", "open")
    one.answer(*[None] * 9)
    one.do("close")
    hall, host = one.hall(), one.host()
    assert "Closed. The curve stays." in read(hall) and "The answer comes soon" not in read(hall)
    assert charts(hall) and charts(host)
    assert "9 of 12 have trained" in read(host) and "drawn from" not in read(host)
    assert "Second round" in labels(host) and primary(host) == ["Second round"]
    one.do("discuss")
    assert "where does the loss end lowest" in read(one.hall()) and primary(one.host()) == ["Second round"]


def test_the_end_is_said(one):
    one.do("end")
    assert "That was the last step" in read(one.hall())


@pytest.mark.parametrize("part", ["told", "advice", "possible"])
def test_a_store_that_is_lost_is_said_and_nothing_breaks(one, monkeypatch, part):
    def lost(*_):
        raise Unstored("The class room's store can't be used now (OperationalError).")

    one.do("open")
    monkeypatch.setattr(one.rooms, part, lost)
    for app in (one.host(), *([one.hall()] if part == "told" else [])):
        assert "can't be used now" in app.warning[0].value and not app.exception
    monkeypatch.setattr(one.rooms.store, "is_host", lost)
    assert "can't be used now" in one.host().warning[0].value
