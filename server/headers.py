"""What every answer tells the browser: what a page may load, run and be framed by, and that cookies stay encrypted."""

import base64
import hashlib
import re
from pathlib import Path

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.settings import Settings

_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_COOKIE = b"set-cookie"


class SafeHeaders:
    """ASGI middleware that adds the headers of `policy` and two more to each answer, and Secure to cookies of https."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._always = {
            "Content-Security-Policy": policy(settings.frame_ancestors),
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, with the headers."""
        # Of X-Forwarded-Proto, where the proxy that says so runs on this machine: see proxies_of_this_machine.
        secure = scope["type"] == "http" and scope["scheme"] == "https"

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message.get("headers", ())))
                headers.update(self._always)
                raw = [(name, _secured(value) if secure and name == _COOKIE else value) for name, value in headers.raw]
                message = {**message, "headers": raw}
            await send(message)

        await self._app(scope, receive, with_headers)


def policy(frame_ancestors: tuple[str, ...]) -> str:
    """The Content-Security-Policy. frame_ancestors: sites that may frame the lab; none: any."""
    directives = {
        "default-src": "'self'",
        # blob: is how Streamlit loads the script of a component. Vega's expressions are interpreted, never evaluated.
        "script-src": " ".join(["'self'", "blob:", *_inline_scripts()]),
        "style-src": "'self' 'unsafe-inline'",  # Streamlit makes its styles as it draws; charts set theirs on elements
        "img-src": "'self' data:",  # icons in stylesheets
        "font-src": "'self' data:",  # the smallest of those of formulas
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
    }
    if frame_ancestors:
        directives["frame-ancestors"] = " ".join(["'self'", *(site for site in frame_ancestors if site != "self")])
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


def _inline_scripts() -> list[str]:
    """The hashes of the scripts that Streamlit's page holds itself: these may run, others written into it not."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text()
    digests = (hashlib.sha256(script.encode()).digest() for script in _INLINE.findall(page))
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]


def _secured(cookie: bytes) -> bytes:
    return cookie if b"; secure" in cookie.lower() else cookie + b"; Secure"
