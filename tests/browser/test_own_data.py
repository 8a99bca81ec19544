"""The reader's own data in a real browser: uploaded, compared and come back to; points added, dragged and deleted."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.page import CHARTS, Visit, settle

pytestmark = pytest.mark.slow

ROWS = "".join(f"{150 + k},{0.7 * k + k % 3}\n" for k in range(40))


def places(drawing: Locator) -> list[tuple[float, float]]:
    """(x, y) of each point, as the drawing says them to who can't see it."""
    pairs = re.findall(r"\(([-\d.]+), ([-\d.]+)\)", drawing.get_attribute("aria-label") or "")
    return [(float(x), float(y)) for x, y in pairs]


def test_an_uploaded_table_is_compared_and_there_on_the_way_back(visit: Visit, server: str) -> None:
    page = visit(f"{server}/data", charts=0)
    page.get_by_text("A table", exact=True).click()
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": f"height,<b>weight</b>\n{ROWS}".encode()}
    page.locator("input[type=file]").set_input_files([file])
    expect(page.get_by_text("people.csv: 40 rows, 2 columns")).to_be_visible(timeout=30_000)
    page.get_by_text("Compare learning rates on it").click()
    page.wait_for_selector(CHARTS, timeout=60_000)
    settle(page)
    assert "data=upload%3A" in page.url
    expect(page.get_by_role("combobox", name="Data set")).to_have_value("Your data: 40 rows")
    page.get_by_role("link", name="My data").first.click()
    expect(page.get_by_text("people.csv: 40 rows, 2 columns")).to_be_visible(timeout=30_000)


def test_points_are_added_dragged_and_deleted_with_the_mouse(visit: Visit, server: str) -> None:
    page = visit(f"{server}/data", charts=0)
    drawing = page.locator(".points-editor svg")
    expect(drawing).to_have_attribute(
        "aria-label", "5 points (x, y): (1, 2.2); (2, 3.6); (3, 6.4); (4, 7.7); (5, 10.1)."
    )
    box = drawing.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + 0.3 * box["height"])
    points = page.locator(".points-editor circle")
    expect(points).to_have_count(6, timeout=30_000)
    settle(page)
    before = places(drawing)
    first, fifth = points.first.bounding_box(), points.nth(4).bounding_box()
    assert first is not None and fifth is not None
    x, y = first["x"] + first["width"] / 2, first["y"] + first["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y - 60, steps=5)
    page.mouse.up()
    settle(page)
    after = places(drawing)
    assert before[:5] == [(1, 2.2), (2, 3.6), (3, 6.4), (4, 7.7), (5, 10.1)]
    assert after[1:] == before[1:]
    right, up = (5 - 1) / (fifth["x"] - first["x"]), (10.1 - 2.2) / (first["y"] - fifth["y"])  # of a pixel
    assert after[0] == (pytest.approx(1 + 60 * right, abs=0.05), pytest.approx(2.2 + 60 * up, abs=0.1))
    points.nth(2).dblclick()
    expect(points).to_have_count(5, timeout=30_000)
    settle(page)
    assert places(drawing) == after[:2] + after[3:]
