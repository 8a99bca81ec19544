"""The store's four tables. What stands in them is gone with the room, and names nobody."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, MetaData, String, Table, Text, UniqueConstraint

metadata = MetaData()


def _of_room(primary: bool = False) -> Column[str]:
    return Column("room", String(5), ForeignKey("room.code", ondelete="CASCADE"), primary_key=primary, nullable=False)


# plan: the texts of its steps, JSON.  host: the hash of the secret.  version: raised by whatever all have to be told.
room = Table(
    "room",
    metadata,
    Column("code", String(5), primary_key=True),
    Column("title", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("host", String(64), nullable=False),
    Column("step", Integer, nullable=False),
    Column("round", Integer, nullable=False),
    Column("phase", String(8), nullable=False),
    Column("frozen", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("expires", Float, nullable=False, index=True),
)

# number: from 0, in the order in which they came.  token: the hash of what its cookie holds.  wrong: tries to come back
# with wrong digits.  group: from 1; its answers are kept as those of its first seat.
seat = Table(
    "seat",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _of_room(),
    Column("number", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("digits", String(4), nullable=False),
    Column("token", String(64), nullable=False, index=True),
    Column("removed", Boolean, nullable=False),
    Column("wrong", Integer, nullable=False),
    Column("group", Integer, nullable=True),
    UniqueConstraint("room", "number"),
    UniqueConstraint("room", "name"),
)

# One row for each seat, step and round: sent again it is the same answer.  value: JSON.  sent: how often it was.
answer = Table(
    "answer",
    metadata,
    _of_room(primary=True),
    Column("step", Integer, primary_key=True, autoincrement=False),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("seat", Integer, ForeignKey("seat.id", ondelete="CASCADE"), primary_key=True),
    Column("value", Text, nullable=False),
    Column("sent", Integer, nullable=False, server_default="1"),
)

# What the host has done, each with the state before, JSON, so that it can be undone.
event = Table(
    "event",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _of_room(),
    Column("action", String(8), nullable=False),
    Column("before", Text, nullable=False),
)
