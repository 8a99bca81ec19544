"""What a chart or a component of ours has sent: as it sends it, or as somebody else wrote it."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def understood(read: Callable[[], T]) -> T | None:
    """What this reads out of a message; None where it is not what ours would send, as where nothing was clicked."""
    try:
        return read()
    except (AttributeError, LookupError, OverflowError, TypeError, ValueError):
        return None
