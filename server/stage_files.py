"""What draws charts that move, by address: /stage/<version>/vega.js, a script, and stage.js, a module.

Each is compressed once, before anybody asks, and kept by browsers and proxies for good: another version has another
address. An address of another version leads to this one's file, for a page that was open while the lab was updated.
"""

import gzip
import threading

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NAMES = ("vega.js", "stage.js")
_KEEP = {"Cache-Control": "public, immutable, max-age=31536000", "Vary": "Accept-Encoding"}
_PASS_ON = {"Cache-Control": "no-store"}
# The pages of which it draws the charts that a play bar moves.
_DRAWN = ("/", "/network", "/sweep", "/schedules", "/update-rules")
_one_at_a_time = threading.Lock()
_packed: dict[str, bytes] = {}
_routed = False


def routes() -> list[Route]:
    """The routes; from now on pages have the stage's files from there."""
    global _routed
    _routed = True
    return [Route("/stage/{version}/{name}", _answer)]


def served() -> bool:
    """Whether the files have addresses: not where a host runs the pages without app.py, nor below a base path, to
    which Streamlit adds its own routes alone. There a page brings them itself.
    """
    return _routed and not st.get_option("server.baseUrlPath")


def stage_address(name: str) -> str:
    """Where a file is, from the lab's own address on: vega.js or stage.js."""
    return f"stage/{_version(name)}/{name}"


def warm_up() -> None:
    """Make and compress both, so that no visitor waits for that."""
    for name in NAMES:
        packed(name)


def packed(name: str) -> bytes:
    """A file, compressed."""
    with _one_at_a_time:  # a class that arrives together must not make one thirty times
        if name not in _packed:
            _packed[name] = gzip.compress(_content(name).encode(), 9, mtime=0)
        return _packed[name]


def loads_early(app: ASGIApp) -> ASGIApp:
    """Have a page that the stage draws name its files, so that they are there before Streamlit has drawn the rest."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        start: Message = {}
        content = bytearray()

        async def with_scripts(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_a_page(message):
                start = message  # its length is known with its content
            elif start and message["type"] == "http.response.body":
                content.extend(message.get("body", b""))
                if message.get("more_body"):
                    return
                whole = bytes(content).replace(b"</head>", _scripts() + b"</head>", 1)
                MutableHeaders(raw=start["headers"])["Content-Length"] = str(len(whole))
                await send(start)
                await send({**message, "body": whole})
            else:
                await send(message)

        # Not before they are made: to know their versions a page would wait until core is loaded.
        tells = scope["type"] == "http" and scope["path"] in _DRAWN and served() and len(_packed) == len(NAMES)
        await app(scope, receive, with_scripts if tells and scope["method"] == "GET" else send)

    return serve


def _is_a_page(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    return start["status"] == 200 and "html" in headers.get("content-type", "") and "content-encoding" not in headers


def _scripts() -> bytes:
    """Relative, as Streamlit's own: the lab may stand below a path that a proxy takes off."""
    vega, stage = map(stage_address, NAMES)
    return f'<script defer src="{vega}"></script><link rel="modulepreload" href="{stage}">'.encode()


async def _answer(request: Request) -> Response:
    """The file; where it is known by another version, the way to it."""
    name, version = request.path_params["name"], request.path_params["version"]
    if name not in NAMES:
        return PlainTextResponse("There is no such file of the stage.", 404, _PASS_ON)
    current = await run_in_threadpool(_version, name)
    if version != current:
        return RedirectResponse(f"../{current}/{name}", headers=_PASS_ON)
    content = _packed[name] if name in _packed else await run_in_threadpool(packed, name)
    headers = dict(_KEEP)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
    else:
        content = await run_in_threadpool(gzip.decompress, content)
    return Response(content, media_type="text/javascript", headers=headers)


def _content(name: str) -> str:
    from core import stage  # here: the server answers before core is loaded
    from core.stage import vega

    return vega.javascript() if name == "vega.js" else stage.module()


def _version(name: str) -> str:
    from core import stage
    from core.stage import vega

    return vega.version() if name == "vega.js" else stage.version()
