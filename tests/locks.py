"""Locks: hold something up in the database for as long as a test needs to look at it."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2

from tests.stack import Stack, wait_until

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE %s"


@contextmanager
def uncommitted(stack: Stack, statement: str, *parameters: str) -> Iterator[None]:
    """Run a statement in a transaction that is committed at the end of the block."""
    connection = psycopg2.connect(stack.postgres.url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters or None)
            yield
        connection.commit()
    finally:
        connection.close()


def someone_waits(stack: Stack, like: str, count: int = 1) -> None:
    """Wait until so many statements of this kind wait for a lock."""
    wait_until(lambda: stack.sql(WAITING, like)[0][0] >= count)
