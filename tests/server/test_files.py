"""The web client's files arrive small, the same, and to be kept; nothing else is answered for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import streamlit
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from server.files import compressed_files

CLIENT = Path(streamlit.__file__).parent / "static"
SCRIPT = re.search(r"static/js/index\.[\w-]+\.js", (CLIENT / "index.html").read_text())[0]
FONT = re.search(r"static/media/[\w.-]+\.woff2", (CLIENT / "index.html").read_text())[0]

visitor = TestClient(compressed_files(PlainTextResponse("the app's")))


def test_a_script_arrives_compressed_whole_and_to_be_kept():
    answer = visitor.get(f"/{SCRIPT}", headers={"accept-encoding": "gzip, br"})
    assert answer.content == (CLIENT / SCRIPT).read_bytes()
    assert int(answer.headers["content-length"]) < 0.4 * len(answer.content)
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (f"/{FONT}", {"accept-encoding": "gzip"}),  # is compressed already
        (f"/{SCRIPT}", {"accept-encoding": "identity"}),
        (f"/{SCRIPT}", {"accept-encoding": "gzip", "range": "bytes=0-9"}),
        ("/static/js/none.js", {"accept-encoding": "gzip"}),
        ("/static/../index.html", {"accept-encoding": "gzip"}),
        (f"/static/%2e/{SCRIPT.removeprefix('static/')}", {"accept-encoding": "gzip"}),
        (f"/static//{SCRIPT.removeprefix('static/')}", {"accept-encoding": "gzip"}),
        ("/static/%00", {"accept-encoding": "gzip"}),
        ("/static/%2e%2e/%2e%2e/config.py", {"accept-encoding": "gzip"}),
        ("/static/", {"accept-encoding": "gzip"}),
        ("/sweep", {"accept-encoding": "gzip"}),
    ],
)
def test_all_else_is_left_to_the_app(path, headers):
    assert visitor.get(path, headers=headers).text == "the app's"
