"""Lesson 7's last parts: one gradient step timed at every size, and older methods that hardly need a gradient."""

import time

import streamlit as st

from core.story import traditional, without_gradients_chart
from core.story import without_gradients as story
from core.training import train
from pages.learn.gate import gate
from pages.lecture import slides
from pages.session import runs
from pages.widgets import cards
from pages.widgets.rows import rows


def clock() -> None:
    """Time one gradient step at every size when asked to; then ask; then show."""
    if not train.torch_is_installed():
        st.info(f"{train.TORCH_MISSING}. Only this timing needs it.")
        return
    if st.button("Time it on this machine", icon=":material/timer:", type="primary"):
        with st.spinner("Loading PyTorch"):
            from core.story import torch_scale
        bar, taken = st.progress(0.0), []
        for place, hidden in enumerate(story.HIDDEN):
            bar.progress(place / len(story.HIDDEN), f"{story.parameters_of(hidden):,} parameters")
            # A class that presses together shares one minute's measurement, else it would time its own crowd.
            taken.append(runs.trained_once(torch_scale.timing, hidden, int(time.time() // 60)))
        bar.empty()
        st.session_state["timings"] = tuple(taken)
    if (timings := st.session_state.get("timings")) and gate(story.longer(timings)):
        spec = without_gradients_chart.scale(cards.theme(), story.SCALED)
        tables, alt = story.scale_tables(timings), story.scale_alt(timings)
        cards.chart(spec, tables, alt=alt, key="scale", name="Seconds against parameters")
        for column, words in zip(st.columns(2, gap="medium"), (story.timings_table, story.scale_words), strict=True):
            column.markdown(words(timings))


def older_methods() -> None:
    """A tree, neighbours and naive Bayes beside a network: what each keeps, how it is found, how well it does."""
    st.markdown(f"#### Methods that hardly need a gradient\n{traditional.TEXT}")
    found = runs.trained_once(traditional.methods)
    rows(traditional.rows(found), "What each method keeps")
    with slides.slide("what-a-gradient-needs"):
        st.markdown(traditional.conclusion(found))
