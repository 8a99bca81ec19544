"""A run as a table to take away: CSV and Parquet, and what their columns mean."""

import io
import json

import pyarrow as pa

from ..data.datasets import is_upload
from ..experiment.experiment import Experiment
from ..training.history import History
from ..training.train import train
from .experiment_json import query, to_json

MOST_ROWS = 300_000  # of a table to download: some 30 MB of CSV, which the server holds in memory


def trained_csv(experiment: Experiment, spreadsheet: bool = False) -> str:
    """`to_csv` of the run, trained again: a page keeps no more of a long one than it draws."""
    return to_csv(train(experiment), spreadsheet)


def trained_parquet(experiment: Experiment) -> bytes:
    """`to_parquet` of the run, trained again."""
    return to_parquet(train(experiment))


def to_csv(history: History, spreadsheet: bool = False, points: int | None = None) -> str:
    """Every epoch of every lane as CSV: the columns of History.frame, numbers to their last digit.

    spreadsheet: with semicolons and decimal commas, as Excel and LibreOffice read them in most of Europe.
    points: about how many epochs of a lane; None: all.
    """
    separator, decimal = (";", ",") if spreadsheet else (",", ".")
    return history.frame(points=points).to_csv(index=False, sep=separator, decimal=decimal)


def to_parquet(history: History) -> bytes:
    """The same table as Parquet.

    The metadata of its schema holds the experiment under "experiment", as `to_json` writes it, under "query" what a
    link to it says after its question mark, and under "columns" what each column means, as JSON.
    """
    from pyarrow import parquet  # here: pages that offer the file need it only when it is asked for

    table = pa.Table.from_pandas(history.frame(points=None), preserve_index=False)
    ours = {"experiment": to_json(history.experiment), "query": query(history.experiment)}
    ours["columns"] = json.dumps(columns(history))
    file = io.BytesIO()
    parquet.write_table(table.replace_schema_metadata((table.schema.metadata or {}) | _as_bytes(ours)), file)
    return file.getvalue()


def columns(history: History) -> dict[str, str]:
    """What each column of a run's table means, with its unit."""
    experiment = history.experiment
    data, line = experiment.dataset(), experiment.network() is None
    squares = experiment.resolved_loss() == "mse"
    unit = f" in ({data.y_units})^2" if data.y_units and squares and not is_upload(data.name) else ""
    loss = f"{'mean squared error' if squares else 'cross-entropy'}{unit}"
    loss += ", with the penalty on weights" if experiment.l1 or experiment.l2 else ""
    scaled = ", of standardized x" if experiment.standardize else ""
    meanings = {
        "lane": "number of the learning rate, from 0",
        "learning_rate": "learning rate at the start of the run",
        "epoch": "passes over the training points so far",
        "loss": f"on all training points after so many epochs: {loss}; inf or empty where it overflowed",
        "gradient_norm": "length of that loss's gradient where the next epoch begins; empty after the last",
        "meter": "learning rate x curvature along the next step; empty where rounding hides it",
        "test_loss": f"on the rows held out: {loss}",
        "w": f"slope of the line{scaled}" if line else "a weight",
        "b": f"intercept of the line{scaled}" if line else "a bias",
    }
    return {name: meanings.get(name, "a weight") for name in history.frame(points=2).columns}


def _as_bytes(words: dict[str, str]) -> dict[bytes, bytes]:
    return {name.encode(): text.encode() for name, text in words.items()}
