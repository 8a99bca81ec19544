"""Export: on every page, over what the page drew, and made only when it is asked for."""

from __future__ import annotations

import io
import re
import zipfile
from xml.etree import ElementTree

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core import Experiment
from core.experiment.described import what_ran
from core.export import chart_files
from core.export.chart_files import Drawing, picture
from core.export.everything import everything, of_run
from core.export.network_drawings import wirings
from core.export.report import report
from core.story.lessons import LESSONS
from tests.pages.app import open_page, open_takeaway

NETWORK_LANES = ("A: learning rate 0.003", "B: learning rate 0.3", "C: learning rate 30")
LAB = ["compare", "network", "sweep", "range_test", "schedules", "trainability", "update_rules", "self_choosing"]


def charts(app: AppTest) -> list[Drawing]:
    return list(app.session_state["drawn-charts"].values())


def labels(app: AppTest) -> set[str]:
    return {button.proto.label for button in app.get("download_button")}  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", LAB)
def test_every_page_of_the_lab_can_be_shared_and_offers_its_charts_as_pictures(name: str) -> None:
    app = open_takeaway(f"lab/{name}/page.py")
    assert "Download PNG" in labels(app)
    assert [button.label for button in app.button if button.key == "share"] == ["Share"]
    drawn = charts(app)
    assert app.selectbox(key=next(key for key in keys(app) if key.startswith("takeaway-chart"))).options == [
        *(["Loss of every learning rate"] if name in ("compare", "network") else []),
        *(each.name for each in drawn),
        *(f"The network at the end, lane {lane}" for lane in NETWORK_LANES if name == "network"),
    ]
    assert len({each.name for each in drawn}) == len(drawn)
    for form in ("svg", "png"):
        file = picture(drawn[-1], form, "dark", width=360)
        assert Image.open(io.BytesIO(file)).width == 720 if form == "png" else ElementTree.fromstring(file) is not None


def keys(app: AppTest) -> list[str]:
    return [box.key for box in app.selectbox if box.key]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["compare", "network"])
def test_every_chart_of_a_run_renders_in_both_themes(name: str) -> None:
    for drawing in charts(open_takeaway(f"lab/{name}/page.py")):
        light, dark = (picture(drawing, "png", theme, width=300) for theme in ("light", "dark"))
        for file in (light, dark):
            with Image.open(io.BytesIO(file)) as image:
                colours = image.convert("RGB").getcolors(1 << 24)
            assert colours is not None and len(colours) > 20, f"{drawing.key} is blank"
        assert light != dark


def test_the_charts_of_a_network_carry_their_picture_of_the_last_epoch() -> None:
    view = next(each for each in charts(open_takeaway("lab/network/page.py")) if each.key == "view-1")
    svg = picture(view, "svg", "light").decode()
    images = re.findall(r'href="(data:image/png;base64,[^"]+)"', svg)
    assert images == [view.tables["pictures"].to_pylist()[-1]["image"]]


def test_no_file_is_made_while_a_page_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr(chart_files, "standalone", lambda *asked: made.append("a file"))
    app = open_takeaway("lab/compare/page.py")
    app.selectbox(key="takeaway-chart-compare").select_index(3).run()
    assert not app.exception
    assert made == []


@pytest.mark.parametrize("name", ["diagnose", "own_data"])
def test_a_page_that_draws_nothing_has_nothing_to_take_and_can_be_shared(name: str) -> None:
    app = open_takeaway(f"lab/{name}/page.py")
    assert "Download PNG" not in labels(app)
    assert "Share" in {button.label for button in app.button}


def test_what_another_page_drew_is_forgotten() -> None:
    app = open_takeaway("lab/network/page.py")
    app.query_params.clear()
    app.switch_page("lab/compare/page.py").run()
    drawn = {each.key for each in charts(app)}
    assert "ruler" in drawn and "view-0" not in drawn


@pytest.mark.parametrize("file", [lesson.file for lesson in LESSONS])
def test_every_lesson_has_its_handout(file: str) -> None:
    assert {"Questions", "Answers, and why"} <= labels(open_takeaway(f"learn/{file}.py"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "experiment"),
    [
        ("compare", Experiment(learning_rates=(0.01, 1.0), epochs=20)),
        ("network", Experiment(data="moons", hidden=(3,), learning_rates=(0.1,), epochs=5)),
    ],
)
def test_the_zip_of_the_command_is_the_pages(name: str, experiment: Experiment) -> None:
    app = open_takeaway(f"lab/{name}/page.py", **experiment.to_query())
    (drawn, run), folder = (tuple(charts(app)), app.session_state["drawn-run"]), f"learning-rate-lab-{name}"
    more = wirings(run) if name == "network" else ()
    of_page = everything(folder, (*drawn, *more), what_ran(experiment), experiment)
    theirs, ours = (zipfile.ZipFile(io.BytesIO(made)) for made in (of_page, of_run(experiment)))
    in_another_order = {f"{folder}/README.md"} if more else set()  # the pictures stand so in its list
    assert set(theirs.namelist()) == set(ours.namelist())
    for file in set(ours.namelist()) - in_another_order:
        assert theirs.read(file) == ours.read(file), file


@pytest.mark.parametrize("name", ["compare", "network"])
def test_the_report_is_one_file_with_every_chart_the_same_each_time_and_small(name: str) -> None:
    app = open_takeaway(f"lab/{name}/page.py")
    run, drawn = app.session_state["drawn-run"], charts(app)
    made, again = (report(run.history, [lane.diagnosis for lane in run.lanes], run.moments, drawn) for _ in range(2))
    assert made == again
    assert len(made.encode()) < 2_500_000
    assert made.count('class="chart"') == len(drawn)
    assert "default-src 'none'" in made
    for lane in run.lanes:
        assert lane.diagnosis.title in made


def test_what_a_chart_is_called_can_not_break_out_of_the_report() -> None:
    app = open_takeaway("lab/compare/page.py")
    run, (first, *_) = app.session_state["drawn-run"], charts(app)
    evil = "</script><script>alert(1)</script>"
    tables = {**first.tables, "curve": [{"epoch": 0, "loss": 1.0, "words": evil}]}
    bad = Drawing(key="x", name=evil, words=f'"{evil}', spec=first.spec, tables=tables)
    made = report(run.history, [lane.diagnosis for lane in run.lanes], run.moments, [bad])
    assert "<script>alert" not in made


def test_what_is_behind_the_button_is_made_once_it_is_opened() -> None:
    assert labels(open_page("lab/compare/page.py")) == set()
    assert len(labels(open_takeaway("lab/compare/page.py"))) >= 5


@pytest.mark.parametrize(
    ("page", "label"),
    [
        ("lab/compare/page.py", "Everything, as a zip"),
        ("lab/sweep/page.py", "Everything, as a zip"),
        ("learn/fog.py", "All pictures, as a zip"),
    ],
)
def test_one_button_is_in_sight_for_who_does_not_want_to_choose_and_the_rest_is_folded(page: str, label: str) -> None:
    app = open_takeaway(page)
    folded = {button.proto.label for fold in app.expander for button in fold.get("download_button")}  # type: ignore[attr-defined]
    assert label in labels(app) - folded
    assert "Download PNG" in folded
