"""The outbox sender: a small thread that sends messages after the commit, off the request's path."""

import os
import time
from collections import deque
from collections.abc import Sequence
from functools import lru_cache
from threading import Condition, Thread
from uuid import UUID

from bellhop_ledger.broker.messages import ReadyJob
from bellhop_ledger.broker.sender import Sender
from bellhop_ledger.ledger.dispatch import mark_published
from bellhop_ledger.ledger.tables import PEOPLE
from bellhop_ledger.ledger.turns import next_turns
from bellhop_ledger.platform.log import get_logger
from bellhop_ledger.platform.metrics import faults
from bellhop_ledger.platform.metrics.jobs import PUBLISHED
from bellhop_ledger.platform.statements import autocommit

log = get_logger(__name__)

CAPACITY = 100_000
MOST_AT_ONCE = 1_000
PAUSE_EACH, LONGEST_PAUSE = 0.01, 0.05
"""Seconds of rest for each job that was sent: the first after a quiet moment hardly waits, many go in batches."""


class OutboxSender:
    """Sends what has gathered: one job when it is quiet, many when there is a rush.

    It never retries and may forget: a job whose message was not sent stays marked as unsent
    in the ledger, and the scheduler sends it.
    """

    def __init__(self) -> None:
        self._waiting: deque[ReadyJob] = deque()
        self._since = 0.0
        """When the first of those that wait came."""
        self._turns = False
        """Whether it may be somebody's turn in the queue of people."""
        self._changed = Condition()
        self._busy = False
        self._rests_until = 0.0
        self._sender: Sender | None = None
        self._thread: Thread | None = None

    def send(self, jobs: Sequence[ReadyJob]) -> None:
        """Take jobs to publish; returns at once. Those of people are published when it is their turn."""
        ready = [job for job in jobs if job.queue != PEOPLE]
        with self._changed:
            self._since = self._since if self._has_work() else time.monotonic()
            room = CAPACITY - len(self._waiting)
            self._waiting.extend(ready[:room])
            self._turns |= len(ready) < len(jobs)
            self._wake()

    def look_for_turns(self) -> None:
        """Publish the jobs of people whose turn it is, soon; returns at once."""
        with self._changed:
            self._since = self._since if self._has_work() else time.monotonic()
            self._turns = True
            self._wake()

    def _wake(self) -> None:
        if self._thread is None:
            self._thread = Thread(target=self._run, name="outbox-sender", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _has_work(self) -> bool:
        return bool(self._waiting) or self._turns

    def flush(self, timeout: float) -> bool:
        """Wait until nothing is left to send, at most `timeout` seconds; say whether that was reached."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._has_work() and not self._busy, timeout)

    def _run(self) -> None:
        while True:
            jobs, turns, since = self._gather()
            try:
                self._publish([*jobs, *(self._next_turns() if turns else [])])
                PUBLISHED.observe(time.monotonic() - since)
            except Exception as error:  # whatever it is, the ledger knows what was not sent
                faults.PUBLISHING.inc()
                log.warning("publish_failed", jobs=len(jobs), error=repr(error))
                self._sender = None
            with self._changed:
                self._busy = False
                self._changed.notify_all()

    def _gather(self) -> tuple[list[ReadyJob], bool, float]:
        with self._changed:
            self._changed.wait_for(self._has_work)
            self._busy = True
        time.sleep(max(self._rests_until - time.monotonic(), 0))
        with self._changed:
            since, turns, self._turns = self._since, self._turns, False
            jobs = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_AT_ONCE))]
        self._rests_until = time.monotonic() + min(len(jobs) * PAUSE_EACH, LONGEST_PAUSE)
        return jobs, turns, since

    def _next_turns(self) -> list[ReadyJob]:
        with autocommit() as db:
            return next_turns(db)

    def _publish(self, jobs: list[ReadyJob]) -> None:
        if not jobs:
            return
        if self._sender is None:
            self._sender = Sender()
        self._sender.send(jobs)
        with autocommit() as db:
            mark_published(db, [job.id for job in jobs])


@lru_cache(maxsize=1)
def outbox_sender() -> OutboxSender:
    """Return this process' outbox sender."""
    return OutboxSender()


def send(jobs: Sequence[ReadyJob]) -> None:
    """Hand jobs to this process' outbox sender."""
    outbox_sender().send(jobs)


def look_for_turns(ended: Sequence[UUID]) -> None:
    """Make this process' outbox sender look whose turn it is, now that these jobs of people have ended."""
    if ended:
        outbox_sender().look_for_turns()


os.register_at_fork(after_in_child=outbox_sender.cache_clear)
