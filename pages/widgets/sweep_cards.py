"""The sweep page's parts: what is swept, the two charts, and the checks."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from core import SWEEP_PRESETS, Experiment
from core.data.datasets import LINES, NETWORK_DATA
from core.drawing.chart_parts import Spec
from core.instruments.sweep.charts import best_by_budget, loss_by_rate
from core.instruments.sweep.scene import SweepScene
from core.instruments.sweep.sweep import beside, grid
from core.words import many, number
from pages.lecture import lock
from pages.session import extras, link, page_charts
from pages.session.link_words import EXTRAS
from pages.widgets import cards, fields, network_controls

_CHECKS = {
    "learned": "Did it learn?",
    "edge": "At the edge?",
    "points": "Enough points?",
    "seeds": "More than luck?",
    "cliff": "A cliff above?",
    "budget": "Same for less time?",
}
_SENSITIVITY = (
    "The mean of min(final loss, first loss) − best loss over all rates and seeds: what is lost by taking some rate of "
    "the sweep in place of the best. Compare update rules by it over ranges equally wide around their own best rate. "
    "Wortsman et al. (2023)."
)


def start_from(presets: Mapping[str, Experiment] = SWEEP_PRESETS) -> None:
    """Experiments worth sweeping."""
    st.markdown("##### Start from")
    fields.presets(presets)
    fields.mark_preset(presets)


def swept(scheduled: bool = True) -> None:
    """What is swept, and how finely. scheduled: whether the schedule is asked for here."""
    st.markdown("##### The sweep")
    _ends()
    extra("rates", "Learning rates", "Even on a log axis. More show the valley more finely.")
    extra("seeds", "Seeds", "Each draws other weights, data and batches. With three or more you see what is luck.")
    network_controls.problem((*LINES, *NETWORK_DATA))
    network_controls.training(measured=False, scheduled=scheduled)


def grid_and_seeds() -> tuple[tuple[float, ...], tuple[int, ...]]:
    """(the learning rates swept, the seeds), as the page and its link ask for them."""
    experiment = link.current()
    rates = grid(min(experiment.learning_rates), max(experiment.learning_rates), extras.whole("rates"))
    return rates, tuple(range(experiment.seed, experiment.seed + extras.whole("seeds")))


def two_rates(rates: tuple[float, ...]) -> bool:
    """Whether there is more than one rate to sweep; where not, the page says so."""
    if rates[0] == rates[-1]:
        words = f"A sweep needs two different rates, got {number(rates[0])} alone: set the lowest and the highest."
        st.warning(words, icon=":material/info:")
    return rates[0] != rates[-1]


def _ends() -> None:
    low, high = min(link.current().learning_rates), max(link.current().learning_rates)
    lock.control("lr", "Learning rates", "lr-lowest", "lr-highest")
    st.session_state["lr-lowest"], st.session_state["lr-highest"] = low, high
    for key, label in (("lr-lowest", "Lowest learning rate"), ("lr-highest", "Highest learning rate")):
        st.number_input(
            label, *fields.ends("learning_rates"), None, key=key, format="%g", step=None, on_change=_take_ends
        )


def _take_ends() -> None:
    low, high = st.session_state["lr-lowest"], st.session_state["lr-highest"]
    if low is None or high is None:
        return
    if low >= high:
        st.session_state.problem = (
            f"the sweep must go from a lower to a higher rate, got {number(low)} to {number(high)}"
        )
        return
    link.change(learning_rates=(low, high))


def extra(name: str, label: str, explanation: str | None = None) -> None:
    """The field of one of the link's EXTRAS."""
    field = EXTRAS[name]
    lock.control(name, label)
    st.session_state[name] = extras.number(name)
    form: dict[str, Any] = {"step": 1} if field.kind is int else {"value": None, "step": None, "format": "%g"}
    st.number_input(
        label, field.low, field.high, key=name, help=explanation, on_change=_take_extra, args=(name,), **form
    )


def _take_extra(name: str) -> None:
    if st.session_state[name] is not None:
        extras.change(name, st.session_state[name])


class SoFar:
    """Loss against rate while a sweep is trained, drawn again with each seed."""

    def __init__(self, rates: int, seeds: int) -> None:
        """rates, seeds: that there will be."""
        self._rates, self._seeds, self._chart, self._words = rates, seeds, st.empty(), st.empty()

    def show(self, scene: SweepScene) -> None:
        """Draw what there is."""
        spec, tables = _loss_chart(scene)
        # The same words each time: with others Streamlit would draw all of it anew.
        self._chart.vega_lite_chart(None, {**spec, "datasets": tables}, alt="Loss against the learning rate, so far.")
        rates, seeds = len(scene.table.learning_rates), len(scene.table.seeds)
        self._words.caption(
            f"So far: {rates} of {many(self._rates, 'learning rate')}, {seeds} of {many(self._seeds, 'seed')}."
        )

    def clear(self) -> None:
        """Take it away: all is trained."""
        self._chart.empty()
        self._words.empty()


