"""What every chart must be: valid, legible, self-contained, and over the tables and columns that its page sends."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import altair as alt

Spec = dict[str, Any]

_SIZES, _LEGIBLE = ("labelFontSize", "titleFontSize", "fontSize"), 12  # px


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every dict inside a spec."""
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from nodes(value)
    elif isinstance(tree, list | tuple):
        for value in tree:
            yield from nodes(value)


def check(spec: Spec, columns: Mapping[str, set[str]]) -> None:
    """Assert all of that. columns: of each table its page sends."""
    assert isinstance(alt.LayerChart.from_dict(spec, validate=True), alt.LayerChart)
    text = json.dumps(spec, allow_nan=False)
    assert "http" not in text
    assert not any("url" in node.get("data", {}) for node in nodes(spec))
    sizes = [size for node in nodes(spec) for key, size in node.items() if key in _SIZES]
    assert sizes and min(sizes) >= _LEGIBLE
    named = [layer for layer in spec["layer"] if _table(spec, layer)]
    assert named
    for layer in named:
        steps = layer.get("transform", [])
        made = {
            column["as"]
            for step in steps
            for kind in ("joinaggregate", "aggregate", "window")
            for column in step.get(kind, [])
        } | {step["as"] for step in steps if "calculate" in step}
        used = {channel["field"] for channel in nodes(layer["encoding"]) if "field" in channel}
        used |= set(re.findall(r"datum\.(\w+)", json.dumps([layer["mark"], steps])))
        assert used <= columns[_table(spec, layer)] | made


def _table(spec: Spec, layer: Spec) -> str:
    """The table of a layer; "" where its rows are its own."""
    name: str = layer.get("data", spec.get("data")).get("name", "")  # one that all layers share stands above them
    return name
