"""The web client's own files, compressed once: 300 browsers that open the lab together get the same bytes.

Compressing them anew for each browser takes a fifth of a second of a processor, and is why Streamlit sends them plain.
"""

import gzip
import mimetypes
import posixpath
import threading
from pathlib import Path

import streamlit
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

STATIC = "/static/"
_WORTH_IT = 0.9  # of its size
_one_at_a_time = threading.Lock()
_packed: dict[str, bytes | None] = {}  # Streamlit brings some hundred files, 8 MB once compressed
_ROOT = Path(streamlit.__file__).parent / "static"
# Their names hold a hash of their content: a new version has new names.
_KEEP = {"Cache-Control": "public, immutable, max-age=31536000", "Vary": "Accept-Encoding"}


def compressed_files(app: ASGIApp) -> ASGIApp:
    """Answer for the files below /static/ that shrink; leave all else to the app."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        wants = scope["type"] == "http" and scope["method"] == "GET" and scope["path"].startswith(STATIC)
        packed = await _packed_for(scope) if wants else None
        await (packed or app)(scope, receive, send)

    return serve


async def _packed_for(scope: Scope) -> Response | None:
    headers = Headers(scope=scope)
    if "gzip" not in headers.get("accept-encoding", "") or "range" in headers:
        return None
    path = scope["path"]
    content = _packed[path] if path in _packed else await run_in_threadpool(packed, path)
    if content is None:
        return None
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    return Response(content, media_type=kind, headers={**_KEEP, "Content-Encoding": "gzip"})


def packed(path: str) -> bytes | None:
    """A file of the web client by its path in a link, compressed; None where there is none, or it hardly shrinks."""
    file = _ROOT / path.removeprefix("/")
    # In its plain form only: /static/../static/x leads anywhere, and is another name of a file that is kept once.
    if posixpath.normpath(path) != path or not file.is_file():
        return None
    with _one_at_a_time:  # a class that arrives together must not compress one file thirty times
        if path not in _packed:
            content = file.read_bytes()
            small = gzip.compress(content, 9, mtime=0)
            _packed[path] = small if len(small) < _WORTH_IT * len(content) else None
        return _packed[path]
