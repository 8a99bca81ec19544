"""Terms in a text: the glossary's sentence is shown on hover or keyboard focus, a click leads to its entry."""

import re
from urllib.parse import urlencode

from core.story.glossary import look_up
from pages.session import lecture_words


def address(page: str) -> str:
    """A page of the app in a link, with what a lecturer asked for."""
    words = urlencode(lecture_words.words(), doseq=True)
    return f"{page}?{words}" if words else page


def linked(text: str, *words: str) -> str:
    """The text, Markdown, with the first use of each of these words as a link to its entry.

    ValueError: a word that the text does not use.  KeyError: one without an entry.
    """
    words_left = sorted(words, key=len, reverse=True)

    def link(found: re.Match[str]) -> str:
        word = found[0]
        if word not in words_left:
            return word
        words_left.remove(word)
        term = look_up(word)
        return f'[{word}]({address("glossary")}#{term.anchor} "{term.meaning}")'

    marked = re.sub(rf"\b({'|'.join(map(re.escape, words_left))})\b", link, text)
    if words_left:
        raise ValueError(f"the text must use each word that is linked, but lacks {', '.join(words_left)}: {text!r}")
    return marked
