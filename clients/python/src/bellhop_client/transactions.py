"""Transactions: submitting in a connection or session of the caller's, so that a job is there if the rest is."""

from typing import Any

from bellhop_client import in_sql
from bellhop_client.connections import AsyncConnectionRunner, ConnectionRunner
from bellhop_client.operations import AsyncMethods, Operation, SyncMethods


class SubmitOperations:
    """What can be done in a transaction."""

    submit = Operation(in_sql.submit)
    submit_many = Operation(in_sql.submit_many)


class Transaction(SyncMethods, SubmitOperations):
    """Submits in a connection or session of psycopg 2 or 3, SQLAlchemy or Django, whose user may call `submit()`.

    It never commits: the jobs are there when the caller does. Raises TypeError for another kind of connection.
    """

    def __init__(self, connection: Any, *, schema: str = "bellhop"):
        super().__init__(ConnectionRunner(connection, schema))


class AsyncTransaction(AsyncMethods, SubmitOperations):
    """A `Transaction` for asyncio: in a connection or session of psycopg 3, asyncpg or SQLAlchemy."""

    def __init__(self, connection: Any, *, schema: str = "bellhop"):
        super().__init__(AsyncConnectionRunner(connection, schema))
