"""A page of each kind at links that ask for what can't be: none fails, each says what was repaired, text stays text.

Each is opened twice with all its fields hostile at once: with words that no field takes, which every field has to tell,
and with odd numbers. What a field of an Experiment makes of any text at all is tested where it happens, in
tests/core/experiment/test_experiment.py, and what a page's own fields do, in tests/pages/widgets/test_link_fields.py.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Element

from core import Experiment
from core.story.lessons import LESSONS
from pages.session.link_words import WORDS
from tests.pages.app import fresh, open_page

MARK = "evil.example"
MARKUP = (
    f"<img src=//{MARK} onerror=alert(1)>**b** [a](http://{MARK}) ![i](http://{MARK}) :red[hot] $x$ {{0}} %s '; DROP--"
)
NEVER_LEGAL: list[str | list[str]] = [
    MARKUP,
    f"{MARK}/../../etc/passwd",
    f"{MARK}\x00\u202e\u2028\n\ufffd🦉",  # �: what a half of a surrogate pair is when it arrives
    MARK * 900,  # 10,800 characters
    [MARK] * 100,  # for every fifth field; of more than 1,000 in all Streamlit shows a page none: server/links.py
]
# Some fields take some of these: a coordinate may be -1, and a switch is on at true.
ODD = ["", "nan", "-inf", "1e999", "-0", "1e-400", "9" * 400, "٣", "1_0", "0x10", "true", "none", "-1"]
# These are repaired to the most there may be, which would be trained for minutes.
COSTLY = {"epochs": ("1e999", "9" * 400), "hidden": ("9" * 400,), "sharpness": ("1e999", "9" * 400)}

TRAINED = tuple(Experiment().to_query())
EXTRA = "rates", "seeds"
# One of each kind; the first page's are in tests/pages/lab/test_compare_page.py.
# The words each page reads itself; those that its fields are bound to are found on the page.
PAGES: dict[str, tuple[str, ...]] = {
    "lab/network/page.py": TRAINED,
    "lab/sweep/page.py": (*TRAINED, *EXTRA, "map"),
    "lab/range_test/page.py": (*TRAINED, *EXTRA, "range-low", "range-high"),
    "lab/own_data/page.py": TRAINED,
    "lab/trainability/page.py": ("window",),
    "lab/papers/page.py": ("paper",),
    "lab/update_rules/page.py": (),
    "learn/fog.py": (),
    "learn/what_made_it_deep.py": ("quiz",),
}
HAVE_NO_LINK = ("lab/own_data/page.py",)
# What these are called where they are repaired; all others by their own name.
SAID_OF = {
    "window": "a piece of the map that can't be",
    "paper": "names a paper that is not here",
    "quiz": "The link's quiz is no whole number",
}
# Where some fields are drawn only beside others.
ALL_FIELDS = {"lab/update_rules/page.py": {"whose-rate": "My own"}, "learn/fog.py": {"fog-surface": "ravine"}}


def elements(block: Block) -> Iterator[Element]:
    """All that a page shows."""
    for child in block.children.values():
        if isinstance(child, Block):
            yield from elements(child)
        else:
            yield child


def bound(page: AppTest) -> set[str]:
    """The words of the link that the fields now on this page are bound to."""
    return {getattr(element.proto, "query_param_key", "") for element in elements(page._tree)} - {""}


def url(name: str) -> str:
    """A page's address: that of learn/one_step.py is one-step, that of lab/update_rules/page.py is update-rules."""
    return name.removesuffix("/page.py").removesuffix(".py").rpartition("/")[2].replace("_", "-")


def fields_of(name: str) -> list[str]:
    """The words of the link that a page reads; of one that has fields of its own, found on the page itself."""
    words = [*PAGES[name]]
    if not words or name.startswith("learn/"):
        beside = ALL_FIELDS.get(name, {})
        words += sorted(bound(open_page(name, gate="0", **beside)) - set(beside))
    return words


OF_THEIR_OWN = ["lab/update_rules/page.py", "lab/self_choosing/page.py", *(f"learn/{each.file}.py" for each in LESSONS)]


def test_every_field_a_page_has_of_its_own_is_a_word_of_that_page():
    for name in OF_THEIR_OWN:
        drawn = bound(open_page(name, gate="0", **ALL_FIELDS.get(name, {})))
        assert drawn and drawn <= {word for word, (_, pages, _) in WORDS.items() if url(name) in pages}, name


def turned(values: list, words: list[str], first: int) -> dict[str, str | list[str]]:
    """A value for each word, beginning with this one; an empty one in place of what would be trained for minutes."""
    given = {word: values[(first + place) % len(values)] for place, word in enumerate(words)}
    return {word: "" if value in COSTLY.get(word, ()) else value for word, value in given.items()}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_of_a_hostile_link_it_repaired_and_shows_none_of_it_as_more_than_text(name):
    words, beside, place = fields_of(name), ALL_FIELDS.get(name, {}), list(PAGES).index(name)
    hostile = turned(NEVER_LEGAL, words, place)
    page = open_page(name, **{"gate": "0"} | hostile | beside)
    assert not page.error
    told = " ".join(block.value for block in [*page.text, *page.warning])
    for word in hostile:
        assert SAID_OF.get(word, word) in told or name in HAVE_NO_LINK, f"{word}={str(hostile[word])[:50]}"
    for element in elements(page._tree):
        assert element.type == "text" or MARK not in str(element.proto), element.type
    assert not open_page(name, **{"gate": "0"} | turned(ODD, [*words, *beside], 5 * place)).error


def test_a_lesson_says_nothing_of_a_word_that_only_the_lab_has_a_field_for():
    page = fresh(gate="0", epochs="50", rate=MARK).run()
    page.query_params |= {"gate": "0", "epochs": "50", "rate": MARK}
    page.switch_page("learn/one_step.py").run()
    assert not page.exception
    told = [block.value for block in page.text]
    assert any(words.startswith(f"The link's rate={MARK} can't be") for words in told)
    assert not any("epochs" in words for words in told)


def test_a_hostile_word_for_the_questions_asks_them():
    page = open_page("learn/one_step.py", gate=MARKUP)
    assert any(button.label == "Commit" for button in page.button)
    assert not any(MARK in str(element.proto) for element in elements(page._tree))
