"""Control: what people do with a job, and what a running one says of itself."""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import RowMapping, TextClause, select, text
from sqlalchemy.orm import Session

from bellhop.errors import Conflict, NotFound
from bellhop_ledger.broker.messages import READY_JOB_COLUMNS, ReadyJob
from bellhop_ledger.broker.pubsub import announce_changed, announce_ended
from bellhop_ledger.ledger.events import Action, Actor, noted
from bellhop_ledger.ledger.outbox_sender import send
from bellhop_ledger.ledger.past import END, FIRST_START, WITH_LAST_ATTEMPT
from bellhop_ledger.ledger.queued import FRESH, queued_again, queued_among
from bellhop_ledger.ledger.retention.tiers import NAMES, row_of
from bellhop_ledger.ledger.tables import ENDED, STATE_OF_NAMED, WAITING, Job, State
from bellhop_ledger.platform.database import Database, after_commit
from bellhop_ledger.platform.metrics import jobs as metrics
from bellhop_ledger.platform.statements import run


class AlreadyEnded(Conflict):
    """The job has ended already."""


class NotEnded(Conflict):
    """Only a job that failed or was cancelled can be tried again."""


class NoSuchJob(NotFound):
    """There is no job with this id."""


PAUSES = (0.02, 0.05, 0.1, 0.0)
"""Seconds between looks at a waiting job whose row is locked: for a moment by the outbox sender, or by its run."""

TO_BE_RETRIED = {State.FAILED, State.CANCELLED}
PLACES = 3
"""Looks at an ended job that is to be retried: one that is filed away in this moment is no more where a statement has
seen it, and another statement finds it in its new place."""

# A plan of its own for each execution would look at the statistics of every day first.
FIND = text(f"""
    SET LOCAL plan_cache_mode = force_generic_plan;
    SELECT {row_of("j")} FROM jobs j WHERE j.id = :id
""")

IF_IT_WAITS = f"""
    SELECT j.id, j.state, j.run_at FROM unfinished_jobs j
    WHERE j.id = :id AND {STATE_OF_NAMED} IN ('blocked', 'scheduled', 'queued') FOR NO KEY UPDATE SKIP LOCKED
"""

CANCEL_THE_WAITING = f"""cancelled AS (
        UPDATE unfinished_jobs j
        SET state = 'cancelled', blocked_by = NULL, finished_at = now(),
            expires_at = now() + make_interval(secs => :keep)
        FROM waiting WHERE j.id = waiting.id
        RETURNING j.id, j.task
    ), noted AS ({noted(Action.CANCELLED, "waiting", "jsonb_build_object('state', j.state)")})
    SELECT * FROM cancelled
"""

CANCEL_WAITING = text(f"WITH waiting AS ({IF_IT_WAITS}), {CANCEL_THE_WAITING}")

MOVE = text(f"""
    WITH waiting AS ({IF_IT_WAITS}), moved AS (
        UPDATE unfinished_jobs j
        SET {queued_again("WHEN :run_at > now() THEN 'scheduled'")}, run_at = :run_at,
            queued_at = CASE WHEN :run_at > now() THEN NULL ELSE now() END
        FROM waiting WHERE j.id = waiting.id
        RETURNING {READY_JOB_COLUMNS}, j.state
    ), noted AS ({noted(Action.MOVED, "waiting", "jsonb_build_object('from', j.run_at, 'to', :run_at)")})
    SELECT * FROM moved
""")

# A second wish to stop changes nothing, and is no event.
ASK_TO_STOP = text(f"""
    WITH asked AS (
        INSERT INTO live_jobs (job_id, cancel_requested_at) VALUES (:id, now())
        ON CONFLICT (job_id) DO UPDATE SET cancel_requested_at = now() WHERE live_jobs.cancel_requested_at IS NULL
        RETURNING job_id AS id
    )
    {noted(Action.CANCELLED, "asked", "jsonb_build_object('state', 'running')")}
""")

AGAIN = f"""
    INSERT INTO unfinished_jobs AS j ({NAMES})
    SELECT {row_of("j", FRESH | {"first_started_at": FIRST_START, "past_attempts": WITH_LAST_ATTEMPT})}
    FROM gone AS j
    RETURNING {READY_JOB_COLUMNS}
"""

NOTED_RETRY = noted(Action.RETRIED, "gone", END)

RETRY = text(f"""
    WITH gone AS (DELETE FROM jobs j WHERE j.id = :id AND {STATE_OF_NAMED} IN ('failed', 'cancelled') RETURNING j.*),
    noted AS ({NOTED_RETRY})
    {AGAIN}
""")

FORGET_WISH = text("DELETE FROM live_jobs WHERE job_id = :id")

REPORT = text("""
    INSERT INTO live_jobs (job_id, current, total, message) VALUES (:id, :current, :total, :message)
    ON CONFLICT (job_id) DO UPDATE SET current = :current, total = :total, message = :message
""")

