"""Diagnose my run: the losses of somebody's own run, pasted or uploaded, and what they say of its learning rate."""

import streamlit as st

from core.instruments.log.reading import read_runs
from core.instruments.log.scene import compare, picture
from pages.lab.diagnose import parts
from pages.lecture import share
from pages.widgets.terms import linked

share.heading(
    linked(
        "## Diagnose my run\nThe losses of your own run: what they say of its learning rate, and what to try next.",
        "losses",
        "learning rate",
    )
)
parts.examples()
runs = parts.read(parts.given())
if not runs:
    parts.formats()
    st.stop()
picked = parts.pick(runs)
if not picked:
    st.stop()
single = len(picked) == 1
left, right = st.columns([2, 1], gap="medium") if single else (st.container(), st.container())
with left:
    charts = st.container()
    factor, baseline = parts.settings()
readings = read_runs(picked, baseline)
drawn = picture(readings, factor)
with charts:
    parts.curves(readings, drawn, factor)
with right:
    parts.verdicts(readings)
parts.comparison(drawn, compared := compare(readings))
with left if single else st.container():
    if compared is None or drawn.varied:
        parts.rates(drawn)
parts.as_table(readings)
