"""Compare learning rates: one model, one start, two to eight rates side by side, and the ruler under them."""

from __future__ import annotations

import streamlit as st

from core.export.words import experiment_words
from pages import cards, controls, drawn, fields, lecture, link, present, runs, share
from pages.alone import alone
from pages.pictures import pictures
from pages.ruler import ruler_card
from pages.scrubber import scrubber


def lanes() -> None:
    """All that follows the learning rates."""
    experiment = link.current()
    scene = runs.run(experiment)
    drawn.run(scene)
    with st.container(key="scrubber-bar"):
        scrubber(scene.moments)
    with st.grid(min(4, len(scene.lanes)), min_column_width=250, border=True):
        for lane in range(len(scene.lanes)):
            with st.container(gap="xsmall", key=f"lane-{lane}"):
                cards.lane_card(scene, lane)
    controls.lanes()
    cards.scaling_note(experiment)
    ruler_card(scene)
    pictures(scene)
    with present.slide("what-ran"):
        st.caption(f"**What ran:** {experiment_words(experiment)}")
        cards.parity_receipt(experiment)
        cards.numbers_as_table(scene.history)


controls.sidebar()
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
    st.markdown(
        "## Learning-Rate Lab\nOne model, one start, different learning rates. Move a rate and see what it does."
    )
    with st.container(horizontal=True, vertical_alignment="center", width="content"):
        st.page_link(
            st.session_state.lessons[0],
            label="New here? The story",
            icon=":material/school:",
            query_params=lecture.words(),
        )
        share.button()
alone(lanes, lambda: fields.around(controls.presets()))
