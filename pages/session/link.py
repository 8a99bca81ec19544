"""The session's one Experiment, and the address bar that holds it.

One value flows one way: the Experiment seeds the widgets before they are drawn; a changed widget replaces
the Experiment in its callback. A change the Experiment refuses is told in its own words and changes nothing.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

import streamlit as st

from core import MAX_LANES, Experiment, Repair
from core.experiment.experiment import LINK_VERSION
from core.experiment.fields import shorten
from core.training.train import TORCH_MISSING, torch_is_installed
from pages.lecture import lecture
from pages.session import echoes, uploads
from pages.session.link_words import EXTRAS

T = TypeVar("T")
COMPARED = ("sgd", "momentum", "nesterov")  # the update rules the compare page has: it tells the truth of their limits
_DEFAULTS = Experiment().to_query()


def current() -> Experiment:
    """The session's Experiment."""
    experiment: Experiment = st.session_state.experiment
    return experiment


def change(**fields: Any) -> None:
    """Replace fields of the session's Experiment; a refusal is kept as the problem to show."""
    state = st.session_state
    try:
        state.experiment = replace(current(), **fields)
        state.problem, state.repairs = None, ()
    except ValueError as refusal:
        state.problem = str(refusal)
    state.changed_here = True


def take(experiment: Experiment) -> None:
    """Put another Experiment in place of the session's."""
    state = st.session_state
    rates, repairs = _lanes(experiment.learning_rates)
    state.experiment = replace(experiment, learning_rates=tuple(rates))
    state.problem, state.repairs, state.changed_here = None, repairs, True


def seen() -> None:
    """Note which link the browser has; before a part of the page runs by itself."""
    echoes.is_echo(words())


def read(page: str, home: Experiment, arrived: bool = False) -> None:
    """Take the Experiment from the address bar when it is not the one this session wrote there.

    page: each page of the lab keeps an Experiment of its own; home: what it shows without a word in the link.
    arrived: whether the reader comes from another page; without a word in the link their experiment is kept.
    """
    state = st.session_state
    _fetch(page)
    link = words()
    if arrived:
        echoes.forget()  # those of the other page
    echo = echoes.is_echo(link)
    if not echo:
        echoes.add(link)
        state.link = None  # write() then puts our own form into the address bar, also where it says the same
    kept = state.get("changed_here", False) or (echo and not echoes.went_back()) or (arrived and not link)
    if kept and "experiment" in state:
        return
    ours, foreign = uploads.without_foreign_uploads(link)
    rates, too_many = _lanes([text for text in ours.get("lr", []) if text])
    state.experiment, state.repairs = Experiment.from_query(ours | {"lr": rates}) if link else (home, ())
    state.repairs += too_many + foreign + _refused_extras(page)
    state.problem = None
    _without_torch()


def _lanes(rates: Sequence[T]) -> tuple[Sequence[T], tuple[Repair, ...]]:
    """Of so many learning rates those that a page shows, and what is to be said of the others."""
    if len(rates) <= MAX_LANES:
        return rates, ()
    reason, used = f"a page shows at most {MAX_LANES} of them", f"the first {MAX_LANES}"
    return rates[:MAX_LANES], (Repair(name="lr", got=f"({len(rates):,} values)", used=used, reason=reason),)


def words() -> dict[str, list[str]]:
    """What the address bar says of an experiment."""
    ours = {*lecture.WORDS, *EXTRAS}
    return {name: st.query_params.get_all(name) for name in st.query_params if name not in ours}


def extra(name: str) -> int:
    """A whole one of EXTRAS, as `extra_rate` has it."""
    return int(extra_rate(name))


def extra_rate(name: str) -> float:
    """One of EXTRAS, from the session or the address bar; what can't be is repaired to what is there without it."""
    kept = st.session_state.setdefault(f"kept-{name}", {})
    text = st.query_params.get(name)
    if text is not None and text != kept.get("text"):
        kept["text"], kept["value"] = text, EXTRAS[name].value(text)
    value: float = kept.get("value", EXTRAS[name].usual)
    return value


def _extras() -> dict[str, str]:
    """Those of the page shown, as its link has them."""
    return {name: str(extra_rate(name)) for name, one in EXTRAS.items() if st.session_state.lab_page in one.pages}


