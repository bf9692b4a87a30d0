"""Heartbeats: which workers and schedulers live, and how many jobs they have ended, minute by minute."""

import json
import os
import socket
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import Base, Time, enumeration
from bellhop_ledger.platform.liveness import LATE as LATE  # noqa: PLC0414  found here with all else of heartbeats
from bellhop_ledger.platform.liveness import PERIOD as PERIOD  # noqa: PLC0414


class Service(StrEnum):
    """What has a heartbeat."""

    WORKER = "worker"
    SCHEDULER = "scheduler"


Services = enumeration(Service)


class Heartbeat(Base):
    """One service that runs, or has run lately. One that stops in peace takes its row along."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(primary_key=True)
    service: Mapped[Service] = mapped_column(Services)
    queues: Mapped[str | None]
    processes: Mapped[int | None]
    busy: Mapped[int | None]
    """How many of the processes run a job."""
    started_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    seen_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    clock_offset: Mapped[float | None]
    """Seconds by which its clock is ahead of the database's; a statement takes some milliseconds to arrive."""
    release: Mapped[str | None]
    """Which release it runs; schedulers name none."""
    silent_since: Mapped[datetime | None] = mapped_column(Time)
    """When it was last heard of, once the scheduler has noticed that it is silent."""
    memory: Mapped[float | None]
    """MiB that the main process of a worker holds."""
    pool: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """What the processes of a worker do and hold: see bellhop_worker.engine.heartbeat; empty before its release."""
    draining_since: Mapped[datetime | None] = mapped_column(Time)
    """Since when somebody wishes that a worker takes no new jobs."""
    draining_reason: Mapped[str | None]
    draining_by: Mapped[str | None]

    __table_args__ = (CheckConstraint("service IN ('worker','scheduler')", name="service"),)


class JobCount(Base):
    """How many jobs ended in a minute, as the dashboard of the release before reads it; ours reads `counts.py`.

    Quiet tasks are left out. Who ends them counts, so that no job is read for it.
    """

    __tablename__ = "job_counts"

    minute: Mapped[datetime] = mapped_column(Time, primary_key=True)
    succeeded: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    failed: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    retried: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    """Attempts that failed and are followed by another one."""


COUNT = text("""
    INSERT INTO job_counts (minute, succeeded, failed, retried)
    SELECT date_trunc('minute', now()), :succeeded, :failed, :retried WHERE :succeeded + :failed + :retried > 0
    ON CONFLICT (minute) DO UPDATE
    SET succeeded = job_counts.succeeded + excluded.succeeded, failed = job_counts.failed + excluded.failed,
        retried = job_counts.retried + excluded.retried
""")
BEAT = text("""
    INSERT INTO heartbeats (name, service, queues, processes, busy, release, memory, pool, clock_offset)
    VALUES (:name, :service, :queues, :processes, :busy, :release, :memory, CAST(:pool AS jsonb),
            extract(epoch FROM CAST(:clock AS timestamptz) - clock_timestamp()))
    ON CONFLICT (name) DO UPDATE
    SET seen_at = now(), queues = excluded.queues, processes = excluded.processes, busy = excluded.busy,
        release = excluded.release, memory = excluded.memory, pool = excluded.pool,
        clock_offset = excluded.clock_offset
    RETURNING draining_since IS NOT NULL
""")

FORGET = text("""
    WITH silent AS (DELETE FROM heartbeats WHERE seen_at < now() - interval '1 hour')
    DELETE FROM job_counts WHERE minute < now() - interval '7 days'
""")


def own_name(service: Service) -> str:
    """Return a name for this process that no other has."""
    return f"{service}@{socket.gethostname()}:{os.getpid()}"


def beat(
    db: Session,
    name: str,
    service: Service,
    *,
    queues: str | None = None,
    processes: int | None = None,
    busy: int | None = None,
    release: str | None = None,
    memory: float | None = None,
    pool: Mapping[str, Any] | None = None,
    succeeded: int = 0,
    failed: int = 0,
    retried: int = 0,
) -> bool:
    """Record that a service is alive, and how its runs have ended since its last heartbeat.

    Returns whether it is to take no new jobs.
    """
    facts = {"service": service.value, "queues": queues, "processes": processes, "busy": busy, "release": release}
    seen = {"memory": memory, "pool": None if pool is None else json.dumps(pool)}
    count_runs(db, succeeded, failed, retried)
    drains: bool = db.execute(BEAT, {"name": name, "clock": clock.now(), **facts, **seen}).scalar_one()
    return drains


def count_failures(db: Session, *, failed: int, retried: int) -> None:
    """Count runs that failed without a worker that could say so."""
    count_runs(db, 0, failed, retried)


def count_runs(db: Session, succeeded: int, failed: int, retried: int) -> None:
    """Count runs by how they have ended."""
    db.execute(COUNT, {"succeeded": succeeded, "failed": failed, "retried": retried})


def forget(db: Session) -> None:
    """Delete what nobody will look at any more."""
    db.execute(FORGET)
