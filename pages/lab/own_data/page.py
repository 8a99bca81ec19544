"""Your own data: points drawn here, or a table that is pasted or uploaded, and what is known before training on it."""

from pages.lab.own_data import parts
from pages.lab.own_data.table import table
from pages.lecture import share
from pages.widgets.terms import linked


def from_table() -> str | None:
    """The name of the data set that was chosen from a table."""
    given = table()
    if given is None:
        return None
    parts.preview(given)
    data = parts.chosen(given)
    if data is None:
        return None
    parts.as_points(data)
    return data.name


share.heading(
    linked(
        "## My data\nDraw a few points, or bring a table: first you see its stability limit, then you train on it.",
        "stability limit",
    )
)
name = parts.points() if parts.way() == parts.WAYS[0] else from_table()
if name is not None:
    parts.in_use(name)
    parts.limits(name)
    parts.ways_on(name)
