"""The page that reads a log, as a server runs it, without a browser."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core import Experiment
from core.instruments.log.examples import EXAMPLES
from pages.session import work
from tests.pages.app import open_page


def page() -> AppTest:
    """The page as a fresh session sees it."""
    return open_page("lab/diagnose/page.py")


def pasted(text: str) -> AppTest:
    app = page()
    app.text_area(key="log-text").set_value(text).run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    """All that the page says."""
    return " ".join(block.value for block in [*app.markdown, *app.caption, *app.text, *app.html])


def plain(app: AppTest) -> str:
    """What it shows as plain text, where markdown and HTML mean nothing."""
    return " ".join(block.value for block in app.text)


def charts(app: AppTest) -> list[str]:
    """The words of each chart for who can't see it."""
    return [chart.proto.alt for chart in app.get("vega_lite_chart")]


def test_without_a_log_it_says_what_can_be_read_and_that_nothing_is_stored():
    app = page()
    assert "TensorBoard, Weights & Biases, Keras, Lightning" in words(app)
    assert "console lines such as step 10 loss 0.5" in words(app)
    assert "nothing is stored on the server" in words(app)
    assert charts(app) == []


@pytest.mark.parametrize(
    ("place", "says"),
    [
        (0, ["Exploding", "Too high: lower the rate", "gives the limit away: about 0.08452"]),
        (1, ["Plateau", "has risen to 0.4993", "the same run at 3 times the rate and at a third of it"]),
        (2, ["Too slow", "Good", "Loss went up", "Of 4 rates, 3 ended lowest", "lies inside the range tried"]),
    ],
)
def test_an_example_fills_the_box_and_is_diagnosed(place, says):
    app = page()
    app.button(key=f"log-example-{place}").click().run()
    assert not app.exception
    assert app.text_area(key="log-text").value == list(EXAMPLES.values())[place]()
    for sentence in says:
        assert sentence in words(app)
    assert all(len(alt) > 20 for alt in charts(app))
    assert len(charts(app)) == (1 if place == 1 else 2)


def test_the_charts_description_says_from_where_to_where_each_loss_went():
    app = pasted("step,loss\n" + "".join(f"{step},{3 - step / 50}\n" for step in range(101)))
    assert [alt.partition(",")[2].partition(",")[0] for alt in charts(app)] == [" as recorded: A from 3 to 1"]


def test_smoothing_draws_a_second_chart_beside_the_raw_one_and_names_itself():
    app = pasted("step,loss\n" + "".join(f"{step},{3 - step / 50}\n" for step in range(100)))
    before = charts(app)
    app.slider(key="log-smoothing").set_value(0.9).run()
    assert charts(app)[0] == before[0]
    assert len(charts(app)) == len(before) + 1
    assert "exponential moving average over records, factor 0.9" in words(app)


def test_the_loss_of_a_guess_tells_a_run_that_learned_nothing():
    app = pasted("loss\n" + "0.7\n" + "0.6931\n" * 60)
    assert "best constant prediction gives" not in words(app)
    app.number_input(key="log-baseline").set_value(0.6931).run()
    assert "The loss has stopped at what the best constant prediction gives." in words(app)


def test_more_than_eight_runs_bring_a_picker():
    rows = "".join(f"r{run},{step},{1 + run / (1 + step)}\n" for run in range(12) for step in range(20))
    app = pasted("run,step,loss\n" + rows)
    assert "12 runs were found; up to 8 are drawn together." in words(app)
    app.multiselect(key="log-picked-12").set_value([11]).run()
    assert not app.exception
    assert "r11" in plain(app)
    assert "r0" not in plain(app)
    app.multiselect(key="log-picked-12").set_value([]).run()
    assert not app.exception


def test_the_table_holds_the_numbers():
    app = pasted("step,loss,lr\n0,3,0.1\n10,2,0.1\n20,1,0.1\n30,0.5,0.1\n")
    app.toggle(key="log-table").set_value(True).run()
    table = app.dataframe[0].value
    assert table.columns.tolist() == ["run", "step", "loss", "learning_rate"]
    assert table["loss"].tolist() == [3, 2, 1, 0.5]


HOSTILE = {
    "empty rows": ("\n\n,\n,,\n", "could not be read"),
    "text": ("To be or not to be\nthat is the question\n", "No numbers with names were found"),
    "formulas": ("=1+1,+cmd|' /C calc'!A0\n1,2\n2,3\n", "No column is named as a loss"),
    "a header": ("step,loss\n", "Only a first line with names was found"),
    "all nan": ("step,loss\n0,nan\n1,nan\n", "none is a finite number"),
    "unclosed": ('step,loss\n0,"1\n1,2\n', "quotation mark"),
    "decimal commas": ("step,loss\n0,0,5\n1,0,4\n", "put a semicolon or a tab between columns"),
    "many columns": ("c," * 10_001 + "\n", "10,000 are allowed"),
    "nul": ("step,loss\n0,\0\n", "export the log as CSV"),
    "one loss": ("loss\n1.5\n", "Too short to tell"),
    "at once infinite": ("loss\ninf\n1\n2\n3\n", "The first loss recorded, at record 0, is infinity."),
    "huge and tiny": ("loss\n1e308\n1e-320\n-1e308\n0\n", "4 losses"),
}


def test_a_hostile_log_gets_a_sentence_and_never_a_traceback():
    app = page()
    for name, (text, says) in HOSTILE.items():
        app.text_area(key="log-text").set_value(text).run()
        assert not app.exception, name
        assert says in words(app), name


INJECTED = ["<img src=x onerror=alert(1)>", "**bold** ![x](http://example.org/x.png)", "$x$ :red[hot] :material/home:"]


