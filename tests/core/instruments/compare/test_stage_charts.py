"""The stage's charts: the file that browsers have is what the specs make, valid, and true of a deck's header."""

from __future__ import annotations

import gzip
import json
import re
import struct

import altair as alt

from core import Experiment
from core.drawing.deck import family
from core.instruments.compare import stage_charts
from core.instruments.compare.stage import packed
from core.stage import module
from tests.cases import for_each
from tests.vega import nodes

CHARTS = stage_charts.charts()
every_chart = for_each("name", CHARTS)


def test_the_file_is_what_the_specs_make():
    made = "make it anew: python -m core.instruments.compare.stage_charts"
    assert stage_charts.FILE.read_text() == stage_charts.module(), made


@every_chart
def test_every_chart_is_valid_by_altairs_own_schema(name):
    spec = {part: value for part, value in CHARTS[name].items() if part != "background"}
    assert isinstance(alt.LayerChart.from_dict(spec, validate=True), alt.LayerChart)


@every_chart
def test_no_chart_fetches_anything_and_its_letters_are_legible(name):
    spec = CHARTS[name]
    assert "http" not in json.dumps(spec, allow_nan=False)
    assert not any({"url", "href"} & set(node) for node in nodes(spec))
    sizes = [size for node in nodes(spec) for key, size in node.items() if key in ("fontSize", "labelFontSize")]
    assert min(sizes) >= 11


def test_the_browser_has_no_chart_that_is_not_among_them():
    assert set(re.findall(r"^  (\w+): \{", stage_charts.FILE.read_text(), re.M)) == set(CHARTS)
    assert "export const CHARTS" not in module(), "in one module with the others it needs no export"


def test_what_an_experiment_decides_is_in_the_header_of_every_deck():
    content = gzip.decompress(packed(family(Experiment(epochs=20))))
    (length,) = struct.unpack_from("<I", content)
    header = json.loads(content[4 : 4 + length])
    paths = set(re.findall(r'"@([\w.]+)"', stage_charts.FILE.read_text()))
    assert {"axes.losses.0", "axes.losses.1", "titles.x", "experiment.epochs"} <= paths
    for path in paths:
        found = header
        for part in path.split("."):
            found = found[int(part)] if part.isdigit() else found[part]
        assert found not in (None, [], {}), path
