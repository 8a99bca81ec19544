"""Line search and adaptive step sizes: exact steps, line searches, Barzilai and Borwein, beside one fixed rate."""

import streamlit as st

from core.diagnosis.alternatives import STEP_COST
from core.drawing.frames import departures
from core.drawing.tables import arrow
from core.instruments.self_choosing import charts as charts
from core.instruments.self_choosing.scene import (
    TITLES,
    WHAT,
    choosing,
    conclusion,
    described,
    loss_axis,
    loss_table,
    rate_axis,
    rate_table,
    standings,
)
from pages.lecture import share, slides
from pages.session import runs
from pages.widgets import cards, link_fields, next_steps
from pages.widgets.rows import rows
from pages.widgets.terms import linked

share.heading(
    linked(
        "## Line search & adaptive steps\nWhy pick one rate at all? These rules choose it again at every step, from "
        "what the loss is like there.",
        "rate",
        "step",
        "loss",
    )
)
notes, asked = st.container(), link_fields.asked("self-choosing")
with slides.slide("the-loss"):
    loss = link_fields.choice("loss-of")
    steps = link_fields.stops("choosing-steps", width=240)
    st.caption(described(loss))
with notes:
    link_fields.note("self-choosing", asked)
found = runs.once(choosing, loss, steps)
names = tuple(found.runs)
titles, places = tuple(TITLES[name] for name in names), tuple(list(TITLES).index(name) for name in names)
said = conclusion(found)
with st.grid(2, min_column_width=420, gap="large"):
    with st.container():
        st.markdown("#### How fast the loss falls")
        spec = charts.losses(cards.theme(), names, titles, places, steps, loss_axis(found))
        left = departures(loss_table(found), loss_axis(found), dict(zip(names, titles, strict=True)), "step")
        words = f"Loss above the lowest against step, a line for each rule. {said.replace('*', '')} {left}".strip()
        tables = {"losses": arrow(loss_table(found))}
        cards.chart(spec, tables, alt=words, key="losses", name="Loss against step, every rule")
        if left:
            st.caption(f"{left} A triangle marks it.")
    with st.container():
        st.markdown("#### The rate of each step")
        spec = charts.rates(cards.theme(), names, titles, places, steps, rate_axis(found), found.limit)
        words = "The learning rate each step was taken at, a line for each rule, and the stability limit where known."
        tables = {"rates": arrow(rate_table(found))}
        cards.chart(spec, tables, alt=words, key="rates", name="Learning rate against step, every rule")
with slides.slide("how-they-stand"):
    st.markdown(f":material/flag: {said}")
    rows(standings(found), "How they stand")
    st.caption(
        f"An evaluation is one computation of the loss. A gradient counts as {STEP_COST}, a pass forward and one back "
        "that costs about two, as in lesson 7. A millionth: of the first loss."
    )
with st.expander("What each rule does", icon=":material/function:"):
    st.markdown("\n\n".join(f"**{TITLES[name]}.** {WHAT[name]}" for name in names))
    st.markdown(
        "Why then does deep learning not use them? With mini-batches the loss and its gradient are noisy, and a rule "
        "that trusts a single look at them can be wrong; with millions of numbers nobody knows the curvatures."
    )
next_steps.to("How is the rate changed where steps are noisy?", "lab/schedules/page.py")
