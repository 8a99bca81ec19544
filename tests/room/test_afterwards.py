"""The page of pictures of a lesson: what it tells, what it does not, and to whom."""

from __future__ import annotations

import io

from pypdf import PdfReader

from core.story.mystery import mystery

PLAN = ["vote:one_step/one-step-bounce:0", "limit:data=article", "sweep:lr=1e-05&lr=1", "vote:fog/fog-steep:0"]


def words(content: bytes) -> str:
    (page,) = PdfReader(io.BytesIO(content)).pages
    return " ".join(page.extract_text().split())


def test_each_step_that_had_answers_is_a_picture_and_no_seat_is_named(client, rooms):
    made = client.post("/room", json={"plan": PLAN}).json()
    code = made["code"]
    seats = [rooms.join(code) for _ in range(9)]

    def step(at: int, values: list[object], *more: str) -> None:
        rooms.do(code, "open")
        for seat, value in zip(seats, values, strict=False):
            rooms.answer(code, seat.token, at, 1, value)
        for action in ("close", "reveal", *more):
            rooms.do(code, action)

    step(0, [0, 1, 1, 1, 2, 1], "next")
    step(1, [0.01, 0.08, 0.09, 1, 0.5], "next")
    step(2, [None] * 3, "next")
    answer = client.get(f"/room/{code}/results.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    text = words(answer.content)
    assert "What does w do, step after step?" in text and "✓ right: It jumps from side to side for ever" in text
    assert "6 answers." in text and "4 · 67%" in text
    assert "2 of 5 guesses are within 20 % of the limit" in text
    assert "3. The class as a sweep" in text and "Fewer than five have trained" in text
    assert "4. A mountain in fog" not in text, "it had no answer"
    assert not any(seat.name in text for seat in seats)


def test_of_fewer_than_five_votes_the_number_alone_is_told(client, rooms):
    code = client.post("/room", json={"plan": PLAN}).json()["code"]
    assert "No step had an answer." in words(client.get(f"/room/{code}/results.pdf").content)
    seats = [rooms.join(code) for _ in range(4)]
    rooms.do(code, "open")
    for seat in seats:
        rooms.answer(code, seat.token, 0, 1, 1)
    text = words(client.get(f"/room/{code}/results.pdf").content)
    assert "4 answers: with fewer than five, no more than their number is shown." in text and "100%" not in text


def test_it_is_the_hosts_alone(client, rooms):
    code = client.post("/room", json={"plan": PLAN}).json()["code"]
    client.cookies.clear()
    assert client.get(f"/room/{code}/results.pdf").status_code == 403


def test_the_races_are_on_it(client, rooms):
    code = client.post("/room", json={"plan": ["mystery:17", "fog:ravine:20"]}).json()["code"]
    seats = [rooms.join(code) for _ in range(5)]
    right = [mystery(17, place).question.right for place in range(10)]
    for at, value in ((0, right), (1, [[0.05, 1], [1.0, 1]])):
        rooms.do(code, "open")
        for seat in seats:
            rooms.answer(code, seat.token, at, 1, value)
        rooms.do(code, "close")
        rooms.do(code, "next")
    text = words(client.get(f"/room/{code}/results.pdf").content)
    assert "4 100% right: Mini-batches: it jitters at its noise floor" in text
    assert "5 of 5 walks reached the bottom, the best in 2 steps." in text and "best fixed rate" in text