NO_LEASES: Mapping[UUID, UUID] = MappingProxyType({})
KEEP = text("""
    WITH kept AS (
        UPDATE unfinished_jobs SET lease_expires_at = now() + make_interval(secs => :seconds)
        WHERE id IN (SELECT id FROM unfinished_jobs WHERE state = 'running' AND lease = ANY(CAST(:leases AS uuid[]))
                     FOR NO KEY UPDATE SKIP LOCKED)
    )
    SELECT job_id FROM live_jobs
    WHERE job_id = ANY(CAST(:running AS uuid[])) AND cancel_requested_at IS NOT NULL
    UNION
    SELECT own.id FROM unnest(CAST(:own_jobs AS uuid[]), CAST(:own_leases AS uuid[])) AS own(id, lease)
    WHERE NOT EXISTS (SELECT FROM unfinished_jobs j WHERE j.id = own.id AND j.lease = own.lease)
""")


def find(db: Session, id: UUID) -> Job:
    """Return one job, as it is now. Raises NoSuchJob."""
    rows = run(db, FIND, id=str(id))
    if not rows:
        raise NoSuchJob
    return Job.of_row(rows[0])


def cancel(db: Session, id: UUID, *, keep: float, by: Actor) -> Job:
    """Cancel a job that waits, or ask the worker of a running one to stop it.

    Raises NoSuchJob, and AlreadyEnded for one that succeeded or failed. A job that was
    cancelled before is given as it is.
    """
    if rows := _change_waiting(db, id, CANCEL_WAITING, keep=keep, **by.facts):
        after_commit(db, announce_ended, [id])
        after_commit(db, metrics.ended_unrun, [(row["task"], State.CANCELLED) for row in rows])
    elif (job := find(db, id)).state in ENDED - {State.CANCELLED}:
        raise AlreadyEnded(f"The job has {job.state} already", state=job.state)
    elif job.state is not State.CANCELLED:
        db.execute(ASK_TO_STOP, {"id": id, **by.facts})
    return find(db, id)


def move(db: Session, id: UUID, run_at: datetime, *, by: Actor) -> bool:
    """Move a job that waits to another date; one that has passed means now.

    False for a job that a worker has, that has ended, or that is not there any more. A message
    that was sent for the earlier date finds nothing to claim.
    """
    rows = _change_waiting(db, id, MOVE, run_at=run_at, **by.facts)
    after_commit(db, send, queued_among(rows))
    return bool(rows)


def _change_waiting(db: Session, id: UUID, statement: TextClause, **parameters: object) -> Sequence[RowMapping]:
    """Change a job that waits and give its row, or nothing when it waits no more or its row stays locked."""
    for pause in PAUSES:
        if rows := db.execute(statement, {"id": id, **parameters}).mappings().all():
            return rows
        if db.scalar(select(Job.state).where(Job.id == id)) not in WAITING:
            return []
        time.sleep(pause)
    return []


def retry(db: Session, id: UUID, *, by: Actor) -> Job:
    """Queue a job again that failed or was cancelled, with all its attempts. Raises NoSuchJob and NotEnded.

    How it ended stays on record, with who retried it.
    """
    for _ in range(PLACES):
        rows = db.execute(RETRY, {"id": id, **by.facts}).mappings().all()
        job = find(db, id)
        if rows or job.state not in TO_BE_RETRIED:
            break
    if not rows:
        raise NotEnded(f"The job is {job.state}; only a failed or cancelled one can be tried again", state=job.state)
    db.execute(FORGET_WISH, {"id": id})
    after_commit(db, send, [ReadyJob(**row) for row in rows])
    return job


def report(db: Session, id: UUID, *, current: float | None, total: float | None, message: str | None) -> None:
    """Write down how far a running job has come."""
    db.execute(REPORT, {"id": id, "current": current, "total": total, "message": message})
    after_commit(db, announce_changed, [f"job:{id}"])


def keep_leases(
    db: Database,
    leases: Sequence[UUID],
    running: Sequence[UUID],
    *,
    seconds: float,
    own: Mapping[UUID, UUID] = NO_LEASES,
) -> list[UUID]:
    """Keep up the leases of all that a worker runs, with one statement, and give the jobs that are to be stopped.

    A row that is locked is passed over: whoever holds it is finishing the job. `own` are the leases of jobs that have
    one each: of these, those that have lost it are to be stopped too.
    Call it in autocommit(): a process that is frozen before its COMMIT would keep the rows from those who look for
    leases that have run out.
    """
    parameters: dict[str, object] = {
        "leases": [str(lease) for lease in leases],
        "running": [str(id) for id in running],
        "seconds": seconds,
        "own_jobs": [str(id) for id in own],
        "own_leases": [str(lease) for lease in own.values()],
    }
    return [row.job_id for row in run(db, KEEP, **parameters)]
