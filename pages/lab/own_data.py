"""Your own data: points drawn here, or a table that is pasted or uploaded, and what is known before training on it."""

from __future__ import annotations

from pages import own_cards, share
from pages.own_table import table


def from_table() -> str | None:
    """The name of the data set that was chosen from a table."""
    given = table()
    if given is None:
        return None
    own_cards.preview(given)
    data = own_cards.chosen(given)
    if data is None:
        return None
    own_cards.as_points(data)
    return data.name


share.heading("## Your data\nDraw a few points, or bring a table: its limit first, then every instrument works on it.")
name = own_cards.points() if own_cards.way() == own_cards.WAYS[0] else from_table()
if name is not None:
    own_cards.in_use(name)
    own_cards.limits(name)
    own_cards.ways_on(name)
