"""Lesson 6: a small network's forward pass, loss, every weight's share of the error, and one step; then training."""

import streamlit as st

from core.drawing.axes import Axis
from core.drawing.lines import lines
from core.methods.network import Network
from core.story import exclusive_or
from core.story import input_hidden_output as story
from core.story.exclusive_or import NAMES, TRAINING_STEPS
from core.story.network_chart import network
from core.training.train import TORCH_MISSING, torch_is_installed
from pages.learn import lesson
from pages.learn.gate import gate, predicted
from pages.lecture import slides
from pages.session import runs
from pages.widgets import cards, link_fields
from pages.widgets.dragged import Moved, dragged
from pages.widgets.formula import formula
from pages.widgets.terms import linked

_TALLEST = 700  # px of a slide: four neurons, one above the other


def fields() -> story.Example:
    """Every number of the example."""
    with st.grid(4, min_column_width=120):
        x1 = link_fields.number("net-x1")
        x2 = link_fields.number("net-x2")
        target = link_fields.number("net-target")
        rate = link_fields.number("net-rate")
    seed = int(link_fields.slider("net-seed", "seed of the weights", width=420))
    return story.Example(x1=x1, x2=x2, target=target, learning_rate=rate, seed=seed)


def picture(example: story.Example, stage: str, weight: str | None = None) -> None:
    """The network at this stage."""
    tables, words = story.tables(example, stage, weight), story.in_words(example, stage)
    name = "The network and its numbers"
    cards.chart(network(cards.theme()), tables, alt=words, key="opening", name=name, tallest=_TALLEST)


def bench(example: story.Example) -> None:
    """The stages of one pass: arithmetic on the left, the network on the right."""
    with slides.slide("one-pass"):
        st.markdown(story.STAGES_AHEAD)
        stage = link_fields.choice("net-stage")
        left, right = st.columns([5, 6], gap="medium")
        with left:
            st.markdown(story.stage_words(stage))
            weight = st.selectbox("Look at the weight", story.WEIGHTS, width=260, **link_fields.word("net-weight"))
            for title, parts in story.arithmetic(example, stage, weight):
                formula(title, *parts)
            if words := story.remark(example, stage, weight):
                st.markdown(f"**{words}**")
            if st.toggle("All 13 weights as a table"):
                st.table(story.all_weights(example), hide_index=True)
        with right:
            drawn = runs.once(story.stops, example, stage, weight)
            name = f"The network at stage {stage}"
            dragged("net-x1", example.x1, Moved("network", name, network(cards.theme()), drawn, _TALLEST))
            st.caption(story.legend(stage))


def training(seed: int) -> None:
    """Both loss curves on exclusive-or, the answers they end with, and whether both trainers agree."""
    with st.container(width=260):
        rate = link_fields.number("net-training")
    trained = runs.once(exclusive_or.train_on_xor, seed, rate)
    words, tables = exclusive_or.training_words(trained, rate), exclusive_or.curves(trained)
    x, y = Axis(title="step", low=0, high=TRAINING_STEPS), Axis(title="loss", low=0, high=trained.top)
    left, right = st.columns([6, 5], gap="medium")
    with left:
        spec = lines(cards.theme(), NAMES, ("good", "high"), x, y, marks=len(tables["marks"]) > 0)
        name = "Loss against step on exclusive-or"
        cards.chart(spec, tables, alt=f"{name}. {words}", key="xor", name=name)
    with right:
        st.markdown(words)
        st.table(exclusive_or.answers(trained), hide_index=True)
        st.markdown(exclusive_or.chance_of_learning(runs.once(exclusive_or.seeds_that_learn, rate)))
    if not torch_is_installed():
        st.caption(f"Both trainers can't be compared here. {TORCH_MISSING}.")
        return
    with st.spinner("Training with PyTorch"):
        from core.story import torch_network  # here: the page works where PyTorch is missing

        st.markdown(exclusive_or.agreement_words(runs.once(torch_network.agreement, seed, rate)))


with lesson.lesson("input_hidden_output"):
    share, long_step, no_hidden_layer = runs.once(story.questions)
    figure, text = lesson.situation()
    with text:
        st.markdown(linked(story.OPENING, "neuron", "weight"))
        shown = gate(share)
    with figure:
        answer = predicted(share)
        weight, stage = answer.answer.split(",")[0] if answer else None, story.STAGES[3 if shown else 1]
        picture(story.Example(), stage, weight)
    with text:  # under the picture it would move the text below it on a phone, as it grows
        st.caption(story.legend(stage) + f" Marked: your prediction, **{weight}**." * bool(weight))
    if shown:
        example = fields()
        bench(example)
        gate(long_step)
        st.markdown(exclusive_or.TRAINING)
        if gate(no_hidden_layer):
            training(example.seed)
    with lesson.mathematics():
        for line in story.CHAIN_RULE:
            st.latex(line)
        st.markdown(story.CHAIN_RULE_WORDS)
    lesson.code(Network.forward, Network.backward)
