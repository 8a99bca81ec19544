"""The body of a request comes whole within a minute, or not at all: no place is kept by a byte each five seconds."""

import asyncio

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SLOWEST = 60.0  # seconds: the largest upload by a line of 3 Mbit/s


class _TooSlow(Exception):
    """The body is not there in time."""


def bodies_in_time(app: ASGIApp) -> ASGIApp:
    """Answer 408 for the app where a body takes longer, and close the connection of whoever has not sent all of it."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _has_body(scope):
            await app(scope, receive, send)
            return
        deadline = asyncio.get_running_loop().time() + SLOWEST
        whole = answered = False

        async def in_time() -> Message:
            nonlocal whole
            try:
                async with asyncio.timeout_at(None if whole else deadline):
                    message = await receive()
            except TimeoutError:
                raise _TooSlow from None
            whole = whole or not message.get("more_body", False)
            return message

        async def answer(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = True
                if not whole:  # else the rest would still be waited for
                    MutableHeaders(raw=message["headers"])["Connection"] = "close"
            await send(message)

        try:
            await app(scope, in_time, answer)
        except _TooSlow:
            if not answered:
                words = f"What you send must arrive within {SLOWEST:g} seconds."
                await PlainTextResponse(words, status_code=408)(scope, receive, answer)

    return serve


def _has_body(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
