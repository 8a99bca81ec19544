"""In Share: what of this page a class can be asked in a room, ticked into the plan that is collected."""

import streamlit as st

from core import Experiment, stability_limit
from core.diagnosis.theory import predictable
from core.experiment.fields import link_text
from core.export.handout import questions
from core.instruments.schedules.comparison import CONSTANT, clean, noisy
from core.story.lessons import LESSONS
from core.words import many, number
from pages.session import class_plan, lecture_words, link

_SPAN = 1e4  # from the lowest to the highest rate of a sweep, where the page has one rate
_RACES = {  # by the lesson's file
    "fog": {
        "fog:ravine:20": "Fog race: who comes down a ravine in the fewest steps?",
        "fog:double_well:1": "Fog race: who finds the deeper of two hollows?",
    },
    "what_made_it_deep": {"mystery:17": "Mystery race: who tells the most of ten loss curves?"},
}
_ONE_BY_ONE, _SWEPT = ("compare", "network"), ("sweep", "range-test")  # pages whose experiment a class can train


def offers() -> dict[str, str]:
    """The steps of this page, by their texts, and what each is called."""
    page = st.session_state.page
    if page in st.session_state.lessons:
        lesson = LESSONS[st.session_state.lessons.index(page)].file
        votes = {f"vote:{lesson}/{each.key}:0": class_plan.asks(each) for each in questions(lesson)}
        return votes | _RACES.get(lesson, {})
    name = page.url_path or "compare"
    if name in (*_ONE_BY_ONE, *_SWEPT):
        return _of_experiment(link.current(), one_by_one=name in _ONE_BY_ONE)
    return _of_a_schedule(link.current()) if name == "schedules" else {}


def _of_a_schedule(experiment: Experiment) -> dict[str, str]:
    """The page's two sweeps; its rates are their ends, and no single one is asked about. A constant rate has none."""
    if experiment.schedule == CONSTANT:
        return {}
    return _sweep(noisy(experiment), "with noise, ") | _sweep(clean(experiment), "without noise, ")


def _sweep(experiment: Experiment, how: str = "") -> dict[str, str]:
    rates = experiment.learning_rates
    low, high = (min(rates), max(rates)) if len(rates) > 1 else (rates[0] / _SPAN, rates[0])
    text = link_text(_words(experiment) | {"lr": [repr(low), repr(high)]})
    return {f"sweep:{text}": f"Train with the class: a sweep, {how}from rate {number(low)} to {number(high)}"}


def _of_experiment(experiment: Experiment, one_by_one: bool) -> dict[str, str]:
    """one_by_one: whether the page shows each of its rates."""
    rates, bare, found = experiment.learning_rates, _words(experiment), _sweep(experiment)
    if one_by_one:
        runs = {f"run:{link_text(bare | {'lr': [repr(rate)]})}": rate for rate in rates}
        found |= {text: f"What will rate {number(rate)} do?" for text, rate in runs.items()}
    if predictable(experiment) and 0 < stability_limit(experiment) < float("inf"):
        found[f"limit:{link_text(bare)}"] = "Guess the stability limit"
    return found


def _words(experiment: Experiment) -> dict[str, list[str]]:
    """What the link says that differs from the usual, without the rates."""
    usual = Experiment().to_query()
    return {
        name: texts for name, texts in experiment.to_query().items() if name not in ("lr", "v") and usual[name] != texts
    }


def section() -> None:
    """The ticks, how many steps the plan has, and the way to the room; nothing where the page has nothing to ask."""
    if not (offered := offers()):
        return
    with st.expander("Ask the class", icon=":material/groups:"):
        st.markdown("Tick what goes into the plan of your **class room**, where students answer on their phones.")
        refused = st.container()
        for text, words in offered.items():
            key = f"class-{text}"
            st.session_state[key] = text in class_plan.steps()
            st.checkbox(words, key=key, on_change=_ticked, args=(text, key))
        with refused:
            if problem := st.session_state.pop("class-refused", ""):
                st.warning(problem, icon=":material/info:")
        count = len(class_plan.steps())
        label = f"Class room: your plan has {many(count, 'step')}" if count else "Class room"
        st.page_link("room/host.py", label=label, icon=":material/groups:", query_params=lecture_words.words())


def _ticked(text: str, key: str) -> None:
    if st.session_state[key]:
        st.session_state["class-refused"] = class_plan.take(text)
    else:
        class_plan.leave_out(text)
