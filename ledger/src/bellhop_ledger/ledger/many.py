"""Many: what people do with many jobs at once, a piece of them with one statement each."""

import time
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from bellhop_ledger.broker.messages import ReadyJob
from bellhop_ledger.broker.pubsub import announce_ended
from bellhop_ledger.ledger.control import AGAIN, CANCEL_THE_WAITING, NOTED_RETRY, PAUSES, PLACES
from bellhop_ledger.ledger.events import Action, Actor, noted
from bellhop_ledger.ledger.tables import STATE_OF_NAMED, State
from bellhop_ledger.platform.database import after_commit
from bellhop_ledger.platform.metrics import jobs as metrics

THESE = "id = ANY(CAST(:ids AS uuid[]))"

# In the order of their ids: two who retry the same jobs wait for one another, and must not both wait.
RETRY_MANY = text(f"""
    WITH gone AS (
        DELETE FROM jobs
        WHERE id IN (SELECT id FROM jobs j WHERE {THESE} AND {STATE_OF_NAMED} IN ('failed', 'cancelled')
                     AND finished_at <= :ended_by ORDER BY id FOR UPDATE)
        RETURNING *
    ), noted AS ({NOTED_RETRY}), retried AS ({AGAIN}),
    forgotten AS (DELETE FROM live_jobs WHERE job_id IN (SELECT id FROM retried))
    SELECT * FROM retried
""")

CANCEL_MANY = text(f"""
    WITH waiting AS (
        SELECT j.id, j.state FROM unfinished_jobs j
        WHERE j.{THESE} AND {STATE_OF_NAMED} IN ('blocked', 'scheduled', 'queued')
        ORDER BY j.id FOR NO KEY UPDATE SKIP LOCKED
    ), {CANCEL_THE_WAITING}
""")
WAIT = text(f"""
    SELECT EXISTS (SELECT FROM unfinished_jobs j
                   WHERE j.{THESE} AND {STATE_OF_NAMED} IN ('blocked', 'scheduled', 'queued'))
""")

# What still waits is locked by its run, which is not seen from outside. A second wish to stop is no event.
ASK_MANY_TO_STOP = text(f"""
    WITH asked AS (
        INSERT INTO live_jobs (job_id, cancel_requested_at)
        SELECT j.id, now() FROM unfinished_jobs j
        WHERE j.{THESE} AND {STATE_OF_NAMED} IN ('blocked', 'scheduled', 'queued', 'running')
        ON CONFLICT (job_id) DO UPDATE SET cancel_requested_at = now() WHERE live_jobs.cancel_requested_at IS NULL
        RETURNING job_id AS id
    ), noted AS ({noted(Action.CANCELLED, "asked", "jsonb_build_object('state', 'running')")})
    SELECT id FROM asked
""")


def retry_many(db: Session, ids: Sequence[UUID], *, ended_by: datetime, by: Actor) -> list[ReadyJob]:
    """Queue those of these jobs again that had failed or been cancelled by then, with all their attempts.

    A job that was retried meanwhile is left alone, whatever became of it. Returns what the caller sends after the
    commit.
    """
    rows: list[RowMapping] = []
    for _ in range(PLACES):
        retried = {row["id"] for row in rows}
        left = [str(id) for id in ids if id not in retried]
        rows += db.execute(RETRY_MANY, {"ids": left, "ended_by": ended_by, **by.facts}).mappings()
        if len(rows) == len(ids):
            break
    return [ReadyJob(**row) for row in rows]


def cancel_many(db: Session, ids: Sequence[UUID], *, keep: float, by: Actor) -> int:
    """Cancel those of these jobs that wait, and ask the workers of running ones to stop them; return their number.

    Ended ones are kept for so many seconds. One that was asked before is not counted.
    """
    named = {"ids": [str(id) for id in ids]}
    cancelled: list[RowMapping] = []
    for pause in PAUSES:
        cancelled += db.execute(CANCEL_MANY, named | {"keep": keep, **by.facts}).mappings()
        if not db.execute(WAIT, named).scalar_one():
            break
        time.sleep(pause)
    asked = db.execute(ASK_MANY_TO_STOP, named | by.facts).all()
    after_commit(db, announce_ended, [row["id"] for row in cancelled])
    after_commit(db, metrics.ended_unrun, [(row["task"], State.CANCELLED) for row in cancelled])
    return len(cancelled) + len(asked)