def test_names_of_runs_and_columns_are_shown_as_plain_text_only():
    rows = "".join(f"{name},{step},{3 - step / 9}\n" for name in INJECTED for step in range(9))
    app = pasted("run,step,loss\n" + rows)
    for name in INJECTED:
        assert name[:40] in plain(app)
        assert not any(name[:20] in block.value for block in [*app.markdown, *app.caption, *app.html])
        assert not any(name[:20] in str(chart.proto) for chart in app.get("vega_lite_chart"))
    assert "**bold**" in plain(pasted("**bold**,<b>x</b>\n1,2\n3,4\n"))


def test_an_upload_is_read_beside_what_was_pasted_and_an_example_puts_it_away():
    app = pasted("loss\n3\n2\n1\n0.5\n")
    app.file_uploader[0].upload("my lr=0.1 run.csv", b"step,loss\n0,3\n1,2\n2,1\n3,0.5\n", "text/csv").run()
    assert not app.exception
    assert "my lr=0.1 run" in plain(app)
    assert "pasted" in plain(app)
    app.button(key="log-example-0").click().run()
    assert "my lr=0.1 run" not in plain(app)


HOSTILE_FILES = {
    "picture.csv": (b"\x89PNG\r\n\x1a\n\0\0", "This is a picture"),
    "bomb.xlsx": (b"PK\x03\x04\x14\x00\x06\x00", "This workbook is damaged"),
    "noise.csv": (bytes(range(128, 256)) * 50, "This is no text in a known encoding"),
    "empty.csv": (b"", "the log is empty"),
}


def test_hostile_files_are_refused_in_one_sentence_each_and_the_run_beside_them_is_kept():
    app = pasted("loss\n" + "".join(f"{0.9**step}\n" for step in range(60)))
    drawn = charts(app)
    for name, (content, says) in HOSTILE_FILES.items():
        app.file_uploader[0].set_value((name, content, "text/csv")).run()
        assert not app.exception
        (told,) = [block.value for block in app.text if block.value.startswith(f"{name.partition('.')[0]}: ")]
        assert says in told and "\n" not in told and len(told) < 250
        assert charts(app) == drawn


def test_a_log_leaves_the_experiments_of_the_lab_alone():
    app = open_page("lab/compare/page.py", epochs="77")
    for file in ("lab/diagnose/page.py", "lab/compare/page.py"):
        app.switch_page(file).run()
        assert not app.exception
    assert app.session_state["experiment"] == Experiment(epochs=77)


def test_more_logs_than_are_drawn_are_each_read_once(monkeypatch):
    names = []
    monkeypatch.setattr(work, "read", lambda reader, content, name, what: names.append(name) or reader(content, name))
    app = page()
    files = [(f"run {k}.csv", f"step,loss\n0,3\n1,2\n2,1\n3,0.{k + 1}\n".encode(), "text/csv") for k in range(12)]
    app.file_uploader[0].set_value(files).run()
    app.run()
    assert not app.exception
    assert "12 runs were found" in words(app)
    assert names == [f"run {k}" for k in range(12)]


def test_of_very_many_odd_cells_one_note_is_shown():
    names = [f"lr={k + 1}e-3" for k in range(30)]
    rows = [",".join(["Step", *names]), ",".join(["0", *["3"] * 30]), ",".join(["1", *["odd"] * 30]), "2" + ",1" * 30]
    app = pasted("\n".join(rows))
    assert "30 cells of 30 columns hold no number: left out." in plain(app)


def test_the_reader_chooses_another_column_and_what_was_found_is_said():
    app = pasted("step,loss,aux_loss,lr\n" + "".join(f"{k},{3 - k / 50},{9 - k / 50},0.1\n" for k in range(100)))
    assert "Of 2 columns named as a loss, loss is read." in plain(app)
    (choice,) = [box for box in app.selectbox if box.label == "Loss"]
    assert choice.options[0] == "loss (found)"
    choice.set_value("aux_loss").run()
    assert not app.exception
    assert "A from 9 to 7.02" in charts(app)[0]


def test_a_log_without_a_loss_by_name_lets_the_reader_choose_one():
    app = pasted("epoch,accuracy,auc\n" + "".join(f"{k},0.{k + 10},0.{k + 20}\n" for k in range(20)))
    assert "No column is named as a loss. Found: epoch, accuracy, auc. Choose it" in plain(app)
    (choice,) = [box for box in app.selectbox if box.label == "Loss"]
    choice.set_value("auc").run()
    assert not app.exception
    assert len(charts(app)) == 1


def test_a_choice_of_columns_is_kept_in_the_link_and_the_log_is_not():
    text = "step,loss,aux_loss\n" + "".join(f"{k},{3 - k / 50},{9 - k / 50}\n" for k in range(100))
    app = pasted(text)
    assert not app.query_params
    (choice,) = [box for box in app.selectbox if box.label == "Loss"]
    choice.set_value("aux_loss").run()
    assert app.query_params["log-loss"] in ("aux_loss", ["aux_loss"])
    assert len(app.query_params) == 1
    linked = open_page("lab/diagnose/page.py", **{"log-loss": "aux_loss", "log-counter": "none", "log-run": "x" * 200})
    linked.text_area(key="log-text").set_value(text).run()
    assert not linked.exception
    assert "A from 9 to 7.02" in charts(linked)[0]
    assert {box.label: box.value for box in linked.selectbox}["Steps or epochs"] == ""
    (choice,) = [box for box in linked.selectbox if box.label == "Loss"]
    choice.set_value("found").run()
    assert "A from 3 to 1.02" in charts(linked)[0]
    assert "log-loss" not in linked.query_params
