"""What the scripts of both engines share: the steps they are made of, and how lines are put together."""

import textwrap
from typing import NamedTuple

from ..experiment.experiment import Experiment


class Parts(NamedTuple):
    """The steps of a script, in the order they run; a notebook shows the same, one by one."""

    imports: str
    data: str
    start: str
    train: str


def lines(*pieces: str) -> str:
    """The pieces that say something, one below the other."""
    return "\n".join(piece for piece in pieces if piece)


def indented(text: str, levels: int) -> str:
    """`text` moved to the right, as the body of a loop or a function."""
    return textwrap.indent(text, "    " * levels)


def train_settings(experiment: Experiment) -> list[str]:
    """The lines that name rates, epochs, batch size and penalties, as far as the run has them."""
    settings = [f"learning_rates = {list(experiment.learning_rates)}", f"epochs = {experiment.epochs}"]
    if experiment.steps_per_epoch > 1:
        settings.append(f"batch_size = {experiment.batch_size}")
    sizes = (("l1", experiment.l1), ("l2", experiment.l2))
    return [*settings, *(f"{name} = {size!r}  # of the penalty on weights" for name, size in sizes if size)]


def training(experiment: Experiment, first: list[str], epoch: str, end: str, step: str) -> str:
    """The loop over the rates, and in it the loop over the epochs.

    first: what a rate sets out with.  epoch: what each epoch begins with.  step: one update, which an epoch makes once
    or batch by batch.  end: what is written down when the epochs are over.
    """
    by_batch = experiment.steps_per_epoch > 1
    if by_batch:
        one = indented(lines("batch = rows[i : i + batch_size]", step), 1)
        step = f"rows = order.permutation(len(x))\nfor i in range(0, len(x), batch_size):\n{one}"
    body = lines(
        *first,
        "order = np.random.default_rng(seed)  # again: every rate sees the same batches" if by_batch else "",
        "losses[lr] = []",
        f"for epoch in range(epochs):\n{indented(lines(epoch, step), 1)}",
        end,
    )
    return lines(
        "losses = {}  # of every rate, after 0, 1, ... epochs",
        "test_loss = {}  # of every rate, in the end" if experiment.test_share else "",
        f"for lr in learning_rates:\n{indented(body, 1)}",
    )
