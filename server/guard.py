"""The door for websockets: how many there are, how fast and how large their messages, and what these may ask for.

Streamlit trusts its browser. A hosted lab can't: any program may open its socket, and one that floods it, or clears
the caches that all sessions share, is felt by a whole class.
"""

import asyncio
import logging
from urllib.parse import urlsplit

from google.protobuf.message import DecodeError
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnected
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime import Runtime

from server.buckets import Bucket
from server.crowd import Crowd
from server.settings import Settings

_LOG = logging.getLogger("lab")
# What a reader's browser asks for in the lab. All else clears caches, changes the server's settings or looks at its
# source; see BackMsg.proto.
_WANTED = {"rerun_script", "stop_script", "app_heartbeat", "file_urls_request"}
_WANTED_OPERATIONS = {"deferred_file", "dataframe_chunk"}
# Sums over all caches and names of the server's parts: nobody's business, and slow.
_CLOSED = ("/_stcore/metrics", "/_stcore/agent")
PATIENCE = 20.0  # seconds until a socket has asked for a page; a browser does as soon as it is open
MOST_COOKIES = 4096  # bytes of a request's cookies: as many as every browser can keep in one, by RFC 6265
MOST_FILES = 500  # in one request for addresses to upload to: what a reader drops on a field at once, and 3 ms of work


class Breach(Exception):
    """A frame that ends its connection. code: of RFC 6455, section 7.4.1."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


class Guard:
    """ASGI middleware in front of Streamlit: the bounds of `Settings`, for each socket and for all together."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._settings = app, settings
        self._crowd = Crowd(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request or a socket through, bounded, or refuse it."""
        if refusal := self._refusal(scope):
            await refusal(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        if scope["type"] == "lifespan":
            return None
        # Before anything reads them: Python before 3.11.10 takes half a minute over 60,000 backslashes.
        if sum(len(value) for name, value in scope["headers"] if name == b"cookie") > MOST_COOKIES:
            return PlainTextResponse(f"The cookies of a request may have {MOST_COOKIES:,} bytes.", status_code=431)
        if scope["type"] == "websocket":
            if self._is_foreign(scope):
                return PlainTextResponse("This is no page of the lab.", status_code=403)
            return self._crowd.refusal(scope)
        if scope["path"].startswith(_CLOSED):
            return PlainTextResponse("Not found", status_code=404)
        return self._crowd.refusal(scope) if _is_a_page(scope) else None

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._crowd.with_one_more(scope):
            try:
                await self._app(scope, self._bounded(scope, receive, send), send)
            except WebSocketDisconnected:
                _LOG.info("a socket was gone before Streamlit closed it")

    def _is_foreign(self, scope: Scope) -> bool:
        """Whether a page of another site opens the socket.

        Streamlit would refuse it too, but asks outside sites for its own public address first.
        """
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if origin is None:
            return False  # no browser: whoever can send this can send any other
        try:
            site = urlsplit(origin)
        except ValueError:
            return True
        return site.netloc != headers.get("host") and not self._settings.is_called(site.hostname or "")

    def _bounded(self, scope: Scope, receive: Receive, send: Send) -> Receive:
        """What the socket says, without what is not wanted, and no faster than it may; it must ask for a page soon."""
        bucket = Bucket(self._settings.messages_per_second, self._settings.message_burst)
        deadline: float | None = asyncio.get_running_loop().time() + PATIENCE
        page_has_run = False

        async def next_wanted() -> Message:
            nonlocal page_has_run, deadline
            while True:
                try:
                    event = await _within(deadline, receive, scope)
                    if event["type"] != "websocket.receive":
                        return event
                    # While this waits nothing more is read: whoever floods is slowed by their own connection.
                    await asyncio.sleep(bucket.wait())
                    message = self._read(event.get("bytes"))
                except Breach as breach:
                    _LOG.warning("a socket was closed: %s", breach)
                    await send({"type": "websocket.close", "code": breach.code})
                    return {"type": "websocket.disconnect", "code": breach.code}
                if message is None:
                    continue
                if message.WhichOneof("type") != "rerun_script":
                    return event
                deadline = None
                if not page_has_run:
                    # After its process was lost, a page asks the next one for a part that only the lost one knew.
                    page_has_run, message.rerun_script.fragment_id = True, ""
                    return {"type": "websocket.receive", "bytes": message.SerializeToString()}
                return event

        return next_wanted

    def _read(self, frame: bytes | None) -> BackMsg | None:
        """What a frame asks Streamlit for, None where that is not wanted; raises Breach where its socket must end."""
        if frame is None:
            raise Breach(1003, "it sent text, and Streamlit's browser sends none")
        if len(frame) > 1000 * self._settings.max_frame_kb:
            raise Breach(1009, f"its message has {len(frame):,} bytes")
        try:
            message = BackMsg.FromString(frame)
        except DecodeError:
            raise Breach(1002, "its message can't be read") from None
        if len(message.file_urls_request.file_names) > MOST_FILES:
            return None
        kind = message.WhichOneof("type")
        operation = message.backend_operation_request.WhichOneof("payload")
        return message if kind in _WANTED or operation in _WANTED_OPERATIONS else None


async def _within(deadline: float | None, receive: Receive, scope: Scope) -> Message:
    """What comes next; raises Breach where by the deadline, of the loop's clock, neither that nor a page is there."""
    try:
        async with asyncio.timeout_at(deadline):
            return await receive()
    except TimeoutError:
        # One that takes up its session again, after a lost connection, may have nothing to ask.
        if Runtime.exists() and any(map(Runtime.instance().is_active_session, scope.get("subprotocols", ()))):
            return await receive()
        raise Breach(1008, f"it asked for no page within {PATIENCE:g} seconds") from None


def _is_a_page(scope: Scope) -> bool:
    """Whether a browser asks for a page, rather than for a file of one that is open."""
    accepts = next((value for name, value in scope["headers"] if name == b"accept"), b"")
    return b"text/html" in accepts
