"""Views: how a queue reads from outside."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bellhop.errors import NotFound
from bellhop_ledger.broker.celery_app import QUEUES as OURS
from bellhop_ledger.ledger.draining import is_silent
from bellhop_ledger.ledger.heartbeats import Heartbeat, Service
from bellhop_ledger.ledger.holds import Kind
from bellhop_ledger.tasks.known import known_tasks
from bellhop_web.holds.views import HoldView, all_holds
from bellhop_web.http.problems import did_you_mean
from bellhop_web.http.times import StoredUtc
from bellhop_web.queues.rates import Forecast, Outlook, arrivals_per_minute, ends_per_minute, forecast
from bellhop_web.queues.waiting import MOST_COUNTED, waiting_by_queue


class NoSuchQueue(NotFound):
    """There is no queue of this name."""


class QueueView(BaseModel):
    """A queue."""

    name: str
    waiting: int = Field(description=f"How many jobs wait for a worker; at most {MOST_COUNTED:,} are counted")
    exact: bool = Field(description="Whether `waiting` is all of them")
    oldest_at: StoredUtc | None = Field(
        description="Since when the job waits that has waited longest; null: none waits"
    )
    arrivals_per_minute: float = Field(description="How many jobs came in the last minute")
    ends_per_minute: float = Field(description="How many jobs of it ended a minute in the last two, however they ended")
    outlook: Outlook = Field(
        description="`empty`; `empties` in `seconds_to_empty`; `grows`: more jobs come than end; `paused`; `unserved`: "
        "no worker takes its jobs; `unknown`: jobs wait, and none has ended in the last two minutes"
    )
    seconds_to_empty: float | None = Field(
        description="When it is empty, if jobs come and end as they do now; later, where not all that wait are counted"
    )
    workers: int = Field(description="How many workers serve it, each with any number of processes")
    served_by: list[str] = Field(description="The names of these workers; those that drain do not serve it")
    tasks: list[str] = Field(description="The tasks whose jobs wait here unless their submission says otherwise")
    paused: HoldView | None = Field(description="Why it is paused, where it is")

    @property
    def forecast(self) -> Forecast:
        """When it will be empty, for people."""
        return Forecast(self.outlook, self.seconds_to_empty, self.exact)

    @property
    def depth(self) -> int:
        """How many jobs wait; one more than MOST_COUNTED where these are not all."""
        return self.waiting if self.exact else MOST_COUNTED + 1


class QueuesView(BaseModel):
    """All queues, by name."""

    queues: list[QueueView]


def all_queues(db: Session, holds: Iterable[HoldView] | None = None) -> list[QueueView]:
    """Return all queues. The database may take 2 s over each part. Holds that are known are not read again."""
    db.execute(text("SET LOCAL statement_timeout = '2s'"))
    waiting = {row.queue: row for row in waiting_by_queue(db)}
    paused = {hold.name: hold for hold in (all_holds(db) if holds is None else holds) if hold.kind is Kind.QUEUE}
    workers = workers_by_queue(db)
    ends = ends_per_minute(db)
    names = {*OURS, *known_tasks().current().queues, *waiting, *workers, *paused}
    return [
        _view(name, waiting.get(name), ends.get(name, 0.0), workers.get(name, []), paused.get(name))
        for name in sorted(names)
    ]


def one_queue(db: Session, name: str) -> QueueView:
    """Return one queue. Raises NoSuchQueue."""
    found = {queue.name: queue for queue in all_queues(db)}
    if name not in found:
        raise NoSuchQueue(f"There is no queue {name!r}{did_you_mean(name, found)}")
    return found[name]


def workers_by_queue(db: Session) -> dict[str, list[str]]:
    """Return the names of the living workers that take jobs, by the queues that they serve."""
    serving = select(Heartbeat).where(Heartbeat.service == Service.WORKER, Heartbeat.draining_since.is_(None))
    found: dict[str, list[str]] = {}
    for worker in db.scalars(serving.order_by(Heartbeat.name)):
        for queue in _queues_of(worker):
            found.setdefault(queue, []).append(worker.name)
    return found


def _queues_of(worker: Heartbeat) -> Iterable[str]:
    return () if is_silent(worker) else {name.strip() for name in (worker.queues or "").split(",")} - {""}


def _view(name: str, row: Any, ends: float, workers: list[str], paused: HoldView | None) -> QueueView:
    depth, oldest = (row.depth, row.oldest) if row else (0, None)
    arrivals = arrivals_per_minute(row.lately if row else 0, oldest, ends)
    expected = forecast(waiting=depth, oldest=oldest, arrivals=arrivals, ends=ends)
    if paused:
        expected = Forecast(Outlook.PAUSED)
    elif depth and not workers:
        expected = Forecast(Outlook.UNSERVED)
    return QueueView(
        name=name,
        waiting=min(depth, MOST_COUNTED),
        exact=depth <= MOST_COUNTED,
        oldest_at=oldest,
        arrivals_per_minute=round(arrivals, 1),
        ends_per_minute=round(ends, 1),
        outlook=expected.outlook,
        seconds_to_empty=expected.seconds,
        workers=len(workers),
        served_by=workers,
        tasks=sorted(task.name for task in known_tasks().values() if task.queue == name),
        paused=paused,
    )
