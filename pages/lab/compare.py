"""Compare learning rates: one model, one start, two to eight rates side by side, and the ruler under them."""

from __future__ import annotations

import streamlit as st

from core.export.words import experiment_words
from pages import cards, controls, drawn, fields, link, present, runs, share
from pages.alone import alone
from pages.pictures import pictures
from pages.ruler import ruler_card, scaling_note
from pages.scrubber import scrubber


def lanes() -> None:
    """All that follows the learning rates."""
    experiment = link.current()
    scene = runs.run(experiment)
    drawn.run(scene)
    with st.container(key="scrubber-bar"):
        scrubber(scene.moments)
    cards.in_a_row(scene, cards.lane_card)
    controls.lanes()
    scaling_note(experiment)
    ruler_card(scene)
    pictures(scene)
    with present.slide("what-ran"):
        st.caption(f"**What ran:** {experiment_words(experiment)}")
        cards.parity_receipt(experiment)
        cards.numbers_as_table(scene.history)
    fields.mark_preset(controls.presets())


controls.sidebar()
share.heading(
    "## Learning-Rate Lab\nOne model, one start, different learning rates. Move a rate and see what it does.",
    lesson=(1, "New here? The story"),
)
alone(lanes, fields.shared)
