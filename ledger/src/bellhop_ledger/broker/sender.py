"""The sender: puts messages into Redis as Celery and kombu would.

They take longer to write one than Redis takes to keep it, so each kind is written by them once, with gaps
for the values that differ from message to message.
"""

import json
import os
from collections import defaultdict
from collections.abc import Sequence
from time import time
from typing import Any

from celery.utils.nodenames import anon_nodename
from kombu.entity import PERSISTENT_DELIVERY_MODE

from bellhop_ledger.broker.celery_app import app
from bellhop_ledger.broker.messages import ReadyJob, batches, queue_of, redis_priority
from bellhop_ledger.broker.transport import Channel, Connection
from bellhop_ledger.platform.database import uuid7
from bellhop_ledger.platform.secrets import masked_text
from bellhop_ledger.platform.settings import Settings

SHORT_TIMEOUTS = {
    "socket_connect_timeout": 1,
    "socket_timeout": 3,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
}
"""A sender gives up soon: what it could not send, the scheduler sends."""

NO_ARGUMENTS = json.dumps([[], {}, dict.fromkeys(("callbacks", "errbacks", "chain", "chord"))])
"""What each message says in Celery's protocol, for the worker reads a job's arguments with its claim."""
GAPS = ("id", "tag", "jobs", "summary", "suspect", "sent")


class Sender:
    """Sends messages over a connection of its own. After an error it is thrown away."""

    def __init__(self) -> None:
        options = {**app.conf.broker_transport_options, **SHORT_TIMEOUTS}
        address = Settings.load().redis
        connection = Connection(address.url, ssl=address.tls, transport_options=options)
        self._channel: Channel = connection.channel()
        self._origin = anon_nodename()
        self._forms: dict[tuple[str, str, int], str] = {}

    def send(self, jobs: Sequence[ReadyJob]) -> None:
        """Send the messages for these jobs in one round trip.

        Raises an error of redis-py or kombu when the broker cannot be reached; nobody knows then which were sent.
        """
        texts: dict[tuple[str, int], list[str]] = defaultdict(list)
        for batch in batches(jobs):
            task, queue, priority = batch[0].task, queue_of(batch[0]), redis_priority(batch[0].priority)
            texts[queue, priority].append(self._form(task, queue, priority) % values_of(batch))
        self._channel.put_all(texts)

    def put_back_stranded(self, seconds: float) -> int:
        """Put back messages of Celery clients that a worker held for longer when it died, and return their number."""
        return self._channel.put_back_stranded(seconds)

    def _form(self, task: str, queue: str, priority: int) -> str:
        """Return the text of all messages of a kind, to be filled in with `%`."""
        kind = task, queue, priority
        if kind not in self._forms:
            self._forms[kind] = self._written(*kind)
        return self._forms[kind]

    def _written(self, task: str, queue: str, priority: int) -> str:
        gaps: dict[str, Any] = {name: f"gap for {name}" for name in GAPS}
        message = app.amqp.as_task_v2(gaps["id"], task, argsrepr="()", kwargsrepr=gaps["summary"], origin=self._origin)
        headers = {**message.headers, **{name: gaps[name] for name in ("jobs", "suspect", "sent")}}
        properties = {**message.properties, "delivery_mode": PERSISTENT_DELIVERY_MODE}
        prepared = self._channel.prepare_message(
            NO_ARGUMENTS, priority, "application/json", "utf-8", headers, properties
        )
        text = self._channel.text_of(queue, prepared, gaps["tag"]).replace("%", "%%")
        for name, gap in gaps.items():
            text = text.replace(json.dumps(gap), f"%({name})s")
        return text


def values_of(batch: Sequence[ReadyJob]) -> dict[str, object]:
    """Return what a message about these jobs says in the gaps of its form, as JSON."""
    first, alone = batch[0], len(batch) == 1
    return {
        "id": f'"{first.id if alone else uuid7()}"',
        "tag": f'"{os.urandom(16).hex()}"',
        "jobs": json.dumps([str(job.id) for job in batch]),
        "summary": json.dumps(masked_text(first.summary) if alone else f"{len(batch)} jobs"),
        "suspect": json.dumps(first.suspect),
        "sent": time(),
    }
