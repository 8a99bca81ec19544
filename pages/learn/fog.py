"""Lesson 2: walk down a hidden landscape with nothing but height and slope, then lift the fog."""

import inspect

import streamlit as st

from core.data.surfaces import DEFAULT_CONDITION, surface
from core.methods.descent import descend
from core.story import fog
from core.story.fog_chart import ground, heights, land, plateau, two_walkers
from pages.learn import kept, lesson
from pages.learn.gate import chosen, gate
from pages.session import runs
from pages.widgets import cards, link_fields
from pages.widgets.dragged import Moved, dragged
from pages.widgets.formula import formula
from pages.widgets.terms import linked

LIFTED, RATE = "-lifted", "fog-rate"


def choose() -> tuple[fog.Walk, str]:
    """The walk on the chosen surface, and what it is kept as: each surface keeps its own."""
    name, condition = link_fields.choice("fog-surface"), DEFAULT_CONDITION
    if name == "ravine":
        words = "Condition number: how many times as strongly the ground bends across the ravine as along it"
        condition = int(link_fields.slider("fog-condition", words))
    key = f"fog-{name}-{condition:g}"
    return runs.once(fog.retraced, name, condition, tuple(kept.legs(key))), key


def take(walk: fog.Walk, key: str) -> None:
    """This is the walk now."""
    kept.walked(key, walk.legs)


def go(walk: fog.Walk, key: str, steps: int) -> None:
    """Walk on, at the rate that stands in the field at the moment the button is pressed."""
    take(walk.on(st.session_state[RATE], steps), key)


def feet(walk: fog.Walk, key: str, best: fog.Fixed | None) -> None:
    """What the walker knows: the height, the slope, how far the next step would lead, and the heights so far."""
    rate = link_fields.number(RATE)
    with st.container(horizontal=True):
        st.button("Walk one step", type="primary", on_click=go, args=(walk, key, 1), disabled=walk.ended)
        st.button("Walk ten steps", on_click=go, args=(walk, key, 10), disabled=walk.ended)
        st.button("Walk 100", on_click=go, args=(walk, key, 100), disabled=walk.ended)
        st.button("Step back", on_click=take, args=(walk.back(), key), disabled=not walk.steps)
        st.button("Start again", type="tertiary", on_click=take, args=(walk.anew(), key), disabled=not walk.steps)
    (w, b), (move_w, move_b) = walk.slope, walk.move(rate)
    with st.container(gap=None):
        formula(f"at step {walk.steps:,}", ("height", walk.height))
        if not walk.overflowed:
            formula("slope", ("along w", w), ("along b", b))
            formula("next step", "− ", ("rate", rate), "× slope =", ("along w", move_w), ("along b", move_b))
    st.markdown(fog.status(walk, rate))
    axes = fog.axes(walk, best)
    spec, tables = heights(cards.theme(), best is not None, *axes), fog.height_tables(walk, best, *axes)
    cards.chart(spec, tables, alt=fog.in_words(walk), key="fog-heights", name="Height against step")


def view(walk: fog.Walk, key: str, best: fog.Fixed | None) -> None:
    """The fog with the way downhill; once it is lifted the map, with both paths and the score."""
    theme, here = cards.theme(), walk.land
    if best:
        spec, words = land(theme, here.w_range, here.b_range), fog.score(walk, best)
        tables, alt = fog.map_tables(walk, best), f"Map: {here.shape} {words}"
        cards.chart(spec, tables, alt=alt, key="fog-map", name="Both walks on the map of w and b")
        st.markdown(f"**{words}** {fog.comparison(walk, best)}\n\n{here.shape}")
    else:
        words, name = fog.downhill(walk), "The way downhill in w and b"
        cards.chart(ground(theme), fog.ground_table(walk), alt=words, key="fog-ground", name=name)
        st.markdown(words)
    label, icon = ("Back into the fog", "foggy") if best else ("Lift the fog", "landscape")
    st.button(label, icon=f":material/{icon}:", on_click=kept.move, args=(key + LIFTED, int(best is None)))


with lesson.lesson("fog", "Gradient descent"):
    figure, text = lesson.situation()
    words = (
        "You stand on a mountain in fog. Its height is the **loss**. You know how high you stand and how the ground "
        "slopes under your feet, nothing else. One step goes downhill, **rate × slope** far; choose the rate."
    )
    text.markdown(linked(words, "loss", "rate"))
    steep, limit, level = runs.once(fog.questions)
    with text:
        shown = gate(steep)
    with figure:
        tables, words = fog.two_walkers(shown, chosen(steep))
        cards.chart(
            two_walkers(cards.theme()), tables, alt=words, key="fog-walkers", name="Slopes at two places (w, b)"
        )
    if shown:
        walk, key = choose()
        lifted = kept.place(key + LIFTED, 0)
        best = runs.trained_once(fog.best_fixed, walk.name, walk.condition) if lifted else None
        left, right = st.columns([6, 5], gap="medium")
        with left:
            feet(walk, key, best)
        with right:
            view(walk, key, best)
        st.markdown("#### Three walks to find")
        lesson.challenges("fog", fog.challenges(walk))
        if gate(limit):
            ravine, rate = surface("ravine"), st.session_state[RATE]
            spec = land(cards.theme(), ravine.w_range, ravine.b_range, alone=True)
            name, stops = "Steps through the ravine of w and b", runs.once(fog.through_the_ravine, rate)
            dragged(RATE, rate, Moved("fog-ravine", name, spec, stops))
        axes, tables, words = runs.once(fog.over_the_saddle, gate(level))
        spec = plateau(cards.theme(), *axes)
        cards.chart(spec, tables, alt=words, key="fog-saddle", name="Height against step by a saddle")
    with lesson.mathematics():
        st.markdown(fog.mathematics())
    lesson.code(inspect.getsource(descend))
