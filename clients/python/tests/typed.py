"""How type checkers see both clients: `make check` has mypy read this, and nothing runs it."""

from collections.abc import AsyncIterator, Iterator
from typing import Any, assert_type
from uuid import UUID

from bellhop_client import (
    AsyncClient,
    BulkAction,
    Client,
    Endpoint,
    Hold,
    Job,
    JobLog,
    JobRequest,
    LogEntry,
    Person,
    Schedule,
    ServiceToken,
)
from bellhop_client.outbox import AsyncOutbox, Carried, Forwarder, Outbox, OutboxJob


def blocking(client: Client, connection: Any) -> None:
    """The results of the one client."""
    assert_type(client.submit("a.task", {"a": 5}, priority=9), Job)
    assert_type(client.submit_many([JobRequest("a.task")]), list[Job])
    assert_type(client.list(state="failed"), Iterator[Job])
    assert_type(client.logs("id"), JobLog)
    assert_type(client.follow_logs("id"), Iterator[LogEntry])
    assert_type(client.schedules.create("nightly", "a.task", crontab="@daily"), Schedule)
    assert_type(client.bulk.retry("task:a.*", 60, delay=10), BulkAction)
    assert_type(client.queues.pause("slow", "The printer burns"), Hold)
    assert_type(client.tasks.put("a.task", "https://example.org/"), Endpoint)
    assert_type(client.tokens.change("id", tasks=["a.*"]), ServiceToken)
    assert_type(client.people.list(role="admin"), Iterator[Person])
    assert_type(client.on(connection).submit("a.task"), UUID)
    assert_type(Outbox(connection).submit("a.task", delay=5), str)
    assert_type(Outbox(connection).refused(), list[OutboxJob])
    assert_type(Forwarder(client, "postgresql://host/name").drain(), Carried)


async def awaited(client: AsyncClient, connection: Any) -> None:
    """The results of the other."""
    assert_type(await client.submit("a.task", {"a": 5}, priority=9), Job)
    assert_type(await client.submit_many([JobRequest("a.task")]), list[Job])
    assert_type(client.list(state="failed"), AsyncIterator[Job])
    assert_type(await client.logs("id"), JobLog)
    assert_type(client.follow_logs("id"), AsyncIterator[LogEntry])
    assert_type(await client.schedules.create("nightly", "a.task", crontab="@daily"), Schedule)
    assert_type(await client.queues.pause("slow", "The printer burns"), Hold)
    assert_type(await client.tasks.put("a.task", "https://example.org/"), Endpoint)
    assert_type(await client.people.disable("id"), Person)
    assert_type(await client.on(connection).submit("a.task"), UUID)
    assert_type(await AsyncOutbox(connection).release("key"), int)


async def mistakes(client: Client, other: AsyncClient) -> None:
    """What is refused; mypy complains of a remark that is not needed."""
    client.submit("a.task", urgent=True)  # type: ignore[call-arg]
    client.submit("a.task", priority="high")  # type: ignore[arg-type]
    client.list(state="done")  # type: ignore[arg-type]
    await other.submit()  # type: ignore[call-arg]
