"""The page of papers as a server runs it, without a browser."""

from __future__ import annotations

import pytest

from core.instruments.papers.gallery import PAPERS
from tests.pages.app import open_page, tables, words

PAGE = "lab/papers/page.py"
AT_ONCE = [name for name, paper in PAPERS.items() if not paper.chance]


def run_it(app):
    next(button for button in app.button if button.label.startswith("Run it")).click().run()
    assert not app.exception
    return app


def test_every_paper_has_a_card_with_its_claim_and_a_way_to_it():
    app = open_page(PAGE)
    said = words(app)
    for paper in PAPERS.values():
        assert paper.title in said and paper.claim in said and paper.arxiv in said
    links = [link.proto.query_string for link in app.get("page_link")]
    assert {f"paper={name}" for name in PAPERS} <= set(links)


@pytest.mark.parametrize("name", AT_ONCE)
def test_a_paper_runs_at_a_click_and_shows_its_numbers_beside_their_ranges(name: str):
    app = open_page(PAGE, paper=name)
    assert not tables(app) and not app.get("vega_lite_chart")
    run_it(app)
    said = words(app)
    assert "Every number lies where it should." in said
    (shown,) = tables(app)
    assert [row["number"] for row in shown] == [each.words for each in PAPERS[name].expected]
    assert {row["it lies"] for row in shown} == {"inside"}
    assert app.get("vega_lite_chart")


def test_a_trained_paper_is_run_for_three_seeds_by_a_worker():
    app = run_it(open_page(PAGE, paper="adam-edge"))
    said = words(app)
    assert "Measured from seeds 0, 1, 2" in said
    assert tables(app)[0][0]["expected"] == "32 to 44; median 34 to 42"


@pytest.mark.parametrize("name", list(PAPERS))
def test_a_paper_leads_to_the_page_it_belongs_to(name: str):
    app = open_page(PAGE, paper=name)
    onward = next(link for link in app.get("page_link") if link.proto.label.startswith("Open in"))
    assert onward.proto.page == PAPERS[name].page.replace("compare", "")
    assert bool(PAPERS[name].experiment) == ("lr=" in onward.proto.query_string)


def test_an_unknown_paper_is_told_and_all_are_shown():
    app = open_page(PAGE, paper="<b>cold fusion</b>")
    assert "names a paper that is not here" in words(app)
    assert "Edge of stability" in words(app)
