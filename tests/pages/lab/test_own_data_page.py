"""The page for the reader's own data, and the other pages on it, as a server runs them, without a browser."""

from __future__ import annotations

import gc
import io
import weakref
import zipfile
from urllib.parse import parse_qs

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import Experiment
from core.data.datasets import dataset, is_upload, uploads
from core.data.points import write_points
from core.instruments.compare.scene import Scene
from core.instruments.network.scene import NetworkScene
from core.instruments.sweep.scene import SweepScene
from tests.pages.app import open_page, shown, stage, tell, words

PAGE = "lab/own_data/page.py"
LINE = "height,weight\n" + "".join(f"{150 + k},{0.7 * k + k % 3}\n" for k in range(40))
WIDE = "a,b,kind,y\n" + "".join(f"{k},{k * k % 11},{'uv'[k % 2]},{3 * k + k % 4}\n" for k in range(40))
POINTS = "points:1,2.2;2,3.6;3,6.4;4,7.7;5,10.1"


def at_table() -> AppTest:
    app = open_page(PAGE)
    app.segmented_control(key="own-way").set_value("A table").run()
    assert not app.exception
    return app


def pasted(text: str, app: AppTest | None = None) -> AppTest:
    app = app or at_table()
    app.text_area(key="own-text").set_value(text).run()
    assert not app.exception
    return app


def plain(app: AppTest) -> str:
    """What it shows as plain text, where markdown and HTML mean nothing."""
    return " ".join(block.value for block in app.text)


def ways_on(app: AppTest) -> dict[str, dict[str, list[str]]]:
    """The query of each link to another page, by the page."""
    links = [link for link in app.main.get("page_link") if link.proto.label.startswith(":primary[")]
    return {link.proto.page.strip("/") or "compare": parse_qs(link.proto.query_string) for link in links}


def follow(app: AppTest, page: str, link: str, **more: str) -> AppTest:
    """Go to a page by the link to it and these words, more than a moment after the last one was written."""
    app.session_state["link_written"] = -10.0
    app.query_params.clear()
    for name, values in (ways_on(app)[link] | more).items():
        app.query_params[name] = values
    app.switch_page(page).run()
    assert not app.exception
    return app


def compare_at(**query: str) -> AppTest:
    """The default page as a fresh session sees it at this link."""
    return open_page("lab/compare/page.py", **query)


def drop(app: AppTest) -> None:
    """What the end of a session does to its state."""
    app.session_state._state._state.clear()
    gc.collect()


def test_it_begins_with_points_their_limit_and_ways_on():
    app = open_page(PAGE)
    assert "2 / λmax" in words(app)
    assert "0.08452" in " ".join(block.value for block in app.html)
    assert {query["data"][0] for query in ways_on(app).values()} == {POINTS}
    assert app.session_state["own"] == POINTS


def test_the_compare_page_trains_on_the_points_and_lists_them():
    app = follow(open_page(PAGE), "lab/compare/page.py", "compare")
    assert shown(app).data == POINTS
    assert "Your points: 5" in app.selectbox(key="data").options


def test_a_link_with_30_points_opens_in_a_fresh_session():
    text = write_points([(k + 0.123456789012345, k * k - 1e-7) for k in range(30)])
    app = compare_at(data=text)
    assert shown(app) == Experiment(data=text)
    assert not app.session_state["repairs"]


@pytest.mark.parametrize("text", ["points:1,2;1,3", "points:" + "1,2;" * 900])  # more of them in tests/core/data
def test_points_that_can_not_be_are_repaired(text):
    app = compare_at(data=text)
    assert shown(app) == Experiment()
    assert "using article" in plain(app)


def test_a_pasted_table_is_previewed_chosen_and_measured():
    app = pasted(WIDE)
    assert "pasted: 40 rows, 4 columns" in plain(app)
    table = app.dataframe[0].value
    assert table["column"].tolist() == ["a", "b", "kind", "y"]
    assert table["holds"].tolist()[2] == "2 different words"
    assert app.multiselect[0].value == [1]  # a only counts rows
    assert set(ways_on(app)) == {"compare", "network", "sweep"}
    app.multiselect[0].set_value([0, 1]).run()
    assert set(ways_on(app)) == {"network", "sweep"}
    assert "The compare page draws lines" in words(app)
    app.selectbox[0].set_value(2).run()
    assert not app.exception
    assert "one class from the rest" in words(app)
    app.multiselect[0].set_value([]).run()
    assert "No column was chosen for x" in plain(app)


