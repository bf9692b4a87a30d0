"""Dispatch: find the jobs whose message is to be sent, and note which were."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from bellhop_ledger.broker.messages import READY_JOB_COLUMNS, ReadyJob
from bellhop_ledger.ledger.holds import hold_of
from bellhop_ledger.ledger.queued import queued_again, queued_among
from bellhop_ledger.ledger.tables import PEOPLE, STATE_OF_NAMED
from bellhop_ledger.platform.database import Database
from bellhop_ledger.platform.statements import run

OLD_ENOUGH = "interval '1 second'"
"""For so long an unsent job is left to the outbox sender of the process that wrote it."""

ENQUEUE_DUE = text(f"""
    WITH due AS MATERIALIZED (
        SELECT j.id, {hold_of("j")} AS hold FROM unfinished_jobs j WHERE j.state = 'scheduled' AND j.run_at <= now()
        ORDER BY j.run_at LIMIT :most FOR NO KEY UPDATE OF j SKIP LOCKED
    )
    UPDATE unfinished_jobs j
    SET {queued_again("WHEN due.hold IS NOT NULL THEN 'blocked'", blocked_by="due.hold")}, queued_at = now()
    FROM due WHERE j.id = due.id
    RETURNING {READY_JOB_COLUMNS}, j.state
""")

ELSEWHERE = """
    j.request_id IS NULL AND j.parent IS NULL AND j.schedule IS NULL AND j.submitter IS DISTINCT FROM 'celery'
"""
"""Whether other applications have written a job `j`: no request, body, schedule or worker of ours.

No process of ours sends the message of such a job, so a trigger tells the scheduler of it (migration 0040). Where this
is wrong about a job, its message is sent twice, or a second later.
"""


def _unsent(which: str) -> TextClause:
    return text(f"""
    SELECT {READY_JOB_COLUMNS} FROM unfinished_jobs j
    WHERE j.state = 'queued' AND j.queue <> '{PEOPLE}' AND j.published_at IS NULL AND {which}
    ORDER BY j.priority DESC, j.id LIMIT :most FOR NO KEY UPDATE OF j SKIP LOCKED
    """)


UNSENT = _unsent(f"j.queued_at < now() - {OLD_ENOUGH}")
ANNOUNCED = _unsent(ELSEWHERE)

# Should a crash of Postgres undo the note, the message is sent twice, which does no harm: nobody waits for the disk.
MARK_PUBLISHED = text(f"""
    SET LOCAL synchronous_commit = off;
    UPDATE unfinished_jobs SET published_at = now()
    WHERE id IN (SELECT id FROM unfinished_jobs j WHERE id = ANY(CAST(:ids AS uuid[])) AND {STATE_OF_NAMED} = 'queued'
                 ORDER BY id FOR NO KEY UPDATE SKIP LOCKED)
""")


def enqueue_due(db: Session, most: int) -> tuple[int, list[ReadyJob]]:
    """Turn scheduled jobs whose time has come into queued ones, or blocked ones where a hold covers them.

    Returns how many there were, at most so many, and those that are queued.
    """
    rows = db.execute(ENQUEUE_DUE, {"most": most}).mappings().all()
    return len(rows), queued_among(rows)


def unsent(db: Session, most: int) -> list[ReadyJob]:
    """Return queued jobs that nobody has published for a second, but for those that wait for their turn.

    A locked row is one that is being run.
    """
    return [ReadyJob(**row) for row in db.execute(UNSENT, {"most": most}).mappings()]


def announced(db: Session, most: int) -> list[ReadyJob]:
    """Return queued jobs that other applications have written and that nobody has published, however new they are."""
    return [ReadyJob(**row) for row in db.execute(ANNOUNCED, {"most": most}).mappings()]


def mark_published(db: Database, ids: Sequence[UUID]) -> None:
    """Note that these jobs have a message in Redis.

    Whoever holds a row's lock is running the job already: it is passed over, not waited for.
    """
    run(db, MARK_PUBLISHED, ids=[str(id) for id in ids])
