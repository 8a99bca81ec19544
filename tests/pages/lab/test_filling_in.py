"""Pages that fill in while they train: what there is stays when a worker is lost, or on a stop; then it goes on."""

from __future__ import annotations

import json
import zlib
from typing import Any, NamedTuple

import pytest
from streamlit.testing.v1 import AppTest

from core.instruments.trainability.trainability import Window
from pages.session import runs
from server.workers import Lost, workers
from tests.pages.app import fresh, open_page, words

SMALL: dict[str, Any] = {"data": "xor", "hidden": "3", "lr": ["0.01", "10"], "rates": "20", "seeds": "2"}


class Interrupted(NamedTuple):
    """A page, and what its Stop would keep for it to know that it was stopped."""

    app: AppTest
    key: Any


class Page(NamedTuple):
    """jobs: of its worker until it is lost.  so_far: what the page then says there is.  claim: it makes at the end."""

    name: str
    query: dict[str, Any]
    jobs: int
    so_far: str
    claim: str


PAGES = {
    "rules": Page(
        "lab/sweep/page.py",
        {**SMALL, "map": "3", "epochs": "300"},
        7,
        "So far: 3 of 7 update rules trained.",
        "suffers least",
    ),
    "schedules": Page(
        "lab/sweep/page.py",
        {**SMALL, "map": "4", "epochs": "300"},
        4,
        "So far: 2 of 7 schedules trained.",
        "suffers least",
    ),
    "a schedule": Page(
        "lab/schedules/page.py",
        {**SMALL, "schedule": "cosine", "epochs": "100"},
        7,
        "So far: 3 of 4 curves. Each is of the best of 20 rates.",
        "material/flag",
    ),
    "a range test": Page(
        "lab/range_test/page.py",
        {**SMALL, "seeds": "3", "epochs": "1000"},
        2,
        "So far: 2 of 3 seeds trained at 20 rates and at each suggestion.",
        "did best here",
    ),
    "the map of two rates": Page(
        "lab/trainability/page.py", {}, 3, "So far: 48 of 128 rows, from the lowest rates of layer 2 up.", "stay well"
    ),
}


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest) -> Page:
    """One of experiments that no other test has trained: all sessions of a process share what is trained."""
    asked = PAGES[request.param]
    seed = zlib.crc32(request.node.name.encode()) % 10_000
    other = {"seed": str(seed)} if asked.query else {"window": Window(left=0.01 + seed / 1e7).to_word()}
    return asked._replace(query={**asked.query, **other})


@pytest.fixture
def interrupted(page: Page, monkeypatch: pytest.MonkeyPatch) -> Interrupted:
    """The page after its worker has ended in the middle."""
    real, done, keys, bar = workers(), [], [], runs._bar

    class Ending:
        def do(self, *asked: Any, **options: Any) -> Any:
            if len(done) == page.jobs:
                raise Lost("the process that worked on it has ended")
            done.append(real.do(*asked, **options))
            return done[-1]

    monkeypatch.setattr("pages.session.work.workers", Ending)
    monkeypatch.setattr(runs, "_bar", lambda *asked: keys.append(asked[2]) or bar(*asked))
    app = fresh(**page.query).switch_page(page.name).run()
    assert not app.exception
    monkeypatch.undo()
    return Interrupted(app, keys[-1])


def click(app: AppTest, label: str) -> AppTest:
    next(each for each in app.button if each.label == label).click().run()
    assert not app.exception
    return app


def charts(app: AppTest) -> list[tuple[str, str]]:
    """(words, spec) of each chart: drawn as it fills in, or following the play bar in the place of such a one."""
    moving = [each.proto for each in app.get("bidi_component") if each.proto.component_name == "moving_chart"]
    drawn = [(each.proto.alt, each.proto.spec) for each in app.get("vega_lite_chart")]
    last = [json.loads(each.mixed.json) for each in moving]
    return [(each["words"], str(each["spec"])) for each in last] or drawn


def test_a_worker_that_is_lost_leaves_what_there_is_and_a_way_to_go_on(page: Page, interrupted: Interrupted) -> None:
    app, said = interrupted.app, words(interrupted.app)
    assert page.so_far in said
    assert "the process that worked on it has ended. Try it once more." in said
    assert page.claim not in said, "nothing is claimed of a part"
    assert charts(app)
    click(app, "Try again")
    assert page.claim in words(app)
    assert "So far" not in words(app) and "can't be done" not in words(app)
    straight = open_page(page.name, **page.query)
    assert (words(app), charts(app)) == (words(straight), charts(straight))


def test_a_stop_leaves_what_there_is_until_all_of_it_is_wanted(page: Page, interrupted: Interrupted) -> None:
    app = interrupted.app
    app.session_state["stopped-work"] = interrupted.key
    said = words(app.run())
    assert "Stopped. What was done so far is kept." in said
    assert page.so_far in said and page.claim not in said and charts(app)
    click(app, "Go on")
    assert page.claim in words(app) and "Stopped" not in words(app)