def _loss_chart(scene: SweepScene) -> tuple[Spec, dict[str, Any]]:
    """Loss against rate: the chart, and its tables."""
    tested, zoned = scene.held_out.num_rows > 0, scene.zones is not None
    tables = {"curve": scene.curve, "lowest": scene.lowest, "gone": scene.gone, "best": scene.best}
    tables |= {"held_out": scene.held_out} if tested else {}
    tables |= {"zones": scene.zones, "limits": scene.limits} if zoned else {}
    return loss_by_rate(cards.theme(), scene.rates, scene.losses, zoned, tested), tables


def loss_card(scene: SweepScene) -> None:
    """Loss against rate, at the budget the play bar shows."""
    tested, rows = scene.held_out.num_rows > 0, scene.best.to_pylist()
    last = f" After all of them {rows[-1]['words']}, loss {number(rows[-1]['loss'])}." if rows else ""
    rates, seeds = len(scene.table.learning_rates), len(scene.table.seeds)
    words = f"Loss against {many(rates, 'learning rate')} of {many(seeds, 'seed')}, at the epoch shown.{last}"
    zoned = scene.zones is not None
    if zoned:
        cards.zone_legend()
        words += "".join(f" Unstable above the {said}." for said in scene.limits.column("words").to_pylist())
    words = f"{words} {scene.departures()}".strip()
    spec, tables = _loss_chart(scene)
    cards.chart(spec, tables, alt=words, key="sweep", name="Loss against learning rate")
    medians = f", the median of {seeds} seeds; band: from the best to the worst of them" if seeds > 1 else ""
    held = "; dotted: on held-out points" if tested else ""
    st.caption(
        f"Line: the loss at the epoch shown{medians}{held}. :violet[Thin line]: the lowest of all epochs until then, "
        "where it lies below. Green on the axis: rates about as good as the best. Triangles: half of the "
        "seeds or more overflowed or left the chart. The slider shows any budget: nothing is trained again."
    )


def best_side_by_side(scene: SweepScene, experiment: Experiment) -> None:
    """The way on: the best rate in the lab, between a tenth and three times of it."""
    if rows := scene.best.to_pylist():
        rates = beside(rows[-1]["rate"])
        page_charts.code(replace(experiment, learning_rates=rates), f"Of these three: {', '.join(map(number, rates))}.")
        side_by_side(rates, experiment, ", ".join(map(number, rates)))


def side_by_side(rates: tuple[float, ...], experiment: Experiment, named: str) -> None:
    """A link that shows these rates, named so, as lanes."""
    network = experiment.network() is not None
    st.page_link(
        "lab/network/page.py" if network else "lab/compare/page.py",
        label=f":primary[See {named} side by side]",
        icon=":material/arrow_forward:",
        query_params=link.to(replace(experiment, learning_rates=rates)),
    )


def budget_card(scene: SweepScene) -> None:
    """The best rate against the budget."""
    rows = scene.best.to_pylist()
    ends = f" from {number(rows[0]['rate'])} to {number(rows[-1]['rate'])}" if rows else ""
    st.markdown("#### The best rate, by how long you train")
    spec = best_by_budget(cards.theme(), scene.rates, scene.table.epochs)
    alt = f"The best rate against the epochs trained:{ends}."
    cards.chart(spec, {"best": scene.best}, alt=alt, key="budget", name="Best rate against epochs trained")


def checks(scene: SweepScene) -> None:
    """The verdict and its checks, each with its numbers."""
    st.markdown("#### Before you believe it")
    for finding in scene.findings:
        icon = ":material/check_circle:" if finding.well else ":material/error:"
        st.markdown(f"{icon} **{_CHECKS[finding.check]}** {finding.words}")
    st.markdown(
        f":material/straighten: **Sensitivity {number(scene.sensitivity)}**: on average a rate of this sweep ends "
        "this much above the best.",
        help=_SENSITIVITY,
    )


def download(scene: SweepScene) -> None:
    """Every run of the sweep, as a table and as a file."""
    frame = scene.table.frame()
    with st.container(horizontal=True, vertical_alignment="center"):
        as_table = st.toggle("Show the numbers as a table")
        st.download_button(
            "Download CSV",
            lambda: frame.to_csv(index=False),
            "sweep.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
    if as_table:
        st.dataframe(frame, hide_index=True)