def test_words_are_offered_as_columns_of_x_and_as_classes_of_y():
    app = pasted(WIDE)
    assert app.selectbox[0].value == 3  # y is a column of numbers until somebody says otherwise
    assert "kind (2 classes)" in app.selectbox[0].options
    assert "kind (words: 2 columns)" in app.multiselect[0].options
    app.multiselect[0].set_value([1, 2]).run()
    assert not app.exception
    assert '"kind" became 2 columns, one a word' in plain(app)
    assert dataset(app.session_state["own"]).columns == ("b", "kind u", "kind v")


def test_a_hopeless_condition_number_offers_to_standardize_by_a_button():
    text = "a,b,y\n" + "".join(f"{k % 5},{1e6 + k * k % 97},{k % 11}\n" for k in range(40))
    app = pasted(text)
    x = np.array([[k % 5, 1e6 + k * k % 97, 1] for k in range(40)])
    assert np.linalg.cond(x) ** 2 > 1e8
    assert not any("standardize" in query for query in ways_on(app).values())
    next(button for button in app.button if button.label == "Standardize x").click().run()
    assert not app.exception
    assert {query["standardize"][0] for query in ways_on(app).values()} == {"on"}
    assert not [button for button in app.button if button.label == "Standardize x"]
    assert not [button for button in pasted(LINE).button if button.label == "Standardize x"]


def test_gaps_are_left_out_or_filled_and_counted():
    app = pasted(LINE + "nan,5\ninf,6\n200,\n")
    assert "2 cells are nan or inf" in plain(app)
    assert "3 of 43 rows with gaps were left out." in plain(app)
    next(toggle for toggle in app.toggle if toggle.label.startswith("Fill gaps")).set_value(True).run()
    assert "2 gaps were filled with the mean of the column." in plain(app)
    assert "1 of 43 rows without y was left out." in plain(app)


@pytest.mark.parametrize(
    ("page", "link"),
    [("lab/compare/page.py", "compare"), ("lab/network/page.py", "network"), ("lab/sweep/page.py", "sweep")],
)
def test_every_instrument_works_on_an_upload_and_the_way_back_keeps_it(page, link):
    app = follow(pasted(LINE), page, link)
    name = shown(app).data
    assert is_upload(name)
    assert "Your data: 40 rows" in app.selectbox(key="data").options
    app.switch_page(PAGE).run()
    assert not app.exception
    assert app.session_state["own"] == name
    assert "pasted: 40 rows" in plain(app)


def test_of_an_upload_the_stage_has_its_deck_and_no_run_is_pinned_in_a_link():
    app = follow(pasted(LINE), "lab/compare/page.py", "compare")
    name, drawn = shown(app).data, stage(app)
    assert drawn.header["experiment"]["points"] == 40
    assert drawn.data["mostPins"] == 0
    assert "address" not in drawn.data
    tell(app, "pin", drawn.data["rates"][0])
    assert "pin" not in app.query_params
    tell(app, "link", f"data={name}&lr=0.001&pin=data%3D{name}%26lr%3D0.001")
    assert "pin" not in app.query_params


@pytest.mark.parametrize("columns", [([0, 1], 3), ([0], 2), ([0, 1, 4], 3), ([0, 1, 4], 2)])
def test_the_network_lab_draws_any_number_of_columns_and_classes(columns):
    text = WIDE.splitlines()
    text = "\n".join([text[0] + ",c", *(f"{row},{k % 7}" for k, row in enumerate(text[1:]))])
    app, (x, y) = pasted(text), columns
    app.selectbox[0].set_value(y).run()
    app.multiselect[0].set_value(x).run()
    app = follow(app, "lab/network/page.py", "network")
    assert shown(app).widths[0] == len(x)
    assert ("lie on no plane" in words(app)) == (len(x) > 2 and y == 3)


def test_a_file_that_is_refused_leaves_the_session_as_it_was():
    app = pasted(LINE)
    name = app.session_state["own"]
    app.file_uploader[0].upload("bad.csv", "größe,b\n1,2\n".encode("latin-1"), "text/csv").run()
    assert not app.exception
    assert "bad.csv: This is no text in a known encoding" in plain(app)
    assert "what was there before is kept" in words(app)
    assert app.session_state["own"] == name
    app.file_uploader[0].upload("good.tsv", b"a\tb\n1\t2\n2\t5\n3\t7\n", "text/plain").run()
    assert "good.tsv: 3 rows, 2 columns" in plain(app)


