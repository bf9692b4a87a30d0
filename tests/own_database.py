"""A database of an application's own, with an outbox in it; Bellhop's is another one."""

from typing import Any
from uuid import uuid4

import psycopg

from bellhop_client import JobRequest
from bellhop_client.outbox import Outbox, sql
from tests.stack import Stack


class OwnDatabase:
    """The database, which is empty but for the outbox, and the tag of all jobs that are written into it here."""

    def __init__(self, stack: Stack):
        self._stack, self.tag, self.name = stack, uuid4().hex, f"shop_{uuid4().hex}"
        self.url = stack.postgres.create_database(self.name)
        self.sql(sql())

    def drop(self) -> None:
        self._stack.postgres.drop_database(self.name)

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    def write(self, *jobs: JobRequest) -> list[str]:
        """Write jobs into the outbox and return their keys."""
        with psycopg.connect(self.url) as connection:
            return Outbox(connection).submit_many(jobs)

    def waiting(self) -> int:
        """Count the jobs in the outbox that nobody has refused."""
        [(count,)] = self.sql("SELECT count(*) FROM bellhop_outbox WHERE refused_at IS NULL")
        return int(count)

    def numbers(self) -> list[int]:
        """Return the argument `a` of all jobs with the tag that Bellhop has, in the order in which it got them."""
        found = "SELECT (args ->> 'a')::int FROM jobs WHERE %s = ANY(tags) ORDER BY created_at, id"
        return [number for (number,) in self._stack.sql(found, self.tag)]

    def addition(self, number: int, **more: Any) -> JobRequest:
        """Return a job that no test waits for, with the tag and this number."""
        return JobRequest("test.add", {"a": number, "b": 0}, delay=1_000_000, tags=[self.tag], **more)
