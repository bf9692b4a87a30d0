"""How Alembic runs our migrations: one at a time, under an advisory lock, with a lock time-out."""

from alembic import context
from sqlalchemy import text

from bellhop_ledger.migrations.tables import metadata
from bellhop_ledger.platform.database import engine

MIGRATION_LOCK = 0x62656C6C  # "bell"


def run() -> None:
    """Hold the advisory lock for the whole run, so that two migrations never mix."""
    with engine().connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
        connection.execute(text("SET lock_timeout = '5s'"))
        connection.commit()
        try:
            context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
            with context.begin_transaction():
                context.run_migrations()
            connection.commit()
        finally:
            connection.invalidate()  # ends the session, and with it the lock


run()
