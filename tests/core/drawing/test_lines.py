"""A chart of lines, as it is drawn: where one leaves the chart stands a mark, and a dot on its frame is whole."""

from __future__ import annotations

import re
from typing import Any

import vl_convert

from core.drawing.axes import Axis
from core.drawing.lines import Fields, lines

OF = Fields("runs", "runner", "epoch", "loss")
X, Y = Axis(low=0, high=10, title="epoch"), Axis(low=0.01, high=100, title="loss", scale="log")
NAMES, STYLES = ("a", "b"), ("one", "two")


def drawn(losses: dict[str, list[float]], at: float = 1e15, **options: Any) -> str:
    spec = lines("light", NAMES, STYLES, X, Y, of=OF, **options)
    rows = [
        {"runner": name, "epoch": epoch, "loss": loss}
        for name, some in losses.items()
        for epoch, loss in enumerate(some)
    ]
    for each in spec.get("params", ()):
        each["value"] = at
    svg: str = vl_convert.vegalite_to_svg(spec | {"datasets": {"runs": rows}, "width": 400, "config": {}})
    return svg


def triangles(svg: str) -> list[float]:
    """Where marks that point up or down stand, px from the left."""
    groups = re.findall(r'transform="translate\(([\d.]+),(-?[\d.]+)\)" d="M0,?(-?\d)?[^A]*?Z"', svg)
    return [float(x) for x, _, _ in groups]


def test_a_mark_stands_where_a_line_first_leaves_above_or_below_and_none_where_it_stays() -> None:
    stays, up = [1.0] * 11, [1.0, 10.0, 1e3, 1e5, 1e3, 10.0, 1e3, 1.0, 1.0, 1.0, 1.0]
    assert triangles(drawn({"a": stays, "b": stays}, leaves=True, tips=())) == []
    assert triangles(drawn({"a": stays, "b": up}, leaves=True, tips=())) == [80.0], "once, at epoch 2 of 10"
    down = [1.0, 0.1, 0.1, 1e-5, 1e-9, 1e-9, 1e-9, 1e-9, 1e-9, 1e-9, 1e-9]
    assert triangles(drawn({"a": down, "b": up}, leaves=True, tips=())) == [80.0, 120.0]
    assert triangles(drawn({"a": down, "b": up}, tips=())) == []


def test_before_the_play_bar_is_there_no_mark_tells_what_comes() -> None:
    up = [1.0, 10.0, 1e3] + [1e5] * 8
    spec: dict[str, Any] = {"leaves": True, "faint": 1.5, "tips": ()}
    assert triangles(drawn({"a": up}, at=1, **spec)) == []
    assert triangles(drawn({"a": up}, at=2, **spec)) == [80.0]


def test_the_last_dot_stands_on_the_frame_and_is_not_cut_by_it() -> None:
    svg = drawn({"a": [1.0] * 11}, faint=1.5)
    clipped = re.findall(r'<g[^>]*clip-path[^>]*role="graphics-object"[^>]*aria-roledescription="symbol', svg)
    assert clipped == []
    outside = drawn({"a": [1e5] * 11}, faint=1.5)
    assert outside.count("A") < svg.count("A"), "what is off the chart has no dot"


def test_the_best_of_a_line_that_reaches_0_stands_on_the_lower_edge_and_nowhere_else() -> None:
    spec = lines("light", NAMES, STYLES, X, Y, of=OF, tips=(), best=True)
    best = [{"runner": "a", "epoch": 4, "loss": 1.0}, {"runner": "b", "epoch": 6, "loss": 0.0}]
    svg = vl_convert.vegalite_to_svg(spec | {"datasets": {"runs": [], "best": best}, "width": 400, "config": {}})
    places = re.findall(r'aria-roledescription="point" transform="translate\(([\d.]+),([\d.]+)\)"', svg)
    height = spec["height"]
    assert [(float(x), round(float(y))) for x, y in places] == [(160, height // 2), (240, height - 6)]
