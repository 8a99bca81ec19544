"""The server: `streamlit run app.py`. The pages live in pages/, all the rest in core/."""

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from pages import warm_up
from pages.middleware import short_links

# Before NumPy is loaded: on a busy server its threads wait for each other, and 15,000 rows took 70 times as long.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    later = warm_up.start()
    yield
    later.cancel()


def show_error(error: Exception) -> bool:
    """The full story goes to the log, one sentence to the page."""
    logging.getLogger("lab").error("a page failed", exc_info=error)
    st.error("Something went wrong on our side. Open the lab anew, without the part of the address after the ?.")
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
