"""The table of the outbox: as SQL, as an operation of Alembic, and as one of a migration of Django."""

from importlib.resources import files
from typing import Any

DROP = "DROP TABLE bellhop_outbox"


def sql() -> str:
    """Return the statements that create the table and its indexes, in Postgres 13 or newer."""
    return files(__package__).joinpath("table.sql").read_text(encoding="ascii")


def create(op: Any) -> None:
    """Create the table in a migration of Alembic, whose `op` this is."""
    for statement in sql().split("\n\n"):  # one at a time, as asyncpg wants them
        op.execute(statement)


def drop(op: Any) -> None:
    """Drop the table in a migration of Alembic. What waits in it is lost."""
    op.execute(DROP)


def run_sql() -> Any:
    """Return the operation of a migration of Django (`RunSQL`) that creates the table, and drops it on the way back."""
    from django.db.migrations import RunSQL

    return RunSQL(sql(), DROP)