def _refused_extras(page: str) -> tuple[Repair, ...]:
    """What the address bar asks of this page's extras and can't have."""
    texts = {name: st.query_params.get(name) for name, one in EXTRAS.items() if page in one.pages}
    return tuple(
        Repair(
            name=name,
            got=shorten(text),
            used=f"{one.usual:g}",
            reason=f"it must be {'a whole number ' * isinstance(one.usual, int)}from {one.least:g} to {one.most:g}",
        )
        for name, text in texts.items()
        if text is not None and (one := EXTRAS[name]).refused(text)
    )


def set_extra(name: str, value: float) -> None:
    """Keep another value of one of EXTRAS."""
    st.session_state[f"kept-{name}"] = {"text": str(value), "value": value}
    st.query_params[name] = str(value)
    st.session_state.problem, st.session_state.repairs = None, ()


def to_its_page(page: str) -> None:
    """Send a link to the page that shows its model: lines are compared, all else is the network lab's."""
    experiment, state = current(), st.session_state
    if experiment.network() and page == "compare":
        del state.experiment
        st.switch_page("lab/network/page.py", query_params=words() | lecture.words())
    if experiment.network() is None and page == "network":
        del state.experiment
        st.switch_page("lab/compare/page.py", query_params=words() | lecture.words())
    reason = "the network lab has it, this page does not yet"
    if page == "compare" and experiment.optimizer not in COMPARED:
        state.experiment = replace(experiment, optimizer="sgd", momentum=0.0)
        state.repairs += (Repair(name="optimizer", got=experiment.optimizer, used="sgd", reason=reason),)
    if page == "compare" and experiment.schedule != "constant":
        state.experiment = replace(state.experiment, schedule="constant")
        state.repairs += (Repair(name="schedule", got=experiment.schedule, used="constant", reason=reason),)


def _fetch(page: str) -> None:
    """Put the other page's Experiment away and take out this page's, where there is one."""
    state = st.session_state
    before, state.lab_page = state.get("lab_page", page), page
    if before == page:
        return
    put_away = state.setdefault("put_away", {})
    if "experiment" in state:
        put_away[before] = state.pop("experiment")
    if page in put_away:
        state.experiment = put_away.pop(page)


def _without_torch() -> None:
    """Where PyTorch is missing, what only it can do is repaired."""
    state = st.session_state
    if torch_is_installed():
        return
    if state.experiment.engine == "torch":
        state.experiment = replace(state.experiment, engine="numpy")
        state.repairs += (Repair(name="engine", got="torch", used="numpy", reason=TORCH_MISSING),)


def write() -> None:
    """Keep the address bar a link to what is shown."""
    st.session_state.pop("changed_here", None)  # the change is in the address bar from here on
    link = short(current())
    if link != st.session_state.link:
        kept = {name: [text] for name, text in _extras().items() if text != str(EXTRAS[name].usual)}
        st.query_params.from_dict(link | kept | lecture.words())
        st.session_state.link = link
        echoes.add(link)


def short(experiment: Experiment) -> dict[str, list[str]]:
    """The words of a link to an experiment, without those that are defaults."""
    return {name: words for name, words in experiment.to_query().items() if words != _DEFAULTS[name]}


def to(experiment: Experiment) -> dict[str, list[str]]:
    """The words of a link within the app: to an experiment, and a lecturer's words as they hold here."""
    return short(experiment) | lecture.words()


def here(experiment: Experiment) -> dict[str, list[str]]:
    """The words of a link to the page that it stands on. They name the version: no link in the address bar does, so
    that this one is never taken for an echo of it.
    """
    return to(experiment) | {"v": [LINK_VERSION]}


def whole() -> dict[str, list[str]]:
    """The words of a link that names every field, so that it means the same when defaults change."""
    return current().to_query() | {name: [text] for name, text in _extras().items()}


def told() -> tuple[tuple[Repair, ...], str | None]:
    """What `show_repairs` shows."""
    return st.session_state.repairs, st.session_state.problem


def show_repairs() -> None:
    """What the link asked for and could not have, and what a control asked for and could not have."""
    state = st.session_state
    if state.repairs:
        with st.container(border=True, gap="xsmall"):
            st.markdown(":material/build: **This link asked for what can't be; here is what was taken instead.**")
            st.text("\n".join(map(str, state.repairs)))  # never as markdown: these are words from a link
    if state.problem:
        st.warning(f"Nothing was changed: {state.problem}.", icon=":material/info:")
