"""What phones and hosts ask by HTTP: a whole lesson, and all that a stranger may not."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re

import pytest
from starlette.testclient import TestClient

from room import rooms as module
from room.live import Live
from room.names import is_code
from room.phases import NotNow
from room.ready import ready
from room.rooms import Rooms
from tests.server.conftest import run


def lesson(client: TestClient, plan: object = "The class finds the rate") -> str:
    """The code of a new room, whose host the client is."""
    answer = client.post("/room", json={"plan": plan})
    assert answer.status_code == 201, answer.text
    return answer.json()["code"]


def phone(client: TestClient, code: str) -> TestClient:
    """A phone with a seat."""
    other = TestClient(client.app)
    assert other.post(f"/room/{code}/join", json={}).status_code == 200
    return other


def does(client: TestClient, code: str, *actions: str) -> None:
    for action in actions:
        answer = client.post(f"/room/{code}/do", json={"action": action})
        assert answer.status_code == 204, answer.text


def answers(seat: TestClient, code: str, value: object, step: int = 0, round: int = 1) -> int:
    asked = {"step": step, "round": round, "value": value}
    return seat.post(f"/room/{code}/answer", json=asked).status_code


def test_a_vote_a_discussion_and_a_second_vote(client, rooms):
    code = lesson(client)
    seats = [phone(client, code) for _ in range(8)]
    assert rooms.told(code)["asked"] is None
    does(client, code, "open")
    assert rooms.told(code)["asked"]["kind"] == "choice"
    for k, seat in enumerate(seats):
        assert answers(seat, code, 2 if k < 3 else 0) == 204
    assert rooms.told(code)["count"] == 8
    does(client, code, "close")
    assert rooms.advice(code) == "Opinions are split: let them discuss, then vote again."
    told = json.dumps(rooms.told(code))
    assert "counts" not in told and '"right"' not in told and "outcome" not in told, "no tally before the second vote"
    does(client, code, "discuss", "again")
    assert all(answers(seat, code, 2, round=1) == 409 for seat in seats[:1])
    for k, seat in enumerate(seats):
        assert answers(seat, code, 2 if k < 6 else 1, round=2) == 204
    does(client, code, "close", "reveal")
    found = rooms.told(code)["result"]
    assert found["counts"] == [[5, 0, 3], [0, 2, 6]] and found["right"] == 2
    assert found["moved"][0] == [0, 2, 3] and found["gain"] == pytest.approx((6 / 8 - 3 / 8) / (1 - 3 / 8))
    assert seats[0].get(f"/room/{code}/mine").json()["answers"] == {"1": 2, "2": 2}


def test_the_class_as_a_sweep_fills_in_and_each_sees_its_own_curve(client, rooms):
    code = lesson(client)
    seats = [phone(client, code) for _ in range(6)]
    does(client, code, "next", "open")
    mine = seats[3].get(f"/room/{code}/mine").json()
    assert mine["curve"] is None and mine["rate"] > 0
    for k, seat in enumerate(seats[:5]):
        assert rooms.told(code)["points"] is None, "below five only how many there are"
        assert answers(seat, code, None, step=1) == 204
        assert rooms.told(code)["count"] == k + 1
    curve = seats[3].get(f"/room/{code}/mine").json()["curve"]
    assert curve["rate"] == mine["rate"] and len(curve["points"]) > 1 and curve["words"]
    assert len(rooms.told(code)["points"]) == 5 and "limit" not in rooms.told(code)
    assert answers(seats[5], code, 0.03, step=1) == 400, "in the first round the rate is dealt"
    does(client, code, "close", "again")
    stop = rooms.told(code)["asked"]["stops"][10]
    assert answers(seats[5], code, stop, step=1, round=2) == 204
    assert seats[5].get(f"/room/{code}/mine").json()["curve"]["rate"] == stop
    does(client, code, "close", "reveal")
    found = rooms.told(code)["result"]
    assert found["limit"] == pytest.approx(0.0845, rel=1e-3) and len(found["points"]) == 6
    losses = {rate: loss for rate, loss in found["points"] if loss is not None}
    assert losses[found["best"]] == min(losses.values())


def test_a_guess_of_the_limit(client, rooms):
    code = lesson(client, ["limit:data=article"])
    seats = [phone(client, code) for _ in range(5)]
    does(client, code, "open")
    for seat, value in zip(seats, [0.01, 0.08, 0.09, 1, 1e-4], strict=True):
        assert answers(seat, code, value) == 204
    does(client, code, "close", "reveal")
    found = rooms.told(code)["result"]
    assert found["values"] == [1e-4, 0.01, 0.08, 0.09, 1]
    assert found["said"].startswith("2 of 5 guesses are within 20 % of the limit. 1 of these lies above it")
    assert found["answer"] == pytest.approx(0.08452405) and found["measured"] == pytest.approx(0.08452405, rel=1e-3)


def test_a_question_is_asked_again_with_other_numbers(client, rooms):
    code = lesson(client, "One step, voted twice")
    with pytest.raises(NotNow, match="Other numbers"):
        rooms.ask_twin(code)
    does(client, code, "open", "close", "reveal")
    before = rooms.told(code)
    rooms.ask_twin(code)
    does(client, code, "open")
    after = rooms.told(code)
    assert (after["step"], after["of"]) == (1, before["of"] + 1)
    assert after["asked"]["ask"] != before["asked"]["ask"] and after["asked"]["kind"] == before["asked"]["kind"]
    does(client, code, "close", "reveal")
    assert rooms.told(code)["result"]["answer"] != before["result"]["answer"]
    other = lesson(client, ["vote:without_gradients/without-two:0"])
    does(client, other, "open", "close", "reveal")
    assert not rooms.has_twin(other), "its numbers are never others"


def test_results_are_totals_without_seats(client, rooms):
    code = lesson(client)
    seats = [phone(client, code) for _ in range(6)]
    does(client, code, "open")
    for seat in seats:
        answers(seat, code, 2)
    does(client, code, "close", "reveal", "next", "open")
    answers(seats[0], code, None, step=1)
    rows = client.get(f"/room/{code}/results.json").json()
    assert [row["count"] for row in rows if row["step"] == 1] == [0, 0, 6]
    assert [row["count"] for row in rows if row["step"] == 2] == [None], "one answer is somebody"
    text = client.get(f"/room/{code}/results.csv").text
    assert len(list(csv.DictReader(io.StringIO(text)))) == len(rows)
    names = [seat.name for seat in rooms.store.seats(code)]
    assert not any(name in text for name in names)
    assert phone(client, code).get(f"/room/{code}/results.csv").status_code == 403


def test_a_stranger_can_do_nothing_of_the_hosts(client):
    code = lesson(client)
    for stranger in (TestClient(client.app), phone(client, code)):
        for path, asked in (("do", {"action": "open"}), ("do", {"action": "end", "host": "guessed"}), ("erase", {})):
            assert stranger.post(f"/room/{code}/{path}", json=asked).status_code == 403
        assert stranger.get(f"/room/{code}/host?key=guessed").status_code == 403
        assert answers(stranger, code, 0) == (403 if not stranger.cookies else 409)
    other = lesson(client)
    assert answers(phone(client, other), code, 0) == 403, "a seat of another room"


def test_the_secret_link_makes_another_device_the_host(client):
    code = lesson(client)
    secret = client.cookies[f"lab_host_{code}"]
    tablet = TestClient(client.app, follow_redirects=False)
    answer = tablet.get(f"/room/{code}/host?key={secret}")
    assert answer.status_code == 303 and answer.headers["location"] == f"../../class-room?room={code}"
    does(tablet, code, "open")


def test_cookies_are_of_this_site_alone_and_no_script_reads_them(client):
    answer = client.post("/room", json={"plan": next(iter(ready()))})
    seat = TestClient(client.app).post(f"/room/{answer.json()['code']}/join", json={})
    for one in (answer, seat):
        cookie = one.headers["set-cookie"].lower()
        assert "httponly" in cookie and "samesite=strict" in cookie and "max-age=86400" in cookie
        assert len(one.headers.get_list("set-cookie")) == 1
    assert re.fullmatch(r"\w+ \w+", seat.json()["name"]) and re.fullmatch(r"\d{4}", seat.json()["digits"])


def test_who_comes_again_has_the_same_seat_and_a_removed_one_gets_another(client, rooms):
    code = lesson(client)
    seat = phone(client, code)
    first = seat.get(f"/room/{code}/mine").json()
    assert seat.post(f"/room/{code}/join", json={}).json()["name"] == first["name"]
    rooms.store.remove(code, 0)
    assert seat.get(f"/room/{code}/mine").status_code == 403
    assert seat.post(f"/room/{code}/join", json={}).json()["seat"] == 2
    second = seat.get(f"/room/{code}/mine").json()
    other = TestClient(client.app)
    back = other.post(f"/room/{code}/join", json={"name": second["name"], "digits": second["digits"]})
    assert back.json()["name"] == second["name"] and other.get(f"/room/{code}/mine").json()["name"] == second["name"]


@pytest.mark.parametrize(
    "body",
    [b"[]", b"{", b'{"plan": 7}', b'{"plan": "no such"}', b'{"plan": []}', b'{"plan": ["poll:x"]}', b"x" * 30_000],
)
def test_a_bad_body_is_refused_with_a_sentence(client, body):
    answer = client.post("/room", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400 and answer.json()["error"].endswith((".", "deep learning."))


def test_a_form_of_another_site_is_refused(client):
    code = lesson(client)
    sent = client.post(f"/room/{code}/do", data={"action": "open"})
    assert sent.status_code == 400 and "JSON" in sent.json()["error"]


@pytest.mark.parametrize(
    "path", ["/room/QQQQQ/live", "/room/qq/mine", "/room/QQQQQ/mine", "/room/QQQQQ/qr.svg", "/room-files/store.py"]
)
def test_where_there_is_no_room_that_is_said(client, path):
    answer = client.get(path)
    assert answer.status_code == 404 and answer.json()["error"].startswith("There is no")


def test_one_process_opens_twenty_rooms(client, monkeypatch):
    monkeypatch.setattr(module, "MOST_ROOMS", 2)
    first = lesson(client)
    lesson(client)
    answer = client.post("/room", json={"plan": next(iter(ready()))})
    assert answer.status_code == 403 and "rooms here already" in answer.json()["error"]
    assert client.post(f"/room/{first}/erase", json={}).status_code == 204
    assert is_code(lesson(client))


def test_listeners_are_told_what_another_process_has_changed(tmp_path):
    """Two processes' worth of rooms over one file: who listens to one hears of what is done in the other."""
    from room.store import Store, in_folder

    stores = Store(in_folder(tmp_path)), Store(in_folder(tmp_path))
    here, there = map(Rooms, stores)
    code, _ = there.create(ready()["The class finds the rate"])

    async def listens() -> list[dict]:
        heard, lines = [], Live(here).listen(code)
        heard.append(json.loads((await anext(lines)).removeprefix("data: ")))
        await asyncio.sleep(0.3)
        await asyncio.to_thread(there.do, code, "open")
        begun = asyncio.get_running_loop().time()
        while heard[-1]["phase"] != "open":
            heard.append(json.loads((await asyncio.wait_for(anext(lines), 20)).removeprefix("data: ")))
        took = asyncio.get_running_loop().time() - begun
        seat = await asyncio.to_thread(there.join, code)
        await asyncio.to_thread(there.answer, code, seat.token, 0, 1, 1)
        while not heard[-1]["count"]:
            heard.append(json.loads((await asyncio.wait_for(anext(lines), 20)).removeprefix("data: ")))
        await asyncio.to_thread(there.store.erase, code)
        while not heard[-1].get("gone"):
            heard.append(json.loads((await asyncio.wait_for(anext(lines), 20)).removeprefix("data: ")))
        await lines.aclose()
        assert took < 10
        return heard

    heard = run(listens())  # a browser's test of the same worker keeps a loop running in this thread
    for each in stores:
        each.close()
    assert heard[0]["phase"] == "lobby" and heard[-2]["count"] == 1 and heard[-1]["phase"] == "ended"
