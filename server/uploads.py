"""Uploads that Streamlit holds in memory: how much of a session and of all, and how long after it has left.

A session may send files to the addresses it asked for whether or not a page has a field for them, and Streamlit keeps
each until the session is forgotten, two minutes after its socket was closed.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.web.server.starlette.starlette_routes import BASE_ROUTE_UPLOAD_FILE

from server.buckets import address
from server.settings import Settings

MB = 1024 * 1024  # as Streamlit counts the size of an upload
MOST_OF_A_SESSION = 60  # MB: three of the largest logs
# Seconds. A connection that was lost for a moment finds its files again; after a longer loss a session still finds all
# else, and what a page has read of a file is part of that.
GRACE = 8.0
_UPLOAD = re.compile(rf"/{re.escape(BASE_ROUTE_UPLOAD_FILE)}/([^/]+)/[^/]+")


class Uploads:
    """ASGI middleware: refuses with 413 what is too much, and frees what was left behind."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._most = app, settings.max_uploads_mb
        self._coming: Counter[str] = Counter()  # bytes on their way, of each session
        self._from: dict[str, str] = {}  # the address that each session uploads from

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request or a socket through, and see to what it leaves."""
        upload = _UPLOAD.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "PUT" else None
        if scope["type"] != "websocket" and upload is None:
            await self._app(scope, receive, send)
            return
        try:
            if upload is None:
                await self._app(scope, receive, send)
            else:
                await self._upload(upload[1], scope, receive, send)
        finally:
            _free_later()

    async def _upload(self, session: str, scope: Scope, receive: Receive, send: Send) -> None:
        size = _announced(scope)
        if words := self._too_much(session, address(scope), size):
            while (await receive()).get("more_body"):
                pass  # a browser reads no answer before it has sent all
            await PlainTextResponse(words, status_code=413)(scope, receive, send)
        else:
            with self._on_its_way(session, size):
                await self._app(scope, receive, send)

    def _too_much(self, session: str, place: str, size: int) -> str:
        """Why so many bytes more can't be held; "" where they can."""
        held = _kept() + self._coming
        self._from = {one: of for one, of in self._from.items() if one in held} | {session: place}
        if held[session] + size > MOST_OF_A_SESSION * MB:
            return f"A visitor's uploads may have {MOST_OF_A_SESSION} MB together. Remove one, or load the page anew."
        of_the_place = sum(held[one] for one, of in self._from.items() if of == place)
        # Half of all from one address: a school can, and whoever opens many pages leaves the other half.
        if held.total() + size > self._most * MB or of_the_place + size > max(self._most / 2, MOST_OF_A_SESSION) * MB:
            return "The lab holds all the uploads it can. Try again when somebody has left."
        return ""

    @contextmanager
    def _on_its_way(self, session: str, size: int) -> Iterator[None]:
        self._coming[session] += size
        try:
            yield
        finally:
            self._coming[session] -= size
            if not self._coming[session]:
                del self._coming[session]


def _announced(scope: Scope) -> int:
    """The bytes of a request's body; where it does not say, as many as Streamlit takes of one."""
    length = Headers(scope=scope).get("content-length", "")
    return int(length) if length.isdecimal() else int(config.get_option("server.maxUploadSize")) * MB


def _files() -> MemoryUploadedFileManager:
    return cast(MemoryUploadedFileManager, Runtime.instance().uploaded_file_mgr)


def _kept() -> Counter[str]:
    """The bytes that are held of each session."""
    storage = list(_files().file_storage.items())  # pages take files out of it meanwhile
    return Counter({session: sum(len(file.data) for file in list(files.values())) for session, files in storage})


def _free_later() -> None:
    """Free what the sessions hold that have left by now, unless they come back soon."""
    left = [session for session in list(_files().file_storage) if not Runtime.instance().is_active_session(session)]
    if left:
        asyncio.get_running_loop().call_later(GRACE, _free, left)


def _free(sessions: list[str]) -> None:
    for session in sessions:
        if not Runtime.instance().is_active_session(session):
            _files().remove_session_files(session)
