"""What is drawn in a moment is drawn in turn, one at a time in each process.

All sessions share one processor, as Python's threads do. Pages that are drawn together are all late: of a class that
clicks within a second the last is served sooner when each has its turn, and the median waits a third as long.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_here = threading.local()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Around what draws for a moment: waits until nobody else does."""
    with _lock:
        _here.drawing = True
        try:
            yield
        finally:
            _here.drawing = False


@contextmanager
def letting_others_draw() -> Iterator[None]:
    """Around what takes long while others wait: they draw meanwhile."""
    drawing = getattr(_here, "drawing", False)
    if drawing:
        _lock.release()
    try:
        yield
    finally:
        if drawing:
            _lock.acquire()
