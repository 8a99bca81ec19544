"""The parts of the page that reads a log: what is given, what is drawn of it, and what is said.

Names of runs and columns are other people's words: they are shown as plain text, and never put into a chart's spec.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from core.drawing.charts import lane_colours
from core.instruments.log.charts import final_losses, log_losses, log_rates
from core.instruments.log.examples import EXAMPLES
from core.instruments.log.reading import Reading, sampling, table
from core.instruments.log.run import Run
from core.instruments.log.scene import Comparison, Picture
from core.instruments.log.text import MOST_BYTES, MOST_PASTED
from core.instruments.log.training_log import read_log
from core.words import LANE_LETTERS, number
from pages.lab.diagnose import choice
from pages.session import kept_results, work
from pages.widgets import cards, next_steps

_PASTED, _FILES = "log-text", "log-files"
_MOST_NOTES = 12  # of all logs together
_PLACEHOLDER = "step,loss\n0,2.31\n1,1.87\n2,1.52"
_FORMATS = (
    "Any text with numbers and their names works: console lines such as step 10 loss 0.5, progress bars, CSV "
    "and other tables, JSON, printed dictionaries. Steps or epochs, learning rate, validation loss and run are read "
    "where they are named. So are the downloads of TensorBoard, Weights & Biases, Keras, Lightning and this lab, also "
    "packed by gzip. Losses alone, one per line, work too."
)
_KEPT_NOWHERE = ":material/lock: Read in memory for this visit only: nothing is stored on the server."


def examples() -> None:
    """A button for each example; it puts the log into the paste box, where one can see what it looks like."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("Try one:", width="content")
        for place, title in enumerate(EXAMPLES):
            st.button(title, key=f"log-example-{place}", on_click=_take, args=(title,))


def _take(title: str) -> None:
    state = st.session_state
    state[_PASTED] = EXAMPLES[title]()
    state[_FILES] = state.get(_FILES, 0) + 1  # a field of another name is an empty one


def given() -> list[tuple[str, bytes | str]]:
    """(name, content) of what was pasted and of each file."""
    paste, upload = st.columns(2, gap="medium")
    with paste:
        pasted = st.text_area("Paste a log", key=_PASTED, height=150, max_chars=MOST_PASTED, placeholder=_PLACEHOLDER)
        st.button("Read it", type="primary", icon=":material/troubleshoot:")
    with upload:
        files = st.file_uploader(
            "Or upload it: text, CSV, Excel, JSON, TensorBoard's events; several files are several runs",
            accept_multiple_files=True,
            max_upload_size=MOST_BYTES // 1_000_000,
            key=f"{_FILES}-{st.session_state.get(_FILES, 0)}",
        )
        st.caption(_KEPT_NOWHERE)
    logs: list[tuple[str, bytes | str]] = [("pasted", pasted)] if pasted and pasted.strip() else []
    return logs + [(file.name.rpartition(".")[0] or file.name, file.getvalue()) for file in files]


def read(logs: Sequence[tuple[str, bytes | str]]) -> list[Run]:
    """The runs of all logs; what was done to them, and what could not be read, is said."""
    runs: list[Run] = []
    notes: list[str] = []
    keys = [_key(*log) for log in logs]
    chosen = [choice.chosen(key) for key in keys]
    needed = [(*key, *asked.items()) for key, asked in zip(keys, chosen, strict=True)]
    for key, asked, kept, (name, content) in zip(keys, chosen, needed, logs, strict=True):
        given = (content, name, asked) if asked else (content, name)
        log = kept_results.kept(kept, partial(work.read, read_log, *given, what="your log"), needed=needed)
        if isinstance(log, ValueError):
            with st.container(border=True, gap="xsmall"):
                st.markdown(":material/error: **This log could not be read.**")
                st.text(f"{name}: {log}" if len(logs) > 1 else str(log))
                choice.choose(key, name if len(logs) > 1 else "", getattr(log, "columns", ()), {})
            continue
        choice.choose(key, name if len(logs) > 1 else "", log.columns, log.chosen)
        runs += log.runs
        notes += [f"{name}: {note}" if len(logs) > 1 else note for note in log.notes]
    for note in notes[:_MOST_NOTES]:
        st.text(note)
    if more := len(notes[_MOST_NOTES:]):
        st.caption(f"and {more:,} more notes of this kind.")
    return runs


def _key(name: str, content: bytes | str) -> tuple[str, str, bytes]:
    """What a log is kept under: it is read anew only when it has changed."""
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
    return "log", name, hashlib.sha256(raw).digest()


def formats() -> None:
    """What can be read, for a reader who has given nothing yet."""
    st.caption(_FORMATS)


def pick(runs: Sequence[Run]) -> list[Run]:
    """Up to eight runs to look at; a picker where there are more."""
    most = len(LANE_LETTERS)
    if len(runs) <= most:
        return list(runs)
    places = [f"run {place + 1}" for place in range(len(runs))]
    st.caption(f"{len(runs):,} runs were found; up to {most} are drawn together.")
    chosen = st.multiselect(
        "Runs to look at",
        range(len(runs)),
        default=list(range(most)),
        format_func=lambda place: f"{places[place]}: {runs[place].name}",
        max_selections=most,
        key=f"log-picked-{len(runs)}",
    )
    return [runs[place] for place in chosen]


