"""Groups of seats, and how often an answer was sent."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"


def upgrade() -> None:
    """Nobody of an earlier version is in one."""
    op.add_column("seat", sa.Column("group", sa.Integer, nullable=True))
    op.add_column("answer", sa.Column("sent", sa.Integer, nullable=False, server_default="1"))


def downgrade() -> None:
    """Take them away."""
    op.drop_column("answer", "sent")
    op.drop_column("seat", "group")
