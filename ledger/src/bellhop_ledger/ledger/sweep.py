"""Sweep: find what a crash left behind, and delete what is past its time."""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from bellhop_ledger.broker.pubsub import announce_ended
from bellhop_ledger.ledger.events import SCHEDULER, Action, noted
from bellhop_ledger.ledger.heartbeats import count_failures
from bellhop_ledger.ledger.past import FIRST_START, with_attempt
from bellhop_ledger.ledger.queued import NOT_SILENT, queued_again
from bellhop_ledger.ledger.reasons import reason_of
from bellhop_ledger.ledger.tables import State
from bellhop_ledger.platform.database import after_commit
from bellhop_ledger.platform.metrics import jobs as metrics
from bellhop_ledger.platform.policies import async_tasks, policy_of

CRASHED = "The process that ran the job died, or lost touch with the database for longer than its lease"

LATE = "The endpoint answered that the work goes on (202), and no result was sent before its completion_timeout"
SILENT = "The endpoint answered that the work goes on (202), and was not heard of for its heartbeat_timeout"

# A lease of a job outside that ends with its deadline was renewed to the last: the endpoint lives, and is late.
LOST = f"""jsonb_build_object('traceback', '',
    'type', CASE WHEN lost.is_outside THEN 'CompletionLost' ELSE 'WorkerLost' END,
    'message', CASE WHEN lost.is_late THEN '{LATE}' WHEN lost.is_outside THEN '{SILENT}'
                    ELSE CAST(:reason AS text) END,
    'outcome', CASE WHEN lost.is_late OR j.id = ANY(CAST(:timed_out AS uuid[])) THEN 'timed_out' ELSE 'lost' END)"""
LOST_ATTEMPT = with_attempt(f"{LOST} ->> 'outcome'", error=LOST)

# `final` is the state of one that is not tried again.
LOSE = f"""
    {NOT_SILENT}
    UPDATE unfinished_jobs j
    SET {queued_again("WHEN lost.final IS NOT NULL THEN lost.final")},
        finished_at = CASE WHEN lost.final IS NOT NULL THEN now() END,
        expires_at = CASE WHEN lost.final IS NOT NULL THEN now() + make_interval(secs => :keep) END,
        error = {LOST}, reason = {reason_of(LOST)}, first_started_at = {FIRST_START},
        past_attempts = CASE WHEN lost.final IS NOT NULL THEN j.past_attempts ELSE {LOST_ATTEMPT} END,
        suspect = true, queued_at = CASE WHEN lost.final IS NULL THEN now() ELSE j.queued_at END
    FROM (
        SELECT r.id, CASE
            WHEN EXISTS (SELECT FROM live_jobs l WHERE l.job_id = r.id AND l.cancel_requested_at IS NOT NULL)
                THEN 'cancelled'
            WHEN r.attempt >= r.max_attempts THEN 'failed' END AS final,
            o.job_id IS NOT NULL AS is_outside, coalesce(o.deadline <= r.lease_expires_at, false) AS is_late
        FROM unfinished_jobs r LEFT JOIN outside_jobs o ON o.job_id = r.id AND o.lease = r.lease
        WHERE r.state = 'running' AND {{which}} FOR NO KEY UPDATE OF r SKIP LOCKED
    ) AS lost
    WHERE j.id = lost.id
    RETURNING j.id, j.task, j.state, j.attempt, j.worker
"""
LOSE_EXPIRED = text(LOSE.format(which="r.lease_expires_at < now()"))
LOSE_LEASES = text(LOSE.format(which="r.lease = ANY(CAST(:leases AS uuid[]))"))

FORGET_MESSAGES = text("""
    UPDATE unfinished_jobs SET published_at = NULL
    WHERE id IN (SELECT id FROM unfinished_jobs WHERE state = 'queued' AND published_at IS NOT NULL
                 FOR NO KEY UPDATE SKIP LOCKED)
""")

# Jobs whose messages wait in a list of their own, as `broker.messages.queue_of` says.
APART = "(NOT suspect AND task = ANY(CAST(:are_async AS text[])))"
SEND_OVERTAKEN_AGAIN = text(f"""
    UPDATE unfinished_jobs SET published_at = NULL, suspect = true
    WHERE id IN (
        SELECT id FROM unfinished_jobs
        WHERE state = 'queued' AND queue = :queue AND priority = :priority AND {APART} = :apart
          AND published_at < coalesce(to_timestamp(CAST(:sent AS float8)), now()) - make_interval(secs => :grace)
        ORDER BY published_at LIMIT :most FOR NO KEY UPDATE SKIP LOCKED)
""")

WAITING = text(f"""
    SELECT DISTINCT queue, priority, {APART} AS apart FROM unfinished_jobs
    WHERE state = 'queued' AND published_at < now() - make_interval(secs => :grace)
""")

