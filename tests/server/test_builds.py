"""What many ask for together is built once, stops when all have left, and none of it keeps others waiting."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from server import builds
from server.workers import Unfinished
from tests.server.conftest import run

QUICK, LONG = 0.01, 5.0  # seconds, by estimate


class Room:
    """A route that builds what is named, here at once and by workers when they are let go; and what became of it.

    begun, stopped: names that workers have begun and had to stop.  here: those built in this process.
    """

    def __init__(self) -> None:
        self.free, self.gate = threading.Event(), threading.Event()
        self.gate.set()
        self.begun: list[str] = []
        self.stopped: list[str] = []
        self.here: list[str] = []
        self.visitors: list[Any] = []
        self._builds = builds.Builds()
        self.app = Starlette(routes=[Route("/{name}/{seconds:float}", self._answer)])

    async def _answer(self, request: Request) -> PlainTextResponse:
        name, seconds = request.path_params["name"], request.path_params["seconds"]
        try:
            return PlainTextResponse(
                await self._builds.result(self._build, (name,), request, seconds=seconds, megabytes=9)
            )
        except (Unfinished, builds.Left) as reason:
            return PlainTextResponse(str(reason), 503)

    def _build(self, name: str) -> str:
        self.here.append(name)
        self.gate.wait(10)
        if name == "broken":
            raise Unfinished("it is broken")
        return f"{name} is built"

    def do(self, job: Any, *, progress: Callable[[float], object], visitor: Any, **_: Any) -> str:
        """As the workers' own."""
        (name,) = job.arguments
        self.begun.append(name)
        self.visitors.append(visitor)
        try:
            while not self.free.wait(0.01):
                progress(0.0)
        except builds.Left:
            self.stopped.append(name)
            raise
        return f"{name} is built"

    def ask(self, name: str, seconds: float, client: str = "192.0.2.1") -> Reader:
        return Reader(self.app, f"/{name}/{seconds}", client)

    async def until(self, what: Callable[[], bool]) -> None:
        end = time.monotonic() + 10
        while not what():
            assert time.monotonic() < end
            await asyncio.sleep(0.01)


class Reader:
    """One who asks, and may leave. answer: what comes, in the end."""

    def __init__(self, app: Starlette, path: str, client: str) -> None:
        self.gone = asyncio.Event()
        scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}
        scope |= {"client": (client, 5000), "server": ("lab", 80), "scheme": "http", "root_path": ""}
        self.answer = asyncio.ensure_future(self._ask(app, scope))

    async def _ask(self, app: Starlette, scope: dict[str, Any]) -> str:
        body = b""

        async def receive() -> dict[str, Any]:
            await self.gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            nonlocal body
            body += message.get("body", b"")

        await app(scope, receive, send)
        return body.decode()


@pytest.fixture
def in_a_room(monkeypatch):
    """Play a scene in a Room."""
    room = Room()
    monkeypatch.setattr(builds, "workers", lambda: room)

    def play(scene: Callable[[Room], Awaitable[None]]) -> Room:
        run(scene(room))
        return room

    yield play
    room.free.set()


@pytest.mark.parametrize("seconds", [QUICK, LONG])
def test_what_thirty_ask_for_together_is_built_once(in_a_room, seconds):
    async def scene(room: Room) -> None:
        room.free.set()
        readers = [room.ask("it", seconds, f"192.0.2.{k}") for k in range(30)]
        assert {await reader.answer for reader in readers} == {"it is built"}
        assert await room.ask("another", seconds).answer == "another is built"

    room = in_a_room(scene)
    assert sorted(room.here + room.begun) == ["another", "it"]


def test_who_leaves_stops_it_unless_others_wait_for_it(in_a_room):
    async def scene(room: Room) -> None:
        first, second = room.ask("it", LONG), room.ask("it", LONG)
        await room.until(lambda: room.begun == ["it"])
        first.gone.set()
        await room.until(first.answer.done)
        assert room.stopped == []
        second.gone.set()
        await room.until(lambda: room.stopped == ["it"])
        third = room.ask("it", LONG)
        await room.until(lambda: room.begun == ["it", "it"])
        room.free.set()
        assert await third.answer == "it is built"

    assert in_a_room(scene).stopped == ["it"]


def test_an_address_has_so_many_long_ones_built_and_everything_else_goes_on(in_a_room):
    async def scene(room: Room) -> None:
        held = [room.ask(f"long {k}", LONG) for k in range(builds._OF_AN_ADDRESS)]
        await room.until(lambda: len(room.begun) == len(held))
        assert await room.ask("one more", LONG).answer == "too much is asked for at once: ask again in a second"
        assert await room.ask("quick", QUICK).answer == "quick is built"
        other = room.ask("another's", LONG, "192.0.2.2")
        await room.until(lambda: "another's" in room.begun)
        room.free.set()
        assert {await reader.answer for reader in (*held, other)} == {f"{name} is built" for name in room.begun}
        assert await room.ask("one more", LONG).answer == "one more is built"

    assert set(in_a_room(scene).visitors) == {"192.0.2.1", "192.0.2.2"}


def test_all_addresses_together_have_so_many_built(in_a_room, monkeypatch):
    monkeypatch.setattr(builds, "_MOST", 3)

    async def scene(room: Room) -> None:
        held = [room.ask(f"long {k}", LONG, f"192.0.2.{k}") for k in range(3)]
        await room.until(lambda: len(room.begun) == 3)
        assert "too much" in await room.ask("one more", LONG, "192.0.2.9").answer
        room.free.set()
        assert len({await reader.answer for reader in held}) == 3

    in_a_room(scene)


def test_an_address_gets_so_many_seconds_of_this_process_and_the_rest_from_workers(in_a_room, monkeypatch):
    monkeypatch.setattr(builds, "_RATE", 1e-9)
    monkeypatch.setattr(builds, "_BURST", 3.5 * QUICK)

    async def scene(room: Room) -> None:
        room._builds = builds.Builds()
        room.free.set()
        for k in range(5):
            assert await room.ask(f"quick {k}", QUICK).answer == f"quick {k} is built"
        assert await room.ask("another's", QUICK, "192.0.2.2").answer == "another's is built"

    room = in_a_room(scene)
    assert room.here == ["quick 0", "quick 1", "quick 2", "another's"]
    assert room.begun == ["quick 3", "quick 4"]


def test_an_address_that_asks_for_many_quick_ones_waits_behind_everybody_else(in_a_room):
    async def scene(room: Room) -> None:
        room.gate.clear()
        many = [room.ask(f"one of many {k}", QUICK) for k in range(20)]
        await room.until(lambda: len(room.here) == 1)
        other = room.ask("another's", QUICK, "192.0.2.2")
        await room.until(lambda: len(room._builds._under_way) == 21)
        await asyncio.sleep(0)  # it takes its turn
        room.gate.set()
        assert [await reader.answer for reader in many] == [f"one of many {k} is built" for k in range(20)]
        assert await other.answer == "another's is built"

    assert in_a_room(scene).here[1] == "another's"


def test_why_it_cant_be_built_reaches_all_who_asked(in_a_room):
    async def scene(room: Room) -> None:
        assert {await room.ask("broken", QUICK).answer for _ in range(3)} == {"it is broken"}

    in_a_room(scene)
