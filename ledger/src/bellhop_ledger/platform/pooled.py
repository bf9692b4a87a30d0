"""Connections behind a pooler that gives each transaction another session, as PgBouncer does in transaction mode.

What a session is told elsewhere when it begins, a transaction is told here with its first statement: it costs no trip
of its own, ends with the transaction, and nobody else who shares the pool sees or changes it.
"""

import re
from functools import cache
from typing import Any

from psycopg2.extensions import STATUS_READY, connection, cursor

from bellhop_ledger.platform.database_address import parameters_of, search_path, settings_of
from bellhop_ledger.platform.settings import SettingsError

OF_A_SESSION = {"client_connection_check_interval", "tcp_keepalives_idle", "tcp_keepalives_interval"}
"""Of no use to a transaction."""


class PooledCursor(cursor):
    """Sends the settings of a transaction with its first statement."""

    connection: "PooledConnection"

    def execute(self, query: Any, vars: Any = None) -> None:
        """Run a statement."""
        if self.connection.status == STATUS_READY:
            if self.name or not isinstance(query, str):  # a cursor of the server's side takes one statement
                self.connection.begin()
            else:
                settings = self.connection.settings
                query = f"{settings if vars is None else settings.replace('%', '%%')} {query}"
        super().execute(query, vars)

    def copy_expert(self, sql: Any, file: Any, *args: Any, **kwargs: Any) -> None:
        """Copy rows from or to a file."""
        if self.connection.status == STATUS_READY:
            self.connection.begin()
        super().copy_expert(sql, file, *args, **kwargs)


class PooledConnection(connection):
    """A connection whose cursors do so, whatever factory they are asked of."""

    settings = ""
    """`SET LOCAL ...;` for each."""

    def cursor(self, *given: Any, cursor_factory: Any = None, **how: Any) -> Any:
        """Return a new cursor."""
        return super().cursor(*given, cursor_factory=_pooled(cursor_factory or cursor), **how)

    def begin(self) -> None:
        """Send the settings of the transaction by a statement of their own."""
        with super().cursor() as plain:
            plain.execute(self.settings)


@cache
def _pooled(factory: Any) -> Any:
    return type(f"Pooled{factory.__name__}", (factory, PooledCursor), {}) if factory is not cursor else PooledCursor


def settings_of_transactions(url: str, schema: str) -> str:
    """Return the statements that set what our transactions need, and what the `options` of the address set."""
    given = settings_of(parameters_of(url).get("options", ""))
    wanted = {name: _quoted(value) for name, value in given.items() if name not in OF_A_SESSION}
    wanted |= {"timezone": "'UTC'", "search_path": _path(search_path(url, schema))}
    return " ".join(f"SET LOCAL {name} = {value};" for name, value in wanted.items())


def refuse_pooler(connection: connection, _: object, *, path: str) -> None:
    """Raise SettingsError where what we told a session did not arrive; an event of the pool.

    Postgres 18 reports the path by itself. A pooler that takes our settings and drops them would lead to tables that
    are not there.
    """
    if connection.info.parameter_status("search_path") not in {path, None}:
        raise SettingsError(
            "the address of the database leads to a pooler that drops the settings of a session: set "
            "DATABASE_POOLER=transaction, and DATABASE_DIRECT_URL (or MIGRATION_DATABASE_URL) to Postgres itself"
        )


def _path(schemas: str) -> str:
    """Write a path, as libpq takes it, as a list of SQL."""
    names = (name.strip() for name in re.findall(r'\s*(?:"(?:[^"]|"")*"|[^,"])+', schemas))
    return ", ".join(name if name.startswith('"') else f'"{name.lower()}"' for name in names if name)


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
