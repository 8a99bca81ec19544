"""What ran is said in one line."""

from __future__ import annotations

from core.experiment.described import axis_titles, experiment_words
from core.experiment.experiment import Experiment


def test_what_ran_is_said_with_its_loss_convention():
    words = experiment_words(Experiment(momentum=0.9, batch_size=2, start=(1.5, -2.0), engine="torch"))
    for part in (
        "5 points",
        "w = 1.5",
        "b = −2",
        "not half of it",
        "momentum 0.9",
        "batches of 2",
        "1,000 epochs",
        "PyTorch",
    ):
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
    for part in ("full batch", "gradient descent", "NumPy", "float64", "standardized x"):
        assert part in plain
    assert "schedule" not in plain


def test_the_axes_of_the_data_name_the_units_it_is_trained_in():
    assert axis_titles(Experiment(data="penguins")) == ("flipper length (mm)", "body mass (g)")
    assert axis_titles(Experiment(data="penguins", standardize=True)) == (
        "flipper length (standardized)",
        "body mass (g)",
    )
    assert axis_titles(Experiment()) == ("x", "y")


def test_of_what_was_given_many_values_none_is_said():
    fields = {"optimizer": "adagrad", "batch_size": 2, "schedule": "cosine"}
    for besides, part in (("optimizer", "Adagrad"), ("batch_size", "batches of 2"), ("schedule", "schedule: cosine")):
        words = experiment_words(Experiment(**fields), besides)
        assert part not in words and part in experiment_words(Experiment(**fields))
        assert ", 1,000 epochs by NumPy" in words
