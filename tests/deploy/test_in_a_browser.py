"""A visitor's browser with several processes behind nginx: its socket, uploads and downloads must meet in one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import browser, settle, visit  # noqa: F401
from tests.deploy.conftest import COOKIE, Lab

TABLE = "height,weight\n" + "".join(f"{150 + k},{0.7 * k + k % 3}\n" for k in range(40))


def test_uploads_and_downloads_reach_the_process_that_holds_the_session(visit: Callable[..., Page], lab: Lab) -> None:  # noqa: F811
    met = set()
    for _ in range(2):  # newcomers are dealt out in turn, so both processes have one of them
        page = visit(f"http://localhost:{lab.port}/data", charts=0)
        page.get_by_text("A table", exact=True).click()
        page.locator("input[type=file]").set_input_files(
            [{"name": "people.csv", "mimeType": "text/csv", "buffer": TABLE.encode()}]
        )
        expect(page.get_by_text("people.csv: 40 rows, 2 columns")).to_be_visible(timeout=30_000)
        met |= {cookie["value"] for cookie in page.context.cookies() if cookie["name"] == COOKIE}
        page.goto(f"http://localhost:{lab.port}/")
        settle(page)
        with page.expect_download(timeout=30_000) as download:
            page.get_by_role("button", name="Download CSV").click()
        assert Path(download.value.path()).read_text().startswith("learning_rate,")
    assert met == {"0", "1"}
