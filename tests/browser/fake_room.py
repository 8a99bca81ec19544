"""The other side of a seat's page: a room that tells it whatever a test wants, and notes what it sends."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from benchmarks.browser import free_port
from server.headers import SafeHeaders
from server.settings import Settings

FILES = Path(__file__).parents[2] / "room"
CODE = "AB3CD"
_NAMES = {"adjectives": ["Brave", "Calm"], "animals": ["Fox", "Otter"]}
_TYPES = {".js": "text/javascript", ".css": "text/css"}


class FakeRoom:
    """told: what everybody hears.  mine: what the seat may know.  fails: the status that answers get, 0 for none.

    heard: the answers that were stored.  sent: how many came.  seated: whether the seat is in the room.  away: nothing
    is answered but the page.
    """

    def __init__(self) -> None:
        self.url = ""
        self.told: dict[str, Any] = {
            "code": CODE, "step": 0, "of": 3, "round": 1, "phase": "lobby", "frozen": False, "seats": 12, "count": 0,
            "asked": None, "result": None, "title": "One step, voted twice",
        }  # fmt: skip
        self.mine: dict[str, Any] = {"name": "Brave Otter", "digits": "4821", "group": None, "answers": {}}
        self.mine |= {"rate": None, "curve": None}
        self.heard: list[dict[str, Any]] = []
        self.sent, self.fails, self.seated, self.away = 0, 0, True, False
        self.slow = 0.0  # seconds that what is the seat's own is under way
        self.trained: dict[str, Any] | None = None  # the curve that the next answer brings
        self._version = 0

    def tell(self, **changes: Any) -> None:
        """Tell everybody."""
        if changes.get("step", self.told["step"]) != self.told["step"]:
            self.mine |= {"answers": {}, "curve": None}
        self.told = self.told | changes
        self._version += 1

    def app(self) -> Starlette:
        """What serves it, with the lab's own headers."""
        routes = [
            Route("/r/", self._page),
            Route("/r/{code}", self._page),
            Route("/", lambda _: PlainTextResponse("the lab")),
            Route("/room-files/{name}", self._file),
            Route("/room/{code}/join", self._join, methods=["POST"]),
            Route("/room/{code}/answer", self._answer, methods=["POST"]),
            Route("/room/{code}/mine", self._mine),
            Route("/room/{code}/names", lambda _: JSONResponse(_NAMES)),
            Route("/room/{code}/live", self._live),
        ]  # fmt: skip
        return Starlette(routes=routes, middleware=[Middleware(SafeHeaders, settings=Settings())])

    async def _page(self, request: Request) -> Response:
        return HTMLResponse((FILES / "seat.html").read_text())

    async def _file(self, request: Request) -> Response:
        file = FILES / request.path_params["name"]
        return Response(file.read_bytes(), media_type=_TYPES[file.suffix])

    async def _join(self, request: Request) -> Response:
        back = await request.json()
        if self.away:
            return Response(status_code=503)
        if request.path_params["code"] != CODE:
            return _error(404, f"There is no room {request.path_params['code']}.")
        if back and back != {"name": "Calm Fox", "digits": "1234"}:
            return _error(403, "No seat has this name and these digits.")
        if back:
            self.mine |= back
        if not self.seated:
            self.seated = True
            self.mine["name"] = "Calm Otter"
        return JSONResponse({"seat": 12, "name": self.mine["name"], "digits": self.mine["digits"]})

    async def _answer(self, request: Request) -> Response:
        sent = await request.json()
        self.sent += 1
        if self.fails or self.away:
            return _error(self.fails or 503, "This step is closed." if self.fails == 409 else "Not stored.")
        if not self.seated:
            return _error(403, "You have no seat here.")
        self.heard.append(sent)
        self.mine["answers"] = {**self.mine["answers"], str(sent["round"]): sent["value"]}
        if self.trained:
            self.mine["curve"] = self.trained
        return Response(status_code=204)

    async def _mine(self, request: Request) -> Response:
        if self.away:
            return Response(status_code=503)
        known = dict(self.mine)
        await asyncio.sleep(self.slow)
        return JSONResponse(known) if self.seated else _error(403, "You have no seat here.")

    async def _live(self, request: Request) -> Response:
        if self.away:
            return Response(status_code=503)
        return StreamingResponse(self._tell(), media_type="text/event-stream")

    async def _tell(self) -> AsyncIterator[str]:
        version = -1
        while not self.away:
            if version != self._version:
                version = self._version
                yield f"retry: 200\ndata: {json.dumps(self.told)}\n\n"
            await asyncio.sleep(0.02)


def _error(status: int, words: str) -> Response:
    return JSONResponse({"error": words}, status)


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    """The address of an app that answers in a thread of its own."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://localhost:{port}"
    server.should_exit = True
    thread.join()


@contextmanager
def serving(room: FakeRoom) -> Iterator[FakeRoom]:
    """The room, at an address of its own."""
    with served(room.app()) as room.url:
        yield room
        room.away = True  # ends what is told
