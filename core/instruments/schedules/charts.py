"""Charts of a schedule beside the constant rate: loss and learning rate over one and the same axis of epochs."""

from ...drawing.axes import Axis
from ...drawing.chart_parts import Spec
from ...drawing.lines import Fields, lines, race_styles

_MARGIN = 58  # px left of both charts, so that an epoch stands at one place in both
_STYLES = race_styles((0, 5))  # grey and solid for the constant rate, orange and dashed for the schedule
_TIPS = ("epoch", "loss", "rate")


def losses(theme: str, names: tuple[str, ...], titles: tuple[str, ...], epochs: int, y: Axis) -> Spec:
    """Loss against epoch. Table: runs (runner, epoch, loss, rate)."""
    of, x = Fields("runs", "runner", "epoch", "loss"), Axis(low=0, high=epochs, title="epoch")
    options = {"faint": 1.5, "margin": _MARGIN, "leaves": True}
    return lines(theme, names, _STYLES, x, y, 260, of=of, titles=titles, legend=False, tips=_TIPS, **options)


def rates(theme: str, names: tuple[str, ...], titles: tuple[str, ...], epochs: int, highest: float) -> Spec:
    """The learning rate against epoch, with the legend of both charts. Table: runs (runner, epoch, loss, rate)."""
    of, x = Fields("runs", "runner", "epoch", "rate"), Axis(low=0, high=epochs, title="epoch")
    y = Axis(low=0, high=1.05 * highest, title="learning rate")
    return lines(theme, names, _STYLES, x, y, 170, of=of, titles=titles, tips=_TIPS, faint=1.5, margin=_MARGIN)