FAIL_UNKNOWN = text("""
    UPDATE unfinished_jobs
    SET state = 'failed', finished_at = now(), expires_at = now() + make_interval(secs => :keep),
        error = jsonb_build_object('type', 'UnknownTask', 'message', CAST(:reason AS text), 'traceback', '')
    WHERE id IN (SELECT id FROM unfinished_jobs
                 WHERE state = 'queued' AND queued_at < now() - make_interval(secs => :after)
                   AND task <> ALL(CAST(:known AS text[])) LIMIT 1000 FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING id, task
""")
CANCEL_EXPIRED = text(f"""
    WITH expired AS (
        SELECT id, state FROM unfinished_jobs
        WHERE state IN ('blocked', 'scheduled', 'queued') AND start_before <= now() AND attempt = 0
        LIMIT :most FOR NO KEY UPDATE SKIP LOCKED
    ), cancelled AS (
        UPDATE unfinished_jobs j
        SET state = 'cancelled', blocked_by = NULL, finished_at = now(),
            expires_at = now() + make_interval(secs => :keep),
            error = jsonb_build_object('type', 'Expired', 'traceback', '', 'message', CAST(:reason AS text))
        FROM expired WHERE j.id = expired.id
        RETURNING j.id, j.task
    ), noted AS ({noted(Action.CANCELLED, "expired", "jsonb_build_object('state', j.state)")})
    SELECT * FROM cancelled
""")
EXPIRED = "The job expired: it had not begun by the date that its client gave as `expires`"
UNKNOWN = "No release has known this task for so long that it counts as removed (UNKNOWN_TASK_HOURS)"


class LostJob(NamedTuple):
    """A job whose lease was lost."""

    id: UUID
    task: str
    state: State
    """What it is now: queued again, failed or cancelled."""
    attempt: int
    """The attempt that was lost."""
    worker: str


def lose_expired(db: Session, *, keep: float) -> list[LostJob]:
    """Take jobs back whose lease ran out: queued again, or failed if that was their last attempt."""
    return _lose(db, LOSE_EXPIRED, keep=keep, reason=CRASHED, timed_out=[])


def lose_leases(
    db: Session, leases: Sequence[UUID], *, keep: float, reason: str = CRASHED, timed_out: Collection[UUID] = ()
) -> list[LostJob]:
    """Take jobs back at once whose process is known to be dead.

    `timed_out` are those that took longer than their hard limit, for which it was killed.
    """
    named = {"leases": [str(lease) for lease in leases], "timed_out": [str(id) for id in timed_out]}
    return _lose(db, LOSE_LEASES, keep=keep, reason=reason, **named)


def _lose(db: Session, statement: TextClause, **parameters: object) -> list[LostJob]:
    rows = db.execute(statement, parameters)
    lost = [LostJob(row.id, row.task, State(row.state), row.attempt, row.worker) for row in rows]
    ended = [job for job in lost if job.state.ended]
    _count_failures(db, [(job.task, job.state) for job in lost])
    after_commit(db, announce_ended, [job.id for job in ended])
    after_commit(db, metrics.lost, [job.task for job in lost])
    after_commit(db, metrics.ended_unrun, [(job.task, job.state) for job in ended])
    return lost


def forget_messages(db: Session) -> int:
    """Redis has been emptied: mark every queued job as unsent. Gives their number.

    A locked row is passed over, for somebody runs the job and the scheduler must not wait for its
    body. Should that run be rolled back, the next sweep finds the job overtaken.
    """
    return _count(db, FORGET_MESSAGES)


class Waiting(NamedTuple):
    """Where published jobs wait, and whether in the list of a queue that its async jobs have for themselves."""

    queue: str
    priority: int
    apart: bool


def waiting(db: Session, *, grace: float) -> list[Waiting]:
    """Return each place in which a published job has waited for longer than the grace (seconds)."""
    rows = db.execute(WAITING, {"grace": grace, "are_async": async_tasks()})
    return [Waiting(*row) for row in rows]


def send_overtaken_again(db: Session, place: Waiting, *, sent: float | None, grace: float, most: int) -> int:
    """Mark jobs as unsent whose message is gone, and give their number.

    A queue in Redis is first in, first out. `sent` is when its next message was sent (Unix
    seconds; None when it is empty). A job that was published before that, and is neither
    running nor locked, has no message any more: it was overtaken. The grace (seconds) covers
    clocks that differ. However long the queue is, a job that still waits in it is not sent twice.
    """
    which = {**place._asdict(), "are_async": async_tasks()}
    return _count(db, SEND_OVERTAKEN_AGAIN, **which, sent=sent, grace=grace, most=most)


def fail_unknown(db: Session, known: Sequence[str], *, after: float, keep: float) -> list[tuple[UUID, str]]:
    """Fail queued jobs of tasks that are not known after so many seconds, and give their ids and tasks."""
    parameters = {"known": list(known), "after": after, "keep": keep, "reason": UNKNOWN}
    failed = [(row.id, row.task) for row in db.execute(FAIL_UNKNOWN, parameters)]
    _count_failures(db, [(task, State.FAILED) for _, task in failed])
    after_commit(db, announce_ended, [id for id, _ in failed])
    after_commit(db, metrics.ended_unrun, [(task, State.FAILED) for _, task in failed])
    return failed


def cancel_expired(db: Session, *, keep: float, most: int) -> list[tuple[UUID, str]]:
    """Cancel jobs that have not begun by the date by which they had to, at most so many; return ids and tasks."""
    rows = db.execute(CANCEL_EXPIRED, {"keep": keep, "reason": EXPIRED, "most": most, **SCHEDULER.facts})
    expired = [(row.id, row.task) for row in rows]
    after_commit(db, announce_ended, [id for id, _ in expired])
    after_commit(db, metrics.ended_unrun, [(task, State.CANCELLED) for _, task in expired])
    return expired


def _count_failures(db: Session, runs: Sequence[tuple[str, State]]) -> None:
    """Count runs of all but quiet tasks, by what became of their jobs."""
    states = [state for task, state in runs if not policy_of(task).quiet]
    count_failures(db, failed=states.count(State.FAILED), retried=states.count(State.QUEUED))


def _count(db: Session, statement: TextClause, **parameters: object) -> int:
    count: int = db.execute(statement, parameters).rowcount  # type: ignore[attr-defined]
    return count
