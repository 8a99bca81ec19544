"""Every loss curve stands in one picture, also beside a rate whose loss overflows: what is drawn is looked at."""

from __future__ import annotations

import io

import numpy as np
import pytest
from matplotlib import pyplot

from core.drawing.charts import lane_colours
from core.experiment.experiment import Experiment
from core.export import loss_lines
from core.export.chart_files import picture
from core.export.loss_lines import loss_drawing
from core.training.train import train

ARTICLE = train(Experiment())
A, B, C = lane_colours(3, "light")


@pytest.fixture(autouse=True)
def _figures_of_its_own():
    pyplot.switch_backend("agg")
    yield
    pyplot.close("all")


def drawn(axes) -> bytes:
    file = io.BytesIO()
    axes.figure.savefig(file)
    return file.getvalue()


def seen_well(ink, png: bytes, colours: tuple[str, ...] = (A, B, C)) -> bool:
    """Whether the first two curves run from left to right, the second falls, and the third leaves soon."""
    spans = [ink(png, colour) for colour in colours]
    return spans[0][0] > 0.6 and spans[1][0] > 0.6 and spans[1][1] > 0.3 and spans[2][1] > 0.1


def test_history_plot_shows_every_curve_and_names_the_one_that_left(ink):
    axes = ARTICLE.plot()
    assert seen_well(ink, drawn(axes))
    assert axes.get_ylim() == (1e-5, 1e5)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "learning rate 10⁻⁶",
        "learning rate 0.01",
        "learning rate 1, left at epoch 2",
    ]


def test_without_matplotlib_it_is_the_same_picture_by_altair(monkeypatch):
    monkeypatch.setattr(loss_lines, "find_spec", lambda name: None)
    chart = ARTICLE.plot().to_dict()
    assert chart["layer"][0]["encoding"]["y"]["scale"]["domain"] == [1e-5, 1e5]
    assert {row["lane"] for row in chart["datasets"]["exits"]} == {"C"}


def test_a_chart_file_shows_every_curve_with_a_legend(ink):
    drawing = loss_drawing(ARTICLE)
    assert seen_well(ink, picture(drawing, "png", "light"))
    svg = picture(drawing, "svg", "light").decode()
    assert "A: learning rate 10⁻⁶" in svg and "C: learning rate 1, left at epoch 2" in svg


def test_a_light_run_is_drawn_at_its_epochs():
    whole = train(Experiment(epochs=5000))
    whole_drawn, drawn = (loss_drawing(each).tables["curves"] for each in (whole, whole.light(200)))
    for table in (whole_drawn, drawn):
        rows = table["lane"] == "A"
        np.testing.assert_array_equal(table["loss"][rows], whole.loss[0, table["epoch"][rows]])
        assert table["epoch"][rows][-1] == 5000


def test_a_run_of_zeros_is_drawn_too():
    assert drawn(train(Experiment(start=(2.0, 0.0))).plot())
