"""The glossary in a real browser."""

from __future__ import annotations

import pytest

from core.story.glossary import GLOSSARY
from tests.browser.page import Visit, assert_sound

pytestmark = pytest.mark.slow

ANCHORS = "() => [...document.querySelectorAll('.st-key-glossary h5')].map(each => each.id)"


@pytest.mark.parametrize("width", [390, 1440])
def test_every_entry_has_its_place_and_all_fit_the_screen(visit: Visit, server: str, width: int) -> None:
    page = visit(f"{server}/glossary", width=width, charts=0)
    assert_sound(page, charts=0)
    assert page.evaluate(ANCHORS) == [term.anchor for term in GLOSSARY]
