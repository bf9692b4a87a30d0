"""Outbox: submitting to a table of the application's own, in its own transaction, wherever its database is."""

from typing import Any

from bellhop_client.connections import AsyncConnectionRunner, ConnectionRunner
from bellhop_client.operations import AsyncMethods, Operation, SyncMethods
from bellhop_client.outbox import rows


class OutboxOperations:
    """What applications do with their outbox."""

    submit = Operation(rows.submit)
    submit_many = Operation(rows.submit_many)
    refused = Operation(rows.refused)
    release = Operation(rows.release)


class Outbox(SyncMethods, OutboxOperations):
    """Writes jobs into the outbox, in a connection or session of psycopg 2 or 3, SQLAlchemy or Django, on Postgres.

    It never commits: the jobs are there when the caller does. Raises TypeError for another kind of connection.
    """

    def __init__(self, connection: Any):
        super().__init__(ConnectionRunner(connection))


class AsyncOutbox(AsyncMethods, OutboxOperations):
    """An `Outbox` for asyncio: in a connection or session of psycopg 3, asyncpg or SQLAlchemy."""

    def __init__(self, connection: Any):
        super().__init__(AsyncConnectionRunner(connection))
