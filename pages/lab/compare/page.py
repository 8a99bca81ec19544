"""Compare learning rates: one model, one start, two to eight rates side by side, and the ruler under them."""

import streamlit as st

from core.experiment.described import experiment_words
from pages.lab.compare.pictures import pictures
from pages.lab.compare.ruler import ruler_card, scaling_note
from pages.lecture import share, slides
from pages.session import link, page_charts, runs
from pages.session.fragments import fragment
from pages.widgets import cards, controls, fields
from pages.widgets.scrubber import scrubber


def lanes() -> None:
    """All that follows the learning rates."""
    experiment = link.current()
    scene = runs.run(experiment)
    page_charts.run(scene)
    with st.container(key="scrubber-bar"):
        scrubber(scene.moments)
    cards.in_a_row(scene, cards.lane_card)
    controls.lanes()
    scaling_note(experiment)
    ruler_card(scene)
    pictures(scene)
    with slides.slide("what-ran"):
        st.caption(f"**What ran:** {experiment_words(experiment)}")
        cards.parity_receipt(experiment)
        cards.numbers_as_table(scene.history)
    fields.mark_preset(controls.presets())


controls.sidebar()
share.heading(
    "## Learning-Rate Lab\nOne model, one start, different learning rates. Move a rate and see what it does.",
    lesson=(1, "New here? The story"),
)
fragment(lanes, fields.shared)
