"""A line's run as one file with the stage: what is in it, and that nothing in it can break out."""

from __future__ import annotations

import base64
import gzip
import html
import json
import re

import numpy as np
import pytest

from core import NETWORK_PRESETS, Experiment, show, train
from core.drawing.deck import Deck, family
from core.export.stage_report import stage_report
from core.words import number

MOST = 1_600_000  # bytes with Vega


def data(page: str) -> dict:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert found
    loaded: dict = json.loads(found[1])["file"]
    return loaded


def test_the_file_is_small_the_same_each_time_and_loads_nothing():
    page = stage_report(Experiment())
    assert len(page.encode()) < MOST
    assert page == stage_report(Experiment())
    assert not re.search(r"(src|href)=.?(https?:)?//", page.split("<script>")[0])
    assert "default-src 'none'" in page
    assert "unsafe-eval" not in page


def test_its_table_is_rounded_for_reading_and_has_every_digit_on_demand():
    history = train(Experiment())
    cells = re.findall(r'<td title="([^"]*)">([^<]*)</td>', stage_report(Experiment()))
    np.testing.assert_array_equal([float(exact) for exact, _ in cells[2::5]], history.loss[:, -1])
    assert [said for _, said in cells[2::5]] == [number(loss) for loss in history.loss[:, -1].tolist()]
    assert max(len(said) for _, said in cells) < 14


def test_every_curve_of_its_deck_was_trained():
    experiment = Experiment(epochs=60, learning_rates=(0.003, 0.0333))
    deck = Deck.from_bytes(gzip.decompress(base64.b64decode(data(stage_report(experiment))["deck"])))
    assert {0.003, 0.0333} < set(deck.rates.tolist())
    run = train(family(experiment))
    with np.errstate(over="ignore"):
        assert np.array_equal(deck.loss, run.loss[:, deck.moments].astype(np.float32), equal_nan=True)


def test_a_notebook_displays_a_run_in_a_frame_of_its_own():
    shown = show(train(Experiment(epochs=5)))._repr_html_()
    assert shown.startswith("<iframe")
    page = html.unescape(re.search(r'srcdoc="([^"]*)"', shown)[1])  # type: ignore[index]
    assert page == stage_report(Experiment(epochs=5))


def test_a_network_is_refused_in_words():
    with pytest.raises(ValueError, match="experiment must be of a line"):
        stage_report(NETWORK_PRESETS["circles"].experiment)
