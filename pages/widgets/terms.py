"""Links in a text."""

from urllib.parse import urlencode

from pages.session import lecture_words


def address(page: str) -> str:
    """A page of the app in a link, with what a lecturer asked for."""
    words = urlencode(lecture_words.words(), doseq=True)
    return f"{page}?{words}" if words else page
