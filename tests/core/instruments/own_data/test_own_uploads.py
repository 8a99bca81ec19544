"""An upload lives as long as whoever made it keeps it, and leaves nothing behind."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from core import Experiment, dataset, diagnose, stability_limit, sweep, train
from core.data.datasets import upload, uploads
from core.instruments.compare.ruler import measure
from core.instruments.compare.scene import scene
from core.instruments.network.scene import network_scene
from core.training.problems import problem


def lines():
    draw = np.random.default_rng(0)
    x = draw.normal(size=50)
    return upload(
        x=x,
        y=3 * x + 1 + draw.normal(size=50),
        title="Your data",
        x_name="height",
        y_name="weight",
        x_units="",
        y_units="",
        source="a table of your own",
    )


def test_an_upload_is_found_by_a_name_nobody_can_guess():
    first, second = lines(), lines()
    assert dataset(first.name) is first
    assert first.name != second.name
    assert len(first.name) == len("upload:") + 32
    assert Experiment.from_query(Experiment(data=first.name).to_query()) == (Experiment(data=first.name), ())


def test_one_upload_keeps_one_problem_for_experiments_that_differ_in_training_only():
    data = lines()
    assert problem(Experiment(data=data.name)) is problem(Experiment(data=data.name, epochs=7))
    for seed in range(9):
        problem(Experiment(data=data.name, seed=seed))


def test_what_was_worked_out_from_an_upload_goes_with_it():
    """Its arrays, the problem made of them and the problem's landscape: all are freed."""
    data = lines()
    line = Experiment(data=data.name, learning_rates=(0.1, 0.3), epochs=20)
    deep = Experiment(data=data.name, learning_rates=(0.1, 0.3), epochs=20, hidden=(4,), test_share=0.2)
    history = train(line)
    diagnose(history)
    scene(history, measure(line))
    network_scene(train(deep))
    stability_limit(line)
    sweep(line, [0.1, 0.2], range(2))
    problems = [weakref.ref(problem(experiment)) for experiment in (line, deep)]
    gone, name = weakref.ref(data), data.name
    before = len(uploads())
    del data
    gc.collect()
    assert gone() is None
    assert [one() for one in problems] == [None, None]
    assert len(uploads()) == before - 1
    with pytest.raises(ValueError, match="an upload is kept for one visit only: upload it again"):
        Experiment(data=name)


def test_a_link_to_an_upload_that_is_gone_is_repaired():
    name = lines().name
    gc.collect()
    experiment, (repair,) = Experiment.from_query({"data": name, "epochs": "7"})
    assert experiment == Experiment(epochs=7)
    assert "an upload is kept for one visit only" in str(repair)
