"""Lesson 1: one step of gradient descent by hand, every number editable."""

import streamlit as st

from core.story.one_step import MOST_STEPS, OneStep, challenges, questions, script, stops, window
from core.story.one_step_chart import parabola
from core.story.question import NumberQuestion
from core.words import typed
from pages.learn import lesson
from pages.learn.gate import gate, known, predicted
from pages.session import runs
from pages.session.lecture_words import presents
from pages.widgets import cards, link_fields
from pages.widgets.dragged import Moved, dragged
from pages.widgets.formula import formula
from pages.widgets.terms import linked


def fields() -> OneStep:
    """Every number of the example."""
    with st.grid(4, min_column_width=120):
        x = link_fields.number("x")
        y = link_fields.number("y")
        w = link_fields.number("w")
        rate = link_fields.number("rate")
    # The switch would answer the third question; a link may ask for it.
    shown = known("one-step-half") or "half" in st.query_params
    words = "loss = ½ (y − w x)², as many books write it."
    half = shown and link_fields.switch("half", words)
    return OneStep(x=x, y=y, w=w, learning_rate=rate, half=half)


def arithmetic(step: OneStep, before: float, after: float) -> None:
    """The lines of one step, with their numbers."""
    says, dw, front = float(step.prediction(before)), float(step.gradient(before)), "½ (" if step.half else "("
    formula("prediction", ("w", before), "×", ("x", step.x), "=", ("prediction", says))
    formula("loss", front, ("y", step.y), "−", ("prediction", says), ")² =", ("loss", float(step.loss(before))))
    sign = "−" if step.half else "− 2 ×"
    formula("gradient", sign, ("x", step.x), "× (", ("y", step.y), "−", ("prediction", says), ") =", ("dw", dw))
    formula("update", ("w", before), "−", ("lr", step.learning_rate), "×", ("dw", dw), "=", ("new w", after))
    then = float(step.prediction(after))
    formula("prediction now", ("new w", after), "×", ("x", step.x), "=", ("prediction", then))


def picture(step: OneStep, steps: int, asked: tuple[float, str] | None) -> None:
    """The walk so far on the parabola and on the number line, while the rate is dragged."""
    axes = window(step, step.path(steps))
    if axes is None:
        st.info("These numbers can't be drawn: the loss overflows, or no w is best.")
        return
    spec = parabola(cards.theme(), *(axis.ends for axis in axes))
    walked = runs.once(stops, step, steps, axes, asked)
    dragged("rate", step.learning_rate, Moved("parabola", "Loss against w, with the steps", spec, walked))


def prediction(question: NumberQuestion, step: OneStep) -> tuple[float, str] | None:
    """Where the learner said that w would be, while the numbers are the question's."""
    answer = predicted(question)
    if not answer or step != OneStep():
        return None
    return float(typed(answer.answer).replace(",", "")), f"you predicted {answer.answer}"


with lesson.lesson("one_step"):
    figure, text = lesson.situation()
    words = (
        "A model with one number, **w**. It predicts w x. The **loss** is how wrong it is, squared. The **gradient** "
        "says how steeply the loss rises when w grows. To get better, step against it: **new w = w − learning rate × "
        "gradient**. The learning rate says how long a step."
    )
    text.markdown(linked(words, "loss", "gradient", "learning rate"))
    first, bounce, half = questions()
    step, steps = OneStep(), 1
    with text:
        shown = gate(first)
    if shown:
        with text:
            steps = lesson.stepper("one-step-walk", MOST_STEPS, first=1)
        with figure if presents() else text:  # on a slide what stands below the text would be below the screen
            step = fields()
    with figure:
        asked = prediction(first, step) if shown else (step.w, "w is here. Where after one step?")
        picture(step, steps if shown else 0, asked)
    if shown:
        with text:
            arithmetic(step, *step.path(max(steps, 1)).tolist()[-2:])
        gate(bounce)
        st.markdown("#### Three rates to find\nChange the learning rate until all are ticked.")
        lesson.challenges("one-step", challenges(step))
        gate(half)
    with lesson.mathematics():
        st.latex(r"L(w) = (y - w x)^2 \qquad \frac{dL}{dw} = -2x\,(y - w x) \qquad \frac{d^2L}{dw^2} = 2x^2")
        st.latex(r"w_{k+1} - \tfrac{y}{x} = \left(1 - \mathrm{lr} \cdot 2x^2\right)\left(w_k - \tfrac{y}{x}\right)")
        st.markdown(
            "Each step multiplies the distance to the best w by 1 − lr × curvature. That is 0 at lr = 1 / curvature "
            "(one step), −1 at 2 / curvature (a bounce for ever), and beyond it larger than 1 in size: it explodes."
        )
    lesson.code(script(step, steps))
