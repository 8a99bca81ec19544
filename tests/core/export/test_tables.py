"""CSV and Parquet hold the run to its last digit, and what makes it again."""

from __future__ import annotations

import io
import json

import numpy as np
import pandas as pd
import pytest
from pyarrow import parquet

from core.data.datasets import upload
from core.experiment.experiment import Experiment
from core.export.experiment_json import from_json
from core.export.script_data import companions
from core.export.tables import columns, to_csv, to_parquet
from core.training.train import train

RUNS = [
    Experiment(epochs=300),  # with inf and nan
    Experiment(data="noisy-line", batch_size=7, learning_rates=(0.01, 0.05), epochs=40, seed=3),
    Experiment(data="penguins", precision="float32", learning_rates=(1e-5, 1e-12), epochs=9),
]
NETWORK = Experiment(data="moons", hidden=(3,), test_share=0.2, learning_rates=(0.1,), epochs=3)
each_run = pytest.mark.parametrize("experiment", RUNS, ids=lambda e: e.data)


@each_run
def test_the_csv_reads_back_as_the_very_same_numbers(experiment):
    history = train(experiment)
    text = to_csv(history)
    back = pd.read_csv(io.StringIO(text))
    pd.testing.assert_frame_equal(back, history.frame(points=None), check_exact=True)
    assert back.shape[0] == len(experiment.learning_rates) * (experiment.epochs + 1)


@each_run
def test_a_spreadsheet_with_decimal_commas_reads_the_very_same_numbers(experiment):
    history = train(experiment)
    text = to_csv(history, spreadsheet=True)
    pd.testing.assert_frame_equal(
        pd.read_csv(io.StringIO(text), sep=";", decimal=","), history.frame(points=None), check_exact=True
    )
    assert "." not in text


@pytest.mark.parametrize("experiment", [*RUNS, NETWORK], ids=lambda e: e.data)
def test_the_parquet_file_says_what_each_of_its_columns_means(experiment):
    schema = parquet.read_schema(io.BytesIO(to_parquet(train(experiment))))
    meanings = json.loads(schema.metadata[b"columns"])
    assert list(meanings) == schema.names and all(meanings.values())


def test_the_unit_of_a_loss_is_that_of_its_data():
    assert "mean squared error in (g)^2" in columns(train(RUNS[2]))["loss"]
    assert "cross-entropy;" in columns(train(NETWORK))["loss"]


@each_run
def test_pandas_reads_the_parquet_file_as_the_very_same_numbers(experiment):
    history = train(experiment)
    back = pd.read_parquet(io.BytesIO(to_parquet(history)))
    pd.testing.assert_frame_equal(back, history.frame(points=None), check_exact=True)


@each_run
def test_the_parquet_file_says_which_experiment_it_is_and_its_link(experiment):
    metadata = parquet.read_schema(io.BytesIO(to_parquet(train(experiment)))).metadata
    assert from_json(metadata[b"experiment"].decode()) == experiment
    assert Experiment.from_query(metadata[b"query"].decode()) == (experiment, ())


def test_no_word_of_an_upload_reaches_a_file_a_spreadsheet_opens():
    """A name that begins with = + - or @ would be calculated there: the files hold our names, and numbers."""
    data = upload(
        x=np.arange(5.0),
        y=np.array([0.0, 1, 0, 1, 1]),
        title="=title",
        x_name="=1+1",
        y_name="@y",
        x_units="+mm",
        y_units="-g",
        source="=source",
        task="classes",
        columns=("=1+1",),
        classes=("=one", "@two"),
    )
    experiment = Experiment(data=data.name, hidden=(2,), epochs=3)
    table = to_csv(train(experiment)).splitlines()
    (own,) = companions(experiment).values()
    for head, *rows in (table, own.decode().splitlines()):
        assert all(name.replace("_", "").isalnum() for name in head.split(","))
        numbers = [float(cell) for row in rows for cell in row.split(",") if cell]  # a word would raise
        assert len(numbers) >= len(rows) > 0
