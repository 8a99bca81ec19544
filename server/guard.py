"""The door for websockets: how many there are, how fast and how large their messages, and what these may ask for.

Streamlit trusts its browser. A hosted lab can't: any program may open its socket, and one that floods it, or clears
the caches that all sessions share, is felt by a whole class.
"""

import asyncio
import logging
from urllib.parse import urlsplit

from google.protobuf.message import DecodeError
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnected
from streamlit.proto.BackMsg_pb2 import BackMsg

from server.buckets import Bucket
from server.settings import Settings

_LOG = logging.getLogger("lab")
# What a reader's browser asks for in the lab. All else clears caches, changes the server's settings or looks at its
# source; see BackMsg.proto.
_WANTED = {"rerun_script", "stop_script", "app_heartbeat", "file_urls_request"}
_WANTED_OPERATIONS = {"deferred_file", "dataframe_chunk"}
# Sums over all caches and names of the server's parts: nobody's business, and slow.
_CLOSED = ("/_stcore/metrics", "/_stcore/agent")
_FOREIGN, _FULL = 1008, 1013  # "policy violation" of RFC 6455, "try again later" of IANA's registry
_AGAIN = 10  # seconds until a page that found no room asks again
_NO_ROOM = f"""<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="{_AGAIN}"><title>Learning-Rate Lab: a full house</title>
<style>:root {{ color-scheme: light dark }} body {{ font: 1.25rem/1.6 system-ui; max-width: 34rem; margin: 20vh auto;
padding: 0 1rem }}</style><h1>A full house</h1><p>The lab has all the visitors it can hold. This page looks again
every {_AGAIN} seconds and lets you in as soon as somebody leaves. Your link keeps every setting.</p></html>"""


class Breach(Exception):
    """A frame that ends its connection. code: of RFC 6455, section 7.4.1."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


class Guard:
    """ASGI middleware in front of Streamlit: the bounds of `Settings`, for each socket and for all together."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._settings = app, settings
        self._open = 0  # sockets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request or a socket through, bounded, or refuse it."""
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif refusal := self._refusal(scope):
            await refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        if scope["type"] != "http":
            return None
        if scope["path"].startswith(_CLOSED):
            return PlainTextResponse("Not found", status_code=404)
        if self._open >= self._settings.max_sessions and _is_a_page(scope):
            return HTMLResponse(_NO_ROOM, status_code=503, headers={"Retry-After": str(_AGAIN)})
        return None

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = _FOREIGN if self._is_foreign(scope) else _FULL if self._open >= self._settings.max_sessions else 0
        if refused:
            await receive()  # its request to connect
            await send({"type": "websocket.close", "code": refused})
            return
        self._open += 1
        try:
            await self._app(scope, self._bounded(receive, send), send)
        except WebSocketDisconnected:
            _LOG.info("a socket was gone before Streamlit closed it")
        finally:
            self._open -= 1

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

    def _bounded(self, receive: Receive, send: Send) -> Receive:
        """What the socket says, without what is not wanted, and no faster than it may."""
        bucket = Bucket(self._settings.messages_per_second, self._settings.message_burst)
        page_has_run = False

        async def next_wanted() -> Message:
            nonlocal page_has_run
            while True:
                event = await receive()
                if event["type"] != "websocket.receive":
                    return event
                # While this waits nothing more is read: whoever floods is slowed by their own connection.
                await asyncio.sleep(bucket.wait())
                try:
                    message = self._read(event.get("bytes"))
                except Breach as breach:
                    _LOG.warning("a socket was closed: %s", breach)
                    await send({"type": "websocket.close", "code": breach.code})
                    return {"type": "websocket.disconnect", "code": breach.code}
                if message is None:
                    continue
                if message.WhichOneof("type") != "rerun_script":
                    return event
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
        kind = message.WhichOneof("type")
        operation = message.backend_operation_request.WhichOneof("payload")
        return message if kind in _WANTED or operation in _WANTED_OPERATIONS else None


def _is_a_page(scope: Scope) -> bool:
    """Whether a browser asks for a page, rather than for a file of one that is open."""
    accepts = next((value for name, value in scope["headers"] if name == b"accept"), b"")
    return b"text/html" in accepts
