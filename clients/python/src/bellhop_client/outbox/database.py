"""The database of a forwarder: how it is reached, and the connection that it keeps."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from bellhop_client.connections import ConnectionRunner
from bellhop_client.operations import Runner

Connect = Callable[[], Any]
"""Makes a connection, or a session, of psycopg 2 or 3, SQLAlchemy or Django."""
SECONDS_TO_CONNECT = 10
NAME = "bellhop outbox"
"""What Postgres calls the connection, in pg_stat_activity."""


def connector(dsn: str) -> Connect:
    """Return what connects to the Postgres at a URL, with psycopg 3 or else 2.

    Raises ValueError for another URL, without the password in it, and ImportError where there is neither.
    """
    try:
        parts = urlsplit(dsn)
        valid = parts.scheme in {"postgresql", "postgres"} and (parts.port is None or parts.port > 0)
    except ValueError:
        valid = False
    if not valid:
        raise ValueError("dsn: must be the URL of a Postgres database: postgresql://user:password@host:port/name")
    connect = _driver()
    return lambda: connect(dsn, connect_timeout=SECONDS_TO_CONNECT, application_name=NAME)


def _driver() -> Callable[..., Any]:
    with suppress(ImportError):
        import psycopg

        return psycopg.connect
    try:
        import psycopg2
    except ImportError:
        raise ImportError(
            "the outbox is forwarded with psycopg, which is not installed: pip install 'psycopg[binary]'"
        ) from None
    return psycopg2.connect


class Database:
    """A connection that is made when it is needed first, and anew after an error. For one thread."""

    def __init__(self, connect: Connect):
        self._connect = connect
        self._connection: Any = None

    @contextmanager
    def transaction(self) -> Iterator[Runner]:
        """Open a transaction and yield what runs statements in it; it commits at the end."""
        try:
            yield ConnectionRunner(self._open())
            self._open().commit()
        except BaseException:
            self.close()
            raise

    def _open(self) -> Any:
        if self._connection is None:
            self._connection = made = self._connect()
            if hasattr(made, "set_autocommit"):  # Django's: there are no transactions until somebody says so
                made.set_autocommit(False)
        return self._connection

    def close(self) -> None:
        """Close the connection, which undoes what was not committed."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):  # it is broken
                connection.close()
