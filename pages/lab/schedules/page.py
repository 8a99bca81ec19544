"""Schedules: a learning rate that changes on the way, against the best constant one, with noise and without."""

import streamlit as st

from core import SCHEDULE_PRESETS
from core.experiment.described import experiment_words
from core.instruments.schedules.comparison import CONSTANT, clean, noisy, pays
from core.words import many
from pages.lab.schedules import parts
from pages.lecture import history, share, slides
from pages.session import link, travel
from pages.widgets import sweep_cards
from pages.widgets.terms import linked

with st.sidebar:
    sweep_cards.start_from(SCHEDULE_PRESETS)
    sweep_cards.swept(scheduled=False)
experiment = link.current()
rates, seeds = sweep_cards.grid_and_seeds()

share.heading(
    linked(
        "## Schedules\nA schedule changes the learning rate during training. Does it beat a constant one, each at its "
        "best rate?",
        "schedule",
        "learning rate",
    )
)
if parts.shape() == CONSTANT:
    st.info("Choose a schedule to set against the constant rate.", icon=":material/info:")
    travel.stop()
pair = noisy(experiment), clean(experiment)
asked = parts.asked(rates, seeds)
if asked is None:
    travel.stop()
size = pair[0].batch_size
some = many(size or experiment.points, "point")
titles = f"With noise: {some} in a step", f"Clean: all {experiment.points} points in each step"
compared = parts.compare(parts.Cards(titles, experiment.epochs), pair, rates, seeds, asked)
if compared is None:
    travel.stop()
with slides.slide("what-it-says"):
    parts.what_it_says(compared, pair[0])
parts.formula(experiment.schedule)
history.note(["the schedule pays" if any(map(pays, compared)) else "the schedule does not pay"])
tried = f"{many(len(rates), 'rate')} with {many(len(seeds), 'seed')}"
words = f"{tried}, constant and scheduled; seed {experiment.seed} is drawn"
st.caption(f"**What ran:** {words}; noisy, and clean with the full batch: {experiment_words(pair[0])}")
travel.links()
