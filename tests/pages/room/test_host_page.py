"""The host's page of a class room: a plan, one click, and then what can be done in each phase."""

from __future__ import annotations

import json

import pytest

from pages.room import told
from room import tally
from room.ready import ready
from room.rooms import Rooms
from room.store import NoRoom
from server.settings import Settings
from tests.pages.app import fresh, open_page, words
from tests.pages.room.classes import BOUNCE, charts, html, labels, primary, read


def opens_with(app):
    """What the button sends."""
    (button,) = (each.proto for each in app.get("bidi_component") if each.proto.component_name == "open_room")
    return json.loads(button.json)["plan"]


def test_without_a_room_it_says_what_this_is_and_offers_every_ready_plan_with_its_steps():
    app = open_page("room/host.py")
    assert "Nobody needs an account" in words(app)
    assert list(app.radio[0].options) == list(ready())
    assert opens_with(app) == "One step, voted twice"
    assert "One step by hand: What does w do, step after step?" in html(app)
    app.radio[0].set_value("The class finds the rate").run()
    assert opens_with(app) == "The class finds the rate"
    assert "What will rate 1 do?" in html(app)


def test_a_link_brings_a_plan_of_ones_own_and_words_that_are_no_step_are_told_as_plain_text():
    app = open_page("room/host.py", plan=[BOUNCE, "dance:**all**", "limit:epochs=50"])
    assert opens_with(app) == [BOUNCE, "limit:epochs=50"]
    assert any("A step begins with" in text.value for text in app.text)
    assert "plan" not in app.query_params
    (link,) = (block.value for block in app.code)
    assert link.endswith("class-room?plan=vote%3Aone_step%2Fone-step-bounce%3A0&plan=limit%3Aepochs%3D50")


def test_steps_of_ones_own_plan_change_places_and_are_left_out():
    app = open_page("room/host.py", plan=[BOUNCE, "limit:epochs=50"])
    app.button(key="earlier-1").click().run()
    assert opens_with(app) == ["limit:epochs=50", BOUNCE]
    app.button(key="leave-out-0").click().run()
    assert opens_with(app) == [BOUNCE]


def test_whoever_comes_back_without_the_address_is_led_to_the_room_that_the_browser_leads(one, monkeypatch):
    sent = {f"lab_host_{one.code}": one.secret, "lab_host_ZZZZZ": one.secret, "lab_host_../x": "", "other": "x"}
    monkeypatch.setattr(told, "cookies", lambda: sent)
    monkeypatch.setattr(told, "secret", lambda code: sent[f"lab_host_{code}"])
    (link,) = (each.proto for each in open_page("room/host.py").get("page_link"))
    assert link.label == f"You lead room {one.code}: go on" and link.query_string == f"room={one.code}"


def test_a_cookie_that_was_guessed_leads_to_no_room(one, monkeypatch):
    monkeypatch.setattr(told, "cookies", lambda: {f"lab_host_{one.code}": "guessed"})
    monkeypatch.setattr(told, "secret", lambda code: "guessed")
    assert not open_page("room/host.py").get("page_link")


def test_who_is_not_the_host_is_told_so_and_led_to_a_seat(one, monkeypatch):
    monkeypatch.setattr(told, "secret", lambda code: "guessed")
    app = one.host()
    assert "is led from another browser" in words(app)
    assert labels(app) == []
    assert app.get("link_button")[0].proto.url.endswith(f"/r/{one.code}")


def test_a_room_that_is_not_there_is_said_to_be_so(one):
    app = open_page("room/host.py", room="ZZZZZ")
    assert [text.value for text in app.text] == [told.gone("ZZZZZ")] and "ZZZZZ. It was erased" in told.gone("ZZZZZ")


def test_in_each_phase_there_are_the_buttons_that_make_sense_and_the_usual_one_stands_out(one):
    assert primary(one.host()) == ["Open"]
    one.do("open")
    app = one.host()
    assert labels(app) == ["Close", "Freeze", "End", "Undo"] and primary(app) == ["Close"]
    one.do("freeze")
    assert "Go on" in labels(one.host())
    one.do("freeze")
    one.answer(*[0] * 6, *[1] * 6)
    one.do("close")
    app = one.host()
    assert primary(app) == ["Discuss"]
    assert set(labels(app)) == {"Discuss", "Reveal", "Vote again", "Next step", "End", "Undo"}
    assert any("split" in hint.value for hint in app.info)
    one.do("discuss")
    assert primary(one.host()) == ["Vote again"]
    one.do("again", "close")
    assert primary(one.host()) == ["Reveal"]
    one.do("reveal")
    assert primary(one.host()) == ["Next step"]
    one.do("end")
    app = one.host()
    assert labels(app) == ["Undo"] and "The lesson has ended" in html(app)


