"""Export: what the page shows as files. Each is made when it is asked for, never while the page runs."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.export.chart_files import FORMS, Drawing, picture
from core.export.handout import Sheet, answer_sheet, question_sheet
from core.export.loss_lines import loss_drawing
from core.export.report import report
from core.export.stage_report import stage_report
from core.instruments.network.scene import NetworkScene
from pages.lecture import run_files
from pages.lecture.share import EXPORT, EXPORT_WIDTH
from pages.session import page_charts
from pages.session.work import file

_LOOKS = {"light": ":material/light_mode: Light", "dark": ":material/dark_mode: Dark"}


def popover(page: str, sheet: Sheet | None = None) -> None:
    """The button at the head of the page and what is behind it, where there is anything to take.

    page: what its files are called after.  sheet: of a lesson, its questions on paper.
    """
    if page_charts.offers() or sheet:
        with st.session_state[EXPORT].container(width=EXPORT_WIDTH):
            _behind(page, sheet)


@st.fragment  # a choice in here must not run the page again
def _behind(page: str, sheet: Sheet | None) -> None:
    # Made once it is opened: it has as many parts as a page, and most readers never look.
    behind = st.popover("Export", icon=":material/ios_share:", key="takeaway", on_change="rerun", width="stretch")
    if not behind.open:
        return
    with behind:
        if sheet:
            _handout(page, sheet)
        charts, run = page_charts.charts(), page_charts.the_run()
        if charts:
            _pictures(page, (*([loss_drawing(run.history)] if run else []), *charts))
        if run:
            _report(page, run, charts)
            run_files.offer(run.history.experiment)
        if named := page_charts.the_code():
            st.markdown(f"**Code that checks itself**\n\n{named[1]}")
            run_files.code(named[0])


def _handout(page: str, sheet: Sheet) -> None:
    st.markdown("**Handout for a class**")
    with st.container(horizontal=True):
        download("Questions", partial(question_sheet, sheet), f"{page}-questions.html", "text/html")
        download("Answers, and why", partial(answer_sheet, sheet), f"{page}-answers.html", "text/html")
    st.caption("Two pages to open in a browser and print on A4: one to hand out, one to keep.")


def _report(page: str, run: page_charts.AnyScene, charts: tuple[Drawing, ...]) -> None:
    st.markdown("**All of it, for a lecture without a network**")
    diagnoses = tuple(lane.diagnosis for lane in run.lanes)
    events = run.events if isinstance(run, NetworkScene) else ()
    make = file(report, run.history, diagnoses, run.moments, charts, None, events)
    if run.history.experiment.network() is None:
        make = file(stage_report, run.history.experiment)
    download("One HTML file", make, f"{page}-report.html", "text/html")
    st.caption("Every chart with the slider that moves them, the verdicts and the numbers. It works without a network.")


def _pictures(page: str, charts: tuple[Drawing, ...]) -> None:
    st.markdown("**A picture**")
    which = st.selectbox(
        "Chart",
        range(len(charts)),
        format_func=lambda at: charts[at].name,
        key=f"takeaway-chart-{page}",
        label_visibility="collapsed",
    )
    chosen = charts[min(which or 0, len(charts) - 1)]
    with st.container(horizontal=True, vertical_alignment="center"):
        form = st.segmented_control(
            "Format",
            tuple(FORMS),
            default="png",
            format_func=str.upper,
            required=True,
            key="takeaway-form",
            label_visibility="collapsed",
        )
        theme = st.segmented_control(
            "Theme",
            tuple(_LOOKS),
            default=page_charts.theme(),
            format_func=_LOOKS.__getitem__,
            required=True,
            key="takeaway-theme",
            label_visibility="collapsed",
        )
    form, theme = form or "png", theme or page_charts.theme()
    download(
        f"Download {form.upper()}",
        file(picture, chosen, form, theme),
        f"{page}-{chosen.key}-{theme}.{form}",
        FORMS[form],
    )
    st.caption("As at the last epoch, under its name. PNG for slides, SVG and PDF for print.")


def download(label: str, make: Callable[[], str | bytes], name: str, mime: str) -> None:
    """A button that makes the file once it is clicked."""
    st.download_button(label, make, name, mime, icon=":material/download:", on_click="ignore", key=f"takeaway-{name}")
