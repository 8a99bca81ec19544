"""What nginx keeps of decks and the stage's files: what the app calls immutable, once for a class, and not too much."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from email.message import Message
from pathlib import Path

import pytest

from tests.cases import for_each
from tests.deploy.conftest import free_port, until
from tests.deploy.stand_ins import telling

KEEP = "public, immutable, max-age=31536000"
ADDRESSES = ("/deck?lr=0.1&deck=0123", "/stage/0123/vega.js")


def get(port: int, path: str, **headers: str) -> tuple[int, Message, str]:
    """Status, headers and text; a header's underscores stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=named)) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode()


@for_each("path", ADDRESSES)
def test_a_class_asks_the_app_once_for_each_form(path, nginx):
    with telling(KEEP) as (process, asked):
        port = nginx(process)
        for taken in ("gzip, deflate, br, zstd", "gzip", "br;q=1.0, gzip;q=0.8, *;q=0.1"):
            status, headers, text = get(port, path, Accept_Encoding=taken, Cookie="lab_process=0")
            assert (status, text, headers["Cache-Control"]) == (200, path, KEEP)
        for taken in ("identity", "br"):
            assert get(port, path, Accept_Encoding=taken)[2] == path
        assert asked == [f"{path} gzip", f"{path} plain"]
        assert get(port, path, Accept_Encoding="gzip", If_None_Match='W/"1"')[0] == 304
        assert get(port, f"{path}&x")[2] == f"{path}&x"
        assert len(asked) == 3


@for_each(("keep", "status"), [("no-cache", 200), ("no-store", 200), ("max-age=600", 200), (KEEP, 404), (KEEP, 503)])
def test_what_the_app_does_not_call_immutable_or_refuses_is_asked_for_again(keep, status, nginx):
    with telling(keep, status) as (process, asked):
        port = nginx(process)
        for path in ADDRESSES:
            assert [get(port, path)[0] for _ in range(2)] == [status] * 2
        assert len(asked) == 4


def test_a_deck_of_no_version_is_answered_by_the_app_alone_which_knows_its_etag(nginx):
    with telling("no-cache") as (process, asked):
        port = nginx(process)
        get(port, "/deck?lr=0.1", If_None_Match='W/"1"')
        assert get(port, "/deck")[2] == "/deck"
    assert [each.split()[0] for each in asked] == ["/deck?lr=0.1", "/deck"]


def test_no_visitor_is_sent_to_another_process_for_it(nginx):
    with telling(KEEP) as (first, _), telling(KEEP) as (second, _):
        port = nginx(first, second)
        told = [get(port, f"/stage/{k}/vega.js", **with_it)[1] for k in range(9) for with_it in ({}, {"Cookie": "a=1"})]
    assert [headers.get_all("Set-Cookie") for headers in told] == [None] * 18


def test_each_is_made_by_one_process_and_another_stands_in_for_one_that_is_gone(nginx):
    paths = [f"/deck?lr=0.{k}&deck=1" for k in range(1, 30)]
    with telling(KEEP) as (first, of_first), telling(KEEP) as (second, of_second):
        port = nginx(first, second)
        for path in paths:
            get(port, path, Accept_Encoding="gzip"), get(port, path, Accept_Encoding="identity")
        made = [{each.split()[0] for each in asked} for asked in (of_first, of_second)]
        assert made[0] and made[1] and not made[0] & made[1]
        port = nginx(free_port(), second)
        assert [get(port, path)[2] for path in paths] == paths


def kept(folder: Path) -> int:
    """Bytes of the files below it."""
    return sum(Path(where, name).stat().st_size for where, _, names in os.walk(folder) for name in names)


@pytest.mark.slow
def test_it_keeps_no_more_than_its_share(nginx, open_folder):
    with telling(KEEP) as (process, _):
        port = nginx(process, max_size="1m")
        folder = max(open_folder().parent.glob("*/kept"), key=lambda found: found.stat().st_mtime)
        for k in range(300):
            assert get(port, f"/deck?deck={k}&{'x' * 8000}")[0] == 200
        assert kept(folder) > 2_000_000
        until(lambda: kept(folder) < 1_100_000, 40)  # it looks every ten seconds
