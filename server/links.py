"""Links as people have them: over-long ones are cut to what a page can repair, and the first page has one address."""

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

LONGEST_LINK = (
    8192  # characters up to which nobody looks; Streamlit drops a query of more than 1,000 values without a word
)


def first_page() -> Route:
    """The first page under its name: Streamlit knows it without one only, and would say that there is no such page."""

    async def answer(request: Request) -> RedirectResponse:
        return RedirectResponse(f"./?{request.url.query}" if request.url.query else "./")

    return Route("/compare", answer)


def short_links(app: ASGIApp) -> ASGIApp:
    """Send an over-long link to its own beginning, where the page can say what was repaired."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        query = scope["query_string"].decode("latin-1") if scope["type"] == "http" else ""
        short = query if len(query) <= LONGEST_LINK else _trimmed(query)
        if short == query:
            await app(scope, receive, send)
        else:
            # Nothing but a query: where the path is `//elsewhere`, naming it would lead there.
            await RedirectResponse(f"?{short}")(scope, receive, send)

    return serve


def _trimmed(query: str) -> str:
    from core.experiment.experiment import trimmed  # here: the server answers before core is loaded

    return trimmed(query)
