"""Links as people have them: what is too long is cut to what a page can repair, and the first page has one address."""

from urllib.parse import quote

import streamlit as st
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST_LINK = (
    8192  # characters up to which nobody looks; Streamlit drops a query of more than 1,000 values without a word
)
# Streamlit's, a report to download among them; and the page of a class room's seat.
_FILES = ("/_stcore/", "/media/", "/component/", "/static/", "/r/")


def first_page() -> Route:
    """The first page under its name: Streamlit knows it without one only, and would say that there is no such page."""

    async def answer(request: Request) -> RedirectResponse:
        return RedirectResponse(f"./?{request.url.query}" if request.url.query else "./")

    return Route("/compare", answer)


def short_links(app: ASGIApp) -> ASGIApp:
    """Send an over-long link to its own beginning, where the page can say what was repaired; a path of several parts
    to its last one.
    """
    page = _of_one_part(app)

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        query = scope["query_string"].decode("latin-1") if scope["type"] == "http" else ""
        short = query if len(query) <= LONGEST_LINK else _trimmed(query)
        if short == query:
            await page(scope, receive, send)
        else:
            # Nothing but a query: where the path is `//elsewhere`, naming it would lead there.
            await RedirectResponse(f"?{short}")(scope, receive, send)

    return serve


def _of_one_part(app: ASGIApp) -> ASGIApp:
    """Send /lessons/fog to /fog: a page of several parts would find none of its files, and stay blank."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].removeprefix(scope.get("root_path", "")) if scope["type"] == "http" else ""
        above, _, last = path.removeprefix("/").rpartition("/")
        sent = False

        async def or_the_last(message: Message) -> None:
            nonlocal sent
            if message["type"] == "http.response.start" and _is_html(message):
                sent = True
                query = scope["query_string"].decode("latin-1")
                to = "../" * (above.count("/") + 1) + quote(last) + f"?{query}" * bool(query)
                await RedirectResponse(to)(scope, receive, send)
            elif not sent:
                await send(message)

        # Below a base path all addresses have several parts.
        deep = above and last and not path.startswith(_FILES) and not st.get_option("server.baseUrlPath")
        await app(scope, receive, or_the_last if deep else send)

    return serve


def _is_html(start: Message) -> bool:
    return start["status"] == 200 and "html" in Headers(raw=start["headers"]).get("content-type", "")


def _trimmed(query: str) -> str:
    from core.experiment.experiment import trimmed  # here: the server answers before core is loaded

    return trimmed(query)
