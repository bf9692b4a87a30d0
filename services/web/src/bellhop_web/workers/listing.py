"""Listing: the workers there are, and one of them."""

from datetime import timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bellhop_ledger.ledger.draining import NoSuchWorker, find_worker
from bellhop_ledger.ledger.heartbeats import Heartbeat, Service
from bellhop_ledger.ledger.service_events import ServiceEvent, events_between
from bellhop_ledger.platform import clock
from bellhop_web.workers.views import (
    ServiceEventView,
    WorkersView,
    WorkerView,
    heartbeats_of,
    view_of_scheduler,
    views_of,
)

EVENTS_OF = timedelta(days=7)
MOST_EVENTS = 20


def all_workers(db: Session) -> WorkersView:
    """Return the workers, the schedulers, and what became of them lately."""
    _limit(db)
    now = clock.now()
    events = events_between(db, now - EVENTS_OF, now + timedelta(minutes=1), MOST_EVENTS)
    return WorkersView(
        workers=views_of(db, heartbeats_of(db, Service.WORKER)),
        schedulers=[view_of_scheduler(one) for one in heartbeats_of(db, Service.SCHEDULER)],
        events=[_event(one) for one in reversed(events)],
    )


def one_worker(db: Session, name: str) -> WorkerView:
    """Return a worker; by its host, the latest one there. Raises NoSuchWorker."""
    _limit(db)
    return views_of(db, [find_worker(db, full_name(db, name))])[0]


def full_name(db: Session, name: str) -> str:
    """Return the name of a worker that may be given without its process id, as jobs have it. Raises NoSuchWorker."""
    if not name.isprintable():  # Postgres would refuse to look for NUL
        raise NoSuchWorker(NoSuchWorker.__doc__)
    names = Heartbeat.name, Heartbeat.name.regexp_replace(":[0-9]+$", "")
    query = select(Heartbeat.name).where(Heartbeat.service == Service.WORKER, (names[0] == name) | (names[1] == name))
    found: str | None = db.scalar(query.order_by((names[0] == name).desc(), Heartbeat.started_at.desc()).limit(1))
    if found is None:
        raise NoSuchWorker(f"There is no worker {name!r}: it has stopped, or has been silent for more than an hour")
    return found


def _limit(db: Session) -> None:
    db.execute(text("SET LOCAL statement_timeout = '2s'"))


def _event(event: ServiceEvent) -> ServiceEventView:
    return ServiceEventView.model_validate(event, from_attributes=True)
