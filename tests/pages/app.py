"""What the tests of the lab's pages share: a page as a fresh session sees it, and what it says."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from streamlit.testing.v1 import AppTest

from core import Experiment

FRAME = str(Path(__file__).parents[2] / "pages" / "frame.py")
TIMEOUT = 120  # seconds: the first run that measures sharpness loads PyTorch


@cache
def registered() -> dict:
    """The pages there are, which AppTest learns from running one."""
    return AppTest.from_file(FRAME, default_timeout=TIMEOUT).run()._registered_pages


def fresh(**query: str | list[str]) -> AppTest:
    """A session that nothing was run in yet, with this link in its address bar."""
    app = AppTest.from_file(FRAME, default_timeout=TIMEOUT)
    app._registered_pages = registered()
    for key, values in query.items():
        app.query_params[key] = values
    return app


def open_page(name: str, **query: str | list[str]) -> AppTest:
    """The page as a fresh session sees it at this link, run to its end without an error."""
    app = fresh(**query).switch_page(name).run()
    assert not app.exception
    return app


def open_takeaway(name: str, **query: str | list[str]) -> AppTest:
    """The page with its "Take it away" open, as after a click on it."""
    app = fresh(**query)
    app.session_state["takeaway"] = True
    app.switch_page(name).run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    """All that the page says."""
    return " ".join(block.value for block in [*app.markdown, *app.caption, *app.text, *app.warning, *app.info])


def shown(app: AppTest) -> Experiment:
    """The session's experiment."""
    experiment: Experiment = app.session_state["experiment"]
    return experiment
