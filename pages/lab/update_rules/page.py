"""Update rules: seven ways to use one gradient over a surface, each with what it remembers."""

import streamlit as st

from core import SWEEP_PRESETS
from core.data.surfaces import surface
from core.words import number
from pages.lab.update_rules import parts as parts
from pages.lecture import share, slides
from pages.session import link
from pages.session.lecture_words import presents
from pages.widgets import cards, link_fields
from pages.widgets.play_bar import play_bar
from pages.widgets.terms import linked

share.heading(
    linked(
        "## Optimizers on surfaces\nSeven ways to use the same gradient. The picture shows what each remembers; "
        "each runs at its own learning rate.",
        "gradient",
    )
)
notes, asked = st.container(), link_fields.asked("update-rules")
with slides.slide("the-landscape"):
    name = link_fields.choice("surface")
    chosen = parts.rules()
    mode, momentum, steps = parts.settings()
    land = surface(name)
    shared = parts.own_best(name, chosen[0], momentum, steps)
    if mode == parts.SHARED:
        shared = link_fields.number("rate-all", default=shared, width=240)
    st.caption(f"{land.shape} Height = ${land.formula}$; at {number(land.reached)} or lower it counts as the bottom.")
with st.container(key="play-bar-line"):
    play_bar(parts.stops(steps), "step", first=parts.EARLY)
ways = {}
with cards.side_by_side(260, gap="medium"):
    for rule in chosen:
        with st.container():
            ways[rule] = parts.card(land, rule, mode, shared, momentum, steps)
with notes:
    link_fields.note("update-rules", asked)
parts.legend(ways)
parts.race(land, ways, steps, mode == parts.FAIR)
st.page_link(
    "lab/sweep/page.py",
    label=":primary[Race the rules on data and networks]",
    icon=":material/arrow_forward:",
    query_params=link.to(next(iter(SWEEP_PRESETS.values()))) | {"map": ["3"]},
)
if not presents():  # code that no screen holds
    parts.formulas(chosen)
