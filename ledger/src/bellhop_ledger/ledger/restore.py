"""Restore: make the jobs of a restored database ready to go on."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop_ledger.ledger.past import FIRST_START, interrupted
from bellhop_ledger.ledger.queued import queued_again

RAN = interrupted("greatest(j.attempt, 1)")
# A job that ran at the moment of the backup did not crash, so its attempt is not used up: its last one would
# fail it. Messages are forgotten, for Redis is that of another time.
REQUEUE_AFTER_RESTORE = text(f"""
    WITH taken AS (
        UPDATE unfinished_jobs j
        SET {queued_again()},
            attempt = CASE WHEN j.state = 'running' THEN greatest(j.attempt - 1, 0) ELSE j.attempt END,
            queued_at = CASE WHEN j.state = 'running' THEN now() ELSE j.queued_at END,
            first_started_at = {FIRST_START},
            past_attempts = CASE WHEN j.state = 'running' THEN {RAN} ELSE j.past_attempts END,
            started_at = CASE WHEN j.state = 'queued' THEN j.started_at END,
            worker = CASE WHEN j.state = 'queued' THEN j.worker END
        FROM (SELECT id, state FROM unfinished_jobs WHERE state IN ('running', 'queued')) AS before
        WHERE j.id = before.id
        RETURNING before.state
    )
    SELECT count(*) FILTER (WHERE state = 'running') AS running, count(*) FILTER (WHERE state = 'queued') AS queued
    FROM taken
""")


def requeue_after_restore(db: Session) -> tuple[int, int]:
    """Queue all jobs again that ran or were queued, without using up an attempt; give how many ran and were queued.

    Nobody may be working on them: the services are stopped.
    """
    row = db.execute(REQUEUE_AFTER_RESTORE).one()
    return row.running, row.queued
