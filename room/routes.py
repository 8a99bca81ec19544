"""What phones and screens ask of the class room over HTTP, without Streamlit; answers and errors are JSON.

A cookie of each room says who asks: lab_seat_CODE of a seat, lab_host_CODE of the host. Both are HttpOnly and
SameSite=Strict, hold a secret that can't be guessed, and nothing else.
"""

import csv
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from core.export.qr import qr_code

from .live import Live
from .names import ADJECTIVES, ANIMALS
from .phases import NotNow
from .plan import Plan
from .ready import ready
from .rooms import Rooms
from .store import NoRoom, Refused, Seat, Unstored

_HERE = Path(__file__).parent
_SCRIPTS = ("seat.js", "seat_parts.js", "race.js")
_FILES = {"seat.css": "text/css"} | dict.fromkeys(_SCRIPTS, "text/javascript")
_LARGEST = 20_000  # bytes of a body: a plan of forty steps
_STATUS: dict[type[Exception], int] = {NoRoom: 404, Refused: 403, NotNow: 409, ValueError: 400, Unstored: 503}
Answers = Callable[[Request], Awaitable[Response]]


class Routes:
    """The routes of one process. rooms: gives its rooms, once they are needed.  hours: that a cookie is kept."""

    def __init__(self, rooms: Callable[[], Rooms], hours: float = 24.0) -> None:
        self._rooms, self._seconds = rooms, int(3600 * hours)
        self._live = cache(lambda: Live(self._rooms()))  # asked for by the event loop alone

    def all(self) -> list[Route]:
        """Every one, with the methods it takes."""
        posts = {"": self._create, "/{code}/join": self._join, "/{code}/answer": self._answer}
        posts |= {"/{code}/do": self._do, "/{code}/erase": self._erase}
        gets = {"/{code}/names": self._names, "/{code}/mine": self._mine, "/{code}/live": self._stream}
        gets |= {"/{code}/qr.svg": self._qr, "/{code}/host": self._host, "/{code}/results.csv": self._csv}
        gets |= {"/{code}/results.json": self._json, "/{code}/results.pdf": self._pdf}
        return [
            *(Route(f"/room{path}", _told(answer), methods=["POST"]) for path, answer in posts.items()),
            *(Route(f"/room{path}", _told(answer), methods=["GET"]) for path, answer in gets.items()),
            Route("/r/{code}", _told(self._page)),
            Route("/r/", _told(self._page)),
            Route("/r", lambda _: RedirectResponse("r/")),  # the page's own files have their addresses from there
            Route("/room-files/{name}", _told(_file)),
        ]

    async def _create(self, request: Request) -> Response:
        plan = await run_in_threadpool(self._plan, (await _body(request)).get("plan"))
        code, secret = await run_in_threadpool(self._rooms().create, plan)
        answer = JSONResponse({"code": code, "host": secret}, 201)
        self._set(request, answer, f"lab_host_{code}", secret)
        return answer

    def _plan(self, asked: Any) -> Plan:
        if isinstance(asked, list) and all(isinstance(text, str) for text in asked):
            return self._rooms().read(asked)
        if not isinstance(asked, str) or asked not in ready():
            raise ValueError(f"A plan is a list of steps, or the title of a ready one: {', '.join(ready())}.")
        return ready()[asked]

    async def _join(self, request: Request) -> Response:
        asked, code = await _body(request), _code(request)
        seat = await run_in_threadpool(self._seat, code, asked, request.cookies.get(f"lab_seat_{code}", ""))
        answer = JSONResponse({"seat": seat.number + 1, "name": seat.name, "digits": seat.digits})
        if seat.token:
            self._set(request, answer, f"lab_seat_{code}", seat.token)
        return answer

    def _seat(self, code: str, asked: dict[str, Any], token: str) -> Seat:
        """The seat that comes back, by its name or its cookie; else a new one."""
        if "name" in asked:
            return self._rooms().store.come_back(code, str(asked["name"]), str(asked.get("digits", "")))
        if token:
            try:
                return self._rooms().store.seat(code, token)
            except Refused:  # removed, or of another room of this code: it may come again
                return self._rooms().join(code)
        return self._rooms().join(code)

    async def _answer(self, request: Request) -> Response:
        asked, code = await _body(request), _code(request)
        step, round = asked.get("step"), asked.get("round")
        if not isinstance(step, int) or not isinstance(round, int):
            raise ValueError("An answer says of which step and round it is.")
        token = request.cookies.get(f"lab_seat_{code}", "")
        await run_in_threadpool(self._rooms().answer, code, token, step, round, asked.get("value"))
        return Response(status_code=204)

    async def _mine(self, request: Request) -> Response:
        code = _code(request)
        token = request.cookies.get(f"lab_seat_{code}", "")
        return JSONResponse(await run_in_threadpool(self._rooms().mine, code, token))

    async def _names(self, request: Request) -> Response:
        return JSONResponse({"adjectives": ADJECTIVES, "animals": ANIMALS})

    async def _stream(self, request: Request) -> Response:
        await run_in_threadpool(self._rooms)  # made by whoever asks first, and not while all others wait
        lines = self._live().listen(_code(request))
        first = await anext(lines)  # raises here, where there is no room, and not within the stream

        async def stream() -> AsyncIterator[str]:
            yield first
            async for line in lines:
                yield line

        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(stream(), media_type="text/event-stream", headers=headers)

    async def _do(self, request: Request) -> Response:
        asked = await _body(request)
        code = await self._of_host(request, str(asked.get("host", "")))
        await run_in_threadpool(self._rooms().do, code, str(asked.get("action")))
        return Response(status_code=204)

    async def _erase(self, request: Request) -> Response:
        asked = await _body(request)
        code = await self._of_host(request, str(asked.get("host", "")))
        await run_in_threadpool(self._rooms().store.erase, code)
        return Response(status_code=204)

    async def _host(self, request: Request) -> Response:
        code = await self._of_host(request, secret := request.query_params.get("key", ""))
        answer = RedirectResponse(f"../../class-room?room={code}", 303)
        self._set(request, answer, f"lab_host_{code}", secret)
        return answer

    async def _csv(self, request: Request) -> Response:
        rows, text = await self._results(request), io.StringIO()
        names = list(dict.fromkeys(name for row in rows for name in row))
        writer = csv.DictWriter(text, names)
        writer.writeheader()
        writer.writerows(rows)
        return Response(text.getvalue(), media_type="text/csv", headers=_download("csv"))

    async def _json(self, request: Request) -> Response:
        rows = await self._results(request)
        text = json.dumps(rows, indent=1, ensure_ascii=False)
        return Response(text, media_type="application/json", headers=_download("json"))

    async def _pdf(self, request: Request) -> Response:
        code = await self._of_host(request, "")
        page = await run_in_threadpool(self._rooms().page, code)
        return Response(page, media_type="application/pdf", headers=_download("pdf"))

    async def _results(self, request: Request) -> list[dict[str, Any]]:
        code = await self._of_host(request, "")
        return await run_in_threadpool(self._rooms().results, code)

    async def _qr(self, request: Request) -> Response:
        code = _code(request)
        await run_in_threadpool(self._rooms().store.opened, code)
        base = f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"
        picture = qr_code(f"{base}/r/{code}").svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
        return Response(picture, media_type="image/svg+xml", headers={"Cache-Control": "no-store"})

    async def _page(self, request: Request) -> Response:
        """The same page for every code; it says itself where there is no such room."""
        return FileResponse(_HERE / "seat.html", headers={"Cache-Control": "no-cache"})

    async def _of_host(self, request: Request, secret: str) -> str:
        """The room's code, of a request that may host it."""
        code = _code(request)
        secret = secret or request.cookies.get(f"lab_host_{code}", "")
        if not await run_in_threadpool(self._rooms().store.is_host, code, secret):
            raise Refused("Only the host of this room may do that.")
        return code

    def _set(self, request: Request, answer: Response, name: str, secret: str) -> None:
        secure = request.url.scheme == "https"
        answer.set_cookie(name, secret, self._seconds, httponly=True, samesite="strict", secure=secure)


def _told(answer: Answers) -> Answers:
    """The answer, or why there is none, in a sentence."""

    async def serve(request: Request) -> Response:
        try:
            return await answer(request)
        except tuple(_STATUS) as problem:
            status = next(status for kind, status in _STATUS.items() if isinstance(problem, kind))
            return JSONResponse({"error": str(problem)}, status, {"Cache-Control": "no-store"})

    return serve


def _code(request: Request) -> str:
    return str(request.path_params["code"]).upper()


async def _body(request: Request) -> dict[str, Any]:
    """The body, an object of JSON; a form of another site can't send one."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise ValueError("Send JSON, as application/json.")
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > _LARGEST:
            raise ValueError(f"The body may have {_LARGEST:,} bytes.")
    try:
        found = json.loads(content or b"{}")
    except ValueError:
        raise ValueError("The body is no JSON.") from None
    if not isinstance(found, dict):
        raise ValueError("The body is an object of JSON.")
    return found


async def _file(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _FILES:
        raise NoRoom("There is no such file.")
    return FileResponse(_HERE / name, media_type=_FILES[name], headers={"Cache-Control": "no-cache"})


def _download(ending: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="class-room.{ending}"', "Cache-Control": "no-store"}
