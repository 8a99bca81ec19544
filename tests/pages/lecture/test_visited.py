"""The history as a server knows it: what it tells the browser to keep, and where a click in the list leads."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from core import Experiment
from tests.pages.app import fresh, open_page, shown

NETWORK = {"data": "xor", "hidden": "3", "epochs": "40", "lr": ["0.1", "1"]}


def entry(app: AppTest) -> dict[str, Any]:
    """What the page has the browser keep."""
    (found,) = (each.proto for each in app.get("bidi_component") if each.proto.component_name == "history_entry")
    kept: dict[str, Any] = json.loads(found.json)["entry"]
    return kept


def test_an_entry_has_the_link_the_unusual_settings_in_words_and_a_verdict_for_each_lane():
    kept = entry(open_page("lab/network/page.py", **NETWORK))
    page, _, query = kept["href"].partition("?")
    assert (kept["page"], page) == ("Network", "network")
    assert Experiment.from_query(parse_qs(query))[0].epochs == 40
    assert ["epochs", "40"] in kept["settings"] and ["hidden layers", "3"] in kept["settings"]
    assert "momentum" not in dict(kept["settings"])
    assert [said[:2] for said in kept["verdicts"]] == ["A ", "B "]
    assert len(kept["curves"]) == 2
    assert all(re.fullmatch(r"(\d+\.\d,\d+\.\d ?)+", line) for line in kept["curves"])


@pytest.mark.parametrize(
    ("file", "query", "said"),
    [
        ("compare", {"lr": ["0.001", "1"], "epochs": "50"}, "B Too high"),
        ("sweep", {"data": "article", "lr": ["0.001", "1"], "rates": "20", "seeds": "1"}, "best rate 0."),
        (
            "schedules",
            {"data": "article", "lr": ["0.001", "1"], "rates": "20", "seeds": "1", "epochs": "30"},
            "pay",
        ),
        ("range_test", {"data": "article", "lr": ["0.001", "1"], "rates": "20", "seeds": "1"}, "did best"),
    ],
)
def test_each_page_with_an_experiment_says_what_came_of_it(file: str, query: dict[str, Any], said: str):
    more = {"schedule": "cosine"} if file == "schedules" else {}
    assert said in "; ".join(entry(open_page(f"lab/{file}/page.py", **query, **more))["verdicts"])


def test_a_click_leads_to_a_page_with_an_experiment_and_nowhere_else():
    for sent in ("https://example.org", "javascript:alert(1)", "learn/one_step?x=1", "diagnose?epochs=40", ""):
        app = open_page("lab/compare/page.py", epochs="77")
        app.session_state["history-to"] = sent
        app.run()
        assert not app.exception
        assert shown(app).epochs == 77
    app = fresh(epochs="77").switch_page("lab/compare/page.py").run()
    app.session_state["history-to"] = "network?data=xor&hidden=3&epochs=40&lr=0.1&lr=1.0&v=1"
    app.run()
    assert not app.exception
    assert (shown(app).data, shown(app).epochs) == ("xor", 40)
