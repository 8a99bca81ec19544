"""The sweep page's second and third view: learning rate x batch size, learning rate x width."""

import streamlit as st

from core import Experiment
from core.drawing.chart_parts import Spec
from core.drawing.tables import Table, arrow
from core.instruments.maps.charts import rate_map
from core.instruments.maps.maps import KNOBS, RateMap, best_rates, cells, choices, conclusion, joined_map, map_pieces
from core.instruments.sweep.sweep import Piece
from core.words import many, number
from pages.lab.sweep.race_view import KINDS
from pages.lecture import lock
from pages.session import extras, runs
from pages.widgets import cards, next_steps
from pages.widgets.affordable import affordable_pieces

_VIEWS = ("Learning rate", "Rate × batch size", "Rate × width", *KINDS.values())
_KNOBS = (None, *KNOBS, *KINDS)


def view() -> str | None:
    """What the page shows: None for the rate alone, the knob it is crossed with, or what is raced."""
    lock.control("map", "What is swept", "view")
    st.session_state["view"] = extras.whole("map")
    st.segmented_control(
        "What is swept",
        range(len(_VIEWS)),
        format_func=lambda place: _VIEWS[place],
        required=True,
        key="view",
        label_visibility="collapsed",
        on_change=_take_view,
    )
    return _KNOBS[extras.whole("map")]


def _take_view() -> None:
    if (place := st.session_state["view"]) is not None:
        extras.change("map", place)


def rate_map_card(experiment: Experiment, knob: str, rates: tuple[float, ...], seeds: tuple[int, ...]) -> None:
    """Train it, draw it, and say how the best rate moves."""
    asked = affordable_pieces(experiment, lambda one: map_pieces(one, knob, rates, seeds))
    if asked is None:
        return
    chart, words = st.empty(), st.empty()

    def so_far(done: list[Piece]) -> None:
        if len(done) < len(asked) / len(choices(experiment, knob)):
            return  # not even the first row
        there = joined_map(experiment, knob, rates, seeds, done)
        spec, tables = _chart(there, experiment, rates)
        chart.vega_lite_chart(None, {**spec, "datasets": tables}, alt="The map so far, row by row.")
        words.caption(f"So far, {len(there.values)} of {len(choices(experiment, knob))} rows.")

    found = joined_map(experiment, knob, rates, seeds, runs.trained(asked, so_far))
    chart.empty()
    words.empty()
    _draw(found, experiment, rates)
    st.markdown(f":material/straighten: {conclusion(found)}")
    medians = f", the median of {len(seeds)} seeds" if len(seeds) > 1 else ""
    st.caption(
        f"Colour: final loss{medians}, after {many(experiment.epochs, 'epoch')}; dark is low. "
        "Dots: the best rate of each row, lines: the rates about as good. "
        + ("The same epochs for all, so small batches make more steps." if knob == "batch_size" else "")
    )
    next_steps.carry("Is the best rate of one row more than luck?", "sweep")


def _chart(found: RateMap, experiment: Experiment, rates: tuple[float, ...]) -> tuple[Spec, dict[str, Table]]:
    """The map, with room for all rows there will be, and its tables."""
    table, losses = cells(found)
    spec = rate_map(cards.theme(), KNOBS[found.knob], choices(experiment, found.knob), rates, losses)
    return spec, {"cells": arrow(table), "best": arrow(best_rates(found))}


def _draw(found: RateMap, experiment: Experiment, rates: tuple[float, ...]) -> None:
    best = best_rates(found)
    ends = best.iloc[[0, -1]]["rate"].tolist() if len(best) else [float("nan")] * 2
    words = (
        f"Final loss over {len(rates)} learning rates and {len(found.values)} values of the {KNOBS[found.knob]}; the "
        f"best rate is {number(ends[0])} at the least and {number(ends[1])} at the most of them."
    )
    spec, tables = _chart(found, experiment, rates)
    cards.chart(spec, tables, alt=words, key="rate-map", name=f"Loss over learning rate and {KNOBS[found.knob]}")
