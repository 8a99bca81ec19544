"""Groups of seats that give one answer together: who is in which."""

import random
from collections import Counter
from collections.abc import Iterable, Sequence

SIZES = range(2, 7)  # seats of a group that a host can ask for
_random = random.SystemRandom()


def dealt(seats: Sequence[int], size: int) -> dict[int, int]:
    """The group, from 1, of each seat: at random, as even as can be, `size` at most where that leaves nobody alone."""
    count = -(-len(seats) // size)
    if count > 1 and len(seats) // count < SIZES[0]:
        count -= 1
    shuffled = _random.sample(seats, len(seats))
    return {seat: place % count + 1 for place, seat in enumerate(shuffled)}


def smallest(groups: Iterable[int | None]) -> int | None:
    """The group that a seat which comes late joins, of those of the others; None where there are no groups."""
    sizes = Counter(group for group in groups if group is not None)
    return min(sizes, key=lambda group: (sizes[group], group), default=None)
