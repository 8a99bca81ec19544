"""Every card of the gallery gives, over its seeds, numbers that lie where it says."""

import numpy as np
import pytest

from core.instruments.papers.gallery import PAPERS, Row, conclusion, measured, parts, rows, seeds_of
from core.instruments.papers.paper import Expected, Measured
from tests.cases import for_each


@pytest.mark.slow
@for_each("name", list(PAPERS))
def test_a_papers_numbers_lie_where_its_card_says(name):
    found = [measured(name, seed) for seed in seeds_of(PAPERS[name])]
    assert all(len(each.pictures) for each in found)
    missed = {row.expected.words: row.values.tolist() for row in rows(PAPERS[name], found) if not row.holds}
    assert missed == {}


def test_what_chance_has_a_part_in_is_claimed_of_three_seeds_and_more():
    assert {len(seeds_of(paper)) for paper in PAPERS.values() if paper.chance} == {3}


@for_each("name", list(PAPERS))
def test_a_card_says_who_claimed_what_and_what_runs_here(name):
    paper = PAPERS[name]
    said = (paper.title, paper.claim, paper.source, paper.recipe, paper.differs)
    assert all(len(words) > 3 and "  " not in words for words in said)
    assert paper.claim.count(". ") <= 1, "one sentence, or two"
    assert not paper.arxiv or (len(paper.arxiv) == 10 and float(paper.arxiv))
    assert all(low <= high for each in paper.expected for low, high in (each.each, each.median or each.each))


def test_a_number_outside_its_range_is_said_to_be_outside():
    expected = Expected(words="", each=(1, 3), median=(1.9, 2.1))
    assert expected.holds(np.array([2.0]))
    assert expected.holds(np.array([1.1, 2.0, 2.9]))
    assert not expected.holds(np.array([1.1, 1.2, 2.0])), "the median of three"
    assert not expected.holds(np.array([2.0, 3.1]))
    assert not expected.holds(np.array([np.nan]))


def test_what_did_not_reproduce_is_told_apart_from_what_did():
    found = [Row(expected=Expected(words="", each=(0, 2)), values=np.array([1.0]), holds=True)]
    shown = {heading: list(papers) for heading, papers in parts().items()}
    assert sorted(name for names in shown.values() for name in names) == sorted(PAPERS)
    refuted = shown["Did not reproduce here"]
    assert {"greedy-rates", "sensitivity"} <= set(refuted)
    assert all("does not show here" in conclusion(PAPERS[name], found) for name in refuted)
    assert "lies where it should" in conclusion(PAPERS["silver"], found)


def test_a_row_holds_the_values_of_all_seeds():
    paper = PAPERS["momentum-edge"]
    found = [Measured(values=values, pictures=()) for values in ((3.0, 2.9, 3.1), (3.0, 9.0, 3.0))]
    first, second, _ = rows(paper, found)
    assert first.holds and first.values.tolist() == [3.0, 3.0]
    assert not second.holds
    assert first.range_words == "2.1 to 3.2; median 2.82 to 3.18"
