"""The class room of this process: its rooms, their routes, and how often one may ask.

A school has one address, so who has a seat is counted by its cookie; only codes that are tried are counted by address.
"""

import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server import settings
from server.buckets import Buckets, address
from server.worker_process import Job
from server.workers import Unfinished, workers

if TYPE_CHECKING:  # else inside functions: the server answers before core is loaded
    from room.rooms import Rooms

_one_at_a_time = threading.Lock()
_PATHS = ("/room", "/room/{rest:path}", "/r", "/r/{rest:path}", "/room-files/{rest:path}")
_COOKIES = ("lab_seat_", "lab_host_")
_OF_WHO_IS_IN = ("/mine", "/answer", "/do")  # what is answered to the holder of a true cookie alone
_MOST_KNOWN = 10_000  # cookies; beyond these the oldest counts by its address again, until its next answer
_SECONDS = 30.0  # of a processor that a step's runs and question may take
_OF_A_SEAT = (5.0, 40.0)  # requests a second for long, and at once, of who has a cookie
_OF_AN_ADDRESS = (40.0, 800.0)  # of those who have none yet: a school comes in together
_NEW_ROOMS = (1 / 60, 10.0)
_WRONG_CODES, _WRONG_OF_AN_ADDRESS = (0.5, 30.0), (5.0, 300.0)


def routes() -> list[Route]:
    """The routes of the class room."""
    app = _Metered(_routes)
    return [Route(path, app) for path in _PATHS]


def rooms() -> "Rooms":
    """The rooms of this process, in the store that the settings name."""
    with _one_at_a_time:  # a class comes in together, and must not make thirty
        return _rooms()


@cache
def _rooms() -> "Rooms":
    from room.rooms import Rooms
    from room.store import Store, in_folder

    asked = settings.read()
    folder = Path(asked.data[0]) if asked.data else Path(__file__).parents[1] / ".lab"
    store = Store(asked.database[0] if asked.database else in_folder(folder), asked.rooms_kept_hours)
    return Rooms(store, _compute, (asked.discuss_from_percent / 100, asked.discuss_to_percent / 100))


def hours() -> float:
    """After so many hours a room is gone."""
    return settings.read().rooms_kept_hours


def _compute(task: Any, *arguments: Any) -> Any:
    """By a worker."""
    from room.store import Unstored

    job = Job(task, arguments, _SECONDS)
    try:
        return workers().do(
            job, visitor=("class room", task, arguments), progress=lambda _: None, waiting=lambda _: None
        )
    except Unfinished as reason:
        raise Unstored(f"The class room can't compute this now: {reason}.") from None


def _routes() -> Router:
    with _one_at_a_time:
        return _made_routes()


@cache
def _made_routes() -> Router:
    from room.routes import Routes

    return Router(routes=Routes(rooms, settings.read().rooms_kept_hours).all())


class _Metered:
    """ASGI app: the routes, imported once somebody asks, and no more often than these bounds."""

    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        self._make = make
        self._router: ASGIApp | None = None
        self._seats, self._addresses, self._new = (Buckets(*each) for each in (_OF_A_SEAT, _OF_AN_ADDRESS, _NEW_ROOMS))
        self._wrong, self._wrong_of_address = Buckets(*_WRONG_CODES), Buckets(*_WRONG_OF_AN_ADDRESS)
        self._known: dict[str, None] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or say that this was too often."""
        request = Request(scope)
        ours = (f"{name}={value}" for name, value in sorted(request.cookies.items()) if name.startswith(_COOKIES))
        cookies, here = " ".join(ours), address(scope)
        known = cookies in self._known  # anybody can make one up: it counts once it was good for an answer
        who = cookies if known else f"{here} {request.headers.get('user-agent', '')[:200]}"
        bucket = self._seats.of(cookies) if known else self._addresses.of(here)
        is_new = scope["method"] == "POST" and request.url.path.endswith("/room")
        may_try = self._wrong.of(who).there() and (known or self._wrong_of_address.of(here).there())
        if not may_try or not bucket.take() or (is_new and not self._new.of(here).take()):
            words = {"error": "Too many requests: wait a moment, then try again."}
            await JSONResponse(words, 429, {"Retry-After": "2"})(scope, receive, send)
            return

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                if message["status"] == 404:
                    self._wrong.of(who).take()
                    self._wrong_of_address.of(here).take()
                elif message["status"] < 400 and request.url.path.endswith(_OF_WHO_IS_IN) and cookies:
                    self._remember(cookies)
            await send(message)

        if self._router is None:
            self._router = await run_in_threadpool(self._make)
        await self._router(scope, receive, counted)

    def _remember(self, cookies: str) -> None:
        self._known[cookies] = None
        if len(self._known) > _MOST_KNOWN:
            del self._known[next(iter(self._known))]
