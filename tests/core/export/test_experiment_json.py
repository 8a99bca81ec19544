"""An experiment as JSON comes back as it was; what is none is told in one sentence."""

from __future__ import annotations

import json

import pytest

from core.experiment.experiment import Experiment
from core.experiment.presets import NETWORK_PRESETS, PRESETS, SWEEP_PRESETS
from core.export.experiment_json import from_json, query, to_json
from tests.cases import for_each

ALL = [*PRESETS.values(), *(preset.experiment for preset in NETWORK_PRESETS.values()), *SWEEP_PRESETS.values()]
ODD = Experiment(data="plane", features=("x", "xy"), noise=0.5, start=(), batch_size=3, learning_rates=(0.1 + 0.2,))


@for_each("experiment", [*ALL, ODD, Experiment(start=(1.5, -2))])
def test_an_experiment_comes_back_as_it_was(experiment):
    assert from_json(to_json(experiment)) == experiment
    assert Experiment.from_query(query(experiment)) == (experiment, ())


def test_json_names_every_field_and_its_version():
    assert set(json.loads(to_json(Experiment()))) == {*Experiment.__dataclass_fields__, "v"}


def test_what_is_left_out_keeps_its_default():
    assert from_json('{"epochs": 7}') == Experiment(epochs=7)
    assert from_json("{}") == Experiment()


@for_each(
    ("text", "message"),
    [
        ("epochs = 7", "this is not JSON: Expecting value at line 1, column 1"),
        ('{"epochs": 7,\n}', "this is not JSON: .* at line [12], column"),
        ("", "this is not JSON: Expecting value at line 1, column 1"),
        ("[" * 100_000, "too long or too deep"),
        ('{"epochs": ' + "9" * 5000 + "}", "too long or too deep"),
        ("[1, 2]", r"must be a JSON object of fields, got \[1, 2\]"),
        ("null", "must be a JSON object of fields, got null"),
        ('{"colour": "red"}', "colour is no field of an experiment; the fields are data, noise, "),
        ('{"v": "2"}', "v must be \"1\", the one version this lab reads, got '2'"),
        ('{"epochs": "7"}', "epochs must be a whole number, got '7'"),
        ('{"epochs": 7.5}', "epochs must be a whole number, got 7.5"),
        ('{"epochs": null}', "epochs must be a whole number, got None"),
        ('{"epochs": 0}', "epochs must be from 1 "),
        ('{"hidden": 8}', "hidden must be a sequence of numbers, got 8"),
        ('{"hidden": [8, [8]]}', r"hidden must be a whole number, got \[8\]"),
        ('{"data": ["article"]}', "data must be one of article, "),
        ('{"learning_rates": [-0.1]}', "learning_rates must be > 0, got -0.1"),
        ('{"learning_rates": [NaN]}', "learning_rates must be .*, got nan"),
        ('{"learning_rates": []}', "learning_rates must hold at least one rate"),
        ('{"standardize": "yes"}', "standardize must be True or False, got 'yes'"),
        ('{"momentum": 1}', "momentum must be from 0 to 0.999, got 1"),
        ('{"batch_size": 6}', "batch_size must be <= 5 for this data, got 6"),
        ('{"start": [1, 2], "hidden": [3]}', r"start must be \(\) for a network"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(text, message):
    with pytest.raises(ValueError, match=message) as error:
        from_json(text)
    assert "\n" not in str(error.value)


def test_a_text_of_a_megabyte_does_not_come_back():
    for text in (json.dumps({"data": "x" * 10**6}), json.dumps({"x" * 10**6: 1}), json.dumps(["x" * 10**6])):
        with pytest.raises(ValueError, match=r"must be|no field") as error:
            from_json(text)
        assert len(str(error.value)) < 500
