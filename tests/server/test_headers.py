"""Every answer carries the headers; a cookie of https is for https alone; and the policy fits Streamlit's page."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from server.buckets import proxies_of_this_machine
from server.headers import SafeHeaders, policy
from server.settings import Settings


def _cookies(request: object) -> PlainTextResponse:
    answer = PlainTextResponse("hello")
    answer.set_cookie("seat", "7")
    answer.raw_headers.append((b"set-cookie", b"process=1; Path=/; Secure"))
    return answer


app = Starlette(routes=[Route("/", _cookies)], middleware=[Middleware(SafeHeaders, settings=Settings())])


@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/none", 404)])
def test_every_answer_has_them_once(path, status):
    answer = TestClient(app).get(path)
    assert answer.status_code == status
    for name, value in {
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "content-security-policy": policy(()),
    }.items():
        assert answer.headers.get_list(name) == [value]


@pytest.mark.parametrize(
    ("peer", "told", "secure"),
    [
        ("127.0.0.1", "https", True),  # nginx or another proxy of this machine
        ("::ffff:127.0.0.1", "https", True),
        ("127.0.0.1", "http", False),
        ("127.0.0.1", None, False),
        ("192.0.2.7", "https", False),  # a stranger may say what they like
    ],
)
def test_cookies_are_for_https_alone_where_a_trusted_proxy_says_that_it_speaks_https(peer, told, secure):
    visitor = TestClient(proxies_of_this_machine(app), client=(peer, 5000))
    answer = visitor.get("/", headers={"x-forwarded-proto": told} if told else {})
    seat, process = answer.headers.get_list("set-cookie")
    assert ("Secure" in seat) == secure
    assert process.count("Secure") == 1


def test_scripts_come_from_the_lab_alone_and_nothing_written_into_a_page_runs():
    rules = dict(directive.split(" ", 1) for directive in policy(()).split("; "))
    assert rules["default-src"] == "'self'"
    allowed = rules["script-src"].split()
    assert {"'unsafe-inline'", "'unsafe-eval'", "data:", "*", "http:", "https:"} & set(allowed) == set()
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text()
    inline = [script for script in re.findall(r"<script[^>]*>([^<]*)</script>", page) if script.strip()]
    assert inline, "the page that Streamlit brings"
    for script in inline:
        assert f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" in allowed


def test_frames_are_anybodys_until_a_host_says_whose():
    assert "frame-ancestors" not in policy(())
    assert policy(("self",)).endswith("; frame-ancestors 'self'")
    assert policy(("https://*.example.edu",)).endswith("; frame-ancestors 'self' https://*.example.edu")
