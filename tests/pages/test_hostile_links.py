"""Every page at links that ask for what can't be: no page fails, each says what was repaired, and text stays text.

Opened is each page with all its fields hostile at once, turned on until it has met every value, twice where it has many
fields. Each value in each field alone would be 4,000 openings; what a single field of an Experiment makes of any text
at all is tested where it happens, in tests/core/test_experiment.py.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Element

from core import Experiment
from tests.pages.app import FRAME

TIMEOUT = 120  # seconds: the first run that measures sharpness loads PyTorch
MARK = "evil.example"
MARKUP = (
    f"<img src=//{MARK} onerror=alert(1)>**b** [a](http://{MARK}) ![i](http://{MARK}) :red[hot] $x$ {{0}} %s '; DROP--"
)
NEVER_LEGAL: list[str | list[str]] = [
    MARKUP,
    f"{MARK}/../../etc/passwd",
    f"{MARK}\x00\u202e\u2028\n\ufffd🦉",  # �: what a half of a surrogate pair is when it arrives
    MARK * 900,  # 10,800 characters
    [MARK] * 400,  # of more than 1,000 in all Streamlit shows a page none: server/links.py
]
# Some fields take some of these: a coordinate may be -1, and a switch is on at true.
ODD = ["", "nan", "-inf", "1e999", "-0", "1e-400", "9" * 400, "٣", "1_0", "0x10", "true", "none", "-1"]
VALUES = [*NEVER_LEGAL, *ODD]
# These are repaired to the most there may be, which would be trained for minutes.
COSTLY = {"epochs": ("1e999", "9" * 400), "hidden": ("9" * 400,), "sharpness": ("1e999", "9" * 400)}

TRAINED = tuple(Experiment().to_query())
EXTRA = "rates", "seeds"
# All but the first page, which AppTest opens without its link: tests/pages/test_compare.py.
# The words each page reads itself; those that its fields are bound to are found on the page.
PAGES: dict[str, tuple[str, ...]] = {
    "lab/network.py": TRAINED,
    "lab/sweep.py": (*TRAINED, *EXTRA, "map"),
    "lab/range_test.py": (*TRAINED, *EXTRA, "range-low", "range-high"),
    "lab/schedules.py": (*TRAINED, *EXTRA),
    "lab/own_data.py": TRAINED,
    "lab/trainability.py": ("window",),
    "lab/diagnose.py": TRAINED,
    "lab/optimizers.py": (),
    "lab/self_choosing.py": (),
    "learn/one_step.py": (),
    "learn/fog.py": (),
    "learn/from_scratch.py": (),
    "learn/too_high_too_low.py": (),
    "learn/backpropagation.py": (),
    "learn/input_hidden_output.py": (),
    "learn/without_gradients.py": (),
    "learn/what_made_it_deep.py": ("quiz",),
}
HAVE_NO_LINK = ("lab/own_data.py", "lab/diagnose.py")
# What these are called where they are repaired; all others by their own name.
SAID_OF = {"window": "a piece of the map that can't be", "quiz": "The link's quiz is no whole number"}
# Where some fields are drawn only beside others.
ALL_FIELDS = {
    "lab/optimizers.py": {"whose-rate": "My own"},
    "learn/one_step.py": {"half": "true"},
    "learn/fog.py": {"fog-surface": "ravine"},
}


def open_page(name: str, **query: str | list[str]) -> AppTest:
    """The page as a fresh session sees it: without what the first page kept, which AppTest must run before another."""
    app = AppTest.from_file(FRAME, default_timeout=TIMEOUT)
    app.run()
    app.session_state = AppTest.from_file(FRAME).session_state
    for key, values in query.items():
        app.query_params[key] = values
    app.switch_page(name).run()
    assert not app.exception
    return app


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


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_of_a_hostile_link_it_repaired_and_shows_none_of_it_as_more_than_text(name):
    beside = ALL_FIELDS.get(name, {})
    words = [*PAGES[name], *sorted(bound(open_page(name, gate="0", **beside)) - set(beside)), *beside]
    turns = max(2, math.ceil(len(VALUES) / len(words)))
    for turn in range(turns):
        first = turn * len(VALUES) // turns
        values = {word: VALUES[(first + place) % len(VALUES)] for place, word in enumerate(words)}
        asked = {word: "" if value in COSTLY.get(word, ()) else value for word, value in values.items()}
        page = open_page(name, **{"gate": "0"} | asked | (beside if turn % 2 == 0 else {}))
        assert not page.error
        told = " ".join(block.value for block in [*page.text, *page.warning])
        repaired = {word for word in asked if asked[word] in NEVER_LEGAL} & {*PAGES[name], *bound(page)}
        for word in repaired - (set(beside) if turn % 2 == 0 else set()):
            assert SAID_OF.get(word, word) in told or name in HAVE_NO_LINK, f"{word}={str(asked[word])[:50]}"
        for element in elements(page._tree):
            assert element.type == "text" or MARK not in str(element.proto), element.type


def test_a_lesson_says_nothing_of_a_word_that_only_the_lab_has_a_field_for():
    app = AppTest.from_file(FRAME, default_timeout=TIMEOUT).run()
    app.query_params["epochs"], app.query_params["rate"] = "50", MARK
    app.switch_page("learn/one_step.py").run()
    assert not app.exception
    told = [block.value for block in app.text]
    assert any(words.startswith(f"The link's rate={MARK} can't be") for words in told)
    assert not any("epochs" in words for words in told)


def test_a_hostile_word_for_the_questions_asks_them():
    page = open_page("learn/one_step.py", gate=MARKUP)
    assert any(button.label == "Commit" for button in page.button)
    assert not any(MARK in str(element.proto) for element in elements(page._tree))
