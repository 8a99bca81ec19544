"""Lesson 8: the four parts that can be swapped, when a falling rate helps, and ten curves to read."""

import inspect

import streamlit as st

from core.drawing.lines import Fields, lines
from core.story import falling_rate
from core.story.falling_rate import NAMES, SEEDS, STYLES
from core.story.lessons import LESSONS
from core.story.what_made_it_deep import RECAP, SWAPPED, four_parts, in_the_lab, swap_question, swapped_curves
from core.words import SKETCH, number
from pages.learn import lesson
from pages.learn.gate import chosen, gate
from pages.learn.quiz import quiz
from pages.session import runs
from pages.session.link_words import short
from pages.widgets import cards, link_fields
from pages.widgets.dragged import Moved, dragged
from pages.widgets.terms import linked

_SWAP_STYLES = ("ink", "one", "five", "three", "high", "two")


def recap() -> None:
    """The story in five lines, each with the way back to its lessons."""
    with st.container(border=True, gap="small"):
        for words, places in RECAP:
            with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall"):
                st.markdown(words, width=560)
                for place in places:
                    st.page_link(
                        st.session_state.lessons[place - 1],
                        label=f":primary[Lesson {place}]",
                        help=LESSONS[place - 1].title,
                    )


def parts() -> None:
    """Model, loss function, optimizer, data: what each is, what swapping it changed, and where to try it."""
    lab = in_the_lab()
    ways = {
        "model": ("lab/network/page.py", "The network lab, on exclusive-or", short(lab["model"])),
        "loss": (st.session_state.lessons[0], "Lesson 1, with the half", {"half": ["true"]}),
        "optimizer": ("lab/compare/page.py", "The lab, with momentum", short(lab["optimizer"])),
        "data": ("lab/compare/page.py", "The lab, on penguins", short(lab["data"])),
    }
    with st.grid(2, min_column_width=300, border=True):
        for card in runs.once(four_parts):
            with st.container(gap="small"):
                st.markdown(f"#### {card.title}\n**{card.what}** {card.swapped}")
                page, label, query = ways[card.part]
                st.page_link(page, label=f":primary[{label}]", icon=":material/arrow_forward:", query_params=query)
    st.caption(
        "In the network lab the loss can be swapped as well, between cross-entropy and the mean squared error; "
        "the half in front of it is lesson 1's."
    )


def schedules() -> None:
    """The two races side by side."""
    noisy, clean = st.columns(2, gap="medium")
    with noisy:
        st.markdown("##### Noisy: mini-batches")
        batch = link_fields.choice("schedule-batch")
        found = runs.once(falling_rate.noisy_race, batch)
        x, y, table = falling_rate.race_picture(found)
        words = falling_rate.race_words(found, y.high)
        spec = lines(cards.theme(), NAMES, STYLES, x, y)
        alt, name = f"Noisy: {words.replace('*', '')}", "Mini-batches: loss against epoch"
        cards.chart(spec, {"curves": table}, alt=alt, key="race-noisy", name=name)
        st.markdown(words)
        st.caption(
            f"Each curve: the median of {SEEDS} draws of noise and order. Heights are above the loss of the best line, "
            f"itself typically {number(found.floor)}."
        )
    with clean:
        st.markdown("##### Clean: every point in each step")
        rate = link_fields.number("schedule-rate")
        stops = runs.once(falling_rate.clean_races, rate)
        spec = lines(cards.theme(), NAMES, STYLES, *falling_rate.CLEAN_AXES, of=Fields(x="epoch"), leaves=True)
        dragged("schedule-rate", rate, Moved("race-clean", "All points: loss against epoch", spec, stops))
    st.markdown(runs.once(falling_rate.conclusion))


with lesson.lesson("what_made_it_deep", "loss", "optimizer"):
    recap()
    figure, text = lesson.situation()
    text.markdown(
        "### Four parts\nDeep learning is not another method. It is the same loop around four parts, and any of "
        "them can be swapped. What made it deep is the first: a model in layers."
    )
    with text:
        question = runs.once(swap_question)
        shown = gate(question)
    with figure:
        axes, tables, words = runs.once(swapped_curves, shown, chosen(question))
        spec = lines(cards.theme(), (*SWAPPED, SKETCH), _SWAP_STYLES, *axes, height=360, marks=True)
        cards.chart(spec, tables, alt=words, key="swaps", name="Loss against epoch, one part swapped")
    if shown:
        parts()
    words = "### Do schedules always help?\nA **schedule** changes the learning rate while training runs."
    st.markdown(linked(words, "schedule"))
    if gate(runs.once(falling_rate.schedule_question)):
        schedules()
    st.markdown("### Ten curves\nReal runs, no labels. What is going on in each?")
    quiz()
    with lesson.mathematics():
        for formula, words in falling_rate.MATHEMATICS:
            st.latex(formula)
            st.markdown(words)
    lesson.code(inspect.getsource(falling_rate.falling) + "\n\n" + inspect.getsource(falling_rate.descend_by))
