"""Every loss curve of a run in one picture: by matplotlib where it is installed, else by Altair; and as a file."""

from importlib.util import find_spec
from typing import Any

import numpy as np

from ..drawing.charts import all_losses, lane_looks
from ..drawing.frames import Columns, curves, exits, loss_axis
from ..training.history import History
from ..words import LANE_LETTERS, number
from .chart_files import WIDTH, Drawing, embedded


def plot(history: History) -> Any:
    """The picture, for a notebook to display: matplotlib's Axes where it is installed, else an Altair chart.

    The axis is the lab's: up to 1,000 times the first loss. A curve that goes beyond is cut and marked there.
    """
    return _by_matplotlib(history) if find_spec("matplotlib") else _by_altair(history)


def check_window() -> None:
    """Raises ValueError, with the remedy, without matplotlib, or where it can open no window."""
    if not find_spec("matplotlib"):
        raise ValueError("--plot needs matplotlib: pip install matplotlib, or write --png > losses.png")
    from matplotlib import pyplot  # here: an environment may have none

    if pyplot.get_backend().lower() == "agg":  # what it falls back to without a display
        raise ValueError("--plot: no window can be opened here; write --png > losses.png")


def show_in_window(history: History) -> None:
    """Show the picture in a window until it is closed, where `check_window` is content."""
    from matplotlib import pyplot  # here: an environment may have none

    plot(history)
    pyplot.show()


def loss_drawing(history: History) -> Drawing:
    """The picture as a chart, for a file."""
    axis = loss_axis(history)
    spec = all_losses("light", len(history.loss), axis.low, axis.high, history.experiment.epochs)
    drawn, left = _tables(history)
    lanes = dict(zip(LANE_LETTERS, _names(history, left), strict=False))
    words = "Loss against epoch: " + "; ".join(f"lane {letter}, {name}" for letter, name in lanes.items()) + "."
    return Drawing(
        key="losses",
        name="Loss of every learning rate",
        words=words,
        spec=spec,
        tables={"curves": drawn, "exits": left},
        lanes=lanes,
    )


def _tables(history: History) -> tuple[Columns, Columns]:
    """The curves, and where they leave; of a light run at the epochs it kept."""
    axis, kept = loss_axis(history), history.epochs
    drawn, left = curves(history, axis), exits(history, axis)
    if kept is not None:
        drawn["epoch"] = kept[drawn["epoch"]]
        left["epoch"] = np.interp(left["epoch"], np.arange(len(kept)), kept)
        left["words"] = np.array([f"left by epoch {kept[at]:,}" for at in left["left"]])
    return drawn, left


def _names(history: History, left: Columns) -> list[str]:
    """What each curve is called, and where it left the chart, if it did."""
    gone = {lane: f", {words}" for lane, words in zip(left["lane"], left["words"], strict=True)}
    rates = zip(LANE_LETTERS, history.experiment.learning_rates, strict=False)
    return [f"learning rate {number(rate)}{gone.get(lane, '')}" for lane, rate in rates]


def _by_matplotlib(history: History) -> Any:
    from matplotlib import pyplot  # here: an environment may have none

    axis, (_, axes) = loss_axis(history), pyplot.subplots()
    drawn, left = _tables(history)
    for lane, name in enumerate(_names(history, left)):
        dash, colour = lane_looks(lane, "light")
        own, gone = (table["lane"] == LANE_LETTERS[lane] for table in (drawn, left))
        line = (0, dash) if len(dash) > 2 or dash[1] else "-"
        axes.plot(drawn["epoch"][own], drawn["loss"][own], color=str(colour), linestyle=line, label=name)
        for epoch, edge in zip(left["epoch"][gone], left["loss"][gone], strict=True):
            axes.plot(epoch, edge, "v" if edge == axis.low else "^", color=str(colour), clip_on=False)
    axes.set(xscale="symlog", yscale="log", xlabel="epoch", ylabel="loss")
    axes.set(xlim=(0, history.experiment.epochs), ylim=axis.ends)
    axes.legend()
    return axes


def _by_altair(history: History) -> Any:
    import altair  # here: what draws by matplotlib needs none

    return altair.Chart.from_dict(embedded(loss_drawing(history), "light") | {"width": WIDTH, "height": 320})
