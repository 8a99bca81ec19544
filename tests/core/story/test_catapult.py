"""What lesson 4 draws and says of the catapult."""

from __future__ import annotations

import numpy as np
import pytest

from core.methods import wide_net
from core.story import catapult
from tests.cases import for_each


@for_each("own", [0.5, 2.5, 3.21, 5.0])
def test_every_place_of_the_slider_can_be_drawn_and_told(own):
    losses, products = catapult.flights(own)
    assert [stop.value for stop in losses] == [stop.value for stop in products]
    assert own in [stop.value for stop in losses]
    assert len(losses) >= 46
    for loss, product in zip(losses, products, strict=True):
        for table in (loss.tables["curves"], product.tables["curves"]):
            assert np.isfinite(table["y"]).all()
            assert (table["y"] > 0).all()
        assert ("diverges" in loss.says) == (loss.value > 4)
        assert ("rises from" in loss.says) == (2 < loss.value <= 4)
        alone = wide_net.catapult((loss.value,))
        drawn = loss.tables["curves"].query("name == 'this run'")["y"].to_numpy()
        # Beyond 4 it is chaos: two sums in another order part soon.
        same = len(drawn) if loss.value < 3.9 else 10
        assert drawn[:same] == pytest.approx(alone.loss[0, : len(drawn)][:same], rel=1e-6)


def test_the_right_answer_is_that_it_rises_and_falls():
    question = catapult.question()
    assert [question.judge(choice).right for choice in range(3)] == [False, True, False]
    assert "1.274" in question.judge(0).why
    assert "1.274" in question.judge(2).why
    assert "50-fold" in catapult.belief()
