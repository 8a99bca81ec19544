"""What is held of uploads: of one session, of all, on their way, and after somebody has left."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.types import Message
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from server import uploads
from server.settings import Settings
from server.uploads import MB, MOST_OF_A_SESSION, Uploads
from tests.server.conftest import run

SESSIONS = [f"session {number}" for number in range(9)]


class Streamlit:
    """The parts of Streamlit's runtime that hold files, and an app that takes uploads as it does."""

    def __init__(self) -> None:
        self.uploaded_file_mgr = MemoryUploadedFileManager("/_stcore/upload_file")
        self.active = {"mine", "another's", *SESSIONS}

    def instance(self) -> Streamlit:
        return self

    def is_active_session(self, session: str) -> bool:
        return session in self.active

    def hold(self, session: str, name: str, size: int) -> None:
        self.uploaded_file_mgr.add_file(session, UploadedFileRec(name, name, "text/plain", bytes(size)))

    def held(self, session: str) -> int:
        return sum(len(file.data) for file in self.uploaded_file_mgr.file_storage.get(session, {}).values())

    async def app(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await receive()  # until it is closed
            self.active.discard("mine")
        else:
            _, session, name = scope["path"].rsplit("/", 2)
            self.hold(session, name, len((await receive())["body"]))
            await send({"type": "http.response.start", "status": 204, "headers": []})


@pytest.fixture
def streamlit(monkeypatch: pytest.MonkeyPatch) -> Iterator[Streamlit]:
    made = Streamlit()
    monkeypatch.setattr(uploads, "Runtime", made)
    return made


async def put(door: Uploads, session: str, name: str, size: int, body: Any = None, client: str = "192.0.2.1") -> int:
    """The status of an upload of so many bytes; body: what to wait for before they come."""
    sent: list[Message] = []

    async def receive() -> Message:
        if body is not None:
            await body
        return {"type": "http.request", "body": bytes(size)}

    async def send(message: Message) -> None:
        sent.append(message)

    path, length = f"/_stcore/upload_file/{session}/{name}", [(b"content-length", str(size).encode())]
    scope = {"type": "http", "method": "PUT", "path": path, "headers": length, "client": (client, 5000)}
    await door(scope, receive, send)
    return int(sent[0]["status"])


def test_a_session_holds_sixty_megabytes_and_another_its_own(streamlit):
    door = Uploads(streamlit.app, Settings())

    async def several() -> list[int]:
        mine = [await put(door, "mine", str(number), 20 * MB) for number in range(4)]
        return [*mine, await put(door, "another's", "0", 20 * MB)]

    assert run(several()) == [204, 204, 204, 413, 204]
    assert streamlit.held("mine") == MOST_OF_A_SESSION * MB


def test_what_was_removed_makes_room(streamlit):
    door = Uploads(streamlit.app, Settings())
    streamlit.hold("mine", "large", 59 * MB)
    assert run(put(door, "mine", "next", 2 * MB)) == 413
    streamlit.uploaded_file_mgr.remove_file("mine", "large")
    assert run(put(door, "mine", "next", 2 * MB)) == 204


def test_what_is_on_its_way_counts_until_it_is_there_or_fails(streamlit):
    door = Uploads(streamlit.app, Settings())

    async def beside_a_slow_one() -> list[int]:
        arrives = asyncio.Event()
        slow = asyncio.create_task(put(door, "mine", "slow", 40 * MB, arrives.wait()))
        await asyncio.sleep(0)
        meanwhile = await put(door, "mine", "next", 30 * MB)
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)
        return [meanwhile, await put(door, "mine", "next", 30 * MB)]

    assert run(beside_a_slow_one()) == [413, 204]


def test_one_that_does_not_say_how_large_it_is_counts_as_the_largest(streamlit):
    door = Uploads(streamlit.app, Settings())
    streamlit.hold("mine", "large", 50 * MB)
    scope = {"type": "http", "method": "PUT", "path": "/_stcore/upload_file/mine/x", "headers": []}
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"x"}

    run(door(scope, receive, send))
    assert sent[0]["status"] == 413
    assert b"60 MB together" in sent[1]["body"]


def test_all_sessions_together_hold_what_the_host_allows(streamlit):
    door = Uploads(streamlit.app, Settings(max_uploads_mb=50))
    streamlit.hold("another's", "large", 40 * MB)
    assert run(put(door, "mine", "x", 11 * MB)) == 413
    assert run(put(door, "mine", "x", 9 * MB)) == 204


def test_one_address_leaves_room_for_uploads_from_others_however_many_pages_it_opens(streamlit):
    door = Uploads(streamlit.app, Settings(max_uploads_mb=200))

    async def several() -> list[int]:
        many = [await put(door, session, "x", 20 * MB) for session in SESSIONS]
        return [*many, await put(door, "another's", "x", 20 * MB, client="192.0.2.2")]

    assert run(several()) == [204] * 5 + [413] * 4 + [204]
    for session in SESSIONS:
        streamlit.uploaded_file_mgr.remove_session_files(session)
    assert run(put(door, "mine", "x", 20 * MB)) == 204
    assert door._from.keys() == {"mine", "another's"}, "who has left is forgotten"


@pytest.mark.parametrize("comes_back", [False, True])
def test_the_files_of_one_who_left_are_freed_soon_unless_they_come_back(streamlit, comes_back, monkeypatch):
    monkeypatch.setattr(uploads, "GRACE", 0.02)
    streamlit.hold("mine", "x", 5 * MB)
    streamlit.hold("another's", "x", MB)

    streamlit.hold("gone for good", "x", MB)

    async def leave() -> None:
        gone = asyncio.create_task(asyncio.sleep(0))
        await Uploads(streamlit.app, Settings())({"type": "websocket"}, lambda: gone, None)  # type: ignore[arg-type]
        assert streamlit.held("mine") == 5 * MB, "a connection may be lost for a moment"
        streamlit.active |= {"mine"} if comes_back else set()
        while streamlit.held("gone for good"):
            await asyncio.sleep(0.01)

    run(asyncio.wait_for(leave(), 30))
    assert streamlit.held("mine") == (5 * MB if comes_back else 0)
    assert streamlit.held("another's") == MB


def test_an_upload_that_arrives_after_its_visitor_has_left_is_freed_too(streamlit, monkeypatch):
    monkeypatch.setattr(uploads, "GRACE", 0.02)

    async def late() -> None:
        streamlit.active.clear()
        await put(Uploads(streamlit.app, Settings()), "mine", "x", MB)
        while streamlit.held("mine"):
            await asyncio.sleep(0.01)

    run(asyncio.wait_for(late(), 30))
