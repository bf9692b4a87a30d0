"""How Alembic runs the migrations of a branch: on the connection that holds the lock, each in its own transaction."""

from alembic import context

branch, connection = context.config.attributes["branch"], context.config.attributes["connection"]
context.configure(connection=connection, transaction_per_migration=True, **branch.options())
with context.begin_transaction():
    context.run_migrations()
connection.commit()
