"""The three pictures of a line being fitted: the data, the loss over (w, b), and w against the epoch."""

from __future__ import annotations

import streamlit as st

from core import History, charts, dataset, frames
from pages import cards, controls


def pictures(history: History, roles: tuple[str, ...]) -> None:
    """All three side by side; they follow the scrubber."""
    with st.grid(3, min_column_width=290):
        with st.container(gap="xsmall"):
            _data(history, roles)
        with st.container(gap="xsmall"):
            _contour(history, roles)
        with st.container(gap="xsmall"):
            _weight(history, roles)


def _data(history: History, roles: tuple[str, ...]) -> None:
    experiment = history.experiment
    data = dataset(experiment.data, experiment.seed)
    x, y = frames.data_axes(experiment)
    x_title = cards.with_units(data.x_name, "standardised" if experiment.standardize else data.x_units)
    y_title = cards.with_units(data.y_name, data.y_units)
    st.markdown("##### The data and each line")
    cards.chart(
        charts.fitted_lines(cards.theme(), roles, (x.low, x.high), (y.low, y.high), x_title, y_title),
        {"points": frames.points(experiment), "fits": frames.fits(history)},
        alt=f"{len(data.y)} points, {y_title} against {x_title}, and the line of each lane at the epoch shown.",
        key="fits",
    )


def _contour(history: History, roles: tuple[str, ...]) -> None:
    experiment = history.experiment
    box = frames.contour_box(experiment)
    places = frames.places(experiment)
    (w0, b0), (w1, b1) = places[["w", "b"]].to_numpy().tolist()
    st.markdown("##### The loss over (w, b)", help="Each ring is a line of equal loss; each path is a lane.")
    cards.chart(
        charts.contour(cards.theme(), roles, (box.w.low, box.w.high), (box.b.low, box.b.high)),
        {
            "contours": frames.contours(experiment, box),
            "cells": frames.cells(box),
            "paths": frames.paths(history, box),
            "places": places,
        },
        alt=f"Rings of equal loss over w and b around the minimum at w = {w1:.4g}, b = {b1:.4g}, and the path of each "
        f"lane from the start at w = {w0:.4g}, b = {b0:.4g}.",
        key="contour",
        on_select=controls.take_contour_click,
        selection_mode="start",
    )
    st.caption("Click the picture to start there, or give two numbers.")
    controls.start()


def _weight(history: History, roles: tuple[str, ...]) -> None:
    assert history.parameters is not None
    axis = frames.weight_axis(history)
    last = ", ".join(f"{w:.4g}" for w in history.parameters[:, -1, 0])
    st.markdown("##### w against the epoch", help="Too high a rate shows here: w jumps from side to side.")
    cards.chart(
        charts.weight_curve(cards.theme(), roles, axis.low, axis.high, history.experiment.epochs, axis.symlog),
        {"weights": frames.weights(history, axis)},
        alt=f"The slope w of each lane against the epoch. Last values: {last}.",
        key="weights",
    )
    st.caption(
        "Where a rate is too high, the loss only climbs; it is w that jumps from side to side."
        + (" The axis is logarithmic beyond ±1, to hold the jumps." if axis.symlog else "")
    )
