"""The leader: of all schedulers that run, the one that holds an advisory lock of Postgres works."""

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from bellhop.database import engine

LEADER_LOCK = 0x72696E67  # "ring"


class Leader:
    """Holds the lock on a connection of its own: when the process dies, the server gives the lock free.

    Nothing depends on there being one leader only, for every statement of the scheduler is
    safe beside a second one; it saves the second one the work.
    """

    def __init__(self) -> None:
        self._connection: Connection | None = None

    def leads(self) -> bool:
        """Whether this process is the leader; if nobody is, it becomes it."""
        try:
            if self._connection is None:
                return self._try()
            self._connection.execute(text("SELECT 1"))
            return True
        except SQLAlchemyError:
            self.resign()
            raise

    def resign(self) -> None:
        """Let go of the lock by ending the session that holds it."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.invalidate()
            connection.close()

    def _try(self) -> bool:
        connection = engine().connect().execution_options(isolation_level="AUTOCOMMIT")
        won: bool = connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": LEADER_LOCK}).scalar_one()
        if won:
            self._connection = connection
        else:
            connection.close()
        return won
