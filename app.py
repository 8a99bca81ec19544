"""The server: `streamlit run app.py`. The pages live in pages/, all the rest in core/."""

import gc
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from pages.middleware import short_links

WARM_UP_DELAY = 8.0  # seconds: the first visitor's page goes before PyTorch, which nobody has asked for yet


def warm_up() -> None:
    """Import PyTorch before somebody needs it, and keep what is loaded out of the garbage collector's way."""
    with suppress(ModuleNotFoundError):  # without it NumPy works, and the page says how to install it
        import torch

        import core.torch_trainer  # noqa: F401  from here on the page shows the parity receipt

        torch.set_num_threads(1)  # two threads are 20 to 60 times slower on networks this small
    gc.collect()
    gc.freeze()


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    timer = threading.Timer(WARM_UP_DELAY, warm_up)
    timer.daemon = True
    timer.start()
    yield
    timer.cancel()


def show_error(error: Exception) -> bool:
    """The full story goes to the log, one sentence to the page."""
    logging.getLogger("lab").error("a page failed", exc_info=error)
    st.error("Something went wrong on our side. Reload the page: the address bar holds your experiment.")
    return True


def healthz(request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


app = st.App(
    "pages/frame.py",
    lifespan=lifespan,
    middleware=[Middleware(short_links), Middleware(GZipMiddleware, compresslevel=5)],
    routes=[Route("/healthz", healthz)],
    on_script_error=show_error,
)
