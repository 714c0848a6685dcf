"""Alembic's way in: runs the migrations on the connection and in the transaction that it is handed."""

from alembic import context

from nightdesk.archive.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
