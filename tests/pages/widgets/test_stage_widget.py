"""The stage on a page: what it is told, and that its link while the hand moves is the one that the page then writes."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from tests.node import node
from tests.pages.app import open_page, stage, tell

LINKS: dict[str, dict[str, str | list[str]]] = {
    "the usual": {},
    "rates": {"lr": ["0.02", "0.5"], "epochs": "20"},
    "words before and after": {
        "data": "penguins",
        "standardize": "on",
        "epochs": "20",
        "seed": "3",
        "precision": "float32",
    },
    "a lecturer's": {"lock": "epochs,data", "gate": "0", "epochs": "20"},
    "slides": {"present": "1", "epochs": "20"},
    "pins": {"pin": ["lr=0.01&epochs=20", "lr=1e-05"], "epochs": "20", "start": ["1.5", "-2"]},
    "points": {"data": "points:0,0;1,2.5;3,4", "epochs": "20"},
}
RATES = [[1e-6, 0.01, 1.0], [1e-6, 1.0, 0.01], [0.3, 0.0333], [1e-12, 1e6, 123456.789, 1e-5, 3e-4], [100.0, 2e5]]


@pytest.mark.parametrize("name", LINKS)
def test_the_link_while_the_hand_moves_is_the_one_that_the_page_writes_when_it_rests(name):
    app = open_page("lab/compare/page.py", **LINKS[name])
    for rates in RATES:
        shown = node("address.js", "return m.linkQuery(given.link, given.rates)", {**stage(app).data, "rates": rates})
        tell(app, "rested", rates)
        assert urlencode(app.query_params, doseq=True) == shown, "as Streamlit writes it"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_told_how_eight_lanes_look_and_what_rates_may_be(theme):
    data = stage(open_page("lab/compare/page.py", epochs="20")).data
    assert (data["limits"], data["mostLanes"], data["mostPins"]) == ([1e-12, 1e6], 8, 3)
    assert len(set(data["looks"]["colours"][theme])) == len(data["looks"]["letters"]) == 8
    assert data["link"]["usual"] == [1e-6, 0.01, 1.0]
