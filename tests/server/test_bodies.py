"""A body that takes too long, on an app that reads it, on one that does not, and with others beside it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Message

from server import bodies
from server.bodies import bodies_in_time
from tests.server.conftest import run


async def reads(scope, receive, send) -> None:
    body = await Request(scope, receive).body()
    await PlainTextResponse(f"{len(body)} bytes")(scope, receive, send)


async def reads_nothing(scope, receive, send) -> None:
    await PlainTextResponse("no, thank you", 403)(scope, receive, send)


def answer(app: Any, parts: list[bytes], length: str | None = "9") -> tuple[int, dict[bytes, bytes], bytes]:
    """Status, headers and body for one who sends these parts of nine bytes, and then no more."""
    coming = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    if sum(map(len, parts)) == 9:
        coming[-1]["more_body"] = False
    sent: list[Message] = []

    async def receive() -> Message:
        return coming.pop(0) if coming else await asyncio.Event().wait()  # type: ignore[return-value]

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"content-length", length.encode())] if length else [(b"transfer-encoding", b"chunked")]
    scope = {"type": "http", "method": "PUT", "path": "/", "headers": headers}
    run(asyncio.wait_for(bodies_in_time(app)(scope, receive, send), 20))
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]


@pytest.mark.parametrize("length", ["9", None])
def test_a_body_that_is_not_whole_in_time_gets_408_and_its_connection_ends(length, monkeypatch):
    monkeypatch.setattr(bodies, "SLOWEST", 0.02)
    status, headers, words = answer(reads, [b"abc", b"def"], length)
    assert status == 408
    assert headers[b"connection"] == b"close"
    assert b"must arrive within" in words


def test_a_body_that_is_whole_is_read_and_its_connection_goes_on():
    status, headers, words = answer(reads, [b"abc", b"def", b"ghi"])
    assert (status, words) == (200, b"9 bytes")
    assert b"connection" not in headers


def test_a_body_that_nobody_reads_ends_its_connection_at_once():
    status, headers, _ = answer(reads_nothing, [b"abc"])
    assert status == 403
    assert headers[b"connection"] == b"close", "else the server would wait for the rest of it"


def test_an_answer_that_takes_long_is_waited_for_once_the_body_is_whole(monkeypatch):
    monkeypatch.setattr(bodies, "SLOWEST", 0.02)

    async def slow(scope, receive, send) -> None:
        await Request(scope, receive).body()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(receive(), 0.1)  # as a stream listens whether its reader is still there
        await PlainTextResponse("done")(scope, receive, send)

    assert answer(slow, [b"abcdefghi"])[2] == b"done"
