"""The server: `streamlit run app.py`. The pages live in pages/, the door in server/, all the rest in core/."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Route

from server import class_room, decks, health, settings, stage_files, warm_up, widget_values
from server.bodies import bodies_in_time
from server.buckets import Metered, proxies_of_this_machine
from server.files import compressed_files
from server.guard import Guard
from server.headers import SafeHeaders
from server.links import first_page, short_links
from server.page_errors import show_error
from server.uploads import Uploads

# Before NumPy is loaded: on a busy server its threads wait for each other, and 15,000 rows took 70 times as long.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    later = warm_up.start()
    yield
    later.cancel()


try:
    asked = settings.read()
except settings.SettingsError as problem:
    sys.exit(f"The lab was not started. {problem}.")

widget_values.leave_out_unreadable()
app = st.App(
    "pages/frame.py",
    lifespan=lifespan,
    middleware=[
        Middleware(proxies_of_this_machine),  # before all that asks who is there
        Middleware(SafeHeaders, settings=asked),  # before all that refuses
        Middleware(TrustedHostMiddleware, allowed_hosts=asked.hosts(), www_redirect=False),
        Middleware(Guard, settings=asked),
        Middleware(bodies_in_time),
        Middleware(Uploads, settings=asked),
        Middleware(short_links),
        Middleware(stage_files.loads_early),
        Middleware(compressed_files),
    ],
    routes=[  # often enough for any number of load balancers behind one address; decks for a school
        Route(health.PATH, health.healthz, middleware=[Middleware(Metered, rate=20, burst=200)]),
        Route(decks.PATH, decks.Decks().answer, middleware=[Middleware(Metered, rate=20, burst=400)]),
        *[*class_room.routes(), *stage_files.routes(), first_page()],
    ],
    on_script_error=show_error,
)
