"""Each verdict and each page ends in one link to the page that answers the question it raises."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from core import NETWORK_PRESETS, Experiment
from core.diagnosis.rules import LABELS, QUESTIONS, Diagnosis
from pages.widgets import next_steps
from tests.pages.app import open_page

LINE = {"data": "article", "lr": ["0.00001", "1"], "epochs": "30", "rates": "20", "seeds": "1"}


def steps(app: AppTest) -> dict[str, tuple[str, dict[str, list[str]]]]:
    """The page and the words that each question leads to."""
    links = [each.proto for each in app.main.get("page_link") if each.proto.label.startswith(":primary[")]
    asked = {each.label.removeprefix(":primary[")[:-1]: (each.page, parse_qs(each.query_string)) for each in links}
    assert len(asked) == len(links)
    return asked


def test_every_verdict_raises_a_question_that_a_page_answers_but_a_bug():
    assert set(QUESTIONS) <= set(LABELS)
    for label in LABELS:
        question = Diagnosis(label=label, reason="", clauses=(), advice="").question
        assert (question in next_steps.OF_A_LOG) == (label != "broken")
        assert question in {*next_steps.OF_LANES, "edge", ""}


def test_lanes_that_raise_one_question_share_its_link_which_takes_the_experiment_along():
    (found,) = steps(open_page("lab/compare/page.py", epochs="50", lr=["0.00001", "0.01", "1"])).items()
    assert found[0] == "Which rate is best here?"
    assert found[1][0] == "sweep"
    assert Experiment.from_query(found[1][1])[0].epochs == 50


def test_lanes_that_raise_different_questions_are_named():
    found = steps(open_page("lab/network/page.py", data="xor", hidden="", lr=["0.003", "3"], epochs="300"))
    assert [*found] == ["A: Which rate is best here?", "B: Would another update rule end lower?"]
    assert found["B: Would another update rule end lower?"][1]["map"] == ["3"]
    found = steps(open_page("lab/network/page.py", data="circles", hidden="2", lr=["0.03", "3"], epochs="1000"))
    assert found["B: Would a wider network end lower?"][1]["map"] == ["2"]


def test_a_warm_up_that_does_not_pay_leads_to_where_it_does():
    found = steps(open_page("lab/schedules/page.py", **LINE, schedule="warm-up"))
    page, asked = found["When does warm-up help?"]
    assert page == "network"
    assert Experiment.from_query(asked)[0] == NETWORK_PRESETS["warm-up"].experiment
    found = steps(open_page("lab/schedules/page.py", **LINE, schedule="cosine"))
    assert found["Which schedule is best here?"][1]["map"] == ["4"]


@pytest.mark.parametrize(
    ("file", "query", "question", "page"),
    [
        ("trainability", {}, "Which rate is best where all layers share one?", "sweep"),
        ("self_choosing", {}, "How is the rate changed where steps are noisy?", "schedules"),
        ("range_test", LINE, "See these suggestions side by side", ""),
        ("sweep", LINE | {"map": "1"}, "Is the best rate of one row more than luck?", "sweep"),
        ("sweep", LINE | {"map": "3"}, "How do the rules differ?", "update-rules"),
        ("sweep", LINE | {"map": "4"}, "How does a schedule compare with a constant rate?", "schedules"),
    ],
)
def test_each_page_ends_in_one_link(file: str, query: dict[str, str], question: str, page: str):
    found = steps(open_page(f"lab/{file}/page.py", **query))
    assert [(asked, to) for asked, (to, _) in found.items()] == [(question, page)]


def test_a_log_that_diverged_leads_to_how_a_good_rate_is_found():
    app = open_page("lab/diagnose/page.py")
    app.text_area[0].set_value("loss\n" + "\n".join(f"{3.0**step}" for step in range(30)) + "\nnan").run()
    assert {page for page, _ in steps(app).values()} == {"range-test"}
