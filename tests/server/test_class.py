"""A class on a real server, by the benchmark's own visitors: nobody is lost, nothing leaks, nobody can spoil it."""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request
from typing import Any

import pytest
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg

from benchmarks.load import House, clicks, flood, problems, visitors
from benchmarks.visitor import Answer, Visitor
from tests.server.conftest import Lab, run, serve

pytestmark = pytest.mark.slow

TEXT = "a text"
NOISE = b"\xff\xff\xff\xff"
OVERLONG = b"\x00" * 8_000_001


def house(lab: Lab) -> House:
    return House(address=lab.address, processes=(lab.process,))


async def visitor_of(lab: Lab) -> Visitor:
    visitor = Visitor(address=lab.address)
    await visitor.connect()
    await visitor.open()
    return visitor


def alone(lab: Lab) -> float:
    """Seconds a click takes when nobody else is there, for an experiment that nobody has seen."""

    async def click() -> list[Answer]:
        visitor = await visitor_of(lab)
        answers = [await visitor.rest((1e-6, 0.02 + k * 1e-7, 1.0)) for k in range(1, 8)]
        await visitor.leave()
        return answers

    return sorted(answer.seconds for answer in run(click()))[3]


def test_thirty_who_click_within_a_second_are_all_answered_and_wait_for_one_another_at_most(lab: Lab) -> None:
    one = alone(lab)
    answers = run(clicks(house(lab), 30))
    assert problems(answers) == 0
    slowest = max(answer.seconds for answer in answers if isinstance(answer, Answer))
    # Both sides are of this run, so a slow machine slows both; Streamlit's own settings take far more than the sum.
    assert slowest < max(2.0, 3 * 30 * one)


def test_five_hundred_reruns_and_a_thousand_sockets_leave_the_memory_as_it_was(lab: Lab) -> None:
    async def reruns(count: int) -> None:
        visitor = await visitor_of(lab)
        for k in range(count):
            answer = await visitor.rest((1e-6, 0.02 + (k % 5) / 1000, 1.0))
            assert answer.problem == ""
        await visitor.leave()

    async def sockets(count: int) -> None:
        for _ in range(count):
            visitor = Visitor(address=lab.address)
            await visitor.connect()
            await visitor.leave()

    run(reruns(50))
    run(sockets(200))
    before = lab.memory()
    run(reruns(500))
    after_reruns = lab.memory()
    run(sockets(1000))
    assert after_reruns - before < 40
    assert lab.memory() - after_reruns < 10


@pytest.mark.parametrize(("frame", "code"), [(TEXT, 1003), (NOISE, 1002), (OVERLONG, 1009)])
def test_a_frame_that_can_not_be_ends_its_own_socket_and_no_other(lab: Lab, frame: bytes | str, code: int) -> None:
    async def hurt() -> tuple[int | None, Answer]:
        calm, rough = await visitor_of(lab), await visitor_of(lab)
        await rough.send(frame)
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await asyncio.wait_for(rough.listen(), 20)
        answer = await calm.rest((1e-6, 0.03, 1.0))
        await calm.leave()
        return closed.value.rcvd.code if closed.value.rcvd else None, answer

    told, answer = run(hurt())
    assert told == code
    assert answer.problem == ""
    assert "Traceback" not in lab.log.read_text()


@pytest.mark.parametrize("kind", ["clear_cache", "debug_shutdown_runtime"])
def test_what_would_change_the_server_for_all_changes_nothing(lab: Lab, kind: str) -> None:
    message = BackMsg()
    setattr(message, kind, True)

    async def ask() -> Answer:
        visitor = await visitor_of(lab)
        await visitor.send(message.SerializeToString())
        answer = await visitor.rest((1e-6, 0.031, 1.0))
        await visitor.leave()
        return answer

    assert run(ask()).problem == ""  # a cleared cache takes the session's own state with it, and its next click fails
    assert "Client tried" not in lab.log.read_text(), "Streamlit heard of it"


def test_a_page_of_another_site_gets_no_socket_and_no_outside_site_is_asked(lab: Lab) -> None:
    async def connect() -> None:
        await websockets.connect(
            f"ws://{lab.address}/_stcore/stream", origin=websockets.Origin("http://evil.example"), proxy=None
        )

    with pytest.raises(websockets.InvalidStatus):
        run(connect())
    assert "disallowed Origin" not in lab.log.read_text(), "Streamlit heard of it, and asks outside before it refuses"


def test_who_comes_to_a_full_house_is_told_and_gets_in_when_somebody_leaves(tmp_path: Any) -> None:
    with serve(tmp_path / "log.txt", LAB_MAX_SESSIONS="1", LAB_ALLOWED_HOSTS="lab.example.edu") as small:

        async def visit() -> None:
            first = await visitor_of(small)
            assert await asyncio.to_thread(page, small) == (503, True)
            with pytest.raises(websockets.InvalidStatus):
                await visitor_of(small)
            await first.leave()
            async with asyncio.timeout(30):
                while await asyncio.to_thread(page, small) != (200, False):
                    await asyncio.sleep(0.05)
            await (await visitor_of(small)).leave()

        run(visit())
        assert page(small, host="evil.example")[0] == 400
        assert page(small, host="lab.example.edu")[0] == 200


def page(lab: Lab, host: str = "") -> tuple[int, bool]:
    """The status of the first page, and whether it says that the house is full."""
    headers = {"Accept": "text/html"} | ({"Host": host} if host else {})
    try:
        with urllib.request.urlopen(urllib.request.Request(f"http://{lab.address}/", headers=headers)) as answer:
            return answer.status, "A full house" in answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, "A full house" in refused.read().decode()


def test_one_who_floods_is_slowed_and_the_others_are_answered(lab: Lab) -> None:
    async def beside() -> list[Answer]:
        async with visitors(house(lab), 2) as (rough, calm):
            flooding = asyncio.create_task(flood(rough))
            answers = [await calm.rest((1e-6, 0.04 + k * 1e-6, 1.0)) for k in range(10)]
            assert not flooding.done(), "it is slowed, not thrown out"
            flooding.cancel()
            await asyncio.gather(flooding, return_exceptions=True)
            return answers

    one = alone(lab)
    answers = run(beside())
    assert all(answer.problem == "" for answer in answers)
    assert sorted(answer.seconds for answer in answers)[5] < max(2.0, 10 * one)
