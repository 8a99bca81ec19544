"""The parts of the page for the reader's own data: what is given, what is chosen of it, what is known of it.

Names of columns, files and sheets are other people's words: on this page they are shown as plain text, and what comes
into charts and sentences is left of them by `plain_names`.
"""

from typing import Any

import streamlit as st

from core.data.datasets import Dataset, dataset, is_upload
from core.data.points import MOST_POINTS, write_points
from core.instruments.log.text import Unreadable
from core.instruments.own_data.choice import Choice, choose
from core.instruments.own_data.known import HARD, HOPELESS, Known, known, openings
from core.words import number
from pages.lab.own_data import points_editor
from pages.lab.own_data.table import Table
from pages.session import kept_results, link, uploads
from pages.widgets import cards

WAYS = ("A few points", "A table")
_PREVIEWED = 4  # rows
_PAGES = {
    "compare": ("lab/compare/page.py", "Compare learning rates on it", ":material/ssid_chart:"),
    "network": ("lab/network/page.py", "Train a network on it", ":material/hub:"),
    "sweep": ("lab/sweep/page.py", "Sweep many rates on it", ":material/monitoring:"),
}
_LARGE = 10  # standard deviation of y from on which a network's rates must be far lower than usual
_KEPT: Any = {"persist_state": "session"}


def way() -> str:
    """Whether the reader draws points or brings a table."""
    chosen = st.segmented_control(
        "Start from", WAYS, default=WAYS[0], required=True, key="own-way", label_visibility="collapsed", **_KEPT
    )
    return chosen or WAYS[0]


def points() -> str | None:
    """The name of the data set of the points drawn; None, and a sentence, where they can't be one yet."""
    pairs = points_editor.points_editor()
    try:
        return write_points(pairs)
    except ValueError as refusal:
        st.warning(f"These points can't be used yet: a data set must {refusal}.", icon=":material/info:")
        return None


def preview(given: Table) -> None:
    """What each column holds, and its first cells."""
    rows = len(given.columns[0].words)
    st.text(f"{given.name}: {rows:,} rows, {len(given.columns)} columns")
    if given.notes:
        st.text("\n".join(given.notes))
    shown: dict[str, list[str]] = {
        "column": [column.name for column in given.columns],
        "holds": [column.says() for column in given.columns],
    }
    for row in range(min(rows, _PREVIEWED)):
        shown[f"row {row + 1}"] = [str(column.words[row])[:40] for column in given.columns]
    with st.container(key="own-preview"):
        st.dataframe(shown, hide_index=True)


def chosen(given: Table) -> Dataset | None:
    """The data set of the columns chosen, held by the session; None, and a sentence, where it can't be one."""
    choice = _choice(given)
    try:
        found = kept_results.last("own-columns", (given.key, choice), lambda: choose(given.columns, choice))
    except Unreadable as unreadable:
        with st.container(border=True, gap="xsmall"):
            st.markdown(":material/info: **These columns can't be used together.**")
            st.text(str(unreadable))
        return None
    if found.notes:
        st.text("\n".join(found.notes))
    data: Dataset = found.data
    return data


def _choice(given: Table) -> Choice:
    columns, first, key = given.columns, given.first, given.key
    places, x, y = range(len(columns)), st.empty(), st.empty()

    def as_y(place: int) -> str:
        column = columns[place]
        return f"{column.name} ({column.different} classes)" if column.kind == "category" else column.name

    def as_x(place: int) -> str:
        column = columns[place]
        return f"{column.name} (words: {column.different} columns)" if column.kind == "category" else column.name

    target = y.selectbox("y, what is to be predicted", places, first.y, format_func=as_y, key=f"own-y-{key}", **_KEPT)
    others = [place for place in places if place != target and columns[place].kind != "other"]
    numbers = [place for place in others if columns[place].kind == "number"]
    usually = [place for place in first.x if place in others] or numbers or others
    taken = x.multiselect(
        "x, what it is predicted from",
        others,
        usually,
        format_func=as_x,
        key=f"own-x-{key}-{target}",
        placeholder="Choose one or more columns",
        **_KEPT,
    )
    fill = classes = scaled = False
    with st.container(horizontal=True, gap="medium"):
        if any(columns[place].gaps for place in taken):
            words = "Otherwise rows with a gap are left out. Rows without y always are."
            fill = st.toggle("Fill gaps in x with the column's mean", key=f"own-fill-{key}", help=words, **_KEPT)
        if columns[target].kind == "number":
            if columns[target].countable:
                words = "Its few whole numbers stand for classes, and not for amounts."
                classes = st.toggle("y is a class", key=f"own-classes-{key}", help=words, **_KEPT)
            if not classes:
                # A line reaches any y; a network is as steep as y is large, squared.
                many = len(taken) > 1
                words = "To mean 0 and deviation 1. It moves no limit of a linear model, but a network is steep where "
                words += "y is large."
                scaled = st.toggle("Standardize y", many, key=f"own-scaled-{key}-{many}", help=words, **_KEPT)
    return Choice(x=tuple(taken), y=target, fill=fill, classes=classes, scale_y=scaled)


