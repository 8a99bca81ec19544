"""An over-long link is sent to its own beginning, and never anywhere else."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Mount
from starlette.testclient import TestClient

from server.links import LONGEST_LINK, first_page, short_links
from tests.cases import for_each
from tests.server.conftest import run

visitor = TestClient(short_links(PlainTextResponse("the page")), base_url="http://lab.example", follow_redirects=False)


@pytest.mark.parametrize("path", ["/", "/sweep", "//elsewhere/path", "///elsewhere", "/\\elsewhere", "/@elsewhere"])
def test_whatever_stands_before_the_question_mark_stays_and_so_does_the_host(path):
    sent: list[dict] = []

    async def send(message: dict) -> None:
        sent.append(message)

    scope = {"type": "http", "path": path, "query_string": b"lr=0.1&" * LONGEST_LINK, "headers": []}
    run(short_links(PlainTextResponse(""))(scope, send, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 307
    to = urlsplit(urljoin(f"http://lab.example{path}", dict(sent[0]["headers"])[b"location"].decode()))
    assert (to.scheme, to.netloc, to.path) == ("http", "lab.example", path)
    assert 0 < len(to.query) <= LONGEST_LINK


def test_a_link_of_usual_length_is_left_to_the_page():
    assert visitor.get("/sweep?" + "lr=0.1&" * (LONGEST_LINK // 8)).text == "the page"


@for_each(
    "path, leads_to",
    [
        ("/lessons/fog", "/fog"),
        ("/a/b/fog?gate=0", "/fog?gate=0"),
        ("/a/javascript:alert(1)", "/javascript%3Aalert%281%29"),
        ("/a/%2F%2Felsewhere", "/elsewhere"),
    ],
)
def test_a_page_of_several_parts_leads_to_its_last_one_on_the_same_host(path, leads_to):
    pages = TestClient(short_links(HTMLResponse("the page")), base_url="http://lab.example", follow_redirects=False)
    to = path
    while (answer := pages.get(to)).is_redirect:
        to = urljoin(f"http://lab.example{path}", answer.headers["location"])
    assert (to, answer.text) == (f"http://lab.example{leads_to}", "the page")


@pytest.mark.parametrize("path", ["/fog", "/", "/stage/1/stage.js", "/fog/", "/media/report.html"])
def test_files_and_pages_of_one_part_are_left_alone(path):
    answer = PlainTextResponse("a file") if path.endswith("js") else HTMLResponse("a page, or a report")
    assert TestClient(short_links(answer)).get(path, follow_redirects=False).status_code == 200


@for_each(
    "path, leads_to", [("/compare", "/"), ("/compare?lr=0.1&lr=1", "/?lr=0.1&lr=1"), ("/lab/compare?x", "/lab/?x")]
)
def test_the_first_page_by_its_name_leads_to_its_address_below_any_path(path, leads_to):
    below = path.startswith("/lab")
    app = Starlette(routes=[Mount("/lab", routes=[first_page()])] if below else [first_page()])
    answer = TestClient(app, base_url="https://school.example").get(path, follow_redirects=False)
    assert urljoin(f"https://school.example{path}", answer.headers["location"]) == f"https://school.example{leads_to}"
