"""Outside: jobs whose work goes on where we have no process, until somebody tells us that it is done.

The endpoint of such a job has answered 202. The job stays `running` under a lease that no worker holds: heartbeats and
progress renew it, and when they stop coming the sweep takes the job back, as it does with that of a dead worker.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import text
from sqlalchemy.orm import Mapped, Session, mapped_column

from bellhop_ledger.broker.pubsub import announce_ended
from bellhop_ledger.ledger.claim import COLUMNS, Claimed
from bellhop_ledger.ledger.past import FIRST_START
from bellhop_ledger.ledger.queued import NOT_SILENT
from bellhop_ledger.ledger.tables import BY_ID, STATE_OF_NAMED, State
from bellhop_ledger.platform.database import Base, Database, Time, after_commit
from bellhop_ledger.platform.metrics import jobs as metrics
from bellhop_ledger.platform.statements import run


class OutsideJob(Base):
    """A job whose work goes on outside. The row counts while the job has this very lease, and for no later attempt."""

    __tablename__ = "outside_jobs"

    job_id: Mapped[UUID] = mapped_column(primary_key=True)
    lease: Mapped[UUID]
    heartbeat: Mapped[float]
    """Seconds for which a heartbeat renews the lease."""
    deadline: Mapped[datetime] = mapped_column(Time)
    """When the lease is renewed no more."""


@dataclass(frozen=True)
class Outside:
    """Where the work of a job goes on."""

    place: str
    heartbeat: float
    """Seconds without a sign of life after which the attempt is lost."""
    seconds: float
    """After so many it has timed out, whatever is heard of it."""


class GoesOnOutside(Exception):
    """Raised by a body whose work goes on elsewhere: the job does not end with it."""

    def __init__(self, outside: Outside):
        super().__init__(outside.place)
        self.outside = outside


@dataclass(frozen=True)
class Held:
    """A running attempt whose row this transaction has locked."""

    job: Claimed
    lease: UUID
    worker: str
    started_at: datetime


# Another lease than that of the claim: the worker renews that one, for its own time, until it has let go of the job.
LEAVE = text(f"""
    {BY_ID}
    WITH gone AS (
        UPDATE unfinished_jobs j
        SET lease = CAST(:outside AS uuid), worker = :place,
            lease_expires_at = now() + make_interval(secs => least(CAST(:heartbeat AS float8), :seconds))
        WHERE j.id = CAST(:id AS uuid) AND j.lease = CAST(:lease AS uuid) AND {STATE_OF_NAMED} = 'running'
        RETURNING j.id
    )
    INSERT INTO outside_jobs AS o (job_id, lease, heartbeat, deadline)
    SELECT id, CAST(:outside AS uuid), :heartbeat, now() + make_interval(secs => :seconds) FROM gone
    ON CONFLICT (job_id) DO UPDATE
    SET lease = excluded.lease, heartbeat = excluded.heartbeat, deadline = excluded.deadline
    RETURNING o.job_id
""")

OF_ATTEMPT = f"""
    j.id = CAST(:id AS uuid) AND j.lease = ANY(CAST(:leases AS uuid[])) AND {STATE_OF_NAMED} = 'running'
"""
NOT_TO_BE_STOPPED = """
    NOT EXISTS (SELECT FROM live_jobs l WHERE l.job_id = j.id AND l.cancel_requested_at IS NOT NULL)
"""

# A sign of life may come before the answer 202 does; until that is noted, the worker renews the lease.
RENEW = text(f"""
    {BY_ID}
    UPDATE unfinished_jobs j
    SET lease_expires_at = coalesce(
        (SELECT least(now() + make_interval(secs => o.heartbeat), o.deadline) FROM outside_jobs o
         WHERE o.job_id = j.id AND o.lease = j.lease), j.lease_expires_at)
    WHERE {OF_ATTEMPT} AND {NOT_TO_BE_STOPPED}
    RETURNING j.lease_expires_at
""")

HOLD = text(f"""
    {BY_ID}
    SELECT {COLUMNS}, j.attempt, j.lease, j.worker, j.started_at
    FROM unfinished_jobs j WHERE {OF_ATTEMPT} FOR NO KEY UPDATE OF j
""")

CANCEL_ASKED = text(f"""
    {NOT_SILENT}
    UPDATE unfinished_jobs j
    SET state = 'cancelled', lease = NULL, lease_expires_at = NULL, published_at = NULL, error = NULL,
        first_started_at = {FIRST_START}, finished_at = now(), expires_at = now() + make_interval(secs => :keep)
    WHERE j.id IN (
        SELECT r.id FROM live_jobs l JOIN outside_jobs o ON o.job_id = l.job_id
        JOIN unfinished_jobs r ON r.id = o.job_id AND r.lease = o.lease
        WHERE l.cancel_requested_at IS NOT NULL AND r.state = 'running' FOR NO KEY UPDATE OF r SKIP LOCKED)
    RETURNING j.id, j.task
""")


def outside_lease(lease: UUID) -> UUID:
    """Return the lease under which an attempt goes on outside that was claimed under this one."""
    return uuid5(lease, "outside")


def leave(db: Database, job: Claimed, outside: Outside) -> bool:
    """Note that the work of a claimed job goes on outside, and return whether it was still ours.

    It is not when its lease was lost, or when what came of it arrived sooner than the answer that it goes on.
    """
    assert job.lease is not None
    leases = {"lease": str(job.lease), "outside": str(outside_lease(job.lease))}
    facts = {"place": outside.place, "heartbeat": outside.heartbeat, "seconds": outside.seconds}
    return bool(run(db, LEAVE, id=str(job.id), **leases, **facts))


def renew(db: Database, id: UUID, lease: UUID) -> datetime | None:
    """Renew the lease of an attempt that goes on, and return until when; nothing when it is over or to be stopped."""
    rows = run(db, RENEW, id=str(id), leases=_leases(lease))
    return rows[0].lease_expires_at if rows else None


def hold(db: Database, id: UUID, lease: UUID) -> Held | None:
    """Lock the row of a running attempt, so that this transaction can finish it; nothing when the attempt is over."""
    rows = run(db, HOLD, id=str(id), leases=_leases(lease))
    if not rows:
        return None
    facts: dict[str, Any] = rows[0]._asdict()
    beside = {name: facts.pop(name) for name in ("worker", "started_at")}
    return Held(Claimed(**facts), facts["lease"], **beside)


def cancel_asked(db: Session, *, keep: float) -> Sequence[tuple[UUID, str]]:
    """Cancel the jobs outside that somebody wants to be stopped, and return their ids and tasks."""
    rows = [(row.id, row.task) for row in db.execute(CANCEL_ASKED, {"keep": keep})]
    after_commit(db, announce_ended, [id for id, _ in rows])
    after_commit(db, metrics.ended_unrun, [(task, State.CANCELLED) for _, task in rows])
    return rows


def _leases(lease: UUID) -> list[str]:
    """Return those of an attempt: that of its claim, and that under which it goes on outside."""
    return [str(lease), str(outside_lease(lease))]
