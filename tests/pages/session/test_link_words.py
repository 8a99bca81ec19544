"""The table of a link's words: no word twice on a page, and each reads any text at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.experiment.experiment import FIELDS
from pages.session.link_words import EXPERIMENT_PAGES, EXTRAS, LECTURE, WORDS


def test_no_word_of_an_experiment_is_another_word_of_the_same_page():
    taken = {field.in_link for field in FIELDS} | {"v"}
    everywhere = {name for name, word in WORDS.items() if not word.pages or set(word.pages) & set(EXPERIMENT_PAGES)}
    assert taken & everywhere == set()
    assert everywhere == {*LECTURE, *EXTRAS}


@pytest.mark.parametrize("name", WORDS)
def test_the_default_of_a_word_is_legal_and_reads_back(name):
    field = WORDS[name].field
    if field.default is not None:  # only the page knows it
        assert field.check(field.default) == field.default
        assert field.read(field.write(field.default)) == (field.default, [])


@given(st.text() | st.floats().map(str) | st.integers().map(str))
def test_no_text_makes_reading_a_word_raise(text):
    for word in WORDS.values():
        value, _ = word.field.read([text])
        if value is not None:
            assert word.field.check(value) == value
