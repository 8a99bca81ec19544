"""Lesson 5's part in PyTorch: the loop call by call with any one left out, and the article's program."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.drawing.axes import Axis
from core.drawing.lines import lines
from core.story import backpropagation as story
from pages.learn import lesson
from pages.learn.gate import gate
from pages.session import runs
from pages.widgets import cards, link_fields

_PROGRAM = (
    "#### The same as a program\n"
    "This is how one writes it. `nn.Linear(1, 1)` holds w and b, `nn.MSELoss()` is the mean squared error, and "
    "`torch.optim.SGD` is the update rule. **Autograd** is PyTorch's backpropagation: it notes down what is computed "
    "from w and b, and `loss.backward()` goes back over the notes."
)


def over_steps(unit: str, curves: Mapping[str, Any], styles: tuple[str, ...], loss: Axis, key: str) -> None:
    steps = Axis(title=unit, low=0, high=max(map(len, curves.values())) - 1)
    spec = lines(cards.theme(), tuple(curves), styles, steps, loss, height=380)
    name = f"Loss against {unit}, a call left out"
    cards.chart(spec, {"curves": story.loss_table(curves)}, alt=story.loss_words(curves), key=key, name=name)


def call_by_call() -> None:
    """PyTorch's loop, call by call, with any one call left out."""
    from core.story.torch_backpropagation import run_loop

    whole = runs.once(run_loop)
    if gate(story.piling_question(whole, runs.once(run_loop, "zero_grad"))):
        left_out = link_fields.choice("backprop-leave-out")
        loop = runs.once(run_loop, left_out)
        at = lesson.stepper(f"backprop-calls-{left_out}", len(loop.calls), first=1, unit="call")
        here, (left, right) = story.after_call(loop, at), st.columns(2, gap="medium")
        with left:
            st.code(here.code, language="python")
            st.markdown(f"{here.tensors}\n\n{here.words}")
        with right:
            curves = story.curves(whole, loop)
            span = Axis(title="loss", low=0, high=1.15 * max(map(max, curves.values())))
            over_steps("epoch", curves, ("good", "high")[: len(curves)], span, "backprop-loop")
            st.markdown(story.verdict(whole, loop))
        article_program()


def article_program() -> None:
    """The program beside what it printed, and the curve of the losses that it appended."""
    from core.story.torch_program import run

    st.markdown(_PROGRAM)
    left, right = st.columns([6, 5], gap="medium")
    with right:
        found = runs.trained_once(run, link_fields.stops("backprop-epochs"))
        st.markdown("**It prints**")
        st.code(found.printed, language=None)
        st.markdown(found.words)
        cards.picture(found.curve(), "backprop-program")
    with left:
        st.code(found.code, language="python")
