"""The database: what tables and their identifiers are made of, the connection, and the transaction."""

import os
import select
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache, lru_cache, partial
from typing import Any
from uuid import UUID

import psycopg2
from pydantic import SecretStr
from sqlalchemy import TIMESTAMP, Connection, Engine, Enum, MetaData, create_engine, event, text
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import QueuePool

from bellhop_ledger.platform.database_address import Pooler, as_option, merged, search_path
from bellhop_ledger.platform.database_errors import hide_values
from bellhop_ledger.platform.metrics.faults import EXHAUSTED, REFUSED, count_broken
from bellhop_ledger.platform.pooled import PooledConnection, refuse_pooler, settings_of_transactions
from bellhop_ledger.platform.settings import Settings

AFTER_COMMIT = "after_commit"
SESSION = (
    "-c timezone=UTC -c client_connection_check_interval=5s -c plan_cache_mode=force_custom_plan"
    " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=4"
)
"""The server's side: without its keepalives, a host that is cut off would hold its locks for two hours.

And a plan that was made when the ledger was empty would read all of it when it is full.
"""
CONNECTION = {
    "connect_timeout": 5,
    "application_name": "bellhop",
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "options": SESSION,
}
"""Our own side; what the address says of these counts more, and its options stand beside ours."""
LONGEST_CONNECTION = 3600
"""Seconds after which a connection is replaced when it is next asked for: a backend keeps what it once needed, such as
what it knows of each day's table and the memory of its largest statement, and gives it back only when it ends."""
NAMING = {
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_name)s_fkey",
    "ix": "%(table_name)s_%(column_0_name)s_idx",
    "uq": "%(table_name)s_%(column_0_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
}


Time = TIMESTAMP(timezone=True)


class Base(DeclarativeBase):
    """What every table of ours is made from."""

    metadata = MetaData(naming_convention=NAMING)


@cache
def metadata_of(plugin: str) -> MetaData:
    """Return the MetaData of a plug-in's tables, which are in the schema of its name."""
    return MetaData(schema=plugin, naming_convention=NAMING)


def enumeration(kind: type[StrEnum]) -> Enum:
    """Return the type of a column that keeps the values of an enumeration as text; a CHECK of its table lists them."""
    return Enum(
        kind, native_enum=False, create_constraint=False, values_callable=lambda kinds: [one.value for one in kinds]
    )


