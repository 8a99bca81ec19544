"""Taking a run away: as a table."""

from __future__ import annotations

from urllib.parse import urlencode

from core.datasets import dataset
from core.experiment import Experiment
from core.history import History


def to_csv(history: History) -> str:
    """Every epoch of every lane as CSV: the columns of History.frame, numbers to their last digit.

    The first line, a comment, is the link's query, which makes the same run again.
    """
    query = urlencode(history.experiment.to_query(), doseq=True)
    return f"# {query}\n" + history.frame(points=None).to_csv(index=False)


def experiment_words(experiment: Experiment) -> str:
    """What ran, in one line of Markdown."""
    data = dataset(experiment.data, experiment.seed)
    start = experiment.start or (0.0, 0.0)
    batch = "full batch" if experiment.batch_size is None else f"batches of {experiment.batch_size}"
    rule = f"momentum {experiment.momentum:g}" if experiment.momentum else "gradient descent"
    engine = "PyTorch" if experiment.engine == "torch" else "NumPy"
    epochs = "1 epoch" if experiment.epochs == 1 else f"{experiment.epochs:,} epochs"
    x = "standardised x" if experiment.standardize else "x"
    return (
        f"y = w·{x} + b on {len(data.y)} points, from w = {start[0]:g}, b = {start[1]:g}; "
        f"loss = mean of (y − y_pred)², no half; {rule}, {batch}, {epochs} by {engine} "
        f"in {experiment.precision}."
    )
