"""Logs to try, each of a real training run and in the form a common tool writes."""

from functools import lru_cache

from ...experiment.experiment import Experiment
from ...training.history import History
from ...training.train import train


@lru_cache(maxsize=1)
def too_high() -> str:
    """The article's line above its limit of 0.0845, as Keras' CSVLogger with the rate written beside it."""
    history = train(Experiment(learning_rates=(0.0875,), epochs=60))
    rows = [f"{epoch},{loss:.6g},0.0875" for epoch, loss in enumerate(history.loss[0])]
    return "\n".join(["epoch,loss,lr", *rows]) + "\n"


@lru_cache(maxsize=1)
def overfitting() -> str:
    """Too few noisy points for exclusive-or, as Lightning's metrics.csv: each validation loss has a row of its own."""
    history = train(Experiment(data="xor", hidden=(8,), noise=0.4, test_share=0.5, learning_rates=(0.5,), epochs=3000))
    assert history.test_loss is not None
    rows = []
    for epoch in range(0, 3001, 30):
        rows += [
            f"{epoch},{epoch},{history.loss[0, epoch]:.6g},",
            f"{epoch},{epoch},,{history.test_loss[0, epoch]:.6g}",
        ]
    return "\n".join(["epoch,step,train_loss,val_loss", *rows]) + "\n"


@lru_cache(maxsize=1)
def several_rates() -> str:
    """One network at four rates, as Weights & Biases exports the runs of a chart: a column each."""
    rates = (0.03, 0.3, 3.0, 30.0)
    history: History = train(Experiment(data="circles", hidden=(8, 8), learning_rates=rates, epochs=1000))
    names = [f"circles-lr={rate:g} - train/loss" for rate in rates]
    head = [f'"{name}{end}"' for name in names for end in ("", "__MIN", "__MAX")]
    rows = []
    for epoch in range(0, 1001, 10):
        cells = [f'"{loss:.6g}"' for loss in history.loss[:, epoch] for _ in range(3)]
        rows.append(",".join([f'"{epoch}"', *cells]))
    return "\n".join([",".join(['"Step"', *head]), *rows]) + "\n"


EXAMPLES = {
    "A rate that is too high": too_high,
    "A plateau, validation rising": overfitting,
    "Four rates from Weights & Biases": several_rates,
}
