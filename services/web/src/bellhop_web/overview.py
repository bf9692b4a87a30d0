"""The overview: what is going on, read in a few milliseconds however many jobs have ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, select, text
from sqlalchemy.orm import Session

from bellhop import clock
from bellhop.heartbeats import LATE, Heartbeat, JobCount, Service
from bellhop.jobs import Job, State

MOST_COUNTED = 10_000
"""Jobs of a state that are counted one by one; beyond it we say 'more than'."""
MOST_FAILED = 8
HOUR = timedelta(hours=1)

# Each of these states has a partial index, so only the jobs that are shown are read.
COUNTS = text("""
    SELECT 'scheduled' AS state, count(*) AS number FROM (
        SELECT FROM jobs WHERE state = 'scheduled' LIMIT :most) AS part
    UNION ALL SELECT 'queued', count(*) FROM (SELECT FROM jobs WHERE state = 'queued' LIMIT :most) AS part
    UNION ALL SELECT 'running', count(*) FROM (SELECT FROM jobs WHERE state = 'running' LIMIT :most) AS part
    UNION ALL SELECT 'failed', count(*) FROM (
        SELECT FROM jobs WHERE state = 'failed' LIMIT :most) AS part
    UNION ALL SELECT 'cancelled', count(*) FROM (
        SELECT FROM jobs WHERE state = 'cancelled' LIMIT :most) AS part
""")
ALL = text("""
    SELECT CASE WHEN few.number < :most THEN few.number ELSE greatest(few.number, reltuples) END
    FROM pg_class, (SELECT count(*) AS number FROM (SELECT FROM jobs LIMIT :most) AS part) AS few
    WHERE oid = 'jobs'::regclass
""")
"""Beyond what is counted, Postgres' statistics: to count a million rows would take as long as to read them."""
QUEUES = text("""
    SELECT queue, count(*) AS depth, min(queued_at) AS oldest, max(priority) AS priority
    FROM (SELECT queue, queued_at, priority FROM jobs WHERE state = 'queued' LIMIT :most) AS part
    GROUP BY queue ORDER BY queue
""")


@dataclass(frozen=True)
class Overview:
    """Everything that the dashboard shows."""

    now: datetime
    states: dict[State, int]
    ended: int
    """About how many jobs there are that have ended."""
    queues: list[RowMapping]
    minutes: list[JobCount]
    """One for each of the last sixty, oldest first."""
    services: list[Heartbeat]
    failed: list[Job]
    """The newest."""

    @property
    def oldest(self) -> datetime | None:
        """Since when the job waits that has waited longest."""
        return min((queue["oldest"] for queue in self.queues), default=None)

    @property
    def succeeded_last_hour(self) -> int:
        """How many jobs succeeded."""
        return sum(minute.succeeded for minute in self.minutes)

    @property
    def failed_last_hour(self) -> int:
        """How many jobs failed."""
        return sum(minute.failed for minute in self.minutes)

    def alive(self, service: Service) -> list[Heartbeat]:
        """Give the services of a kind that have been heard of lately."""
        return [one for one in self.services if one.service is service and not self.late(one)]

    def late(self, service: Heartbeat) -> bool:
        """Whether a service has been silent for too long."""
        return (self.now - service.seen_at).total_seconds() > LATE


def read(db: Session) -> Overview:
    """Read it. A database that takes longer than 2 s over one of its parts is not bothered further."""
    db.execute(text("SET LOCAL statement_timeout = '2s'"))
    now = clock.now()
    states = {State(row.state): int(row.number) for row in db.execute(COUNTS, {"most": MOST_COUNTED + 1})}
    waiting = sum(states[state] for state in (State.SCHEDULED, State.QUEUED, State.RUNNING))
    return Overview(
        now=now,
        states=states,
        ended=max(int(db.execute(ALL, {"most": MOST_COUNTED + 1}).scalar_one()) - waiting, 0),
        queues=list(db.execute(QUEUES, {"most": MOST_COUNTED * 10}).mappings()),
        minutes=_minutes(db, now),
        services=list(db.scalars(select(Heartbeat).order_by(Heartbeat.service, Heartbeat.name))),
        failed=_failed(db),
    )


def _minutes(db: Session, now: datetime) -> list[JobCount]:
    last = now.replace(second=0, microsecond=0)
    known = {row.minute: row for row in db.scalars(select(JobCount).where(JobCount.minute > last - HOUR))}
    minutes = [last - timedelta(minutes=back) for back in range(59, -1, -1)]
    return [known.get(minute) or JobCount(minute=minute, succeeded=0, failed=0) for minute in minutes]


def _failed(db: Session) -> list[Job]:
    query = select(Job).where(Job.state == State.FAILED)
    return list(db.scalars(query.order_by(Job.created_at.desc(), Job.id.desc()).limit(MOST_FAILED)))
