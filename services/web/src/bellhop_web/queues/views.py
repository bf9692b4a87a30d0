"""Views: how a queue reads from outside."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop_ledger.broker.celery_app import QUEUES as OURS
from bellhop_ledger.ledger.heartbeats import LATE
from bellhop_ledger.ledger.holds import Kind
from bellhop_ledger.tasks.known import known_tasks
from bellhop_web.dashboard.views import MOST_COUNTED, QUEUES
from bellhop_web.holds.views import HoldView, all_holds
from bellhop_web.http.times import StoredUtc

WORKERS = text("""
    SELECT queues FROM heartbeats
    WHERE service = 'worker' AND queues IS NOT NULL AND seen_at > now() - make_interval(secs => :late)
""")


class QueueView(BaseModel):
    """A queue."""

    name: str
    waiting: int = Field(description=f"How many jobs wait for a worker; at most {MOST_COUNTED:,} are counted")
    exact: bool = Field(description="Whether `waiting` is all of them")
    oldest_at: StoredUtc | None = Field(
        description="Since when the job waits that has waited longest; null: none waits"
    )
    workers: int = Field(description="How many workers serve it, each with any number of processes")
    paused: HoldView | None = Field(description="Why it is paused, where it is")


class QueuesView(BaseModel):
    """All queues, by name."""

    queues: list[QueueView]


def all_queues(db: Session) -> list[QueueView]:
    """Return all queues. The database may take 2 s to count."""
    db.execute(text("SET LOCAL statement_timeout = '2s'"))
    waiting = {row.queue: row for row in db.execute(QUEUES, {"most": MOST_COUNTED + 1})}
    workers = Counter(_served(db))
    paused = {hold.name: hold for hold in all_holds(db) if hold.kind is Kind.QUEUE}
    names = {*OURS, *known_tasks().current().queues, *waiting, *workers, *paused}
    return [_view(name, waiting.get(name), workers[name], paused.get(name)) for name in sorted(names)]


def _served(db: Session) -> Iterator[str]:
    for queues in db.scalars(WORKERS, {"late": LATE}):
        yield from {name.strip() for name in queues.split(",")}


def _view(name: str, row: Any, workers: int, paused: HoldView | None) -> QueueView:
    depth = row.depth if row else 0
    return QueueView(
        name=name,
        waiting=min(depth, MOST_COUNTED),
        exact=depth <= MOST_COUNTED,
        oldest_at=row.oldest if row else None,
        workers=workers,
        paused=paused,
    )