def uuid7() -> UUID:
    """Make an identifier that sorts by the time at which it was made.

    RFC 9562, version 7: 48 bits of Unix milliseconds, then 12 bits of the fraction of
    that millisecond (method 3 of its section 6.2), then 62 random bits.
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = rest * 4096 // 1_000_000
    random = int.from_bytes(os.urandom(8)) & (1 << 62) - 1
    return UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | random)


def time_of(id: UUID) -> datetime | None:
    """Return when uuid7() made an identifier; None for one of another version."""
    return datetime.fromtimestamp((id.int >> 80) / 1000, UTC) if id.version == 7 else None


class CountedPool(QueuePool):
    """A pool that counts when it has nothing to give."""

    def connect(self) -> Any:
        """Return a connection."""
        try:
            return super().connect()
        except NoConnection:
            EXHAUSTED.inc()
            raise
        except psycopg2.OperationalError:
            REFUSED.inc()
            raise


_login: dict[str, SecretStr] = {}


def connect_as(url: SecretStr) -> None:
    """Connect with another address than DATABASE_URL, where no pooler is; call it before this process has connected."""
    _login["url"] = url
    engine.cache_clear()


@lru_cache(maxsize=1)
def engine() -> Engine:
    """Return this process' pool of connections.

    A half-open connection is noticed in about 30 s by TCP keepalives, at both ends; a query whose
    client has died is given up by the server after 5 s.
    """
    settings = Settings.load()
    pooled = settings.database_pooler is Pooler.TRANSACTION and not _login
    url, schema = (_login.get("url") or settings.database_url).get_secret_value(), settings.database_schema
    made = create_engine(
        url,
        poolclass=CountedPool,
        pool_size=settings.database_pool_size,
        max_overflow=0,
        hide_parameters=True,
        pool_timeout=10,
        pool_recycle=LONGEST_CONNECTION,
        connect_args=pooled_connection_to(url) if pooled else connection_to(url, schema),
    )
    if pooled:
        event.listen(made, "connect", partial(_will_set, settings=settings_of_transactions(url, schema)))
    else:
        event.listen(made, "connect", partial(refuse_pooler, path=search_path(url, schema)))
    event.listen(made, "checkout", refuse_closed)
    event.listen(made, "handle_error", hide_values)
    event.listen(made, "invalidate", count_broken)
    return made


def connection_to(url: str, schema: str) -> dict[str, Any]:
    """Return what we want of each connection to a database in which our tables are in this schema."""
    return merged(url, CONNECTION | {"options": f"{SESSION} {as_option('search_path', search_path(url, schema))}"})


def pooled_connection_to(url: str) -> dict[str, Any]:
    """Return what we want of each connection to a pooler, which takes no settings of a session."""
    ours = {name: value for name, value in CONNECTION.items() if name != "options"}
    return merged(url, ours) | {"options": "", "connection_factory": PooledConnection}


def _will_set(connection: PooledConnection, _: object, *, settings: str) -> None:
    connection.settings = settings


def refuse_closed(connection: psycopg2.extensions.connection, *_: object) -> None:
    """Replace a connection whose server went away, as pool_pre_ping would, but without a round trip each time.

    A server that ends a connection makes its socket readable, and only one that is gets asked.
    """
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    if not poll.poll(0):
        return
    try:
        engine().dialect.do_ping(connection)  # type: ignore[arg-type]
    except psycopg2.Error as error:
        raise InvalidatePoolError from error


def forget_connections() -> None:
    """In a forked child: leave the parent's connections alone and open new ones."""
    if engine.cache_info().currsize:
        engine().dispose(close=False)


os.register_at_fork(after_in_child=forget_connections)


class RawConnection:
    """As much of a session as the ledger's statements need; a Session takes longer to open than they take to run."""

    def __init__(self, connection: Connection):
        self._connection = connection
        self.info: dict[Any, Any] = {AFTER_COMMIT: {}}

    def connection(self) -> Connection:
        """Return the connection on which they run."""
        return self._connection


Database = Session | RawConnection


_statement_timeout: ContextVar[float | None] = ContextVar("statement_timeout", default=None)


@contextmanager
def statement_timeout(seconds: float) -> Iterator[None]:
    """Cancel statements that take longer, in each transaction() that is opened during the block."""
    before = _statement_timeout.set(seconds)
    try:
        yield
    finally:
        _statement_timeout.reset(before)


@contextmanager
def transaction() -> Iterator[Session]:
    """Open a session with one transaction; it commits at the end and then calls what after_commit() collected.

    SQLAlchemy's own after_commit event also fires for savepoints, so it is not used.
    """
    with Session(engine(), expire_on_commit=False, info={AFTER_COMMIT: {}}) as db:
        with db.begin():
            if seconds := _statement_timeout.get():
                db.execute(text(f"SET LOCAL statement_timeout = {seconds * 1000:.0f}"))
            yield db
        run_after_commit(db)


def after_commit(db: Database, callback: Callable[[list[Any]], None], items: list[Any]) -> None:
    """Call `callback` once, after the commit, with all the items that this transaction collects for it.

    In a session that somebody else has opened nobody would, and nothing is collected: what is done here is a hint,
    which the ledger does without.
    """
    waiting: dict[Any, list[Any]] | None = db.info.get(AFTER_COMMIT)
    if waiting is not None:
        waiting.setdefault(callback, []).extend(items)


def run_after_commit(db: Database) -> None:
    """Call what after_commit() collected. The transaction has been committed."""
    for callback, items in db.info.pop(AFTER_COMMIT, {}).items():
        callback(items)
