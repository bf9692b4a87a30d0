"""The scheduler's chores: what each turn of its loop does, and how often."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from bellhop import clock
from bellhop.database import transaction
from bellhop.jobs import State
from bellhop.ledger import dispatch, sweep
from bellhop.ledger.submit import NewJob, hint_of, submit_all
from bellhop.log import get_logger
from bellhop.settings import Settings
from bellhop.signatures import Every, Signature, registry
from bellhop_scheduler.broker import AWAY, Broker

log = get_logger(__name__)

MOST_AT_ONCE = 1_000
PRUNE_AT_ONCE = 5_000
ROUNDS = 10
"""How often a chore takes so many before the others have their turn."""
DATABASE_AWAY = (OperationalError, InterfaceError, NoConnection)


@dataclass
class Chore:
    """One thing to do every so many seconds."""

    act: Callable[[], None]
    every: float
    next: float = field(default_factory=time.monotonic)

    def do_if_due(self) -> None:
        """Do it when its time has come."""
        if time.monotonic() >= self.next:
            self.next = time.monotonic() + self.every
            self.act()


class Chores:
    """All that the scheduler does."""

    def __init__(self, broker: Broker, settings: Settings):
        self._broker = broker
        self._grace = settings.message_grace_seconds
        self._keep = settings.retention_hours * 3600
        self._fired: dict[str, datetime | None] = {}
        self._lease_seconds = settings.lease_seconds
        self._take_back_lost = Chore(self.take_back_lost, every=1)
        self._all = [
            Chore(self.fire_schedules, every=0),
            Chore(self.enqueue_due, every=0),
            Chore(self.notice_emptied_redis, every=1),
            Chore(self.send_unsent, every=0.5),
            self._take_back_lost,
            Chore(self.send_overtaken_again, every=min(5.0, self._grace / 2)),
            Chore(self.prune, every=10),
        ]

    def trust_leases(self) -> None:
        """For as long as a lease, take none back: while the database was away, no worker could keep its own."""
        self._take_back_lost.next = time.monotonic() + self._lease_seconds

    def do_due(self) -> None:
        """Do what is due.

        What needs Redis while it is away is put off, and a bug in one chore stops no other.
        Raises one of DATABASE_AWAY when it is, for then nothing can be done.
        """
        for chore in self._all:
            try:
                chore.do_if_due()
            except AWAY as error:
                self._broker.rest(error)
            except DATABASE_AWAY:
                raise
            except Exception:
                log.exception("chore_failed", chore=chore.act.__name__)

    def fire_schedules(self) -> None:
        """Submit the run of each schedule that is due; one that exists already is not made twice."""
        due = {signature: every.last_due(clock.now()) for signature, every in scheduled()}
        new = [
            NewJob(signature, {}, run_at=moment, schedule=signature.name, due_at=moment)
            for signature, moment in due.items()
            if self._fired.get(signature.name) != moment
        ]
        if not new:
            return
        with transaction() as db:
            jobs = submit_all(db, new, publish=False)
        self._fired |= {job.signature.name: job.due_at for job in new}
        self._broker.send([hint_of(job) for job in jobs if job.state is State.QUEUED])

    def enqueue_due(self) -> None:
        """Queue the jobs whose time has come and send their messages."""
        for _ in range(ROUNDS):
            with transaction() as db:
                hints = dispatch.enqueue_due(db, MOST_AT_ONCE)
            self._broker.send(hints)
            if len(hints) < MOST_AT_ONCE:
                return

    def send_unsent(self) -> None:
        """Send the messages that nobody else has sent."""
        for _ in range(ROUNDS):
            with transaction() as db:
                hints = dispatch.unsent(db, MOST_AT_ONCE)
            if hints:
                log.info("unsent_jobs_sent", jobs=len(hints))
            self._broker.send(hints)
            if len(hints) < MOST_AT_ONCE:
                return

    def take_back_lost(self) -> None:
        """Queue the jobs again whose lease has run out."""
        with transaction() as db:
            lost = sweep.lose_expired(db, keep=self._keep)
        for id, task, state, attempt, worker in lost:
            log.error("lease_expired", job_id=str(id), task=task, now=state, attempt=attempt, worker=worker)

    def notice_emptied_redis(self) -> None:
        """When the marker is gone, so are all messages: send every queued job again."""
        if self._broker.marked():
            return
        with transaction() as db:
            forgotten = sweep.forget_messages(db)
        self._broker.mark()
        log.warning("redis_was_empty", jobs=forgotten)

    def send_overtaken_again(self) -> None:
        """Find single messages that are gone, while later ones of the same queue are not."""
        with transaction() as db:
            waiting = sweep.waiting(db, grace=self._grace)
        for queue, priority in waiting:
            sent = self._broker.next_sent(queue, priority)
            with transaction() as db:
                gone = sweep.send_overtaken_again(
                    db, queue=queue, priority=priority, sent=sent, grace=self._grace, most=MOST_AT_ONCE
                )
            if gone:
                log.warning("messages_were_gone", queue=queue, priority=priority, jobs=gone)

    def prune(self) -> None:
        """Delete finished jobs past their retention, a piece at a time."""
        for _ in range(ROUNDS):
            with transaction() as db:
                deleted = sweep.prune(db, most=PRUNE_AT_ONCE)
            if deleted < PRUNE_AT_ONCE:
                return

    def sleep(self, most: float) -> float:
        """Give the seconds until something is due, at most so many."""
        with transaction() as db:
            next_due = dispatch.next_due(db)
        now = clock.now()
        waits = [(every.last_due(now) - now).total_seconds() + every.seconds for _, every in scheduled()]
        return max(min([most, *waits, *([] if next_due is None else [next_due])]), 0.0)


def scheduled() -> Iterator[tuple[Signature[..., Any], Every]]:
    """Give the signatures that run on a schedule."""
    return ((signature, signature.every) for signature in registry.values() if signature.every)
