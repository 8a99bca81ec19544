"""A sweep while it is trained: the table of its first pieces is that of a smaller sweep."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from core import Experiment, sweep
from core.instruments.sweep.scene import sweep_scene
from core.instruments.sweep.sweep import SweepTable, grid, joined_so_far, pieces, train_piece

XOR = Experiment(data="xor", hidden=(3,), epochs=20, test_share=0.25)


def assert_equal(found: SweepTable, right: SweepTable) -> None:
    for field in fields(SweepTable):
        np.testing.assert_array_equal(getattr(found, field.name), getattr(right, field.name), field.name)


@pytest.mark.parametrize("done", [1, 2, 3])
def test_of_whole_seeds_it_is_the_sweep_of_these_seeds(done: int) -> None:
    rates, seeds = grid(0.01, 10.0, 12), (4, 5, 6)
    trained = [train_piece(piece) for piece in pieces(XOR, rates, seeds)[:done]]
    assert_equal(joined_so_far(XOR, rates, seeds, trained), sweep(XOR, rates, seeds=seeds[:done]))


def test_before_the_first_seed_is_done_it_is_the_sweep_of_its_first_rates() -> None:
    experiment = replace(XOR, epochs=3)
    rates, seeds = grid(0.01, 10.0, 400), (0, 1)
    first, second, third, _ = (train_piece(piece) for piece in pieces(experiment, rates, seeds))
    assert_equal(joined_so_far(experiment, rates, seeds, [first]), sweep(experiment, rates[:256], seeds=(0,)))
    assert_equal(joined_so_far(experiment, rates, seeds, [first, second, third]), sweep(experiment, rates, seeds=(0,)))
    assert sweep_scene(experiment, joined_so_far(experiment, rates, seeds, [first])).curve.num_rows
