"""What is sent to the server past its pages: it takes no more than they do, and from nobody but the visitor."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, Page

from core.instruments.log.limits import MOST_BYTES as MOST_OF_A_TABLE
from core.instruments.log.text import MOST_BYTES as MOST_OF_A_LOG

pytestmark = pytest.mark.slow


def put(page: Page, address: str, body_bytes: int) -> int:
    """The status of an upload of so many bytes, sent as the visitor's own browser would."""
    status: int = page.evaluate(
        """async ([address, size]) => {
            const form = new FormData();
            form.append("file", new Blob([new Uint8Array(size)]), "numbers.csv");
            const token = document.cookie.match(/_streamlit_xsrf=([^;]*)/)[1];
            const answer = await fetch(address, {method: "PUT", body: form, headers: {"X-Xsrftoken": token}});
            return answer.status;
        }""",
        [address, body_bytes],
    )
    return status


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab that may complain of what it is refused."""
    with closing(browser.new_context()) as context:
        yield context.new_page()


def open_upload(page: Page, server: str) -> str:
    """The address the page sends its first upload to."""
    page.goto(f"{server}/diagnose")
    with page.expect_request(lambda request: request.method == "PUT") as sent:
        file = {"name": "a.csv", "mimeType": "text/csv", "buffer": b"step,loss\n1,2\n"}
        page.locator("input[type=file]").set_input_files([file])
    return sent.value.url


def test_no_more_is_taken_than_the_largest_log_and_from_nobody_but_the_visitor(page: Page, server: str) -> None:
    address = open_upload(page, server)
    assert put(page, address, max(MOST_OF_A_LOG, MOST_OF_A_TABLE)) == 204
    assert put(page, address, 64_000_000) == 413
    *before, _, name = address.split("/")
    assert put(page, "/".join([*before, "0" * 8, name]), 10) == 400  # of a session that is not there
    request = urllib.request.Request(address, b"x", method="PUT")  # without the visitor's own token
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=20)
    refused.value.close()
    assert refused.value.code == 403