def test_between_which_shares_of_right_answers_a_discussion_is_advised_is_a_setting(one):
    usual = Settings()
    assert (usual.discuss_from_percent / 100, usual.discuss_to_percent / 100) == tally.SPLIT
    one.do("open")
    one.answer(*[0] * 6, *[1] * 6)
    one.do("close")
    for split, said in (((0.0, 0.4), "go on"), ((0.6, 0.9), "Few are right"), ((0.5, 0.5), "discuss")):
        assert said in Rooms(one.rooms.store, split=split).advice(one.code)


def test_a_click_does_it_and_what_is_not_possible_any_more_is_told(one):
    app = one.host()
    app.button(key="room-open").click().run()
    assert one.rooms.told(one.code)["phase"] == "open"
    assert "12</b> have answered" in html(app)
    one.do("close")
    app.button(key="room-close").click().run()  # on another device it was closed before
    assert any("not possible now" in block.value for block in app.warning)
    app.button(key="room-undo").click().run()
    assert one.rooms.told(one.code)["phase"] == "open"


def test_undo_is_off_where_there_is_nothing_to_undo(one):
    assert one.host().button(key="room-undo").disabled
    one.do("open")
    app = one.host()
    app.button(key="room-undo").click().run()
    assert one.rooms.told(one.code)["phase"] == "lobby"
    assert one.host().button(key="room-undo").disabled


def test_no_count_of_any_answer_is_seen_before_the_reveal(one):
    one.do("open")
    one.answer(*[0] * 3, *[1] * 4, *[2] * 5)
    one.do("close")
    hidden = one.host()
    assert charts(hidden) == [] and "✓ right" not in html(hidden)
    one.do("reveal")
    shown = one.host()
    assert "A 3, B 4, C 5" in charts(shown)[0] and "✓ right" in html(shown)


def test_the_steps_are_listed_with_the_one_where_the_class_is(one):
    one.do("next")
    app = one.host()
    assert '<li class="done">One step by hand' in html(app)
    assert '<li class="here">Guess the limit ← here' in html(app)


def test_a_seat_gets_another_name_and_is_removed(one):
    app = one.host()
    before = app.selectbox(key="room-seat").options[0]
    app.button(key="room-rename").click().run()
    after = app.selectbox(key="room-seat").options[0]
    assert after != before
    app.button(key="room-remove").click().run()
    assert one.rooms.told(one.code)["seats"] == 11
    assert after not in app.selectbox(key="room-seat").options


def test_another_device_gets_the_secret_and_the_hall_does_not(one):
    (link,) = (block.value for block in one.host().code if "host?key=" in block.value)
    assert link.endswith(f"room/{one.code}/host?key={one.secret}")
    hall = one.hall()
    assert one.secret not in html(hall) and not hall.code


def test_results_and_the_plan_are_taken_away_and_all_of_it_is_erased(one):
    app = one.host()
    urls = [each.proto.url for each in app.get("link_button")]
    assert all(any(url.endswith(f"room/{one.code}/results.{kind}") for url in urls) for kind in ("csv", "json", "pdf"))
    assert "&plan=limit" in app.code[-1].value
    app.button(key="room-erase").click().run()
    with pytest.raises(NoRoom):
        one.rooms.told(one.code)
    assert "room" not in app.query_params
    assert f"Room {one.code} is erased" in app.success[0].value and app.radio
    app.query_params["room"] = one.code  # a run that was asked for before the browser's address had lost the code
    app.run()
    assert f"Room {one.code} is erased" in app.success[0].value and "room" not in app.query_params


def test_slides_leave_the_hosts_page_as_it_is():
    app = fresh(present="1").switch_page("room/host.py").run()
    assert not app.exception
    assert "present" not in {each.proto.component_name for each in app.get("bidi_component")}


def test_groups_are_dealt_by_a_click_and_count_as_one(one):
    app = one.host()
    app.selectbox(key="room-group-size").set_value(4).run()
    app.button(key="room-groups").click().run()
    assert "12 in the room, in 3 groups" in read(app) and "Group 3: " in words(app) + html(app)
    assert "12 in the room, in 3 groups: your phone says which" in read(one.hall())
    one.do("open")
    one.answer(*[1] * 12)
    assert "3 of 3 groups have answered" in read(one.hall())
    app = one.host()
    assert app.button(key="room-groups").disabled and app.button(key="room-no-groups").disabled
    one.do("close", "next")
    one.host().button(key="room-no-groups").click().run()
    assert "groups" not in read(one.hall())
