"""Lesson 4: what rates too high and too low do, the limit known beforehand, and where zig-zags come from."""

import inspect

import streamlit as st

from core.drawing.charts import COLOURS, DASHES, loss_curve
from core.story import maps
from core.story import too_high_too_low as story
from core.words import number
from pages.learn import lesson, zigzag
from pages.learn.gate import chosen, gate
from pages.session import runs
from pages.widgets import cards, link_fields
from pages.widgets.dragged import Moved, dragged
from pages.widgets.formula import formula


def draw(card: story.Card, key: str) -> None:
    """One rate's curve, with its verdict as the lab gives it."""
    role, title, rate = card.diagnosis.role, card.diagnosis.title, number(card.rate)
    colour = COLOURS[role][0]
    cards.card_title(f"rate {rate}", colour, title)
    cards.chart(
        loss_curve(cards.theme(), DASHES[role], colour, card.low, card.high, card.epochs),
        {"curve": card.curve, "exit": card.exit},
        alt=f"Loss against epoch at rate {rate}: it {card.ended}. {card.diagnosis.reason}",
        key=key,
        name=f"Loss against epoch at rate {rate}",
    )


def the_article() -> bool:
    """The article's three rates; whether they are shown."""
    question = runs.once(story.article_question)
    st.markdown("#### Three rates from an article")  # above both: on slides it begins one, with the picture
    figure, text = lesson.situation()
    with text:
        shown = gate(question)
    found = runs.once(story.article)
    with figure:
        axes, curves, marks, words = runs.once(story.at_rate_one, shown, chosen(question))
        st.markdown("**The loss at rate 1**")
        name = "The question: loss against epoch at rate 1"
        zigzag.picture(curves, ("high", "two"), *axes, alt=words, key="rate-1", name=name, marks=marks, height=300)
    if not shown:
        return False
    with st.grid(3, min_column_width=260, gap="medium"):
        for card in reversed(found.cards):
            with st.container():
                draw(card, f"article-{card.rate:g}")
                st.markdown(f"The loss {card.ended}.")
    with st.grid(2, min_column_width=320, gap="medium"):
        zigzag.belief(found.zigzag)
        zigzag.belief(found.smaller)
    return True


def the_limit() -> bool:
    """Theory's limit beside the measured one, and any rate to try; whether they are shown."""
    st.markdown("#### The limit, known before the first step")
    if not gate(runs.once(story.limit_question)):
        return False
    left, right = st.columns([5, 6], gap="medium")
    with left:
        rate = link_fields.number("try-rate", "Any number. Find one just below the limit.")
        tried = runs.once(story.trial, rate)
        steepest = runs.once(story.limit).steepest
        formula("at the steepest", ("lr", rate), "×", ("curvature", steepest), "=", ("", tried.product))
        st.markdown(f"**Theory:** {tried.fate}\n\n**The run:** {tried.happened}")
    with right:
        if found := runs.once(story.trials, rate):
            axis, stops = found
            spec = loss_curve(cards.theme(), DASHES["good"], COLOURS["low"][0], *axis.ends, story.TRIED_EPOCHS)
            dragged("try-rate", rate, Moved("tried", "Loss against epoch at the tried rate", spec, stops))
        elif tried.card:
            draw(tried.card, "tried")
    return True


def no_nan() -> bool:
    """A run that looks stable, until it overflows."""
    st.markdown("#### No NaN does not mean stable\nNaN, not a number, is what ∞ − ∞ comes to once numbers overflow.")
    found = runs.trained_once(story.slow_explosion)
    left, right = st.columns([3, 2], gap="medium", vertical_alignment="center")
    with left:
        name = "Loss against epoch of a slow explosion"
        alt, key = found.words, "slow-explosion"
        zigzag.picture(found.curve, ("high",), *found.axes, alt=alt, key=key, name=name, marks=found.marks)
    with right:
        zigzag.belief(found.words)
    return True


with lesson.lesson("too_high_too_low", "divergence"):
    # What comes after a question is shown once it is answered.
    all(section() for section in (the_article, the_limit, no_nan, *zigzag.SECTIONS))
    with lesson.mathematics():
        st.latex(r"L(p) = \tfrac12\,(p - p^*)^\top H\,(p - p^*) \qquad p_{k+1} - p^* = (I - \mathrm{lr}\,H)(p_k - p^*)")
        st.markdown(
            "Along an eigenvector of H with curvature λ each step multiplies the error by 1 − lr λ, and its share of "
            "the loss by (1 − lr λ)². Below lr = 2 / λ max every share falls in every step; above it the steepest "
            "share grows, while its error flips sides. A sum of such shares is convex in the number of steps, so the "
            "loss of a bowl turns at most once. With momentum, mini-batches or another loss this proof ends."
        )
        st.latex(
            r"w_{k+1} = w_k - \mathrm{lr}\,(w_k^3 - w_k): \quad 1 \to 2 \text{ values at } \mathrm{lr} = 1, "
            r"\quad 2 \to 4 \text{ at } \sqrt5 - 1 \approx 1.236"
        )
    lesson.code(inspect.getsource(maps.settled) + "\n\n" + inspect.getsource(maps.bifurcation))
