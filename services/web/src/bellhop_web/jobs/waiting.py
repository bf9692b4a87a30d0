"""Waiting: requests that wait for the end of a job, without a database connection each."""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import Protocol, TypeVar
from uuid import UUID

import redis
from flask import current_app
from pydantic import Field
from redis.client import PubSub
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bellhop_ledger.broker.pubsub import ENDED, listen
from bellhop_ledger.ledger import control
from bellhop_ledger.ledger.tables import LiveJob, State
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.log import get_logger
from bellhop_web.http import metrics
from bellhop_web.http.fields import Wait
from bellhop_web.http.request import Query
from bellhop_web.jobs.held import with_reasons
from bellhop_web.jobs.views import JobView, view

log = get_logger(__name__)

LOOK = text("SELECT id FROM jobs WHERE id = ANY(CAST(:ids AS uuid[])) AND finished_at IS NOT NULL")
PERIOD = 1.0
"""Seconds between two looks into the ledger, for notifications that were lost."""


class Waiters:
    """All who wait in this process. One thread wakes them: by notifications, and by one query a second for all."""

    def __init__(self, most: int):
        self._most = most
        self._waiting: dict[UUID, set[Event]] = defaultdict(set)
        self._count = 0
        self._lock = Lock()
        self._thread: Thread | None = None
        self._someone = Event()
        self.stopping = False
        """Whether the process is about to stop: nobody waits any longer then. Safe to set in a signal handler."""

    @contextmanager
    def for_end_of(self, id: UUID) -> Iterator[Event | None]:
        """Yield an event that is set when the job ends or we are stopping, or nothing when too many wait already."""
        event = self._enter(id)
        try:
            yield event
        finally:
            if event is not None:
                self._leave(id, event)

    def _enter(self, id: UUID) -> Event | None:
        with self._lock:
            if self._count >= self._most or self.stopping:
                return None
            event = Event()
            self._count += 1
            self._waiting[id].add(event)
            if self._thread is None:
                self._thread = Thread(target=self._run, name="waiters", daemon=True)
                self._thread.start()
            self._someone.set()
            return event

    def _leave(self, id: UUID, event: Event) -> None:
        with self._lock:
            self._count -= 1
            self._waiting[id].discard(event)
            if not self._waiting[id]:
                del self._waiting[id]
            if not self._waiting:
                self._someone.clear()

    def _wake(self, ids: list[UUID]) -> None:
        with self._lock:
            events = [event for id in ids for event in self._waiting.get(id, ())]
        for event in events:
            event.set()

    def _run(self) -> None:
        listener: PubSub | None = None
        while True:
            self._someone.wait()
            try:
                listener = listener or listen(ENDED)
                self._hear(listener)
            except redis.RedisError as error:
                log.debug("notifications_lost", error=repr(error))
                listener = None
                time.sleep(PERIOD)
            self._look()

    def _hear(self, listener: PubSub) -> None:
        """Wake by notifications until it is time for a look into the ledger."""
        until = time.monotonic() + PERIOD
        while (left := until - time.monotonic()) > 0:
            message = listener.get_message(ignore_subscribe_messages=True, timeout=left)
            if message:
                self._wake([UUID(id) for id in json.loads(message["data"])])

    def _look(self) -> None:
        """Wake those whose job has ended, or all of them when we are stopping."""
        with self._lock:
            ids = list(self._waiting)
        if ids:
            self._wake(ids if self.stopping else ended_of(ids))


def ended_of(ids: list[UUID]) -> list[UUID]:
    """Return which of these jobs have ended; none when the ledger does not answer."""
    try:
        with transaction() as db:
            return list(db.execute(LOOK, {"ids": [str(id) for id in ids]}).scalars())
    except SQLAlchemyError as error:
        log.warning("ledger_not_read", error=repr(error)[:300])
        return []


class WaitQuery(Query):
    """How long to wait for the end."""

    wait: Wait = Field(
        default=0,
        description="Seconds to wait for the end. The answer comes as soon as it is there, and in any case when "
        "the time is up; look at `state`. A busy server may answer sooner.",
        examples=[30],
    )


def wait_for(id: UUID, seconds: float) -> JobView:
    """Return a job when it has ended or the time is up, and at once when too many wait already.

    Holds no database connection while it waits.
    """
    if not seconds:
        return read(id)
    waiters: Waiters = current_app.extensions["waiters"]
    began = time.monotonic()
    until = began + seconds
    with waiters.for_end_of(id) as ended:
        job = read(id)
        while ended and not job.state.ended and not waiters.stopping and (left := until - time.monotonic()) > 0:
            ended.wait(left)
            ended.clear()
            job = read(id)
    metrics.waited(began)
    return job


def wait_for_all(unfinished: Callable[[], UUID | None], seconds: float) -> None:
    """Return when none of several jobs is unfinished or the time is up, and at once when too many wait already.

    `unfinished` reads one that has not ended, or None.
    """
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0 and (id := unfinished()):
        if not wait_for(id, left).state.ended:
            return


class ViewOfJob(Protocol):
    """What shows the work of one job."""

    job_id: UUID
    state: State


Shown = TypeVar("Shown", bound=ViewOfJob)


def ended(find: Callable[[Session], Shown], seconds: float) -> Shown:
    """Find what shows a job's work, and find it again when the job has ended or the time is up."""
    with transaction() as db:
        shown = find(db)
    if not seconds or shown.state.ended:
        return shown
    wait_for(shown.job_id, seconds)
    with transaction() as db:
        return find(db)


def read(id: UUID) -> JobView:
    """Read a job with its progress. Raises NoSuchJob."""
    with transaction() as db:
        [shown] = with_reasons(db, [view(control.find(db, id), db.get(LiveJob, id))])
    return shown
