"""Claim: take the jobs that a message names, so that nobody else runs them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from bellhop_ledger.ledger.holds import hold_of
from bellhop_ledger.ledger.tables import BY_ID, STATE_OF_NAMED
from bellhop_ledger.platform.database import Database
from bellhop_ledger.platform.statements import run


@dataclass(frozen=True)
class Claimed:
    """A job that is ours to run."""

    id: UUID
    task: str
    args: str
    """JSON."""
    attempt: int
    max_attempts: int
    run_at: datetime
    request_id: str | None
    cancelled: bool
    """Whether somebody asked to stop it before it began."""
    timeout: float | None = None
    """Seconds until its body is interrupted, where its submission says so."""
    trace_context: str | None = None
    """The step of a trace that submitted it."""
    lease: UUID | None = None
    """That of the claim; none where its row is locked."""


COLUMNS = """
    j.id, j.task, j.args::text AS args, j.max_attempts, j.timeout, j.run_at, j.request_id, j.trace_context,
    EXISTS (SELECT FROM live_jobs l WHERE l.job_id = j.id AND l.cancel_requested_at IS NOT NULL) AS cancelled
"""
READY = f"""
    j.id = ANY(CAST(:ids AS uuid[])) AND {STATE_OF_NAMED} = 'queued'
    AND (j.start_before IS NULL OR j.start_before > now() OR j.attempt > 0) AND {hold_of("j")} IS NULL
    ORDER BY j.id FOR NO KEY UPDATE OF j
"""

LOCK = text(f"""
    SET LOCAL statement_timeout = :milliseconds;
    SET LOCAL idle_in_transaction_session_timeout = :silence;
    SELECT {COLUMNS}, j.attempt + 1 AS attempt FROM unfinished_jobs j WHERE {READY}
""")

CLAIM = text(f"""
    {BY_ID}
    WITH ready AS MATERIALIZED (SELECT j.id FROM unfinished_jobs j WHERE {READY})
    UPDATE unfinished_jobs j
    SET state = 'running', attempt = j.attempt + CAST(:counted AS int), started_at = clock_timestamp(),
        worker = :worker, lease = :lease, lease_expires_at = now() + make_interval(secs => :seconds)
    FROM ready WHERE j.id = ready.id
    RETURNING {COLUMNS}, j.attempt + 1 - CAST(:counted AS int) AS attempt
""")

CLAIM_EACH = text(f"""
    WITH ready AS MATERIALIZED (SELECT j.id FROM unfinished_jobs j WHERE {READY})
    UPDATE unfinished_jobs j
    SET state = 'running', started_at = clock_timestamp(), worker = :worker, lease = own.lease,
        lease_expires_at = now() + make_interval(secs => :seconds)
    FROM ready, unnest(CAST(:ids AS uuid[]), CAST(:leases AS uuid[])) AS own(id, lease)
    WHERE j.id = ready.id AND j.id = own.id
    RETURNING {COLUMNS}, j.attempt + 1 AS attempt
""")


def lock(db: Database, ids: Sequence[UUID], *, seconds: float, silence: float) -> list[Claimed]:
    """Take jobs for as long as this transaction lasts: a crash leaves them queued, as if nothing had been.

    From here on no statement of the transaction may take longer than so many seconds, and after
    a longer silence the server rolls it back: a process that is frozen must not keep the jobs.
    """
    limits = {"milliseconds": int(seconds * 1000), "silence": int(silence * 1000)}
    return [Claimed(**row._asdict()) for row in run(db, LOCK, ids=[str(id) for id in ids], **limits)]


def claim(db: Database, ids: Sequence[UUID], *, worker: str, lease: UUID, seconds: float) -> list[Claimed]:
    """Take jobs under a lease, which the worker keeps up for as long as it lives.

    A job that is claimed alone has its attempt counted here, so that a crash uses it up. Of
    several jobs in one message nobody can say which one a crash was due to: theirs are counted
    when they finish, and after a crash each is run alone.
    """
    parameters = {"ids": [str(id) for id in ids], "lease": str(lease), "counted": int(len(ids) == 1)}
    rows = run(db, CLAIM, worker=worker, seconds=seconds, **parameters)
    return sorted((Claimed(**row._asdict(), lease=lease) for row in rows), key=lambda claimed: claimed.id)


def claim_each(db: Database, leases: Mapping[UUID, UUID], *, worker: str, seconds: float) -> list[Claimed]:
    """Take jobs, each under a lease of its own, to run side by side in one process.

    Of a crash of that process nobody can say which one it was due to, so no attempt is counted here.
    """
    ids, own = [str(id) for id in leases], [str(lease) for lease in leases.values()]
    rows = run(db, CLAIM_EACH, ids=ids, leases=own, worker=worker, seconds=seconds)
    return [Claimed(**row._asdict(), lease=leases[row.id]) for row in rows]
