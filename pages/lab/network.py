"""The network lab: one network, one start, several learning rates, and the sharpness that decides between them."""

from __future__ import annotations

import streamlit as st

from core.export.words import experiment_words
from pages import (
    cards,
    controls,
    drawn,
    fields,
    lecture,
    link,
    network_cards,
    network_controls,
    present,
    runs,
    share,
)
from pages.alone import alone
from pages.inside import inside
from pages.scrubber import scrubber


def lanes() -> None:
    """All that follows the learning rates."""
    experiment = link.current()
    scene = runs.run_network(experiment)
    drawn.run(scene)
    with st.container(key="scrubber-bar", horizontal=True, vertical_alignment="center"):
        scrubber(scene.moments)
        network_cards.epoch_axis()
    with st.grid(min(4, len(scene.lanes)), min_column_width=250, border=True):
        for lane in range(len(scene.lanes)):
            with st.container(gap="xsmall", key=f"lane-{lane}"):
                network_cards.lane_card(scene, lane)
    controls.lanes()
    network_cards.over_the_run(scene)
    inside(scene)
    with present.slide("what-ran"):
        st.caption(f"**What ran:** {experiment_words(experiment)}")
        network_cards.odd_data(experiment)
        cards.parity_receipt(experiment)
        cards.numbers_as_table(scene.history)


network_controls.sidebar()
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
    st.markdown("## The network lab\nOne network, the same weights to start from, different learning rates.")
    with st.container(horizontal=True, vertical_alignment="center", width="content"):
        st.page_link(
            st.session_state.lessons[5],
            label="New to networks? Lesson 6",
            icon=":material/school:",
            query_params=lecture.words(),
        )
        share.button()
network_cards.what_to_look_at(link.current())
alone(lanes, lambda: fields.around(network_controls.presets()))
