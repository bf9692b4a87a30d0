"""Adopt: a message of a plain Celery client becomes a row when it is received, or a row that says why it cannot be."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha1
from typing import Any
from uuid import NAMESPACE_OID, UUID

from sqlalchemy import text

from bellhop.priority import DEFAULT_PRIORITY
from bellhop.signature import Signature, registry
from bellhop_ledger.broker.pubsub import announce_ended
from bellhop_ledger.ledger.submit import NewJob, write
from bellhop_ledger.ledger.tables import State
from bellhop_ledger.platform.database import Database, after_commit
from bellhop_ledger.platform.log import REQUEST_ID
from bellhop_ledger.platform.metrics import jobs as metrics
from bellhop_ledger.platform.statements import run

SUBMITTER = "celery"
NO_QUEUE, ONE_ATTEMPT = "default", 1
"""For a task without a signature."""


def job_id_of(task_id: str) -> UUID:
    """Return the job's id for a Celery task id: the same, or one made from it when it is not a UUID.

    As uuid5() makes it, which raises for half of a surrogate pair.
    """
    try:
        return UUID(task_id)
    except ValueError:
        name = task_id.encode("utf-8", "surrogatepass")
        return UUID(bytes=sha1(NAMESPACE_OID.bytes + name, usedforsecurity=False).digest()[:16], version=5)


@dataclass(frozen=True)
class Call:
    """What a client asks for, checked."""

    task_id: str
    signature: Signature[..., Any]
    args: dict[str, Any]
    run_at: datetime | None = None
    start_before: datetime | None = None
    priority: int = DEFAULT_PRIORITY
    ignored: tuple[str, ...] = ()
    """Options that are not kept, for the log."""

    @property
    def id(self) -> UUID:
        """The job's id."""
        return job_id_of(self.task_id)


@dataclass(frozen=True)
class Refusal:
    """What a client asked for and does not get, and why."""

    id: UUID
    task_id: str
    task: str
    kind: str
    """The type of the error."""
    reason: str
    args: dict[str, Any] = field(default_factory=dict)
    state: State = State.FAILED


def request_id_of(task_id: str) -> str | None:
    """Return the client's own id where it can be shown beside the job's: as what all this goes back to."""
    return task_id if str(job_id_of(task_id)) != task_id.lower() and REQUEST_ID.fullmatch(task_id) else None


def adopt(db: Database, call: Call) -> bool:
    """Write the job's row, whose message follows the commit. False when the job is or was there already.

    Its id is also its key, which stays claimed for as long as the job is kept: a client may send a message twice.
    """
    job = NewJob(
        call.signature,
        call.args,
        run_at=call.run_at,
        priority=call.priority,
        submitter=SUBMITTER,
        request_id=request_id_of(call.task_id),
        start_before=call.start_before,
        id=call.id,
        idempotency_key=str(call.id),
        request_hash="",
    )
    return bool(write(db, [job]))


REFUSE = text("""
    INSERT INTO unfinished_jobs (id, task, args, queue, priority, max_attempts, run_at, state, finished_at, expires_at,
                                 error, submitter, request_id, idempotency_key, request_hash)
    SELECT id, task, args, queue, :priority, max_attempts, now(), state, now(),
           now() + make_interval(secs => :keep), error, :submitter, request_id, id::text, ''
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS refused(
        id uuid, task text, args jsonb, queue text, max_attempts smallint, state text, error jsonb, request_id text)
    ON CONFLICT DO NOTHING
    RETURNING id, task, state
""")


def refuse(db: Database, refusals: Sequence[Refusal], *, keep: float) -> set[UUID]:
    """Write rows that have ended before they began, and return the ids of those that were not there already."""
    rows = json.dumps([_row(refusal) for refusal in refusals])
    written = run(db, REFUSE, rows=rows, keep=keep, priority=DEFAULT_PRIORITY, submitter=SUBMITTER)
    after_commit(db, announce_ended, [row.id for row in written])
    after_commit(db, metrics.ended_unrun, [(row.task, row.state) for row in written])
    return {row.id for row in written}


def _row(refusal: Refusal) -> dict[str, Any]:
    signature = registry.get(refusal.task)
    return {
        "id": str(refusal.id),
        "task": refusal.task,
        "args": refusal.args,
        "queue": signature.queue if signature else NO_QUEUE,
        "max_attempts": signature.attempts_of(refusal.args) if signature else ONE_ATTEMPT,
        "state": refusal.state,
        "error": {"type": refusal.kind, "message": refusal.reason, "traceback": ""},
        "request_id": request_id_of(refusal.task_id),
    }
