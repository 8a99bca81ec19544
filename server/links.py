"""Over-long links: cut to what a page can repair, and say so."""

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LONGEST_LINK = 8192  # characters; Streamlit drops a query of more than 1,000 values without a word


def short_links(app: ASGIApp) -> ASGIApp:
    """Send an over-long link to its own beginning, where the page can say what was repaired."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        query = scope["query_string"].decode("latin-1") if scope["type"] == "http" else ""
        if len(query) <= LONGEST_LINK:
            await app(scope, receive, send)
            return
        from core.experiment.experiment import trimmed  # here: the server answers before core is loaded

        await RedirectResponse(f"{scope['path']}?{trimmed(query)}")(scope, receive, send)

    return serve
