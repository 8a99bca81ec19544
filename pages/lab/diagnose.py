"""Read a log: the losses of somebody's own run, pasted or uploaded, and what they say of its learning rate."""

from __future__ import annotations

import streamlit as st

from core.logs.reading import read_runs
from core.logs.scene import compare, picture
from pages import log_cards, share

share.heading("## Read a log\nThe losses of your own run: what they say of its learning rate, and what to try next.")
log_cards.examples()
runs = log_cards.read(log_cards.given())
if not runs:
    log_cards.formats()
    st.stop()
picked = log_cards.pick(runs)
if not picked:
    st.stop()
alone = len(picked) == 1
left, right = st.columns([2, 1], gap="medium") if alone else (st.container(), st.container())
with left:
    charts = st.container()
    factor, baseline = log_cards.settings()
readings = read_runs(picked, baseline)
drawn = picture(readings, factor)
with charts:
    log_cards.curves(readings, drawn, factor)
with right:
    log_cards.verdicts(readings)
log_cards.comparison(drawn, compared := compare(readings))
with left if alone else st.container():
    if compared is None or drawn.varied:
        log_cards.rates(drawn)
log_cards.as_table(readings)
