"""The prediction gate: the learner commits to an answer before the result is drawn, then sees both side by side.

Research says why: watching a demonstration teaches little, predicting it first does (Crouch et al. 2004), and one
observation in five contradicts what was seen, so prediction and outcome must stand together (Miller et al. 2013).
Answers live in the session, and in the browser's storage (kept.py).
"""

from typing import Any

import streamlit as st

from core.story.question import ChoiceQuestion, Judgement, Question
from pages.learn import kept
from pages.session.lecture_words import asks

_SKIPPED = "skipped"
_HALF = 300  # px: narrower than two of them, what happens stands below what was predicted


def known(key: str) -> bool:
    """Whether the question's outcome may be seen: answered, skipped, or not to be asked."""
    return not asks() or key in _answers()


def predicted(question: Question) -> Judgement | None:
    """What is said to the answer given; None without one, or where a browser stored one that can't be."""
    answer = _answers().get(question.key, _SKIPPED)
    if answer == _SKIPPED or (isinstance(question, ChoiceQuestion) and answer not in range(len(question.choices))):
        return None
    return question.judge(answer)


def chosen(question: ChoiceQuestion) -> str:
    """The choice that was predicted; "" without one. What its lesson's picture draws beside the outcome."""
    judged = predicted(question)
    return judged.answer if judged else ""


def gate(question: Question) -> bool:
    """Ask the question; True once it is answered, skipped or not to be asked, and its outcome is shown.

    What it hides stands under `if gate(question):`.
    """
    if not known(question.key):
        _ask(question)
        return False
    with st.container(border=True, key=f"outcome-{question.key}"), st.grid(2, min_column_width=_HALF, gap="medium"):
        with st.container():
            _asked(question, predicted(question))
        st.markdown(f"**What happens.** {question.outcome}")
    return True


def score() -> None:
    """How well this session's learner predicts: so many right of so many."""
    judged = list(st.session_state.get("judged", {}).values())
    # There before the first answer as well: on a phone it takes a row, and all below would move when it comes.
    st.badge(
        f"Predicted right: {sum(judged)} of {len(judged)}" if judged else "No prediction yet",
        icon=":material/target:",
        help="Your predictions in all lessons. They are stored in this browser only, so a reload keeps them.",
    )


def switch() -> None:
    """For a lecturer: the way to this page with or without questions."""
    off = "Questions are off in this session. Add `?gate=1` to a lesson's link to be asked again."
    on = "Teaching with it? **Share**, above, makes a link that shows results without asking first, `?gate=0`."
    with st.container(key="questions-switch"):
        st.caption(on if asks() else off)
        if _answers():
            st.button(
                "Start all lessons again",
                type="tertiary",
                icon=":material/restart_alt:",
                help="Removes all your answers, here and in this browser: every question is asked again.",
                on_click=kept.forget,
            )


def _answers() -> dict[str, Any]:
    answers: dict[str, Any] = st.session_state.setdefault("answers", {})
    return answers


def _ask(question: Question) -> None:
    with st.container(key=f"question-{question.key}"), st.form(f"gate-{question.key}"):
        st.markdown(f":material/psychology_alt: **Predict first.** {question.ask}")
        field = f"guess-{question.key}"
        if isinstance(question, ChoiceQuestion):
            texts = list(question.choices)
            st.radio(
                "Your prediction",
                range(len(texts)),
                None,
                lambda at: texts[at],
                key=field,
                label_visibility="collapsed",
            )
        else:
            st.number_input(
                "Your prediction", value=None, key=field, step=None, format="%g", placeholder="a number", width=200
            )
        with st.container(horizontal=True):
            st.form_submit_button("Commit", type="primary", on_click=_commit, args=(question,))
            st.form_submit_button("Skip", type="tertiary", on_click=_skip, args=(question,))
        if st.session_state.pop(f"empty-{question.key}", False):
            st.caption("Choose an answer first, or skip.")


def _commit(question: Question) -> None:
    guess = st.session_state.get(f"guess-{question.key}")
    if guess is None:
        st.session_state[f"empty-{question.key}"] = True
        return
    _answers()[question.key] = guess
    st.session_state.setdefault("judged", {})[question.key] = question.judge(guess).right


def _skip(question: Question) -> None:
    _answers()[question.key] = _SKIPPED


def _asked(question: Question, judged: Judgement | None) -> None:
    """The question, and the prediction with what is to be said to it."""
    st.markdown(f"**The question.** {question.ask}")
    if judged:
        mark = ":green[:material/check_circle:] correct" if judged.right else ":orange[:material/cancel:] incorrect"
        st.markdown(f"**You predicted** · {mark}: {judged.answer}")
        if judged.why:
            st.markdown(judged.why)
