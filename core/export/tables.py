"""A run as a table to take away: CSV and Parquet, each with what makes the same run again."""

import io

import pyarrow as pa

from ..experiment.experiment import Experiment
from ..training.history import History
from ..training.train import train
from .experiment_json import query, to_json


def trained_csv(experiment: Experiment) -> str:
    """`to_csv` of the run, trained anew: a page keeps no more of a long one than it draws."""
    return to_csv(train(experiment))


def trained_parquet(experiment: Experiment) -> bytes:
    """`to_parquet` of the run, trained anew."""
    return to_parquet(train(experiment))


def to_csv(history: History) -> str:
    """Every epoch of every lane as CSV: the columns of History.frame, numbers to their last digit.

    The first line, a comment, is the link's query, which makes the same run again.
    """
    return f"# {query(history.experiment)}\n" + history.frame(points=None).to_csv(index=False)


def to_parquet(history: History) -> bytes:
    """The same table as Parquet.

    The metadata of its schema holds the experiment under "experiment", as `to_json` writes it, and under "query" what
    a link to it says after its question mark.
    """
    from pyarrow import parquet  # here: pages that offer the file need it only when it is asked for

    table = pa.Table.from_pandas(history.frame(points=None), preserve_index=False)
    ours = {"experiment": to_json(history.experiment), "query": query(history.experiment)}
    file = io.BytesIO()
    parquet.write_table(table.replace_schema_metadata((table.schema.metadata or {}) | _as_bytes(ours)), file)
    return file.getvalue()


def _as_bytes(words: dict[str, str]) -> dict[bytes, bytes]:
    return {name.encode(): text.encode() for name, text in words.items()}
