"""How large a table may be, and what is said of one that is larger."""

from .text import Unreadable

MOST_BYTES = 10_000_000  # 20,000 rows of 20 numbers with 17 digits are 7.6 MB
MOST_ROWS, MOST_COLUMNS = 20_000, 20  # a step over all of them takes about a hundredth of a second a rate

Rows = list[list[str]]


def too_many_rows(found: int | str) -> Unreadable:
    """The refusal of a table of so many rows."""
    many = f"{found:,}" if isinstance(found, int) else found
    return Unreadable(f"The table has {many} rows; {MOST_ROWS:,} are allowed: keep every tenth, say, drawn at random.")


def too_many_columns(found: int | str) -> Unreadable:
    """The refusal of a table of so many columns."""
    many = f"{found:,}" if isinstance(found, int) else found
    return Unreadable(f"The table has {many} columns; {MOST_COLUMNS} are allowed: keep y and what it may depend on.")
