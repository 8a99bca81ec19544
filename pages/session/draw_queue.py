"""What is drawn in a moment is drawn in turn, one at a time in each process.

All sessions share one processor, as Python's threads do. Pages that are drawn together are all late: of a class that
clicks within a second the last is served sooner when each has its turn, and the median waits a third as long.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_turn = threading.Lock()
_here = threading.local()


@contextmanager
def in_turn() -> Iterator[None]:
    """Around what draws for a moment: waits until nobody else does."""
    with _turn:
        _here.drawing = True
        try:
            yield
        finally:
            _here.drawing = False


@contextmanager
def aside() -> Iterator[None]:
    """Around what takes long within a turn: others have theirs meanwhile."""
    drawing = getattr(_here, "drawing", False)
    if drawing:
        _turn.release()
    try:
        yield
    finally:
        if drawing:
            _turn.acquire()
