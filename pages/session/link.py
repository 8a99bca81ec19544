"""The session's one Experiment, and the address bar that holds it.

One value flows one way: the Experiment seeds the widgets before they are drawn; a changed widget replaces
the Experiment in its callback. A change the Experiment refuses is told in its own words and changes nothing.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlencode

import streamlit as st

from core import MAX_LANES, Experiment, Repair
from core.experiment.experiment import LINK_VERSION
from core.experiment.fields import shorten
from core.training.train import TORCH_MISSING, torch_is_installed
from pages.session import echoes, extras, lecture_words, uploads
from pages.session.link_words import EXTRAS, LECTURE, short

T = TypeVar("T")
COMPARED = ("sgd", "momentum", "nesterov")  # the update rules the compare page has: it tells the truth of their limits
# Another of these goes on with what was changed by hand; another network, data or rule is another run.
_SAME_RUN = {"learning_rates", "epochs", "engine", "precision", "sharpness", "changes"}
_DEFAULTS = Experiment().to_query()  # in the order of a link


def current() -> Experiment:
    """The session's Experiment."""
    experiment: Experiment = st.session_state.experiment
    return experiment


def change(**fields: Any) -> None:
    """Replace fields of the session's Experiment; a refusal is kept as the problem to show.

    What was told of the link stays where nothing changes: a widget may call for the value that it has.
    """
    state, before = st.session_state, current()
    try:
        state.experiment = replace(before, **_by_hand(before, fields) | fields)
        state.problem = None
    except ValueError as refusal:
        state.problem = str(refusal)
    if state.experiment != before:
        state.repairs, state.changed_here = (), True


def _by_hand(before: Experiment, fields: dict[str, Any]) -> dict[str, Any]:
    """What stays of what was changed by hand: nothing of another run, and of a shorter one or fewer lanes what fits."""
    if not before.changes:
        return {}
    other = {name for name, value in fields.items() if value != getattr(before, name)}  # a widget may call for the same
    if other - _SAME_RUN:
        return {"changes": ()}
    lanes, epochs = len(fields.get("learning_rates", before.learning_rates)), fields.get("epochs", before.epochs)
    fits = [str(each) for each in before.by_hand() if each.lane < lanes and each.epoch < epochs]
    return {"changes": tuple(fits)}


def take(experiment: Experiment) -> None:
    """Put another Experiment in place of the session's."""
    state = st.session_state
    rates, repairs = _lanes(experiment.learning_rates)
    state.experiment = replace(experiment, learning_rates=tuple(rates))
    state.problem, state.repairs, state.changed_here = None, repairs, True


def follow(query: str) -> None:
    """Take what a link within this page says, all of it: an experiment and this page's EXTRAS.

    Nothing where its model is another page's.
    """
    texts = {name: texts for name, texts in parse_qs(query).items() if name not in LECTURE}
    ours, _ = uploads.without_foreign_uploads({name: said for name, said in texts.items() if name not in EXTRAS})
    experiment, _ = Experiment.from_query(ours)
    if (experiment.network() is None) != (current().network() is None):
        return
    take(experiment)
    extras.follow(st.session_state.lab_page, texts)


def seen() -> None:
    """Note which link the browser has; before a part of the page runs by itself."""
    echoes.is_echo(_address_bar())


def read(page: str, home: Experiment, arrived: bool = False) -> None:
    """Take the Experiment from the address bar when it is not the one this session wrote there.

    page: each page of the lab keeps an Experiment of its own; home: what it shows without a word in the link.
    arrived: whether the reader comes from another page; without a word in the link their experiment is kept.
    """
    state = st.session_state
    _fetch(page)
    asked = _address_bar()
    if arrived:
        echoes.forget()  # those of the other page
    echo = echoes.is_echo(asked)
    if not echo:
        echoes.forget()  # what comes from here on was clicked with this link, or with one that is written later
        echoes.add(asked)
        state.link = None  # write() then puts our own form into the address bar, also where it says the same
    if "experiment" in state and (state.get("changed_here", False) or (echo and not echoes.went_back())):
        return
    refused, link = extras.read(page, asked), words()
    if arrived and not link and "experiment" in state:
        return
    ours, foreign = uploads.without_foreign_uploads(link)
    rates, too_many = _lanes([rate for text in ours.get("lr", []) for rate in text.split(",") if rate])
    if page == "network" and link and not {"data", "hidden"} & ours.keys():  # its own data and network, else a line
        rates = rates or home.to_query()["lr"]
        ours = home.to_query() | ours
    state.experiment, state.repairs = Experiment.from_query(ours | {"lr": rates}) if link else (home, ())
    state.repairs += too_many + foreign + refused
    state.problem = None
    _without_changes(page)
    _without_torch()