def zip_bomb() -> bytes:
    """An .xlsx of 200 KB that becomes 200 MB."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 200_000_000)
    return file.getvalue()


HOSTILE_FILES = {
    "bomb.xlsx": (zip_bomb, "Unpacked, this workbook has 200 MB in 2 files; 60 MB in 1,000 are allowed"),
    "picture.csv": (lambda: b"\x89PNG\r\n\x1a\n\0\0", "This is a picture"),
    "text.xlsx": (lambda: b"PK, but no zip", "This workbook is damaged"),
    "noise.csv": (lambda: bytes(range(128, 256)) * 50, "This is no text in a known encoding"),
    "empty.csv": (lambda: b"", "the table is empty"),
}


def test_hostile_files_are_refused_in_one_sentence_each_and_the_table_before_them_is_kept():
    app = pasted(LINE)
    before = app.session_state["own"], app.session_state["own_table"]
    for name, (content, says) in HOSTILE_FILES.items():
        app.file_uploader[0].upload(name, content(), "text/csv").run()
        assert not app.exception
        (told,) = [block.value for block in app.text if block.value.startswith(f"{name}: ")]
        assert says in told and "\n" not in told and len(told) < 250
        assert "what was there before is kept" in words(app)
        assert (app.session_state["own"], app.session_state["own_table"]) == before
        assert "pasted: 40 rows, 2 columns" in plain(app)


INJECTED = "<img src=x onerror=alert(1)>,**bold** [a](http://b.example) $x$,:red[hot]\n1,2,3\n2,4,1\n3,5,9\n"


def test_names_are_plain_text_or_lose_all_that_means_something():
    app = pasted(INJECTED)
    app = follow(app, "lab/network/page.py", "network")
    for block in [*app.markdown, *app.caption, *app.html, *app.info]:
        for part in ("<img", "**bold**", "b.example", ":red["):
            assert part not in block.value
    app.switch_page(PAGE).run()
    for block in [*app.markdown, *app.caption, *app.html]:
        assert not any(part in block.value for part in ("<img", "**bold**", "](http", ":red["))


def test_another_session_can_not_see_an_upload_even_while_it_is_there():
    first = pasted(LINE)
    name = first.session_state["own"]
    for page in ("lab/compare/page.py", "lab/network/page.py", "lab/sweep/page.py"):
        asked = {"data": name, "epochs": "7"}
        other = compare_at(**asked) if page == "lab/compare/page.py" else open_page(page, **asked)
        assert not is_upload(shown(other).data)
        assert "an upload is kept for one visit only: upload it again" in plain(other)
        assert not any("Your data" in option for option in other.selectbox(key="data").options)
    other = compare_at(epochs="7")
    tell(other, "link", f"epochs=8&data={name}")
    assert (shown(other).data, shown(other).epochs) == ("article", 8), "nor by what its stage tells"
    assert name in {data.name for data in uploads()}


def test_with_its_session_an_upload_and_all_that_came_of_it_is_gone():
    app = pasted(LINE)
    small = {"rates": "20", "seeds": "1"}  # a sweep so short that it is kept for all sessions, were it not of an upload
    for page, more in (("compare", {}), ("network", {}), ("sweep", small)):
        app = follow(app, f"lab/{page}/page.py", page, **more)
        if page == "compare":
            next(toggle for toggle in app.toggle if "table" in toggle.label).set_value(True).run()
        app.switch_page(PAGE).run()
    name = app.session_state["own"]
    results = [entry.value for entry in app.session_state["kept-results"].values()]
    assert {type(result) for result in results} >= {bytes, Scene, NetworkScene, SweepScene}
    kept = [weakref.ref(result) for result in results if hasattr(result, "__weakref__")]
    del results
    held = weakref.ref(app.session_state["own_uploads"][name])
    drop(app)
    del app
    gc.collect()
    assert held() is None
    assert name not in {data.name for data in uploads()}
    assert not any(result() for result in kept)


def test_choosing_again_drops_what_no_page_shows_any_more():
    app = pasted(WIDE)
    first = app.session_state["own"]
    app.multiselect[0].set_value([0]).run()
    assert set(app.session_state["own_uploads"]) == {app.session_state["own"]}
    app = follow(app, "lab/compare/page.py", "compare")
    app.switch_page(PAGE).run()
    second = app.session_state["own"]
    app.multiselect[0].set_value([0, 1]).run()
    assert set(app.session_state["own_uploads"]) == {second, app.session_state["own"]}
    assert first not in app.session_state["own_uploads"]


def test_few_rows_of_one_column_can_become_points():
    app = pasted("x,y\n1,2\n2,4\n3,7\n")
    next(button for button in app.button if button.label.startswith("Edit these 3 points")).click().run()
    assert not app.exception
    assert app.session_state["own"] == "points:1,2;2,4;3,7"


def test_the_frame_finds_the_page_by_its_address():
    assert open_page(PAGE).session_state["page"].url_path == "data"
