"""Room, seat, answer, event."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None


def upgrade() -> None:
    """Make the tables. Written out, as the tables of a version stay what they were."""
    op.create_table(
        "room",
        sa.Column("code", sa.String(5), primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("host", sa.String(64), nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("phase", sa.String(8), nullable=False),
        sa.Column("frozen", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("expires", sa.Float, nullable=False),
    )
    op.create_index("ix_room_expires", "room", ["expires"])
    op.create_table(
        "seat",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        _of_room(),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("digits", sa.String(4), nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("removed", sa.Boolean, nullable=False),
        sa.Column("wrong", sa.Integer, nullable=False),
        sa.UniqueConstraint("room", "number"),
        sa.UniqueConstraint("room", "name"),
    )
    op.create_index("ix_seat_token", "seat", ["token"])
    op.create_table(
        "answer",
        _of_room(primary=True),
        sa.Column("step", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("round", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("seat", sa.Integer, sa.ForeignKey("seat.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        _of_room(),
        sa.Column("action", sa.String(8), nullable=False),
        sa.Column("before", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Take them away."""
    for table in ("event", "answer", "seat", "room"):
        op.drop_table(table)


def _of_room(primary: bool = False) -> sa.Column[str]:
    room = sa.ForeignKey("room.code", ondelete="CASCADE")
    return sa.Column("room", sa.String(5), room, primary_key=primary, nullable=False)
