"""The leader: of all schedulers that run, the one that holds an advisory lock of Postgres works."""

import select
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from bellhop_ledger.ledger.due import CHANNEL
from bellhop_ledger.platform.database import engine

LEADER_LOCK = 0x72696E67  # "ring"
LONGEST_SILENCE = 4
"""Seconds after which Postgres ends the session of a silent leader, which releases its lock."""


class Leader:
    """Holds the lock on a connection of its own: when the process dies, the server releases the lock.

    A process that is frozen, or whose machine is cut off, is silent: its session is ended then.
    The same connection receives the notifications: something has become due sooner, or is unsent. Nothing depends on
    there being one leader only, for every statement of the scheduler is safe beside a second
    one; it saves the second one the work.
    """

    def __init__(self) -> None:
        self._connection: Connection | None = None

    def leads(self) -> bool:
        """Whether this process leads; it begins to if nobody else does."""
        if self._connection is None:
            return self._try()
        try:
            self._connection.execute(text("SELECT 1"))
            return True
        except SQLAlchemyError:
            self.resign()
            return self._try()

    def resign(self) -> None:
        """Release the lock by ending the session that holds it."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.invalidate()
            connection.close()

    def sleep(self, seconds: float) -> set[str]:
        """Sleep until the time is up or a notification comes, and return what those that came carry."""
        assert self._connection is not None
        driver: Any = self._connection.connection.driver_connection
        if not driver.notifies:
            select.select([driver], [], [], seconds)
            driver.poll()
        carried = {notification.payload for notification in driver.notifies}
        driver.notifies.clear()
        return carried

    def _try(self) -> bool:
        connection = engine().connect().execution_options(isolation_level="AUTOCOMMIT")
        won: bool = connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": LEADER_LOCK}).scalar_one()
        if won:
            connection.execute(text(f"SET idle_session_timeout = '{LONGEST_SILENCE}s'"))
            connection.execute(text(f"LISTEN {CHANNEL}"))
            self._connection = connection
        else:
            connection.close()
        return won
