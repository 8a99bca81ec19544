"""Compare learning rates: one model, one start, two to eight rates side by side on the stage, ruler above them."""

import streamlit as st

from core import Experiment
from core.drawing.deck import family
from core.experiment.described import experiment_words
from core.export.line_drawings import drawings
from core.story.lessons import BEGAN
from pages.lab.compare.units import scaling_note
from pages.lab.compare.verdicts import verdicts_of_lanes
from pages.lecture import history, share, slides
from pages.session import link, page_charts, runs, travel
from pages.session.fragments import fragment
from pages.widgets import cards, controls, fields, next_steps
from pages.widgets.stage import stage
from pages.widgets.terms import linked


def lanes() -> None:
    """All that follows the learning rates."""
    experiment = link.current()
    page_charts.later(lambda: to_be_taken(experiment))
    stage(experiment)
    scaling_note(experiment)
    verdicts = verdicts_of_lanes(experiment)
    next_steps.lanes(experiment, verdicts)
    history.note(history.of_lanes(verdicts), runs.run(experiment).history if verdicts else None)
    with slides.slide("what-ran"):
        st.caption(f"**What ran:** {experiment_words(experiment)}")
        cards.parity_receipt(family(experiment), "rates")
        cards.numbers_as_table(lambda: runs.run(experiment).history)
    travel.links()
    fields.mark_preset(controls.presets())


def to_be_taken(experiment: Experiment) -> None:
    """Note the run and its charts: the browser draws its own, from the same run."""
    scene = runs.run(experiment)
    page_charts.run(scene)
    for each in drawings(scene, page_charts.theme()):
        page_charts.chart(each.spec, each.tables, each.words, each.key, each.name)


controls.sidebar()
share.heading(
    "## Learning-Rate Lab\nOne model, one start, different learning rates. Move a rate and see what it does.",
    lesson=(1, "New here? The lessons"),
)
fragment(lanes, fields.shared)
st.caption(linked(BEGAN, "gradient descent", "learning rates"))  # no stop of the Tab key before the first lane
