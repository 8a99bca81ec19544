"""The glossary's page, and the terms that other pages link to it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from core.story.glossary import GLOSSARY, look_up
from core.story.lessons import LESSONS
from pages.widgets.terms import linked
from tests.pages.app import open_page, registered, words

PAGES = Path(__file__).parents[3] / "pages"
ENTERED = [*PAGES.glob("lab/*/page.py"), *(PAGES / "learn" / f"{lesson.file}.py" for lesson in LESSONS)]


def test_each_entry_leads_to_a_page_that_is_there_and_says_which():
    said = words(open_page("learn/glossary.py", lock="lr"))
    addresses = {each["url_pathname"] or "compare" for each in registered().values()}
    assert {term.page for term in GLOSSARY} <= addresses
    assert re.findall(r"^#### (.+)$", said, re.M) == [term.name for term in GLOSSARY]
    assert re.findall(r" \[.+\]\((.+)\?lock=lr\)$", said, re.M) == [term.page for term in GLOSSARY]
    assert "Also: SGD, stochastic.] [Schedules](" in said and "[Lesson 1. One step by hand](one-step?" in said


def terms(path: Path) -> list[str]:
    """The words that a page links to the glossary."""
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    named = [call for call in calls if ast.unparse(call.func) in ("linked", "lesson.lesson")]
    return [word.value for call in named for word in call.args[1:] if isinstance(word, ast.Constant)]


def test_every_word_that_a_page_links_has_an_entry_and_no_page_links_more_than_four():
    linked_by = {str(path.relative_to(PAGES)): terms(path) for path in ENTERED}
    assert {name: used for name, used in linked_by.items() if len(used) > 4} == {}
    explained = {look_up(word).name for used in linked_by.values() for word in used}
    assert {"Learning rate", "Gradient", "Loss", "Epoch", "Seed", "Weight", "Evaluation", "Schedule"} <= explained


def test_the_first_use_of_a_word_is_linked_once_and_outside_of_other_links():
    text = linked(
        "## Batches\nThe **batch size** of a batch: a gradient, a gradient.", "batch", "gradient", "batch size"
    )
    assert text.count("](glossary#") == 3
    assert text.startswith('## Batches\nThe **[batch size](glossary#batch-size "The number of points')
    assert 'of a [batch](glossary#batch "' in text
    assert text.endswith(", a gradient.")
    assert linked("No terms.") == "No terms."


def test_a_word_that_the_text_lacks_or_that_has_no_entry_is_told():
    with pytest.raises(ValueError, match="lacks sharpness"):
        linked("The loss falls.", "loss", "sharpness")
    with pytest.raises(KeyError, match="no entry for 'falls'"):
        linked("The loss falls.", "falls")


def test_links_to_the_glossary_carry_what_a_lecturer_asked_for():
    page = open_page("learn/one_step.py", lock="all", gate="0")
    assert any("](glossary?lock=all&gate=0#loss " in block.value for block in page.markdown)
