"""History: the experiments that this browser has shown, kept in its own storage, behind a button at the head of a page.

All of it happens in the browser. The page says what it shows, and goes where a click in the list leads.
"""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import streamlit as st

from core import MAX_LANES, Diagnosis, Experiment, History
from core.data.datasets import is_upload
from core.drawing.charts import lane_looks
from core.drawing.lanes import heading
from core.export import thumbnails
from core.methods.optimizers import UPDATE_RULES
from core.words import LANE_LETTERS, number
from pages.session import extras, lecture_words, link, page_charts
from pages.session.sent import understood

_DRAWER, _TO = "history", "history-to"
_HTML = """
<div class="history">
  <button type="button" class="open" aria-label="History" title="History: the experiments you have looked at">
    <span class="icon" aria-hidden="true">history</span></button>
  <dialog aria-label="History">
    <header><strong>History</strong><button type="button" class="close" aria-label="Close">&#10005;</button></header>
    <p>The last 50 experiments you have looked at. They are kept in this browser only.</p>
    <p><output></output></p>
    <div class="beside" aria-live="polite"></div>
    <ol></ol>
    <footer><button type="button" class="all export">Export as links</button>
      <button type="button" class="all forget">Forget all</button></footer>
  </dialog>
</div>
"""
_HERE = Path(__file__).parent
_CSS, _JS = ((_HERE / name).read_text() for name in ("history.css", "history.js"))
_drawer = st.components.v2.component("history", html=_HTML, css=_CSS, js=_JS, isolate_styles=False)
_recorder = st.components.v2.component("history_entry", html="", js=_JS)
# What the words of a link are called in the list; of the others it says nothing.
_LABELS = {
    "data": "data",
    "noise": "noise",
    "test": "share held out",
    "standardize": "standardized",
    "features": "features",
    "hidden": "hidden layers",
    "activation": "activation",
    "gain": "size of the first weights",
    "loss": "loss",
    "l1": "L1 penalty",
    "l2": "L2 penalty",
    "lr": "learning rates",
    "epochs": "epochs",
    "batch_size": "batch size",
    "optimizer": "update rule",
    "momentum": "momentum",
    "schedule": "schedule",
    "start": "start",
    "seed": "seed",
    "engine": "trained by",
    "precision": "precision",
    "change": "changed by hand",
}
_ALWAYS = ("data", "lr", "epochs")
_LONGEST = 300  # characters of a text


def button() -> None:
    """The button, and the drawer that it opens."""
    looks = [lane_looks(lane, page_charts.theme()) for lane in range(MAX_LANES)]
    _drawer(key=_DRAWER, data={"looks": looks, "box": thumbnails.SIZE}, on_opened_change=_opened, width="content")


def note(verdicts: Sequence[str], run: History | None = None) -> None:
    """Have the experiment shown added, with its verdicts in words and a small picture of the losses of a run.

    Of an upload no link leads anywhere: it is not added.
    """
    experiment = link.current()
    if is_upload(experiment.data):
        return
    page = st.session_state.lab_page
    words = link.here(experiment) | extras.unusual_words(page)
    entry = {
        "page": st.session_state.page.title,
        "href": f"{page}?{urlencode(lecture_words.without(words), doseq=True)}",
        "settings": _settings(experiment),
        "verdicts": [words[:_LONGEST] for words in verdicts],
        "curves": thumbnails.points(run) if run else [],
    }
    with st.container(key="history-entry"):
        _recorder(key="history-recorder", data={"entry": entry})


def of_lanes(diagnoses: Sequence[Diagnosis]) -> list[str]:
    """The verdicts of lanes in a word or two each."""
    return [f"{letter} {heading(found)}" for letter, found in zip(LANE_LETTERS, diagnoses, strict=False)]


def _settings(experiment: Experiment) -> list[list[str]]:
    """[what it is called, its value] of those that are not the usual ones, and of a few always."""
    usual, words = Experiment().to_query(), experiment.to_query()
    told = words | {
        "data": [experiment.dataset().title],
        "optimizer": [UPDATE_RULES[experiment.optimizer].title],
        "lr": [number(rate) for rate in experiment.learning_rates],
        "epochs": [f"{experiment.epochs:,}"],
    }
    names = [name for name in _LABELS if name in _ALWAYS or words[name] != usual[name]]
    return [[_LABELS[name], (", ".join(told[name]) or "none")[:_LONGEST]] for name in names]


def _opened() -> None:
    href = understood(lambda: str(st.session_state[_DRAWER].opened))
    if href:
        st.session_state[_TO] = href


def go() -> None:
    """Go where a click in the list leads, to a page that has an experiment."""
    path, _, query = st.session_state.pop(_TO, "").partition("?")
    for page in st.session_state.experiment_pages:
        if path and path == (page.url_path or "compare"):
            st.switch_page(page, query_params=lecture_words.without(parse_qs(query)) | lecture_words.words())
