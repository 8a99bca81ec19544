"""Charts of the race: a line a runner, an update rule or a schedule, against the learning rate or against the epoch."""

from dataclasses import replace

from ...drawing.axes import Axis
from ...drawing.chart_parts import Spec
from ...drawing.lines import Fields, lines, race_styles


def by_rate(theme: str, names: tuple[str, ...], titles: tuple[str, ...], rates: Axis, losses: Axis) -> Spec:
    """Final loss against learning rate, a line a runner, the best of each marked.

    Tables: rates (runner, rate, loss), best (runner, rate, loss).
    """
    of, styles = Fields("rates", "runner", "rate", "loss"), race_styles(range(len(names)))
    return lines(
        theme, names, styles, rates, replace(losses, title="final loss"), 340, of=of, titles=titles, tips=(), best=True
    )


def by_epoch(theme: str, names: tuple[str, ...], titles: tuple[str, ...], epochs: int, losses: Axis) -> Spec:
    """Loss against epoch, each runner at its own best rate. Table: ways (runner, epoch, loss)."""
    of, styles = Fields("ways", "runner", "epoch", "loss"), race_styles(range(len(names)))
    x = Axis(low=0, high=epochs, title="epoch", scale="symlog")
    return lines(theme, names, styles, x, losses, 340, of=of, titles=titles, tips=(), leaves=True)
