"""Who is in: the sockets that are open, of all, of each browser and of each address, and what one too many is told."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse
from starlette.types import Scope

from server.browsers import browser
from server.buckets import address
from server.settings import Settings

# Open pages of one browser, which Streamlit gives a cookie. Nobody reads thirty; and each may be here twice for half a
# minute, after a lost connection that its server has not noticed yet.
MOST_OF_A_BROWSER = 30
_AGAIN = 10  # seconds until a page that found no room asks again
_PAGE = f"""<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="{_AGAIN}"><title>Learning-Rate Lab: %(title)s</title>
<style>:root {{ color-scheme: light dark }} body {{ font: 1.25rem/1.6 system-ui; max-width: 34rem; margin: 20vh auto;
padding: 0 1rem }}</style><h1>%(heading)s</h1><p>%(words)s This page looks again
every {_AGAIN} seconds and lets you in as soon as %(who)s. Your link keeps every setting.</p></html>"""


class Crowd:
    """The open sockets of one process, and the bounds of `Settings` on them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open: Counter[str] = Counter()

    @contextmanager
    def with_one_more(self, scope: Scope) -> Iterator[None]:
        """Count this socket for as long as the block lasts."""
        names = ["all", _browser(scope), _place(scope)]
        self._open.update(names)
        try:
            yield
        finally:
            self._open.subtract(names)
            for name in names:
                if not self._open[name]:
                    del self._open[name]

    def refusal(self, scope: Scope) -> HTMLResponse | None:
        """What this request for a page, or for a socket, is told where there is no room for it."""
        if self._open["all"] >= self._settings.max_sessions:
            words = "The lab has all the visitors it can hold."
            return _page(503, "a full house", "A full house", words, "somebody leaves")
        if (name := _browser(scope)) and self._open[name] >= MOST_OF_A_BROWSER:
            words = f"This browser has {MOST_OF_A_BROWSER} pages of the lab open, and more it does not get."
            return _page(429, "too many pages", "Too many pages", words, "you close one")
        if self._open[_place(scope)] >= self._settings.max_sessions_per_address:
            words = "The lab has all the visitors it can hold from your address."
            return _page(429, "a full house", "A full house", words, "one of them leaves")
        return None


def _page(status: int, title: str, heading: str, words: str, who: str) -> HTMLResponse:
    text = _PAGE % {"title": title, "heading": heading, "words": words, "who": who}
    return HTMLResponse(text, status_code=status, headers={"Retry-After": str(_AGAIN)})


def _browser(scope: Scope) -> str:
    """The cookie that Streamlit gives each browser; "" for one without."""
    token = browser(HTTPConnection(scope).cookies)
    return f"browser {token}" if token else ""


def _place(scope: Scope) -> str:
    return f"address {address(scope)}"