def settings() -> tuple[float, float | None]:
    """(factor of the moving average, loss of the best constant prediction or None)."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        factor = st.slider(
            "Smoothing beside it: factor of a moving average",
            0.0,
            0.99,
            0.0,
            0.01,
            key="log-smoothing",
            width=340,
            help="0 shows the losses as recorded, and no more. Above, a second chart appears beside them.",
        )
        with st.popover("The loss of a guess", icon=":material/help:"):
            st.markdown(
                "If you know it, give the loss of the best constant prediction: the mean of (y − mean(y))², or "
                "ln(number of classes) for classes of equal size. A curve that stops there has learned nothing."
            )
            baseline = st.number_input(
                "Loss of the best constant prediction", value=None, step=None, format="%g", key="log-baseline"
            )
    return factor, baseline


def curves(readings: Sequence[Reading], drawn: Picture, factor: float) -> None:
    """The losses as recorded, and beside them smoothed where that was asked for."""
    theme, count, smoothed = cards.theme(), len(drawn.roles), replace(drawn.losses, title="smoothed loss")
    told = "; ".join(
        f"{letter} from {number(each.run.loss[0])} to {number(each.run.loss[-1])}, {each.title.lower()}"
        for letter, each in zip(LANE_LETTERS, readings, strict=False)
    )
    with st.grid(2 if factor else 1, min_column_width=320):
        with st.container(gap="xsmall"):
            st.markdown("**Loss as recorded**" + (" · thin with dots: validation" if drawn.held_out else ""))
            cards.chart(
                log_losses(theme, count, drawn.steps, drawn.losses, drawn.held_out),
                drawn.tables,
                alt=f"Loss against {drawn.steps.title}, as recorded: {told}.",
                key="log-losses",
                name="Loss of each run, as recorded",
            )
        if factor:
            with st.container(gap="xsmall"):
                st.markdown(f"**Smoothed**: exponential moving average over records, factor {factor:g}")
                cards.chart(
                    log_losses(theme, count, drawn.steps, smoothed),
                    {name: rows for name, rows in drawn.smoothed.items() if name != "test"},
                    alt=f"The same losses smoothed by a moving average of factor {factor:g}.",
                    key="log-smoothed",
                    name="Loss of each run, smoothed",
                )
    for words in dict.fromkeys(filter(None, (sampling(each.run) for each in readings))):
        st.caption(f":material/info: {words}")


def comparison(drawn: Picture, compared: Comparison | None) -> None:
    """Final loss against learning rate, where several runs keep one rate each, and which was best."""
    if compared is None:
        return
    st.markdown("**Final loss against learning rate**")
    chart, words = st.columns([2, 1], gap="medium", vertical_alignment="center")
    with chart:
        cards.chart(
            final_losses(cards.theme(), len(drawn.roles), compared.rates, compared.losses),
            {"finals": compared.table},
            alt=f"Final loss against learning rate. {compared.words}",
            key="log-finals",
            name="Final loss against learning rate",
        )
    with words:
        st.markdown(compared.words)


def rates(drawn: Picture) -> None:
    """Learning rate against step, where the log has it."""
    if drawn.rates is None:
        return
    st.markdown("**Learning rate**")
    cards.chart(
        log_rates(cards.theme(), len(drawn.roles), drawn.steps, drawn.rate_axis),
        drawn.rates,
        alt=f"Learning rate of each run against {drawn.steps.title}.",
        key="log-rates",
        name="Learning rate of each run",
    )


def verdicts(readings: Sequence[Reading]) -> None:
    """A card for each run."""
    roles = [each.diagnosis.role for each in readings]
    colours = lane_colours(len(roles), cards.theme())
    across = {5: 3, 6: 3}.get(len(readings), min(4, len(readings)))  # so that no card stands alone
    with st.grid(across, min_column_width=240, border=True):
        for letter, colour, each in zip(LANE_LETTERS, colours, readings, strict=False):
            with st.container(gap="xsmall", key=f"log-run-{letter}"):
                _card(letter, colour, each)


def _card(letter: str, colour: str, reading: Reading) -> None:
    found = reading.diagnosis
    cards.card_title(letter, colour, reading.title, found.role)
    st.text(reading.run.name)
    st.markdown(found.reason)
    st.caption(found.evidence)
    st.markdown(f":material/arrow_forward: {found.advice}")
    if reading.overfits:
        st.markdown(f":material/call_split: {reading.overfits}")
    st.markdown(f":material/quiz: **What this curve can't tell.** {reading.unknown}")
    next_steps.log(found)


def as_table(readings: Sequence[Reading]) -> None:
    """The numbers behind the charts, about sixty rows a run."""
    if st.toggle("Show the numbers as a table", key="log-table"):
        st.dataframe(table(readings), hide_index=True)
