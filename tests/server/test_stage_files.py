"""The stage's files arrive small, the same, and to be kept; an address of another version leads to this one's."""

from __future__ import annotations

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from urllib.parse import urljoin

import httpx2
import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from core import stage
from core.stage import vega
from server import stage_files
from tests.cases import for_each

ROOT = Path(__file__).parents[2]
KEPT = "public, immutable, max-age=31536000"


@pytest.fixture
def visitor(monkeypatch):
    monkeypatch.setattr(stage_files, "_routed", False)  # put back afterwards
    return TestClient(Starlette(routes=stage_files.routes()))


@for_each("name", stage_files.NAMES)
def test_a_file_arrives_compressed_whole_and_to_be_kept(name, visitor):
    address = f"/{stage_files.stage_address(name)}"
    answer = visitor.get(address, headers={"accept-encoding": "gzip, br"})
    plain = visitor.get(address, headers={"accept-encoding": "identity"})
    assert answer.text == plain.text == (vega.javascript() if name == "vega.js" else stage.module())
    assert answer.headers["content-encoding"] == "gzip" and "content-encoding" not in plain.headers
    for each in (answer, plain):
        assert each.headers["cache-control"] == KEPT
        assert each.headers["vary"] == "Accept-Encoding"
        assert each.headers["content-type"].startswith("text/javascript")


def test_vega_is_sent_in_some_300_kb(visitor):
    sent = visitor.get(f"/{stage_files.stage_address('vega.js')}").headers["content-length"]
    assert int(sent) < 320_000


@for_each("version", ["0123456789abcdef", "x", "%0d%0aSet-Cookie:a=1", "..%2f..%2fdeck"])
def test_an_address_of_another_version_leads_to_this_ones_and_is_not_kept(version, visitor):
    answer = visitor.get(f"/stage/{version}/stage.js", follow_redirects=False)
    if answer.status_code == 404:  # no such route
        assert "%2f" in version
        return
    assert (answer.status_code, answer.headers["cache-control"]) == (307, "no-store")
    assert set(answer.headers) == {"location", "cache-control", "content-length"}
    assert visitor.get(f"/stage/{version}/stage.js").text == stage.module()


@for_each("name", ["stage.css", "stage.js.map", "globals.d.ts", "__init__.py", "%2e%2e", "vega.js%00"])
def test_there_is_no_other_file(name, visitor):
    answer = visitor.get(f"/stage/{stage.version()}/{name}")
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("cache-control", "")


def test_thirty_who_ask_together_have_it_made_once(monkeypatch):
    made: list[str] = []
    monkeypatch.setattr(stage_files, "_packed", {})
    monkeypatch.setattr(stage_files, "_content", lambda name: made.append(name) or "text")
    with ThreadPoolExecutor(30) as threads:
        assert len(set(threads.map(stage_files.packed, ["vega.js"] * 30))) == 1
    assert made == ["vega.js"]


def test_they_have_addresses_where_app_py_made_routes_and_nowhere_else(monkeypatch):
    monkeypatch.setattr(stage_files, "_routed", False)
    assert not stage_files.served(), "as where a host runs the pages without app.py"
    stage_files.routes()
    assert stage_files.served()
    monkeypatch.setattr(st, "get_option", lambda name: "lab" if name == "server.baseUrlPath" else None)
    assert not stage_files.served(), "below a base path no route of ours is found"


@pytest.fixture
def pages(monkeypatch):
    """What stands for Streamlit behind it, all files being made."""
    monkeypatch.setattr(stage_files, "_routed", True)
    monkeypatch.setattr(stage_files, "_packed", dict.fromkeys(stage_files.NAMES, b""))
    kinds = {"": "text/html; charset=utf-8", "favicon.png": "image/png"}
    kinds |= dict.fromkeys(("network", "sweep", "range-test"), "text/html")
    routes = [Route(f"/{path}", partial(_page, kind)) for path, kind in kinds.items()]
    return TestClient(stage_files.loads_early(Starlette(routes=routes)))


HEAD, REST = "<html><head><title>x</title>", "</head><body>the rest</body></html>"


async def _page(kind: str, request: Request) -> Response:
    if "if-none-match" in request.headers:
        return Response(status_code=304)
    pieces = (piece async for piece in _pieces())  # as a large file is read
    return StreamingResponse(pieces, media_type=kind) if request.url.query else Response(HEAD + REST, media_type=kind)


async def _pieces():
    for piece in (HEAD, REST):
        yield piece


def addresses(answer) -> list[str]:
    return re.findall(r'(?:src|href)="([^"]+)"', answer.text)


def test_a_page_whose_charts_move_names_their_files_and_no_other_does(pages):
    for path in ("/", "/?lr=0.1", "/network", "/network?lr=0.1", "/sweep"):
        answer = pages.get(path)
        assert addresses(answer) == [stage_files.stage_address("vega.js"), stage_files.stage_address("stage.js")]
        assert answer.text.startswith(HEAD)
        assert answer.text.endswith(REST)
        assert int(answer.headers["content-length"]) == len(answer.content)
    for path in ("/range-test", "/favicon.png"):
        assert pages.get(path).text == HEAD + REST


def test_a_browser_that_still_has_the_page_is_told_so(pages):
    assert pages.get("/", headers={"if-none-match": '"1"'}).status_code == 304
    assert pages.head("/").text == ""


def test_a_browser_below_another_path_finds_them_there(pages):
    address = addresses(pages.get("/network"))[0]
    assert urljoin("https://school.example/lab/network", address).startswith("https://school.example/lab/stage/")


def test_what_is_not_made_yet_or_has_no_address_is_not_named(pages, monkeypatch):
    monkeypatch.setattr(stage_files, "_packed", {})
    assert addresses(pages.get("/")) == []
    monkeypatch.undo()
    assert addresses(TestClient(stage_files.loads_early(Response(HEAD + REST, media_type="text/html"))).get("/")) == []


def test_app_py_makes_the_routes():
    program = "import app; from server import stage_files; print(stage_files.served())"
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout == "True\n"


@pytest.mark.slow
def test_the_app_answers_with_them_at_once_when_it_says_that_it_is_ready(lab):
    for name in stage_files.NAMES:
        answer = httpx2.get(f"http://{lab.address}/{stage_files.stage_address(name)}")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == KEPT
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in answer.headers, "shared caches keep no answer with one"
        assert answer.elapsed.total_seconds() < 1, "vl-convert takes two seconds to make Vega"
