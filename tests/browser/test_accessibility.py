"""Every page can be used by everybody, as far as a machine can tell: in real browsers, with axe-core."""

from __future__ import annotations

import pytest

from core.story.lessons import LESSONS
from tests.browser.page import Visit, assert_accessible, settle

pytestmark = pytest.mark.slow

GRID = "data=article&lr=0.001&lr=0.1&epochs=50&rates=20&seeds=1"
PAGES = [
    "compare",
    "network?data=xor&hidden=3&epochs=40&lr=0.1&lr=1",
    f"sweep?{GRID}",
    f"range-test?{GRID}",
    f"schedules?{GRID}&schedule=linear",
    "map",
    "update-rules",
    "self-choosing",
    "diagnose",
    "data",
    LESSONS[0].url,
    *(f"{lesson.url}?gate=0" for lesson in LESSONS),
    "compare?present=1",
    "an-unknown-address",
]
LOG = "step,loss\n" + "".join(f"{step},{0.9**step}\n" for step in range(60))
TITLE = "[data-testid=stMainBlockContainer] h2, .slides .title"
# What is not ours to mend. Vega gives the frame that one drags over a picture a role, and no way to give it a name.
_FRAME = {"svg-img-alt": ".box_brush, .box_brush_bg"}
# On a phone Streamlit's navigation has groups between its list and the entries.
_PHONE = {"list": "[data-testid=stSidebarNavItems]", "listitem": "[data-testid=stSidebarNav] li"}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_serious_fault_and_no_text_is_pale_on_any_page(visit: Visit, server: str, theme: str) -> None:
    page = visit(server, theme=theme)
    for link in PAGES:
        page.goto(f"{server}/{link}")
        page.wait_for_selector(TITLE, timeout=60_000)
        assert_accessible(page, _FRAME if link == "map" else {})
    page.goto(f"{server}/diagnose")
    page.get_by_label("Paste a log").fill(LOG)
    page.get_by_role("button", name="Read it").click()
    page.wait_for_selector("[data-testid=stVegaLiteChart] svg")
    assert_accessible(page)
    page.set_viewport_size({"width": 390, "height": 844})
    for link in ("compare", LESSONS[0].url):
        page.goto(f"{server}/{link}")
        page.wait_for_selector(TITLE)
        settle(page)
        assert_accessible(page, _PHONE)
