"""The map's picture says of every cell whether it trained."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from core.instruments.trainability import charts
from core.instruments.trainability.pictures import picture, pictures
from core.instruments.trainability.trainability import BANDS, Trainability, Window, band, trainability
from tests.vega import check, nodes


def pixels(found):
    text = picture(found).partition(",")[2]
    return np.array(Image.open(io.BytesIO(base64.b64decode(text))).convert("RGB")).astype(int)


def test_a_pixel_is_bluish_where_the_cell_trained_and_orange_where_it_did_not_upside_up():
    found = trainability(Window(), side=32, steps=50)
    shown = pixels(found)[::-1]
    assert shown.shape == (32, 32, 3)
    assert ((shown[..., 2] > shown[..., 0]) == (found.measure > 0)).all()


def test_the_sooner_the_fuller_blue_and_the_narrower_the_miss_the_fuller_orange():
    measure = np.array([[0.05, 0.5, 0.95], [-0.9, -0.3, -1e-6]])
    found = Trainability(window=Window(), measure=measure, final=np.where(measure > 0, 0.5, 2.0))
    misses, trained = pixels(found)
    assert trained[0, 0] < trained[1, 0] < trained[2, 0]  # less red, fuller blue
    assert misses[0, 2] < misses[1, 2] < misses[2, 2]  # less blue, fuller orange


@pytest.mark.parametrize("window", [Window(), Window(left=1.0, right=1.0001, low=0.2, high=0.20002)])
def test_the_chart_is_valid_self_contained_and_spans_the_window(window):
    spec = charts.trainability_map((window.left, window.right), (window.low, window.high))
    check(spec, {"picture": {"image", "top", "part"}, "corners": {"first", "second"}})
    domains = [node["domain"] for node in nodes(spec) if isinstance(node.get("domain"), list)]
    assert [window.left, window.right] in domains and [window.low, window.high] in domains


def test_each_band_of_a_map_that_is_still_trained_stands_where_it_does_in_the_whole_picture():
    done = [band(Window(), place) for place in range(2)]
    table = pictures(done)
    assert table["image"].tolist() == [picture(each) for each in done]
    np.testing.assert_allclose(table["top"], [1 - 1 / BANDS, 1 - 2 / BANDS])
    np.testing.assert_allclose(table["part"], 1 / BANDS, rtol=0.03)
    whole, rows = pixels(trainability(Window())), [pixels(each) for each in done]
    np.testing.assert_array_equal(np.vstack(rows[::-1]), whole[-32:])
