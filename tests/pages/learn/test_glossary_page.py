"""The glossary's page."""

from __future__ import annotations

import re

from core.story.glossary import GLOSSARY
from tests.pages.app import open_page, registered, words


def test_each_entry_leads_to_a_page_that_is_there_and_says_which():
    said = words(open_page("learn/glossary.py", lock="lr"))
    addresses = {each["url_pathname"] or "compare" for each in registered().values()}
    assert {term.page for term in GLOSSARY} <= addresses
    assert re.findall(r"^##### (.+)$", said, re.M) == [term.name for term in GLOSSARY]
    assert re.findall(r" \[.+\]\((.+)\?lock=lr\)$", said, re.M) == [term.page for term in GLOSSARY]
    assert "Also: SGD, stochastic.] [Schedules](" in said and "[Lesson 1. One step by hand](one-step?" in said