def _lanes(rates: Sequence[T]) -> tuple[Sequence[T], tuple[Repair, ...]]:
    """Of so many learning rates those that a page shows, and what is to be said of the others."""
    if len(rates) <= MAX_LANES:
        return rates, ()
    reason, used = f"a page shows at most {MAX_LANES} of them", f"the first {MAX_LANES}"
    return rates[:MAX_LANES], (Repair(name="lr", got=f"({len(rates):,} values)", used=used, reason=reason),)


def _address_bar() -> dict[str, list[str]]:
    """What the address bar says, but for a lecturer's words."""
    return lecture_words.without({name: st.query_params.get_all(name) for name in st.query_params})


def words() -> dict[str, list[str]]:
    """What the address bar says of an experiment."""
    return {name: texts for name, texts in _address_bar().items() if name not in EXTRAS}


def to_its_page(page: str) -> None:
    """Send a link to the page that shows its model: lines are compared, all else is the network lab's."""
    experiment, state = current(), st.session_state
    if experiment.network() and page == "compare":
        del state.experiment
        st.switch_page("lab/network/page.py", query_params=words() | lecture_words.words())
    if experiment.network() is None and page == "network":
        del state.experiment
        st.switch_page("lab/compare/page.py", query_params=words() | lecture_words.words())
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


def _without_changes(page: str) -> None:
    """What is changed by hand while it is trained is of the network lab's run, and of no other page's."""
    state = st.session_state
    if state.experiment.changes and page != "network":
        got = shorten(", ".join(state.experiment.changes))
        state.experiment = replace(state.experiment, changes=())
        state.repairs += (Repair(name="change", got=got, used="none", reason="only the network lab has it"),)


def _without_torch() -> None:
    """Where PyTorch is missing, what only it can do is repaired."""
    state = st.session_state
    if torch_is_installed():
        return
    if state.experiment.engine == "torch":
        state.experiment = replace(state.experiment, engine="numpy")
        state.repairs += (Repair(name="engine", got="torch", used="numpy", reason=TORCH_MISSING),)


def _written() -> dict[str, list[str]]:
    """The words of a link to what this page shows, without a lecturer's."""
    return short(current()) | extras.unusual_words(st.session_state.lab_page)


def around_the_rates() -> dict[str, Any]:
    """What the address bar says before and after the learning rates, as text, and the rates it need not name."""
    link, names = _written() | lecture_words.words(), list(_DEFAULTS)
    parts: dict[bool, dict[str, list[str]]] = {True: {}, False: {}}
    for name, texts in link.items():
        if name != "lr":
            parts[name in names[: names.index("lr")]][name] = texts
    # Escaped as Streamlit escapes what it writes: the address is the same before and after the hand rests.
    before, after = (urlencode(parts[first], doseq=True) for first in (True, False))
    return {"before": before, "after": after, "usual": list(Experiment().learning_rates)}


def write() -> None:
    """Keep the address bar a link to what is shown."""
    st.session_state.pop("changed_here", None)  # the change is in the address bar from here on
    link = _written()
    if link != st.session_state.link:
        st.query_params.from_dict(link | lecture_words.words())
        st.session_state.link = link
        echoes.add(link)


def to(experiment: Experiment) -> dict[str, list[str]]:
    """The words of a link within the app: to an experiment, and a lecturer's words as they hold here."""
    return short(experiment) | lecture_words.words()


def here(experiment: Experiment) -> dict[str, list[str]]:
    """The words of a link to the page that it stands on. They name the version: no link in the address bar does, so
    that this one is never taken for an echo of it.
    """
    return to(experiment) | {"v": [LINK_VERSION]}


def whole() -> dict[str, list[str]]:
    """The words of a link that names every field, so that it means the same when defaults change."""
    return current().to_query() | extras.words(st.session_state.lab_page)


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
