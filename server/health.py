"""Whether this process is ready for visitors: what a load balancer, a container and `make serve` ask."""

from starlette.requests import Request
from starlette.responses import JSONResponse

from server import warm_up

PATH = "/healthz"


async def healthz(request: Request) -> JSONResponse:
    """200 once the first page is loaded and drawn, 503 before; and how far PyTorch is, which comes later."""
    ready = warm_up.first_page_is_ready.is_set()
    words = {"status": "ready" if ready else "starting", "pytorch": warm_up.pytorch()}
    return JSONResponse(words, status_code=200 if ready else 503, headers={"Cache-Control": "no-store"})
