"""Runs inside `dashapp.database.migrate`, on the connection that it hands over."""

from alembic import context

from dashapp.database.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
