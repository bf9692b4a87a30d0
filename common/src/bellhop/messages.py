"""Messages: how Redis is told that jobs are ready. A message names jobs and carries no truth of its own."""

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from time import time
from typing import Any
from uuid import UUID

from celery.utils.nodenames import anon_nodename
from kombu import Connection, Producer

from bellhop.celery_app import app
from bellhop.clock import uuid7
from bellhop.jobs import HIGHEST_PRIORITY
from bellhop.sealing import masked_text
from bellhop.settings import Settings
from bellhop.signatures import registry

SUMMARY_LENGTH = 100
SHORT_TIMEOUTS = {
    "socket_connect_timeout": 1,
    "socket_timeout": 3,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
}
"""A publisher gives up soon: what it could not send, the scheduler sends."""

EMPTY = json.dumps([[], {}, dict.fromkeys(("callbacks", "errbacks", "chain", "chord"))])
"""What each message says in Celery's protocol: no arguments, for the worker reads them with the claim."""


@dataclass(frozen=True)
class Hint:
    """One job that is ready, as the ledger's statements return it."""

    id: UUID
    task: str
    queue: str
    priority: int
    suspect: bool
    summary: str
    """The beginning of its arguments, for people who look at Flower."""


HINT_COLUMNS = f"j.id, j.task, j.queue, j.priority, j.suspect, left(j.args::text, {SUMMARY_LENGTH}) AS summary"


def connect() -> Connection:
    """Open a connection to the broker that fails soon rather than waits."""
    options = {**app.conf.broker_transport_options, **SHORT_TIMEOUTS}
    return Connection(Settings.load().redis_url.get_secret_value(), transport_options=options)


def publish(producer: Producer, hints: Sequence[Hint]) -> None:
    """Send the messages for these jobs in one round trip.

    Raises what kombu raises when the broker cannot be reached; nobody knows then which were sent.
    """
    with producer.batch(max_size=1000):
        for lot in lots(hints):
            _publish_lot(producer, lot)


def lots(hints: Iterable[Hint]) -> Iterator[Sequence[Hint]]:
    """Group jobs by the message that will name them: several where the task's signature allows it."""
    groups: dict[tuple[str, str, int], list[Hint]] = defaultdict(list)
    for hint in hints:
        signature = registry.get(hint.task)
        if signature is None or signature.batch == 1 or hint.suspect:
            yield (hint,)
        else:
            groups[hint.task, hint.queue, hint.priority].append(hint)
    for (task, _, _), group in groups.items():
        yield from cut(registry[task].batch, group)


def cut(size: int, group: Sequence[Hint]) -> Iterator[Sequence[Hint]]:
    """Cut a list into pieces of at most `size`."""
    return (group[start : start + size] for start in range(0, len(group), size))


def _publish_lot(producer: Producer, lot: Sequence[Hint]) -> None:
    first = lot[0]
    alone = len(lot) == 1
    message = app.amqp.as_task_v2(
        str(first.id if alone else uuid7()),
        first.task,
        argsrepr="()",
        origin=origin(),
        kwargsrepr=masked_text(first.summary) if alone else f"{len(lot)} jobs",
    )
    headers: dict[str, Any] = {
        **message.headers,
        "jobs": [str(hint.id) for hint in lot],
        "suspect": first.suspect,
        "sent": time(),
    }
    producer.publish(
        EMPTY,
        exchange="",  # straight to the queue: an emptied Redis has forgotten every binding
        routing_key=first.queue,
        priority=redis_priority(first.priority),
        content_type="application/json",
        content_encoding="utf-8",
        headers=headers,
        retry=False,
        **message.properties,
    )


@cache
def origin() -> str:
    """Name this process."""
    return str(anon_nodename())


os.register_at_fork(after_in_child=origin.cache_clear)


def redis_priority(priority: int) -> int:
    """Turn ours (9 is first) into that of kombu's Redis transport (0 is first)."""
    return HIGHEST_PRIORITY - priority
