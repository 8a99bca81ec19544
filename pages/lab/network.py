"""The network lab: one network, one start, several learning rates, and the sharpness that decides between them."""

from __future__ import annotations

import streamlit as st

from core.export.words import experiment_words
from pages import (
    cards,
    controls,
    drawn,
    fields,
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
    with st.container():  # there with and without words, so that what follows keeps its place and is not drawn anew
        network_cards.what_to_look_at(experiment)
    scene = runs.run_network(experiment)
    drawn.run(scene)
    with st.container(key="scrubber-bar", horizontal=True, vertical_alignment="center"):
        scrubber(scene.moments)
        network_cards.epoch_axis()
    cards.in_a_row(scene, network_cards.lane_card)
    controls.lanes()
    network_cards.over_the_run(scene)
    inside(scene)
    with present.slide("what-ran"):
        st.caption(f"**What ran:** {experiment_words(experiment)}")
        network_cards.odd_data(experiment)
        cards.parity_receipt(experiment)
        cards.numbers_as_table(scene.history)
    fields.mark_preset(network_controls.presets())


network_controls.sidebar()
share.heading(
    "## The network lab\nOne network, the same weights to start from, different learning rates.",
    lesson=(6, "New to networks? Lesson 6"),
)
alone(lanes, fields.shared)
