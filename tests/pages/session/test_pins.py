"""Pinned runs: a word of the compare page's link, each named by what differs, and nothing that can't be one."""

from __future__ import annotations

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from core import Experiment, train
from core.data.datasets import upload
from core.drawing.deck import Deck
from server import decks
from tests.cases import for_each
from tests.pages.app import open_page, shown, stage, tell, words


def page(**query: str | list[str]) -> AppTest:
    return open_page("lab/compare/page.py", **{"epochs": "20", **query})


def names(app: AppTest) -> list[str]:
    return [pin["name"] for pin in stage(app).data["pins"]]


def in_link(app: AppTest) -> list[str]:
    """The pins in the address bar."""
    texts = app.query_params.get("pin", [])
    return [texts] if isinstance(texts, str) else list(texts)


def test_a_pin_stays_while_settings_change_and_is_named_by_what_differs():
    app = page()
    tell(app, "pin", 0.01)
    assert names(app) == ["0.01"]
    app.number_input(key="epochs").set_value(30).run()
    assert names(app) == ["0.01, 20 epochs"]
    app.selectbox(key="optimizer").set_value("momentum").run()
    assert names(app) == ["0.01, 20 epochs, gradient descent"]
    app.selectbox(key="data").set_value("penguins").run()
    assert names(app)[0].startswith("0.01, "), "of other data it is kept as well"
    assert in_link(app) == ["lr=0.01&epochs=20"]


def test_a_link_brings_them_back_and_each_is_the_run_it_says():
    app = page()
    for rate in (0.01, 0.1):
        tell(app, "pin", rate)
    app.number_input(key="epochs").set_value(30).run()
    again = page(epochs="30", pin=in_link(app))
    assert stage(again).data["pins"] == stage(app).data["pins"]
    visitor = TestClient(Starlette(routes=[Route(decks.PATH, decks.Decks().answer)]))
    for pin in stage(again).data["pins"]:
        deck = Deck.from_bytes(visitor.get(f"/{pin['address']}").content)
        assert deck.rates.tolist() == [pin["rate"]]
        loss = train(Experiment(learning_rates=(pin["rate"],), epochs=20)).loss
        np.testing.assert_allclose(deck.loss, loss[:, deck.moments], rtol=1e-7)


def test_at_most_three_are_pinned_none_twice_and_each_goes_by_its_place():
    app = page(lr=["0.01", "0.02", "0.03", "0.04"])
    for rate in (0.01, 0.02, 0.01, 0.03, 0.04):
        tell(app, "pin", rate)
    assert names(app) == ["0.01", "0.02", "0.03"]
    tell(app, "unpin", 1)
    assert names(app) == ["0.01", "0.03"]
    tell(app, "pin", 0.04)
    assert names(app) == ["0.01", "0.03", "0.04"]
    for _ in range(3):
        tell(app, "unpin", 0)
    assert names(app) == []
    assert "pin" not in app.query_params


def test_a_link_that_is_followed_within_the_page_has_its_own_pins():
    app = page()
    tell(app, "pin", 0.01)
    tell(app, "link", "epochs=20&lr=0.05&lr=0.06&pin=lr%3D0.05&pin=epochs%3D7%26lr%3D0.06")
    assert names(app) == ["0.05, 1,000 epochs", "0.06, 7 epochs"]
    tell(app, "link", "epochs=20&lr=0.05&lr=0.06")
    assert (names(app), shown(app).learning_rates) == ([], (0.05, 0.06))


NONE = [
    "x",
    "pin=lr%3D0.1",
    "pin=pin%3Dpin%253Dlr",
    "lr=nan",
    "lr=-1",
    "lr=0.1&epochs=1e15",
    "data=circles&hidden=4",
    "data=upload:0123",
    "lr=0.1&data=../../etc/passwd",
    "<img src=//evil.example onerror=alert(1)>",
    "[a](http://evil.example)",
    "%00%ff" * 20,
    "lr=0.1&" * 3 + "evil=1",
    "&".join(f"evil{k}=1" for k in range(500)),
]


@for_each("pin", NONE)
def test_what_is_no_run_of_a_line_is_told_and_nothing_is_pinned(pin):
    app = page(pin=pin)
    assert (names(app), in_link(app)) == ([], [])
    assert "pin=" in app.text[0].value
    assert not any("evil" in block.value for block in [*app.markdown, *app.caption, *app.warning]), "only as text"


def test_of_more_than_three_or_of_some_that_are_none_none_is_taken_and_it_is_told():
    for pinned in ([f"lr=0.0{k}" for k in range(1, 6)], ["lr=0.01", "x"]):
        app = page(pin=pinned)
        assert names(app) == []
        assert "pin=" in words(app)


def test_another_sessions_upload_is_no_pin_while_it_is_there():
    held = upload(x=np.arange(5.0), y=np.arange(5.0), title="Mine", source="here")
    app = page(pin=f"data={held.name}&lr=0.1")
    assert names(app) == []
    assert held.name not in str(stage(app).data)


@pytest.mark.parametrize("lane", [0, 2])
def test_of_an_experiment_with_several_rates_a_pin_is_the_first(lane):
    rates = ["0.3", "0.02", "0.1"][lane:]
    assert names(page(pin=f"epochs=20&lr={'&lr='.join(rates)}")) == [rates[0]]
