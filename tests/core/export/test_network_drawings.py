"""Every chart of a network's run, without a page: what is drawn is the run's, and told in its numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from xml.etree import ElementTree

import numpy as np

from core import NETWORK_PRESETS, Experiment, train
from core.data.datasets import upload
from core.drawing.chart_parts import PAPER
from core.export.chart_files import Drawing, picture
from core.export.network_drawings import drawings, view, wirings
from core.instruments.network.scene import NetworkScene, network_scene, trained_network_scene
from core.words import number
from tests.cases import for_each

SHORT = {name: replace(NETWORK_PRESETS[name].experiment, epochs=20) for name in ("circles", "edge", "linear", "digits")}
CURVE = Experiment(data="curve", hidden=(4,), epochs=20)  # one column: a fit, no surface

SVG = "{http://www.w3.org/2000/svg}"


@cache
def scene(experiment: Experiment) -> NetworkScene:
    return trained_network_scene(experiment)


def by_key(experiment: Experiment) -> dict[str, Drawing]:
    return {drawing.key: drawing for drawing in drawings(scene(experiment))}


@for_each("name", SHORT)
def test_each_lane_says_where_its_loss_ends(name: str) -> None:
    drawn, last = by_key(SHORT[name]), train(SHORT[name]).loss[:, -1]
    for lane, loss in enumerate(last):
        assert f" to {number(loss)}. " in drawn[f"loss-{lane}"].words


@for_each("name", SHORT)
def test_a_view_and_a_meter_of_each_lane_and_sharpness_where_it_was_measured(name: str) -> None:
    drawn, lanes = by_key(SHORT[name]), len(SHORT[name].learning_rates)
    for key in ("view", "loss", "meter"):
        assert [f"{key}-{lane}" in drawn for lane in range(lanes)] == [True] * lanes
    assert ("sharpness-0" in drawn) == bool(SHORT[name].sharpness)
    assert len({drawing.name for drawing in drawn.values()}) == len(drawn)


@for_each("experiment", [*SHORT.values(), CURVE])
def test_every_table_a_chart_asks_for_is_there(experiment: Experiment) -> None:
    for drawing in drawings(scene(experiment)):
        asked = {layer["data"]["name"] for layer in drawing.spec["layer"] if "name" in layer.get("data", {})}
        assert asked and asked <= set(drawing.tables), drawing.key


def test_many_columns_without_classes_lie_on_no_plane() -> None:
    draw = np.random.default_rng(0)
    data = upload(x=draw.normal(size=(20, 3)), y=draw.normal(size=20), title="three", source="", columns=tuple("abc"))
    run = scene(Experiment(data=data.name, hidden=(4,), epochs=5))
    assert view(run, 0, "light") is None
    assert {drawing.key for drawing in drawings(run)} >= {"loss-0", "meter-0", "loss-2", "over-gradient_norm"}


def test_the_drawing_of_the_network_has_a_line_for_each_weight_as_wide_as_it_is_large_and_a_circle_for_each_unit():
    experiment = Experiment(data="moons", hidden=(3, 2), learning_rates=(0.1, 0.5), epochs=5)
    history = train(experiment)
    assert history.snapshots is not None
    for lane, drawing in enumerate(wirings(network_scene(history))):
        assert len(drawing.tables["units"]["x"]) == 2 + 3 + 2 + 1
        columns = {name: np.array(values) for name, values in drawing.tables["weights"].items()}
        assert len(columns["x"]) == 2 * 3 + 3 * 2 + 2 * 1
        first = columns["x"] == 0
        source, target = (columns["y"][first] - 0.5).astype(int), columns["y2"][first].astype(int)
        drawn = columns["size"][first] * np.where(columns["sign"][first] == "negative", -1, 1)
        own = history.snapshots[lane, -1][:6].reshape(2, 3)[source, target]  # weights first, by unit they come from
        np.testing.assert_allclose(drawn / drawn[0], own / own[0], atol=0.1)
    assert drawing.tables["names"]["words"] == ["x", "y", "output"]


@for_each("share", [0.0, 0.3])
def test_the_key_speaks_of_held_out_points_only_where_there_are_some(share: float):
    for data in ("moons", "curve"):
        drawing = view(scene(Experiment(data=data, hidden=(3,), epochs=3, test_share=share)), 0, "light")
        assert drawing
        key = [entry["words"] for entry in drawing.spec["usermeta"]["key"]]
        assert any("held out" in words for words in key) == (share > 0)


@for_each(
    "experiment",
    [SHORT["circles"], Experiment(data="penguins-species", hidden=(4,)), Experiment(data="penguins", hidden=(3,))],
)
def test_names_in_the_drawing_of_the_network_stand_beside_it_where_no_line_runs(experiment: Experiment) -> None:
    drawing = wirings(scene(replace(experiment, learning_rates=(0.01,), epochs=5)))[0]
    svg = ElementTree.fromstring(picture(drawing, "svg", "light", width=500))
    names = drawing.tables["names"]["words"]
    words = [each for each in svg.iter(f"{SVG}text") if each.text in names]
    units = [
        moved(each)
        for each in svg.iter(f"{SVG}path")
        if "A" in each.get("d", "") and each.get("fill") == PAPER["light"]
    ]
    assert len(words) == len(names) and units
    for each in words:
        if each.get("text-anchor") == "end":
            assert len(each.text or "") * 5 < moved(each) < min(units), "an input, whole"
        else:
            assert max(units) < moved(each) < 500 - len(each.text or "") * 5, "an output, whole"


def moved(node: ElementTree.Element) -> float:
    """How far to the right of its group it stands, px."""
    found = re.match(r"translate\(([-\d.]+)", node.attrib["transform"])
    assert found
    return float(found[1])
