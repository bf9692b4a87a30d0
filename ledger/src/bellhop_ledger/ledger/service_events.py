"""Service events: when workers and schedulers started, stopped, fell silent and came back, and with which release.

What a chart marks is read from them: a deploy is a release that is seen for the first time, an outage a span in which
no worker, or no scheduler, was alive.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from bellhop_ledger.ledger.heartbeats import LATE, Service, Services
from bellhop_ledger.platform.database import Base, Time, enumeration

KEEP_DAYS = 90


class ServiceEventKind(StrEnum):
    """What happened to a service."""

    STARTED = "started"
    STOPPED = "stopped"
    """It was stopped, or a scheduler no longer leads."""
    SILENT = "silent"
    """Its heartbeat is late, or its name was taken by a new start; since `at`, when it was last heard of."""
    BACK = "back"


class ServiceEvent(Base):
    """One moment in the life of a worker or a scheduler."""

    __tablename__ = "service_events"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    kind: Mapped[ServiceEventKind] = mapped_column(enumeration(ServiceEventKind))
    service: Mapped[Service] = mapped_column(Services)
    name: Mapped[str]
    release: Mapped[str | None]
    """Which release it runs; schedulers, and workers of earlier releases, name none."""

    __table_args__ = (
        CheckConstraint("kind IN ('started','stopped','silent','back')", name="kind"),
        CheckConstraint("service IN ('worker','scheduler')", name="service"),
        Index("service_events_at_idx", "at"),
    )


# A row of this name that is still there belongs to a process that died without a word.
START = text("""
    WITH dead AS (
        INSERT INTO service_events (at, kind, service, name, release)
        SELECT seen_at, 'silent', service, name, release FROM heartbeats WHERE name = :name AND silent_since IS NULL
    ), gone AS (DELETE FROM heartbeats WHERE name = :name)
    INSERT INTO service_events (kind, service, name, release) VALUES ('started', :service, :name, :release)
""")
STOP = text("""
    WITH gone AS (DELETE FROM heartbeats WHERE name = :name RETURNING service, name, release)
    INSERT INTO service_events (kind, service, name, release) SELECT 'stopped', service, name, release FROM gone
""")
NOTICE = text("""
    WITH fallen AS (
        UPDATE heartbeats SET silent_since = seen_at
        WHERE silent_since IS NULL AND seen_at < now() - make_interval(secs => :late)
        RETURNING seen_at, service, name, release
    ), returned AS (
        UPDATE heartbeats SET silent_since = NULL
        WHERE silent_since IS NOT NULL AND seen_at >= now() - make_interval(secs => :late)
        RETURNING seen_at, service, name, release
    )
    INSERT INTO service_events (at, kind, service, name, release)
    SELECT seen_at, 'silent', service, name, release FROM fallen
    UNION ALL SELECT seen_at, 'back', service, name, release FROM returned
""")
FORGET = text("DELETE FROM service_events WHERE at < now() - make_interval(days => :days)")


def note_start(db: Session, name: str, service: Service, release: str | None = None) -> None:
    """Record that a service starts; its first heartbeat makes its row, and nothing of an earlier row stays."""
    db.execute(START, {"name": name, "service": service.value, "release": release})


def note_stop(db: Session, name: str) -> None:
    """Record that a service stops, and take its heartbeat out; one that has none is left alone."""
    db.execute(STOP, {"name": name})


def notice_silent(db: Session) -> None:
    """Record, once each, the services that have fallen silent and those that are heard of again."""
    db.execute(NOTICE, {"late": LATE})


def forget_events(db: Session) -> None:
    """Delete the events of more than 90 days ago."""
    db.execute(FORGET, {"days": KEEP_DAYS})


def events_between(db: Session, start: datetime, end: datetime, most: int = 2_000) -> Sequence[ServiceEvent]:
    """Return the events of a span, oldest first, at most so many of them, the latest."""
    query = select(ServiceEvent).where(ServiceEvent.at >= start, ServiceEvent.at < end)
    found = db.scalars(query.order_by(ServiceEvent.at.desc(), ServiceEvent.id.desc()).limit(most)).all()
    return found[::-1]
