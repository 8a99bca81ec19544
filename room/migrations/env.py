"""How Alembic reaches the store: by the connection that `upgrade` hands it."""

from alembic import context

from room.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
