"""Marks: what happened to the services in a stretch of time: deploys, and outages of all workers or schedulers."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bellhop_ledger.ledger.heartbeats import LATE, Heartbeat, Service
from bellhop_ledger.ledger.service_events import ServiceEvent, ServiceEventKind, events_between
from bellhop_ledger.platform import clock

BEGINS, ENDS = (
    frozenset({ServiceEventKind.STARTED, ServiceEventKind.BACK}),
    frozenset({ServiceEventKind.STOPPED, ServiceEventKind.SILENT}),
)
SHORTEST = timedelta(seconds=LATE)
"""Of an outage: a restart takes less, and nobody is missed for so long."""


@dataclass(frozen=True)
class Deploy:
    """A release of the workers that started for the first time."""

    at: datetime
    release: str


@dataclass(frozen=True)
class Outage:
    """A stretch of time in which no service of a kind was alive."""

    service: Service
    since: datetime | None
    """Nothing: it began before what is shown."""
    until: datetime | None
    """Nothing: it goes on."""


@dataclass(frozen=True)
class Change:
    """A service begins or ceases to be alive."""

    at: datetime
    name: str
    lives: bool


def deploys(db: Session, since: datetime, until: datetime) -> list[Deploy]:
    """Return the deploys between two moments, the earliest first."""
    first = func.min(ServiceEvent.at)
    query = select(first, ServiceEvent.release).where(
        ServiceEvent.kind == ServiceEventKind.STARTED,
        ServiceEvent.service == Service.WORKER,
        ServiceEvent.release.is_not(None),
    )
    rows = db.execute(query.group_by(ServiceEvent.release).having(first >= since, first < until).order_by(first))
    return [Deploy(at, str(release)) for at, release in rows]


def outages(db: Session, since: datetime, until: datetime) -> list[Outage]:
    """Return the outages that reach into a stretch of time, the earliest first.

    It is worked out from those who live now, backwards, for those who lived before the first event have none.
    """
    now = clock.now()
    events = events_between(db, since, now + timedelta(seconds=1))
    earlier = db.scalar(select(ServiceEvent.id).where(ServiceEvent.at < since).limit(1)) is not None
    found = [one for service in Service for one in _of(db, service, events, now, earlier=earlier)]
    inside = [one for one in found if one.since is None or one.since < until]
    return sorted(inside, key=lambda one: one.since or since)


def _of(db: Session, service: Service, events: Iterable[ServiceEvent], now: datetime, *, earlier: bool) -> list[Outage]:
    beats = db.scalars(select(Heartbeat).where(Heartbeat.service == service)).all()
    late = now - timedelta(seconds=LATE)
    changes = [Change(one.at, one.name, one.kind in BEGINS) for one in events if one.service is service]
    # Nobody has noticed yet that these are silent: a scheduler would have.
    changes += [Change(one.seen_at, one.name, False) for one in beats if one.seen_at < late and not one.silent_since]
    alive = {one.name for one in beats if one.seen_at >= late}
    spans = list(gaps(sorted(changes, key=lambda one: one.at), alive, earlier=earlier))
    return [Outage(service, *span) for span in reversed(spans) if _is_long(*span, now)]


def gaps(
    changes: Sequence[Change], alive: set[str], *, earlier: bool
) -> Iterator[tuple[datetime | None, datetime | None]]:
    """Yield the stretches in which nobody was alive, the latest first; `alive` are those who are at the end.

    `earlier` says whether anything is known to have been before: a system that was never there had no outage.
    """
    alive = set(alive)
    end: datetime | None = None
    for change in reversed(changes):
        was_empty = not alive
        (alive.discard if change.lives else alive.add)(change.name)
        if was_empty and alive:
            yield change.at, end
        elif not alive and not was_empty:
            end = change.at
    if not alive and earlier:
        yield None, end


def _is_long(since: datetime | None, until: datetime | None, now: datetime) -> bool:
    return since is None or (until or now) - since >= SHORTEST
