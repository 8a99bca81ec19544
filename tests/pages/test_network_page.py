"""The network page as a server runs it, without a browser."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core import NETWORK_PRESETS
from tests.pages.app import FRAME, open_page, shown, words


def page(name: str = "lab/network.py", **query: str | list[str]) -> AppTest:
    return open_page(name, **query)


def test_without_a_link_it_shows_its_first_preset():
    assert shown(page()) == NETWORK_PRESETS["circles"].experiment


def test_a_network_sent_to_the_compare_page_is_shown_here():
    app = AppTest.from_file(FRAME, default_timeout=60)
    app.query_params["hidden"] = ["4", "2"]
    app.query_params["epochs"] = "20"
    app.run()
    assert not app.exception
    assert shown(app).hidden == (4, 2)
    assert "The network lab" in words(app)


def test_a_line_sent_here_is_compared():
    app = page(data="article", epochs="20")
    assert shown(app).data == "article"
    assert "The ruler" in words(app)


HOSTILE = {
    "hidden": ["1000x50", "x".join(["4"] * 9), "-1", "deep"],
    "epochs": ["0", "many"],
    "batch_size": ["0", "1e9"],
    "features": ["z", "<b>"],
    "noise": ["-1", "9", "loud"],
    "test": ["1", "-1"],
    "l2": ["-1", "nan"],
    "sharpness": ["1000"],
    "activation": ["step"],
    "gain": ["-2", "1e9"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in HOSTILE.items() for value in values])
def test_a_hostile_link_value_shows_the_nearest_network_and_names_the_repair(name, value):
    app = page(**{"data": "xor", "hidden": "4", "epochs": "20", name: value})
    assert "This link asked for what can't be" in words(app)
    assert name in " ".join(block.value for block in app.text)
