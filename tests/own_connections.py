"""Connections and sessions of an application, of each library that the Python client knows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import asyncpg
import django
import django.conf
import psycopg
import psycopg2
import psycopg2.extras
import sqlalchemy
from django.db.utils import ConnectionHandler
from django.utils.connection import ConnectionProxy
from psycopg.rows import dict_row
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session, scoped_session, sessionmaker


@dataclass
class Own:
    """A connection or session of an application with a transaction that has begun, and what ends it."""

    connection: Any
    commit: Callable[[], Any]
    rollback: Callable[[], Any]
    close: Callable[[], Any]


def with_psycopg2(url: str, **options: Any) -> Own:
    connection = psycopg2.connect(url, **options)
    return Own(connection, connection.commit, connection.rollback, connection.close)


def with_psycopg2_and_rows_as_dicts(url: str) -> Own:
    return with_psycopg2(url, cursor_factory=psycopg2.extras.RealDictCursor)


def with_psycopg(url: str, **options: Any) -> Own:
    connection: Any = psycopg.connect(url, **options)
    return Own(connection, connection.commit, connection.rollback, connection.close)


def with_psycopg_and_rows_as_dicts(url: str) -> Own:
    return with_psycopg(url, row_factory=dict_row)


def of_sqlalchemy(url: str, driver: str, begin: Callable[[Any], Any]) -> Own:
    engine = sqlalchemy.create_engine(url.replace("postgresql:", f"postgresql+{driver}:"))
    made = begin(engine)

    def close() -> None:
        made.close()
        engine.dispose()

    return Own(made, made.commit, made.rollback, close)


def with_a_connection_of_sqlalchemy(url: str) -> Own:
    return of_sqlalchemy(url, "psycopg2", lambda engine: engine.connect())


def with_a_session_of_sqlalchemy(url: str) -> Own:
    return of_sqlalchemy(url, "psycopg", Session)


def with_a_scoped_session(url: str) -> Own:
    return of_sqlalchemy(url, "psycopg2", lambda engine: scoped_session(sessionmaker(engine)))


def with_django(url: str) -> Own:
    parts = sqlalchemy.make_url(url)
    database = {"NAME": parts.database, "USER": parts.username, "PASSWORD": parts.password, "HOST": parts.host}
    database |= {"ENGINE": "django.db.backends.postgresql", "PORT": parts.port}
    if not django.conf.settings.configured:
        django.conf.settings.configure(TIME_ZONE="UTC", LOGGING_CONFIG=None)
        django.setup()
    connection: Any = ConnectionProxy(ConnectionHandler({"default": database}), "default")  # as django.db.connection is
    connection.set_autocommit(False)
    return Own(connection, connection.commit, connection.rollback, connection.close)


SYNC = [
    with_psycopg2,
    with_psycopg2_and_rows_as_dicts,
    with_psycopg,
    with_psycopg_and_rows_as_dicts,
    with_a_connection_of_sqlalchemy,
    with_a_session_of_sqlalchemy,
    with_a_scoped_session,
    with_django,
]


async def with_psycopg_awaited(url: str) -> Own:
    connection: Any = await psycopg.AsyncConnection.connect(url)
    return Own(connection, connection.commit, connection.rollback, connection.close)


async def with_asyncpg(url: str) -> Own:
    connection = await asyncpg.connect(url)
    transaction = connection.transaction()
    await transaction.start()
    return Own(connection, transaction.commit, transaction.rollback, connection.close)


async def with_a_pool_of_asyncpg(url: str) -> Own:
    pool = await asyncpg.create_pool(url, min_size=1)
    connection = await pool.acquire()
    transaction = connection.transaction()
    await transaction.start()

    async def close() -> None:
        await pool.release(connection)
        await pool.close()

    return Own(connection, transaction.commit, transaction.rollback, close)


async def with_an_async_connection_of_sqlalchemy(url: str) -> Own:
    engine = create_async_engine(url.replace("postgresql:", "postgresql+asyncpg:"))
    made = await engine.connect()

    async def close() -> None:
        await made.close()
        await engine.dispose()

    return Own(made, made.commit, made.rollback, close)


async def with_an_async_session_of_sqlalchemy(url: str) -> Own:
    engine = create_async_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    made = AsyncSession(engine)

    async def close() -> None:
        await made.close()
        await engine.dispose()

    return Own(made, made.commit, made.rollback, close)


AWAITED = [
    with_psycopg_awaited,
    with_asyncpg,
    with_a_pool_of_asyncpg,
    with_an_async_connection_of_sqlalchemy,
    with_an_async_session_of_sqlalchemy,
]
