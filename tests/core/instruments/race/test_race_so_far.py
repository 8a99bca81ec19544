"""A race while it is trained: each runner that is done is the finished race's, to the last bit."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from core import Experiment
from core.instruments.race.race import RUNNERS, by_epoch, by_rate, joined_race, loss_axis, race_pieces, standings
from core.instruments.sweep.sweep import SweepTable, grid, train_piece

XOR = Experiment(data="xor", hidden=(3,), epochs=15)
RATES, SEEDS = grid(0.01, 10.0, 12), (4, 5)


@pytest.mark.parametrize("kind", RUNNERS)
def test_it_is_the_first_runners_of_the_finished_race(kind: str) -> None:
    done = [train_piece(piece) for piece in race_pieces(XOR, kind, RATES, SEEDS)]
    finished = joined_race(XOR, kind, RATES, SEEDS, done)
    assert list(finished.sweeps) == list(RUNNERS[kind])
    for trained in range(len(done)):
        race = joined_race(XOR, kind, RATES, SEEDS, done[:trained])
        assert list(race.sweeps) == list(RUNNERS[kind])[: trained // len(SEEDS)]
        for name, table in race.sweeps.items():
            for field in fields(SweepTable):
                found, right = getattr(table, field.name), getattr(finished.sweeps[name], field.name)
                np.testing.assert_array_equal(found, right, field.name)


def test_the_lines_that_are_drawn_so_far_are_those_of_the_finished_race() -> None:
    done = [train_piece(piece) for piece in race_pieces(XOR, "optimizer", RATES, SEEDS)]
    race, finished = (joined_race(XOR, "optimizer", RATES, SEEDS, part) for part in (done[:7], done))
    for table in (by_rate, by_epoch, standings):
        all_lines = table(finished)
        right = all_lines[all_lines["runner"].isin(list(race.sweeps))].reset_index(drop=True)
        assert table(race).equals(right)
    assert loss_axis(finished).low <= loss_axis(race).low
    assert loss_axis(finished).high == loss_axis(race).high, "it only grows, downwards"
