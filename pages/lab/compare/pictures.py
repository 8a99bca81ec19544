"""The three pictures of a line being fitted: the data, the loss over (w, b), and w against the epoch."""

import streamlit as st

from core import Experiment, overshoot_limit, stability_limit
from core.diagnosis.verdicts import is_plain
from core.drawing import charts
from core.experiment.described import axis_titles
from core.instruments.compare.scene import Scene
from core.words import number
from pages.lecture import lock
from pages.session import uploads
from pages.widgets import cards, controls

_TALLEST = 400  # px of a slide: under it stands where to start
_LOG_AXIS = "The axis is logarithmic beyond ±1, to hold the jumps."


def pictures(scene: Scene) -> None:
    """All three side by side; they follow the scrubber."""
    with cards.side_by_side(290):
        for picture in (_data, _contour, _weight):
            with st.container(gap="xsmall"):
                picture(scene)


def _data(scene: Scene) -> None:
    experiment = scene.history.experiment
    points, (x, y) = experiment.points, scene.data_axes
    x_title, y_title = axis_titles(experiment)
    st.markdown("##### The data and each line")
    cards.lane_legend(scene)
    cards.chart(
        uploads.built(charts.fitted_lines, experiment)(
            cards.theme(), scene.roles, (x.low, x.high), (y.low, y.high), x_title, y_title
        ),
        scene.data_tables,
        alt=f"{points} points, {y_title} against {x_title}, and the line of each lane at the epoch shown.",
        key="fits",
        name="The data and each line",
    )
    uploads.drawn_note(points)


def _contour(scene: Scene) -> None:
    box = scene.box
    places = scene.contour_tables["places"]
    (w0, w1), (b0, b1) = places["w"].to_pylist(), places["b"].to_pylist()
    st.markdown("##### The loss over (w, b)", help="Each ring is a line of equal loss; each path is a lane.")
    cards.lane_legend(scene)
    cards.chart(
        charts.contour(cards.theme(), scene.roles, (box.w.low, box.w.high), (box.b.low, box.b.high)),
        scene.contour_tables,
        alt=f"Rings of equal loss over w and b around the minimum at w = {w1:.4g}, b = {b1:.4g}, and the path of each "
        f"lane from the start at w = {w0:.4g}, b = {b0:.4g}.",
        key="contour",
        name="The loss over (w, b)",
        tallest=_TALLEST,
        on_select=controls.take_contour_click,
        selection_mode="start",
    )
    if not lock.hides("start"):
        st.caption("Click the picture to start there, or give two numbers.")
    controls.start()


def _weight(scene: Scene) -> None:
    assert scene.history.parameters is not None
    axis = scene.weights
    last = ", ".join(f"{w:.4g}" for w in scene.history.parameters[:, -1, 0])
    st.markdown("##### w against the epoch", help="Too high a rate shows here: w jumps from side to side.")
    cards.lane_legend(scene)
    cards.chart(
        charts.weight_curve(
            cards.theme(), scene.roles, axis.low, axis.high, scene.history.experiment.epochs, axis.scale == "symlog"
        ),
        scene.weight_tables,
        alt=f"The slope w of each lane against the epoch. Last values: {last}.",
        key="weights",
        name="w against the epoch",
    )
    st.caption(_what_w_does(scene.history.experiment) + (_LOG_AXIS if axis.scale == "symlog" else ""))


def _what_w_does(experiment: Experiment) -> str:
    """What full-batch gradient descent does to w at these rates; nothing where that is not what ran."""
    fastest, limit = max(experiment.learning_rates), stability_limit(experiment)
    if not is_plain(experiment) or fastest <= overshoot_limit(experiment):
        return ""
    if fastest > limit:
        return f"Above the limit, {number(limit)}, the loss only climbs; it is w that jumps from side to side. "
    return f"Above half the limit, {number(limit / 2)}, w jumps from side to side while the loss falls. "
