"""What a seat is told of its own number, and the way to the page that asks for a code."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from room.plan import read_plan
from room.rooms import Rooms
from room.routes import Routes
from room.store import Store, in_folder


@pytest.fixture
def rooms(tmp_path):
    rooms = Rooms(Store(in_folder(tmp_path)))
    yield rooms
    rooms.store.close()


def test_a_seat_is_told_why_its_last_number_is_wrong_once_the_answer_is_revealed_and_not_before(rooms):
    code, _ = rooms.create(read_plan(["vote:one_step/one-step:0"]))
    seat, silent = rooms.join(code), rooms.join(code)
    rooms.do(code, "open")
    rooms.answer(code, seat.token, 0, 1, 4.2)
    rooms.do(code, "close")
    assert "judged" not in rooms.mine(code, seat.token)
    rooms.do(code, "again")
    rooms.answer(code, seat.token, 0, 2, -2.2)
    rooms.do(code, "close")
    rooms.do(code, "reveal")
    judged = rooms.mine(code, seat.token)["judged"]
    assert not judged["right"]
    assert "the minus turns it downhill" in judged["why"]
    assert "judged" not in rooms.mine(code, silent.token)


def test_who_comes_after_the_end_takes_no_seat_and_who_was_there_comes_back(rooms):
    code, _ = rooms.create(read_plan(["vote:one_step/one-step:0"]))
    visitor = TestClient(Starlette(routes=Routes(lambda: rooms).all()))
    joined = visitor.post(f"/room/{code}/join", json={}).json()
    rooms.do(code, "end")
    assert visitor.post(f"/room/{code}/join", json={}).json() == joined, "by its cookie"
    visitor.cookies.clear()
    late = visitor.post(f"/room/{code}/join", json={})
    assert late.status_code == 409 and "nothing left to answer" in late.json()["error"]
    assert visitor.post(f"/room/{code}/join", json={"name": joined["name"], "digits": joined["digits"]}).is_success
    assert rooms.told(code)["seats"] == 1


def test_the_address_without_a_slash_leads_to_where_the_pages_files_are_found(rooms):
    visitor = TestClient(Starlette(routes=Routes(lambda: rooms).all()))
    page = visitor.get("/r")
    assert page.url.path == "/r/"
    assert page.text == visitor.get("/r/AB3CD").text
