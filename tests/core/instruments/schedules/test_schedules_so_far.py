"""A comparison of schedules while it is trained: each curve that is there is the finished one's, to the last bit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core import Experiment
from core.instruments.schedules.comparison import (
    clean,
    comparison_pieces,
    joined_comparison,
    loss_axis,
    noisy,
    runs_so_far,
)
from core.instruments.sweep.sweep import grid, train_piece

LINE = Experiment(data="noisy-line", epochs=30, schedule="cosine")
RATES, SEEDS = grid(0.003, 3.0, 12), (4, 5)


@pytest.mark.parametrize("experiment", [noisy(LINE), clean(LINE), noisy(replace(LINE, data="moons", hidden=(3,)))])
def test_of_the_first_pieces_it_is_the_constant_rate_and_of_all_of_them_both(experiment: Experiment) -> None:
    done = [train_piece(piece) for piece in comparison_pieces(experiment, RATES, SEEDS)]
    finished = joined_comparison(experiment, RATES, SEEDS, done)
    assert finished is not None
    for trained, names in ((0, []), (1, []), (2, ["constant"]), (3, ["constant"]), (4, ["constant", "cosine"])):
        there = runs_so_far(experiment, RATES, SEEDS, done[:trained])
        if not names:
            assert there is None
            continue
        assert there is not None
        assert there.rates == finished.rates[: len(names)]
        right = finished.curves[finished.curves["runner"].isin(names)].reset_index(drop=True)
        assert there.curves.equals(right)
        assert (there.schedule, there.height) == (finished.schedule, finished.height)
        assert loss_axis([finished]).low <= loss_axis([there]).low


def test_where_the_constant_rate_always_overflows_the_schedule_is_drawn_alone() -> None:
    experiment = replace(clean(LINE), epochs=400, schedule="exponential")
    done = [train_piece(piece) for piece in comparison_pieces(experiment, grid(1e3, 1e4, 3), SEEDS)]
    tame = [train_piece(piece) for piece in comparison_pieces(experiment, grid(0.01, 0.1, 3), SEEDS)]
    mixed = [*done[:2], *tame[2:]]
    there = runs_so_far(experiment, grid(0.01, 0.1, 3), SEEDS, mixed)
    assert there is not None and set(there.curves["runner"]) == {"exponential"}
    assert joined_comparison(experiment, grid(0.01, 0.1, 3), SEEDS, mixed) is None
