"""Connections: running a call in a connection or session of the caller's, whichever library it is of.

A library is recognised by the class of the connection; nothing is imported that the caller has not imported already.
"""

import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from bellhop_client.exchange import Act, Call, Statement
from bellhop_client.in_sql import refusal_of
from bellhop_client.operations import AsyncRunner, Runner

T = TypeVar("T")
SCHEMA = "bellhop"
"""Where the functions in Postgres are."""
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def percent(_: int) -> str:
    """Return the place of a value as psycopg and Django write it."""
    return "%s"


def dollar(number: int) -> str:
    """Return the place of a value as Postgres and asyncpg write it."""
    return f"${number}"


def colon(number: int) -> str:
    """Return the place of a value as SQLAlchemy's text() writes it."""
    return f":p{number}"


@dataclass(frozen=True)
class Door(Generic[T]):
    """How a library runs a statement with values and returns the first column."""

    place: Callable[[int], str]
    run: Callable[[Any, str, list[str]], T]


def _psycopg2(connection: Any, sql: str, values: list[str]) -> list[Any]:
    from psycopg2.extensions import cursor as plain  # whatever kind of rows the connection makes

    with connection.cursor(cursor_factory=plain) as cursor:
        cursor.execute(sql, values)
        return [row[0] for row in cursor.fetchall()]


def _psycopg(connection: Any, sql: str, values: list[str]) -> list[Any]:
    from psycopg.rows import tuple_row

    with connection.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(sql, values)
        return [row[0] for row in cursor.fetchall()]


async def _psycopg_async(connection: Any, sql: str, values: list[str]) -> list[Any]:
    from psycopg.rows import tuple_row

    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(sql, values)
        return [row[0] for row in await cursor.fetchall()]


async def _asyncpg(connection: Any, sql: str, values: list[str]) -> list[Any]:
    return [row[0] for row in await connection.fetch(sql, *values)]


def _sqlalchemy(connection: Any, sql: str, values: list[str]) -> list[Any]:
    from sqlalchemy import text

    return list(connection.execute(text(sql), _named(values)).scalars())


async def _sqlalchemy_async(connection: Any, sql: str, values: list[str]) -> list[Any]:
    from sqlalchemy import text

    return list((await connection.execute(text(sql), _named(values))).scalars())


def _named(values: list[str]) -> dict[str, str]:
    return {colon(number).removeprefix(":"): value for number, value in enumerate(values, 1)}


def _django(connection: Any, sql: str, values: list[str]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [row[0] for row in cursor.fetchall()]


BLOCKING: dict[str, Door[list[Any]]] = {
    "psycopg2": Door(percent, _psycopg2),
    "psycopg": Door(percent, _psycopg),
    "sqlalchemy": Door(colon, _sqlalchemy),
    "django": Door(percent, _django),
}
AWAITED: dict[str, Door[Awaitable[list[Any]]]] = {
    "psycopg": Door(percent, _psycopg_async),
    "asyncpg": Door(dollar, _asyncpg),
    "sqlalchemy": Door(colon, _sqlalchemy_async),
}
"""By the package that the class of a connection, or one that it inherits from, is in."""


def _library_of(connection: Any) -> tuple[str, bool]:
    """Return whose a connection is, and whether it is awaited. Raises TypeError."""
    for kind in type(connection).__mro__:
        name = kind.__module__.partition(".")[0]
        if name in BLOCKING or name in AWAITED:
            return name, name not in BLOCKING or kind.__name__.lower().startswith("async")
    raise TypeError(
        f"connection: is a {type(connection).__qualname__}; it must be a connection or session of psycopg 2 or 3, "
        "asyncpg, SQLAlchemy or Django"
    )


def _quoted(schema: str) -> str:
    if not IDENTIFIER.fullmatch(schema):
        raise ValueError("schema: must be the name of a schema: letters, digits and underscores")
    return f'"{schema}"'


class ConnectionRunner(Runner):
    """Runs the calls of flows in a connection or session of the caller's, and never commits."""

    def __init__(self, connection: Any, schema: str = SCHEMA):
        library, awaited = _library_of(connection)
        if awaited:
            raise TypeError("connection: is asynchronous; AsyncClient.on() takes it")
        self._connection, self._schema, self._door = connection, _quoted(schema), BLOCKING[library]

    def do(self, act: Act) -> list[Any]:
        """Call a function, or run a statement."""
        assert isinstance(act, Call | Statement)
        with translated():
            return self._door.run(self._connection, act.sql(self._schema, self._door.place), act.values)


class AsyncConnectionRunner(AsyncRunner):
    """Runs the calls of flows in an asynchronous connection or session of the caller's, and never commits."""

    def __init__(self, connection: Any, schema: str = SCHEMA):
        library, awaited = _library_of(connection)
        if not awaited:
            raise TypeError("connection: is not asynchronous; Client.on() takes it")
        self._connection, self._schema, self._door = connection, _quoted(schema), AWAITED[library]

    async def do(self, act: Act) -> list[Any]:
        """Call a function, or run a statement."""
        assert isinstance(act, Call | Statement)
        with translated():
            return await self._door.run(self._connection, act.sql(self._schema, self._door.place), act.values)


@contextmanager
def translated() -> Iterator[None]:
    """Raise what the functions refuse as the API does; the driver's error is its cause."""
    try:
        yield
    except Exception as error:
        if refusal := refusal_of(error):
            raise refusal from error
        raise
