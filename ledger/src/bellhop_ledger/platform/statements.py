"""Statements of the ledger: they run for every job, so the way to Postgres is kept short."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any, Self

import psycopg2
from psycopg2.extras import NamedTupleCursor
from sqlalchemy import Connection, CursorResult, TextClause, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError

from bellhop_ledger.platform.database import Database, RawConnection, engine, run_after_commit
from bellhop_ledger.platform.database_errors import without_values
from bellhop_ledger.platform.pooled import PooledConnection

dialect: Any = postgresql.dialect
NUMBERED, NAMED = dialect(paramstyle="numeric_dollar"), dialect(paramstyle="pyformat")
"""How parameters are written in what is prepared ($1), and in what the driver fills in (%(name)s)."""


@contextmanager
def raw_transaction() -> Iterator[RawConnection]:
    """Open a transaction for nothing but the ledger's own statements; else it is as transaction()."""
    with engine().begin() as connection:
        db = RawConnection(connection)
        yield db
    run_after_commit(db)


@contextmanager
def autocommit() -> Iterator[RawConnection]:
    """Open a connection for one statement, which Postgres commits by itself: it saves two trips, BEGIN and COMMIT."""
    with engine().connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.autocommit = True
        try:
            db = RawConnection(connection)
            yield db
        finally:
            if not driver.closed:
                driver.autocommit = False
    run_after_commit(db)


def run(db: Database, statement: TextClause, **parameters: object) -> list[Any]:
    """Run a statement of the ledger on the driver's own cursor and give its rows, as named tuples.

    These run for every job: SQLAlchemy's way around them takes longer than they do, and reading
    them as long as planning them, so each is prepared at its first use on a connection that is
    not a pooler's. A list is handed over as an array. The errors are SQLAlchemy's, as everywhere. A session that an
    application has opened may have another driver, and takes SQLAlchemy's way.
    """
    connection, prepared = db.connection(), Prepared.of(statement)
    driver: Any = connection.connection.driver_connection
    values = {name: _array(value) if isinstance(value, list) else value for name, value in parameters.items()}
    has_our_driver = isinstance(driver, psycopg2.extensions.connection)
    if not has_our_driver:
        return _rows(connection.execute(statement, values))
    try:
        with driver.cursor(cursor_factory=NamedTupleCursor) as cursor:
            cursor.execute(prepared.ready(connection, cursor), values)
            return list(cursor.fetchall()) if cursor.description else []
    except psycopg2.Error as error:
        if driver.closed:
            connection.invalidate(error)
        without_values(error)
        raise DBAPIError.instance(
            prepared.plain, parameters, error, psycopg2.Error, hide_parameters=True, dialect=connection.dialect
        ) from error


def _rows(result: CursorResult[Any]) -> list[Any]:
    return list(result) if result.returns_rows else []


def _array(values: list[str]) -> str:
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join(f'"{value}"' for value in quoted) + "}"


@dataclass(frozen=True)
class Prepared:
    """A statement as Postgres keeps it for a connection; the settings before its last semicolon are made each time."""

    name: str
    definition: str
    execute: str
    plain: str
    """As it is sent where nothing can be prepared, for the next transaction may have another session."""

    @classmethod
    @cache
    def of(cls, statement: TextClause) -> Self:
        """Work it out, once."""
        settings, separator, last = statement.text.rpartition(";")
        compiled: Any = text(last).compile(dialect=NUMBERED)
        name = f"bellhop_{sha256(last.encode()).hexdigest()[:12]}"
        arguments = ", ".join(f"%({bind})s" for bind in compiled.positiontup)
        before = str(text(settings).compile(dialect=NAMED))
        plain = str(statement.compile(dialect=NAMED))
        return cls(name, str(compiled), f"{before}{separator} EXECUTE {name} ({arguments})", plain)

    def ready(self, connection: Connection, cursor: Any) -> str:
        """Return how to run the statement on this connection, on which it is prepared now if it can be."""
        if isinstance(cursor.connection, PooledConnection):
            return self.plain
        known: set[str] = connection.info.setdefault("prepared", set())
        if self.name not in known:
            cursor.execute(f"PREPARE {self.name} AS {self.definition}")
            known.add(self.name)
        return self.execute