def limits(name: str) -> None:
    """The exact stability limit of a linear model on this data, as measured and standardized."""
    st.markdown("#### What is known before you train")
    data = dataset(name)
    of = "one class from the rest" if data.task == "classes" else data.y_name
    st.markdown(
        f"A linear model of {of} on {len(data.y):,} rows, under the mean squared error: gradient descent on the full "
        "batch is stable up to this rate, **2 / λmax**, λmax being the largest eigenvalue of 2/n XᵀX. It is exact."
    )
    with st.grid(2, min_column_width=280, border=True):
        for title, standardize in (("As measured", False), ("Standardized", True)):
            with st.container(gap="xsmall"):
                _limit(title, known(name, standardize))


def _limit(title: str, found: Known) -> None:
    st.markdown(f"**{title}**")
    cards.numbers({"stability limit": found.limit, "λmax": 2 / found.limit, "condition number": found.condition})
    words = (
        "All directions are equally steep: one rate is right for all of them."
        if found.condition < 1.01
        else f"The steepest direction is {number(found.condition)} times as steep as the flattest, which therefore "
        "takes about as many times longer to settle."
    )
    if found.flat:
        words += f" {found.flat} more {'has' if found.flat == 1 else 'have'} no slope: columns repeat each other there."
    st.caption(words)


def ways_on(name: str) -> None:
    """The pages that train on it, with rates from theory."""
    st.markdown("#### Train on it")
    words = "Shift and stretch each x to mean 0 and standard deviation 1 in what these open."
    condition = known(name, False).condition
    hard = HARD < condition <= HOPELESS
    key = f"own-standardize-{hard}-{condition > HOPELESS}"
    if condition > HOPELESS and not st.session_state.get(key):
        st.warning(
            f"As measured, the condition number is {number(condition)}: the flattest direction would take more epochs "
            "than anybody waits for. With x standardized, each column has mean 0 and standard deviation 1.",
            icon=":material/info:",
        )
        st.button("Standardize x", icon=":material/straighten:", on_click=_standardize, args=(key,))
    standardize = st.toggle("Standardize x", value=hard, key=key, help=words, **_KEPT)
    found = openings(name, standardize)
    with st.container(horizontal=True, gap="medium"):
        for page, experiment in found.items():
            where, label, icon = _PAGES[page]
            st.page_link(where, label=f":primary[{label}]", icon=icon, query_params=link.to(experiment))
    if "compare" not in found and dataset(name).task == "line":
        st.caption(
            "As measured, the rates that theory asks for lie below 1e-12, the least there is here: standardize x."
        )
    data = dataset(name)
    if data.task != "classes" and (spread := float(data.y.std())) > _LARGE:
        st.caption(
            f"y spreads over ±{number(spread)}: a network needs very low rates for that, and long. Standardize y above "
            "to see one at its best."
            if is_upload(name)
            else f"y spreads over ±{number(spread)}: a network needs very low rates for that, and long."
        )
    if data.task != "line":
        st.caption(
            "The compare page draws lines, y = w x + b: choose one column for x and numbers for y to see it there."
        )
    st.caption("It is in the lists of data sets of those pages too, for as long as you are here.")


def _standardize(key: str) -> None:
    st.session_state[key] = True


def as_points(data: Dataset) -> None:
    """Offer a small table of one x as points to edit; a link then holds them."""
    if data.task != "line" or len(data.y) > MOST_POINTS:
        return
    pairs = [(float(x), float(y)) for x, y in zip(data.x[:, 0], data.y, strict=True)]
    st.button(
        f"Edit these {len(pairs)} points, and put them into links",
        icon=":material/edit:",
        on_click=_edit,
        args=(pairs,),
        help="A link to an upload works in this visit only. Points stand in the link itself.",
    )


def _edit(pairs: list[tuple[float, float]]) -> None:
    points_editor.start_from(pairs)
    st.session_state["own-way"] = WAYS[0]


def in_use(name: str) -> None:
    """Make this the reader's data set on the other pages."""
    uploads.use(name)
    if not name.startswith("points:"):
        uploads.hold(dataset(name))
