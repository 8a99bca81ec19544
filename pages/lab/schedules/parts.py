"""The schedules page's parts: which schedule, its comparison with the constant rate, what it is."""

from dataclasses import replace

import streamlit as st

from core import Experiment
from core.drawing.tables import arrow
from core.instruments.schedules import charts
from core.instruments.schedules.comparison import (
    CONSTANT,
    Comparison,
    comparison_pieces,
    conclusion,
    explained,
    joined_comparison,
    loss_axis,
    outcome,
)
from core.methods.schedules import TITLES
from core.words import number
from pages.session import link, page_charts, runs
from pages.widgets import cards

_KEY = "shape"


def shape() -> str:
    """Which schedule is shown: a choice that edits the Experiment's own."""
    names = [name for name in TITLES if name != CONSTANT]
    now = link.current().schedule
    st.session_state[_KEY] = now if now in names else None
    st.pills("Schedule", names, format_func=lambda name: TITLES[name], key=_KEY, on_change=_take)
    return now


def _take() -> None:
    if st.session_state[_KEY] is not None:
        link.change(schedule=st.session_state[_KEY])


def compare(
    experiments: tuple[Experiment, Experiment], rates: tuple[float, ...], seeds: tuple[int, ...]
) -> tuple[Comparison, Comparison] | None:
    """Both comparisons, trained where they are not kept; None, with a sentence on the page, where they can't be."""
    asked = runs.affordable_pieces(
        lambda: [piece for one in experiments for piece in comparison_pieces(one, rates, seeds)]
    )
    if asked is None:
        return None
    done, half = runs.trained(asked), len(asked) // 2
    noisy = joined_comparison(experiments[0], rates, seeds, done[:half])
    clean = joined_comparison(experiments[1], rates, seeds, done[half:])
    if noisy is None or clean is None:
        st.warning("At every one of these rates half of the runs overflow: sweep lower ones.", icon=":material/info:")
        return None
    return noisy, clean


def card(comparison: Comparison, pair: tuple[Comparison, Comparison], experiment: Experiment, title: str) -> None:
    """One comparison: loss and rate over one axis of epochs, and who ended lower."""
    st.markdown(f"#### {title}")
    names, titles = (CONSTANT, comparison.schedule), ("Constant rate", TITLES[comparison.schedule])
    axis, table = loss_axis(pair), arrow(comparison.curves)
    said, key = outcome(comparison), "noisy" if comparison is pair[0] else "clean"
    spec = charts.losses(cards.theme(), names, titles, experiment.epochs, axis)
    words = f"Loss against epoch. {said.replace('*', '')}"
    cards.chart(spec, {"runs": table}, alt=words, key=f"losses-{key}", name=f"Loss. {title}")
    highest = float(comparison.curves["rate"].max())
    spec = charts.rates(cards.theme(), names, titles, experiment.epochs, highest)
    words = (
        f"The learning rate against epoch: constant at {number(comparison.rates[0])}, and {titles[1].lower()} up to "
    )
    cards.chart(spec, {"runs": table}, alt=f"{words}{number(highest)}.", key=f"rates-{key}", name=f"Rate. {title}")
    st.markdown(said)


def what_it_says(pair: tuple[Comparison, Comparison], experiment: Experiment) -> None:
    """Both comparisons in a sentence or two.  experiment: the noisy one, to take the scheduled run away by."""
    best = pair[0].rates[1]
    words = f"Of the noisy run with the schedule, at its best rate, {number(best)}."
    page_charts.code(replace(experiment, learning_rates=(best,), sharpness=0), words)
    st.markdown(f":material/flag: {conclusion(*pair)}")


def formula(schedule: str) -> None:
    """What the schedule does, its formula and its code."""
    words, code = explained(schedule)
    with st.expander(f"{TITLES[schedule]}: the formula, and the code as it ran", icon=":material/code:"):
        st.code(words.strip(), language=None, wrap_lines=True)
        st.code(code.strip(), language="python")
