"""A run as files to take away: code that checks itself, a notebook, its numbers, the experiment as text."""

import streamlit as st

from core import Experiment
from core.export.experiment_json import from_json, to_json
from core.export.notebook import NOTEBOOK_NAME, notebook
from core.export.script import FOLDER, SCRIPT_NAME, by_engine, packed
from core.export.script_data import companions
from core.export.tables import MOST_ROWS, trained_csv, trained_parquet
from core.training.train import torch_is_installed
from core.words import duration
from pages.session import link, work
from pages.session.work import file

_ENGINES = {"NumPy": "numpy", "PyTorch": "torch"}
_WORTH_TELLING = 2.0  # seconds
_KEY, _EXAMPLE = "json-experiment", '{"data": "article", ...}'
_MOST = 100_000  # characters; an experiment has some hundred


def offer(experiment: Experiment) -> None:
    """All of it, for the page's "Export"."""
    with st.expander("Code: Python script or notebook", icon=":material/code:"):
        code(experiment)
    with st.expander("Numbers", icon=":material/table:"):
        numbers(experiment)
    with st.expander("Open an experiment", icon=":material/file_open:"):
        opened()


def code(experiment: Experiment) -> None:
    """The run as a script and as a notebook, by either trainer."""
    names = tuple(_ENGINES) if torch_is_installed() else ("NumPy",)
    own = next(name for name in _ENGINES if _ENGINES[name] == experiment.engine)
    chosen = st.segmented_control("Code by", names, default=own, key="code-by", required=True)
    engine = _ENGINES[str(chosen)]
    try:
        seconds = 2 * by_engine(experiment, engine).seconds()
    except ValueError as refusal:
        st.caption(f"No code by {chosen}: {refusal}.")
        return
    beside = companions(experiment)
    with st.container(horizontal=True):
        name = f"{FOLDER}.zip" if beside else SCRIPT_NAME
        _download("Python script", file(packed, experiment, engine, seconds=seconds), name, "code")
        _download("Notebook", file(notebook, experiment, engine, seconds=seconds), NOTEBOOK_NAME, "menu_book")
    long = f" Making it takes about {duration(seconds)}." if seconds > _WORTH_TELLING else ""
    reads = f" The script reads {', '.join(beside)} beside itself; the notebook holds it." if beside else ""
    st.caption(f"It makes this very run, by itself, and sets the loss of every rate beside the lab's.{long}{reads}")


def numbers(experiment: Experiment) -> None:
    """Every epoch of every lane, and the experiment itself."""
    seconds, rows = experiment.seconds(), len(experiment.learning_rates) * (experiment.epochs + 1)
    with st.container(horizontal=True):
        if rows <= MOST_ROWS:
            _download("CSV", file(trained_csv, experiment, seconds=seconds), "learning-rates.csv", "table")
            cells = file(trained_csv, experiment, True, seconds=seconds)
            _download("CSV with decimal commas", cells, "learning-rates-decimal-commas.csv", "table")
            _download("Parquet", file(trained_parquet, experiment, seconds=seconds), "learning-rates.parquet", "table")
        _download("Experiment as JSON", lambda: to_json(experiment), "experiment.json", "data_object")
    if rows > MOST_ROWS:
        st.caption(
            f"A table of every epoch would have {rows:,} rows; up to {MOST_ROWS:,} can be downloaded. The script and "
            "the notebook make all of them on your own machine."
        )


def _download(label: str, make: object, name: str, icon: str) -> None:
    """A button whose file is made when it is clicked."""
    kinds = {"py": "text/x-python", "ipynb": "application/x-ipynb+json", "csv": "text/csv", "json": "application/json"}
    kind = kinds.get(name.rpartition(".")[2], "application/octet-stream")
    st.download_button(label, make, name, kind, icon=f":material/{icon}:", on_click="ignore", key=f"take-{label}")  # type: ignore[arg-type]


def opened() -> None:
    """An experiment taken from text as `to_json` writes it."""
    text = st.text_area("Experiment as JSON", key=_KEY, height=90, max_chars=_MOST, placeholder=_EXAMPLE)
    if not st.button("Open it", icon=":material/file_open:") or not text.strip():
        return
    found = work.read(from_json, text, what="your experiment")
    if isinstance(found, ValueError):
        st.text(f"Nothing was changed: {found}.")  # never as markdown: it may hold words of the text
        return
    link.take(found)
    st.rerun()  # all of the page: this is a part of it that runs by itself
