"""What pictures are called where they are taken away: in Export's list, and as their title."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import ImageFont

from core.export import chart_files
from core.export.chart_files import Drawing, picture
from core.story.lessons import LESSONS
from tests.pages.app import open_takeaway

LAB = ["compare", "network", "sweep", "range_test", "schedules", "trainability", "update_rules", "self_choosing"]
PAGES = [*(f"learn/{lesson.file}.py" for lesson in LESSONS), *(f"lab/{name}/page.py" for name in LAB)]
LONGEST = 60  # characters, a network's lane and rate included
WIDTH = 900  # px
SVG = "{http://www.w3.org/2000/svg}"


def title_ends(drawing: Drawing) -> tuple[float, float]:
    """Where the title begins and ends in its picture, px from the left, as the picture's own font sets it."""
    tree = ElementTree.fromstring(picture(drawing, "svg", "light", width=WIDTH))
    parents = {child: node for node in tree.iter() for child in node}
    title = next(node for node in tree.iter(f"{SVG}text") if node.text == drawing.name)
    assert title.get("text-anchor") == "start"
    bold = Path(chart_files.__file__).parent / "fonts" / "DejaVuSans-Bold.ttf"
    long = ImageFont.truetype(bold, 100).getlength(drawing.name) * float(title.attrib["font-size"][:-2]) / 100
    begin, node = 0.0, title
    while node is not tree:
        moved = re.match(r"translate\(([-\d.]+)", node.get("transform", ""))
        begin, node = begin + (float(moved[1]) if moved else 0), parents[node]
    return begin, begin + long


@pytest.mark.parametrize("page", PAGES)
def test_a_picture_has_a_short_name_of_its_own_that_stands_whole_in_its_title(page: str) -> None:
    app = open_takeaway(page, gate="0")
    drawn: list[Drawing] = list(app.session_state["drawn-charts"].values())
    assert drawn
    for drawing in drawn:
        name = drawing.name
        assert len(name) <= LONGEST and "*" not in name and "…" not in name
        assert name.count("(") == name.count(")") and not re.search(r"\(\d+\)$", name)
        low, high = title_ends(drawing)
        assert low >= 0 and high <= WIDTH, name
