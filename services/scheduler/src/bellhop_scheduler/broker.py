"""The scheduler's side of Redis: sending messages, the marker, and what a queue will hand out next."""

import time
from collections.abc import Sequence
from contextlib import suppress

import redis
from kombu.exceptions import KombuError
from redis.backoff import NoBackoff
from redis.retry import Retry

from bellhop_ledger.broker.celery_app import PRIORITIES
from bellhop_ledger.broker.envelopes import sent_at
from bellhop_ledger.broker.messages import ReadyJob, apart, redis_priority
from bellhop_ledger.broker.sender import Sender
from bellhop_ledger.ledger.dispatch import mark_published
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.log import get_logger
from bellhop_ledger.platform.metrics import faults
from bellhop_ledger.platform.settings import Settings
from bellhop_scheduler.unserved import PRIORITY_SEPARATOR, Unserved, served

log = get_logger(__name__)

REST = 1.0
"""Seconds for which Redis is left alone after a fault."""
MARKER = "bellhop:marker"
"""A key that is there as long as nobody has emptied Redis."""


class Resting(Exception):
    """Redis was away a moment ago; it is not asked again yet."""


AWAY = (redis.RedisError, KombuError, OSError, Resting)
"""What the methods of the broker raise when Redis cannot be used."""


class Broker:
    """Redis, as the scheduler needs it. Every method raises one of AWAY when Redis is away."""

    def __init__(self) -> None:
        self._sender: Sender | None = None
        self._rests_until = 0.0
        self.up = True
        """Whether Redis answered when it was last asked."""
        self.unserved = Unserved()
        self._client = Settings.load().redis.client(
            socket_timeout=3,
            socket_connect_timeout=1,
            retry=Retry(NoBackoff(), 0),
        )

    def send(self, jobs: Sequence[ReadyJob]) -> None:
        """Send the messages of these jobs and record that in the ledger."""
        if jobs:
            self.send_unnoted(jobs)
            note_sent(jobs)

    def send_unnoted(self, jobs: Sequence[ReadyJob]) -> None:
        """Send the messages of these jobs. Until that is recorded, the next leader would send them again."""
        self._awake_sender().send(jobs)

    def check(self) -> None:
        """Raise Resting for a second after a fault: what needs Redis then need not be looked for."""
        self._awake()

    def rest(self, error: Exception) -> None:
        """Drop the connection after a fault, and ask nothing for a second, so that nobody waits for time-outs."""
        if isinstance(error, Resting):
            return
        faults.SCHEDULING.inc()
        self.up = False
        log.warning("redis_away", error=repr(error)[:300])
        self._rests_until = time.monotonic() + REST
        self._sender = None
        with suppress(redis.RedisError):
            self._client.connection_pool.disconnect()

    def _awake(self) -> redis.Redis:
        if time.monotonic() < self._rests_until:
            raise Resting
        return self._client

    def _awake_sender(self) -> Sender:
        self._awake()
        if self._sender is None:
            self._sender = Sender()
        return self._sender

    def put_back_stranded(self, seconds: float) -> None:
        """Put back messages of Celery clients that a worker has held for longer: it died before it stored them."""
        if messages := self._awake_sender().put_back_stranded(seconds):
            log.warning("messages_were_stranded", messages=messages)

    def marked(self) -> bool:
        """Whether the marker is still there."""
        marked = bool(self._awake().exists(MARKER))
        self.up = True
        return marked

    def mark(self) -> None:
        """Set the marker."""
        self._awake().set(MARKER, "1")

    def notice_unserved(self) -> None:
        """Log the lists that hold messages of tasks and that no worker reads."""
        with transaction() as db:
            known = served(db)
        known |= {apart(queue) for queue in known}
        for queue, messages in self.unserved.look(self._awake(), known).items():
            log.warning("queue_not_served", queue=queue[:200], messages=messages)

    def next_sent(self, queue: str, priority: int) -> float | None:
        """Return when the message that a queue will hand out next was sent (Unix seconds).

        None: the queue is empty. Zero: the message is not one of ours, so that nobody knows.
        """
        message = self._awake().lindex(key_of(queue, priority), -1)
        return sent_at(message) if isinstance(message, bytes) else None


def note_sent(jobs: Sequence[ReadyJob]) -> None:
    """Record in the ledger that these jobs have a message."""
    with transaction() as db:
        mark_published(db, [job.id for job in jobs])


def key_of(queue: str, priority: int) -> str:
    """Return the key of the list in which kombu keeps the messages of a queue with one of our priorities."""
    step = redis_priority(priority)
    assert step in PRIORITIES
    return f"{queue}{PRIORITY_SEPARATOR.decode()}{step}" if step else queue
