"""How the cost of a run grows, and how well Experiment.seconds foretells it."""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from benchmarks.table import Row, information, median_seconds
from core import Experiment, train

_RATES = [2**k for k in range(10)]  # 1 to 512
_EPOCHS = [100, 316, 1000, 3162, 10_000, 31_623, 100_000]
_KINDS = {
    "the article": Experiment(),
    "200 rates": Experiment(learning_rates=(0.01,) * 200),
    "penguins": Experiment(data="penguins", standardize=True, epochs=500),
    "penguins, 200 rates": Experiment(data="penguins", learning_rates=(1e-9,) * 200, epochs=200),
    "batches of 2": Experiment(batch_size=2, epochs=300),
    "penguins, batches of 32": Experiment(data="penguins", batch_size=32, epochs=50),
    "PyTorch": Experiment(engine="torch", epochs=500),
    "PyTorch, 8 rates": Experiment(engine="torch", learning_rates=(0.01,) * 8, epochs=300),
    "PyTorch, 64 rates": Experiment(engine="torch", learning_rates=(0.01,) * 64, epochs=100),
    "PyTorch, batches of 2": Experiment(engine="torch", batch_size=2, epochs=50),
}


def rows() -> Iterator[Row]:
    """Cost rows of the table."""
    by_rates = [_milliseconds(rates, 1000) for rates in _RATES]
    yield information("cost of 1, 2, .. 512 rates x 1000 epochs", _growth(_RATES, by_rates, "rates"))
    for rates in (1, 3):
        by_epochs = [_milliseconds(rates, epochs) for epochs in _EPOCHS]
        name = f"cost of 1e2, .. 1e5 epochs x {rates} rate" + "s" * (rates > 1)
        yield information(name, _growth(_EPOCHS, by_epochs, "epochs"))
    yield _estimates()


def _milliseconds(rates: int, epochs: int) -> float:
    experiment = Experiment(learning_rates=(0.01,) * rates, epochs=epochs)
    return 1e3 * median_seconds(partial(train, experiment), repeats=max(3, min(11, 20_000 // epochs)))


def _growth(sizes: Sequence[int], milliseconds: Sequence[float], what: str) -> str:
    """First and last time, and the exponent of a power law through the upper half of the sizes."""
    half = len(sizes) // 2
    exponent = np.polyfit(np.log(sizes[half:]), np.log(milliseconds[half:]), 1)[0]
    return f"{milliseconds[0]:.1f} to {milliseconds[-1]:.0f} ms, {what}^{exponent:.2f}"


def _estimates() -> Row:
    """Experiment.seconds decides between cache and progress bar, so a factor of 2 is near enough."""
    ratios = {
        kind: experiment.seconds() / median_seconds(partial(train, experiment), repeats=7)
        for kind, experiment in _KINDS.items()
    }
    low, high = min(ratios, key=ratios.__getitem__), max(ratios, key=ratios.__getitem__)
    return Row(
        name=f"estimated to measured seconds of {len(_KINDS)} kinds of run",
        goal="0.5 to 2",
        measured=f"{ratios[low]:.2f} ({low}) to {ratios[high]:.2f} ({high})",
        reached=ratios[low] >= 0.5 and ratios[high] <= 2,
    )
