"""One of a thing is called by its singular, wherever a page says how many there are."""

from __future__ import annotations

import re

import pytest

from tests.pages.app import open_page, words

LEAST = {"epochs": "1", "lr": ["0.001", "0.1"]}
PAGES = {
    "compare": LEAST | {"data": "noisy-line", "batch_size": "1"},
    "network": LEAST | {"data": "xor", "hidden": "1"},
    "sweep": LEAST | {"seeds": "1", "rates": "20"},
    "range_test": LEAST | {"seeds": "1", "rates": "20", "data": "noisy-line", "batch_size": "1"},
    "schedules": LEAST | {"seeds": "1", "rates": "20", "data": "noisy-line", "batch_size": "1", "schedule": "linear"},
}
ONE_OF_MANY = re.compile(r"(?<![\d.,·×/-])\b1 (?!less|loss|class|pass|bias|minus|plus|is\b|was\b|across)[a-z]+s\b")


@pytest.mark.parametrize("page", PAGES)
def test_one_is_no_plural(page: str) -> None:
    app = open_page(f"lab/{page}/page.py", **PAGES[page])
    said = " ".join([words(app), *(chart.proto.alt for chart in app.get("vega_lite_chart"))])
    assert ONE_OF_MANY.findall(said) == []
    assert "1 seed" in said or "1 epoch" in said or "1 point" in said, "of these pages each counts something"
