"""The CSV holds the run to its last digit, and the link that makes it again."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from core.experiment import Experiment
from core.export import experiment_words, to_csv
from core.training import train

RUNS = [
    Experiment(epochs=300),  # with inf and nan
    Experiment(data="noisy-line", batch_size=7, learning_rates=(0.01, 0.05), epochs=40, seed=3),
    Experiment(data="penguins", precision="float32", learning_rates=(1e-5, 1e-12), epochs=9),
]


@pytest.mark.parametrize("experiment", RUNS, ids=lambda e: e.data)
def test_the_csv_reads_back_as_the_very_same_numbers(experiment):
    history = train(experiment)
    text = to_csv(history)
    back = pd.read_csv(io.StringIO(text), skiprows=1)
    pd.testing.assert_frame_equal(back, history.frame(points=None), check_exact=True)
    assert back.shape[0] == len(experiment.learning_rates) * (experiment.epochs + 1)


@pytest.mark.parametrize("experiment", RUNS, ids=lambda e: e.data)
def test_the_first_line_is_the_link_that_makes_the_same_run(experiment):
    first, _, _ = to_csv(train(experiment)).partition("\n")
    assert first.startswith("# ")
    assert Experiment.from_query(first[2:]) == (experiment, ())


def test_pandas_reads_the_csv_with_its_comment_as_it_is():
    table = pd.read_csv(io.StringIO(to_csv(train(Experiment(epochs=3)))), comment="#")
    assert table["loss"][0] == 44


def test_what_ran_is_said_with_its_loss_convention():
    words = experiment_words(Experiment(momentum=0.9, batch_size=2, start=(1.5, -2.0), engine="torch"))
    for part in ("5 points", "w = 1.5", "b = -2", "no half", "momentum 0.9", "batches of 2", "1,000 epochs", "PyTorch"):
        assert part in words
    for fields, part in (
        ({"optimizer": "nesterov", "momentum": 0.9}, "Nesterov momentum 0.9,"),
        ({"optimizer": "nesterov"}, "gradient descent,"),
        ({"optimizer": "adagrad", "momentum": 0.9}, "Adagrad,"),
        ({"optimizer": "rmsprop"}, "RMSprop (alpha 0.99),"),
        ({"optimizer": "rmsprop", "momentum": 0.5}, "RMSprop (alpha 0.99, momentum 0.5),"),
        ({"optimizer": "adamw", "momentum": 0.9}, "AdamW (beta1 0.9, beta2 0.999, weight decay 0.01),"),
        ({"schedule": "warm-up-cosine"}, "gradient descent, schedule: warm-up, then cosine, full batch"),
    ):
        assert part in experiment_words(Experiment(**fields))
    plain = experiment_words(Experiment(standardize=True))
    for part in ("full batch", "gradient descent", "NumPy", "float64", "standardised x"):
        assert part in plain
    assert "schedule" not in plain
