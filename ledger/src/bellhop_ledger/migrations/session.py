"""The session that changes tables: one in the whole database, and with locks that hold nobody up for long."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from psycopg2.errors import DeadlockDetected, DependentObjectsStillExist, LockNotAvailable, QueryCanceled
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from bellhop_ledger.platform import log as logs
from bellhop_ledger.platform.database import engine
from bellhop_ledger.platform.settings import CommandError

log = logs.get_logger(__name__)

MIGRATION_LOCK = 0x62656C6C  # "bell"
LOCK_TIMEOUT = "5s"
FIRST_WAIT, LONGEST_WAIT, ATTEMPTS = 1.5, 24.0, 12
"""Seconds for which one attempt to lock tables may wait. Under load a short one rarely succeeds, so the next one may
wait twice as long; about four minutes in all."""
BUSY = (LockNotAvailable, QueryCanceled, DeadlockDetected)


class TablesInUseError(CommandError):
    """The services kept the tables locked all the time; run the command again when they are less busy."""


class NeededError(CommandError):
    """Something that somebody else has made depends on what is to be dropped; the message names it."""


@contextmanager
def exclusive() -> Iterator[Connection]:
    """Yield a connection of its own, which holds the lock of migrations: another process waits until it is closed."""
    with engine().connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.commit()
        try:
            yield connection
        finally:
            connection.invalidate()  # ends the session, and with it the lock


def lock_tables(connection: Connection, tables: Sequence[str], mode: str = "ACCESS EXCLUSIVE") -> None:
    """Lock tables until the transaction ends, against every other use or by another mode of Postgres.

    Whoever needs one of them waits behind us while we wait for those before us. So an attempt is given up soon, and
    the services have as much time to themselves before the next. Raises TablesInUseError after the last one.
    """
    wait = FIRST_WAIT
    for _ in range(ATTEMPTS):
        if _are_locked(connection, tables, mode, wait):
            return
        log.warning("tables_in_use", tables=", ".join(tables), retry_in_seconds=wait)
        time.sleep(wait)
        wait = min(wait * 2, LONGEST_WAIT)
    raise TablesInUseError(TablesInUseError.__doc__)


def drop(connection: Connection, statement: str) -> None:
    """Run a DROP, which only takes what nobody needs. Raises NeededError."""
    try:
        connection.exec_driver_sql(statement)
    except DBAPIError as error:
        if not isinstance(error.orig, DependentObjectsStillExist):
            raise
        raise NeededError(str(error.orig.diag.message_detail).partition("\n")[0]) from None


def _are_locked(connection: Connection, tables: Sequence[str], mode: str, seconds: float) -> bool:
    """Lock them within so many seconds, or leave none of them locked."""
    limit = connection.execute(text("SHOW statement_timeout")).scalar_one()
    try:
        with connection.begin_nested():
            _limit(connection, f"{int(seconds * 1000)}ms", "0")
            connection.exec_driver_sql(f"LOCK TABLE {', '.join(tables)} IN {mode} MODE")
            _limit(connection, limit, LOCK_TIMEOUT)
    except DBAPIError as error:
        if not isinstance(error.orig, BUSY):
            raise
        return False
    return True


def _limit(connection: Connection, statement: str, lock: str) -> None:
    """Bound a statement as a whole; the time-out of locks would start again for each table."""
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{statement}'; SET LOCAL lock_timeout = '{lock}'")
