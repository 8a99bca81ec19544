"""What a load balancer and a reader are told."""

from __future__ import annotations

import json
import logging
import re

from starlette.requests import Request

from server import health, warm_up
from server.page_errors import show_error
from tests.server.conftest import run


def asked() -> tuple[int, dict[str, str]]:
    answer = run(health.healthz(Request({"type": "http", "method": "GET", "headers": []})))
    return answer.status_code, json.loads(bytes(answer.body))


def test_a_process_is_ready_once_its_first_page_was_drawn_and_not_before():
    warm_up.first_page_is_ready.clear()
    code, words = asked()
    assert (code, words["status"]) == (503, "starting")
    warm_up.first_page()
    code, words = asked()
    assert (code, words["status"]) == (200, "ready")
    assert words["pytorch"] in ("loading", "loaded")


def test_an_error_shows_an_id_that_the_log_has_and_nothing_else_of_it(monkeypatch, caplog):
    shown = []
    monkeypatch.setattr("streamlit.error", shown.append)
    with caplog.at_level(logging.ERROR, logger="lab"):
        try:
            raise RuntimeError("the secret of /home/host/lab.py")
        except RuntimeError as error:
            assert show_error(error) is True
    name = re.search(r"error ([0-9a-f]{8})\.", shown[0])[1]
    assert name in caplog.text
    assert "the secret of" in caplog.text
    assert "secret" not in shown[0]
    assert "/home" not in shown[0]
