"""The network lab: one network, one start, several learning rates, and the sharpness that decides between them."""

from functools import partial

import streamlit as st

from core.experiment.described import experiment_words
from pages.lab.network import by_hand, parts
from pages.lab.network.inside import inside
from pages.lecture import history, share, slides
from pages.session import link, live, page_charts, travel
from pages.session.fragments import fragment
from pages.widgets import cards, controls, fields, network_controls, next_steps
from pages.widgets.play_bar import play_bar
from pages.widgets.terms import linked


def lanes() -> None:
    """All that follows the learning rates."""
    experiment = link.current()
    with st.container():  # there with and without words, so that what follows keeps its place and is not drawn anew
        cards.hide_other_lanes(experiment)
        parts.what_to_look_at(experiment)
    run = live.network(experiment)
    scene = run.scene
    stands = run.run is None and not run.paused  # the play bar, which has words below it
    with st.container(key="play-bar-line", horizontal=True, vertical_alignment="top" if stands else "center"):
        if run.run or run.paused:
            live.bar(run, experiment, partial(by_hand.now, run, experiment))
        if scene is None:
            return
        live_now = not scene.history.finished
        happens = () if live_now else [(event.epoch, event.sentence) for event in scene.events]
        play_bar(scene.moments, live=live_now, words=parts.so_far_in_words(scene), events=happens)
        parts.epoch_axis()
    with st.container():  # there with and without words, as above
        if live_now and scene.events:
            st.caption(scene.events[-1].sentence)
    by_hand.changes(experiment)
    if scene.history.finished:
        page_charts.run(scene)
    cards.in_a_row(scene, parts.lane_card)
    with st.container():  # there with and without links, as above
        if scene.history.finished:
            verdicts = [lane.diagnosis for lane in scene.lanes]
            next_steps.lanes(experiment, verdicts)
            history.note(history.of_lanes(verdicts), scene.history)
    with st.container(horizontal=True, horizontal_alignment="right"):
        if scene.history.finished:
            by_hand.later(experiment)
            by_hand.longer(experiment)
        controls.lanes()
    parts.over_the_run(scene)
    inside(scene, run)
    with slides.slide("what-ran"):
        st.caption(f"**What ran:** {experiment_words(experiment)}")
        parts.odd_data(experiment)
        if scene.history.finished:
            cards.parity_receipt(experiment)
            cards.numbers_as_table(lambda: scene.history)
    travel.links()
    fields.mark_preset(network_controls.presets())


live.begin_ahead(link.current())
network_controls.sidebar()
share.heading(
    linked(
        "## The network lab\nOne network, the same weights to start from, different learning rates.",
        "weights",
        "learning rates",
    ),
    lesson=(6, "New to networks? Lesson 6"),
)
fragment(lanes, fields.shared, every=live.EVERY if live.is_live(link.current()) else None)
