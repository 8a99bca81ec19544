"""Export: what the page shows as files. Each is made when it is asked for, never while the page runs."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Literal

import streamlit as st

from core import Experiment
from core.experiment.described import experiment_words, what_ran
from core.export.chart_files import FORMS, SIZES, WIDTH, Drawing, picture
from core.export.everything import everything
from core.export.handout import Sheet, answer_sheet, question_sheet
from core.export.loss_lines import loss_drawing
from core.export.network_drawings import wirings
from core.export.report import report
from core.export.stage_report import stage_report
from core.instruments.network.scene import NetworkScene
from core.words import duration
from pages.lecture import run_files, share
from pages.lecture.share import EXPORT, EXPORT_WIDTH
from pages.session import link, page_charts
from pages.session.work import file

_SIZES = {"document": "Document", "1920": "Slide, 1920 px", "3840": "3840 px"}
_SECONDS_TO_BEGIN, _SECONDS_OF_A_CHART = 3.0, 0.9  # of a zip, on a slow core; of both themes, as PNG and SVG
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
        charts, run, named = page_charts.charts(), page_charts.the_run(), page_charts.the_code()
        if isinstance(run, NetworkScene):
            charts += wirings(run)
        if charts:
            _everything(page, run, charts, named[0] if named else None)
            with st.expander("A picture", icon=":material/image:"):
                _pictures(page, (*([loss_drawing(run.history)] if run else []), *charts))
        if run:
            with st.expander("A report, for a lecture without a network", icon=":material/article:"):
                _report(page, run, charts)
            run_files.offer(run.history.experiment)
        if named:
            with st.expander("Code: Python script or notebook", icon=":material/code:"):
                st.markdown(named[1])
                run_files.code(named[0])


def _everything(
    page: str, run: page_charts.AnyScene | None, charts: tuple[Drawing, ...], of_many: Experiment | None
) -> None:
    """The one button for who does not want to choose."""
    experiment = run.history.experiment if run else None
    seconds = _SECONDS_TO_BEGIN + _SECONDS_OF_A_CHART * len(charts)
    seconds += sum(4 * each.seconds() for each in (experiment, of_many) if each)
    folder = f"learning-rate-lab-{page}"
    make = file(everything, folder, charts, _caption(), experiment, of_many, seconds=seconds)
    label, kinds = "All pictures, as a zip", "Every chart, light and dark"
    if run or of_many:
        label = "Everything, as a zip"
        kinds += (", the numbers, a report" if run else "") + ", code"
    download(label, make, f"{folder}.zip", "application/zip", type="primary" if run or of_many else "secondary")
    st.caption(f"{kinds}, and a README. Making it takes about {duration(seconds)}.")


def _caption() -> str:
    """What ran, below a picture; "" where that is not one experiment."""
    if run := page_charts.the_run():
        return what_ran(run.history.experiment)
    of_experiments = "experiment" in st.session_state and st.session_state.page in st.session_state.experiment_pages
    return experiment_words(link.current(), "learning_rates") if of_experiments else ""


def _handout(page: str, sheet: Sheet) -> None:
    st.markdown("**Handout for a class**")
    version = st.number_input(
        "Version",
        0,
        999,
        key="handout-version",
        help="0 is as the page asks. Every other number has its choices in another order, and lessons 1 to 5 other "
        "numbers. The answers are of the same version.",
    )
    sheet, of_version = replace(sheet, version=version, link=share.here()), f"-version-{version}" if version else ""
    with st.container(horizontal=True):
        make = partial(question_sheet, sheet)
        download("Questions", make, f"{page}-questions{of_version}.html", "text/html", type="primary")
        download("Answers, and why", partial(answer_sheet, sheet), f"{page}-answers{of_version}.html", "text/html")
    st.caption("Two files to open in a browser and print, or save as PDF, on A4: one to hand out, one to keep.")


def _report(page: str, run: page_charts.AnyScene, charts: tuple[Drawing, ...]) -> None:
    diagnoses = tuple(lane.diagnosis for lane in run.lanes)
    events = run.events if isinstance(run, NetworkScene) else ()
    make = file(report, run.history, diagnoses, run.moments, charts, None, events)
    if run.history.experiment.network() is None:
        make = file(stage_report, run.history.experiment)
    download("One HTML file", make, f"{page}-report.html", "text/html")
    st.caption("Every chart with the slider that moves them, the verdicts and the numbers. It works without a network.")


def _pictures(page: str, charts: tuple[Drawing, ...]) -> None:
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
    size = "document"
    if form == "png":
        size = st.segmented_control(
            "Size",
            tuple(SIZES),
            default=size,
            format_func=_SIZES.__getitem__,
            required=True,
            key="takeaway-size",
            label_visibility="collapsed",
        )
    with st.container(horizontal=True):
        bare = st.toggle("Transparent", key="takeaway-transparent", help="Without a ground of its own, for slides.")
        code = st.toggle("QR code", key="takeaway-code", help="A small one, of the link to this page.")
    size, scanned = size or "document", share.small_code() if code else ""
    make = file(picture, chosen, form, theme, WIDTH, size, bare, _caption() or chosen.words, scanned)
    name = f"{page}-{chosen.key}-{theme}{'' if size == 'document' else f'-{size}'}.{form}"
    download(f"Download {form.upper()}", make, name, FORMS[form])
    st.caption("As at the last epoch, with its name, a key of its marks and what ran. SVG and PDF are for print.")


def download(
    label: str,
    make: Callable[[], str | bytes],
    name: str,
    mime: str,
    type: Literal["primary", "secondary"] = "secondary",
) -> None:
    """A button that makes the file once it is clicked."""
    icon = ":material/download:"
    st.download_button(label, make, name, mime, icon=icon, on_click="ignore", key=f"takeaway-{name}", type=type)
