"""Finish: write down how runs ended, or hand unfinished work back."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text

from bellhop_ledger.broker.messages import READY_JOB_COLUMNS, ReadyJob
from bellhop_ledger.broker.pubsub import announce_ended
from bellhop_ledger.ledger.claim import Claimed
from bellhop_ledger.ledger.job_logs import APPEND, NewLines, announce_logs, as_parameter
from bellhop_ledger.ledger.outbox_sender import look_for_turns, send
from bellhop_ledger.ledger.outside import Outside
from bellhop_ledger.ledger.past import FIRST_START, AttemptOutcome, interrupted, with_attempt
from bellhop_ledger.ledger.queued import NOT_SILENT, UNCLAIMED, queued_again
from bellhop_ledger.ledger.reasons import reason_of
from bellhop_ledger.ledger.retention.tiers import filed, row_of
from bellhop_ledger.ledger.tables import BY_ID, PEOPLE, STATE_OF_NAMED, State
from bellhop_ledger.platform.database import Database, after_commit
from bellhop_ledger.platform.metrics import jobs as metrics
from bellhop_ledger.platform.statements import run


@dataclass(frozen=True)
class Failure:
    """Why a run failed."""

    type: str
    message: str
    traceback: str
    outcome: AttemptOutcome = AttemptOutcome.FAILED
    """What it means for the attempt."""


@dataclass(slots=True)
class Outcome:
    """How one run of a job ended: succeeded, failed, cancelled, or scheduled to be tried again.

    One that is running goes on outside, and is not to be finished.
    """

    job: Claimed
    state: State
    started_at: datetime
    result: Any = None
    """Ready for JSON."""
    failure: Failure | None = None
    delay: float | None = None
    """Seconds until the next attempt."""
    seconds: float = 0
    """How long the body took."""
    keep: float = 0
    """Seconds for which a finished job is kept."""
    outside: Outside | None = None
    """Where the work goes on."""


Lease = UUID | Mapping[UUID, UUID] | None
"""That of all jobs of a claim, or that of each by its id; none where their rows are locked."""
FOREVER = 100 * 365 * 86_400.0
"""Seconds for which a job is kept at the longest; an interval of Postgres, and its calendar, have an end."""


class LeaseLost(Exception):
    """The job is no longer ours: its lease ran out and it was given to somebody else, or it was stopped."""


TRIED_AGAIN = with_attempt(
    "o.error ->> 'outcome'",
    number="o.attempt",
    started_at="o.started_at",
    finished_at="clock_timestamp()",
    worker="CAST(:worker AS varchar)",
    error="o.error",
)

OURS = f"""
    j.id = ANY(CAST(:ids AS uuid[])) AND j.id = o.id AND j.lease IS NOT DISTINCT FROM o.lease
    AND {STATE_OF_NAMED} = CASE WHEN o.lease IS NULL THEN 'queued' ELSE 'running' END
"""
ENDED_ROW = row_of(
    "j",
    {
        "state": "o.final",
        "attempt": "o.attempt",
        "started_at": "o.started_at",
        "worker": "CAST(:worker AS varchar)",
        "first_started_at": "coalesce(j.first_started_at, o.started_at)",
        "result": "o.result",
        "error": "o.error",
        "lease": "CAST(NULL AS uuid)",
        "lease_expires_at": "CAST(NULL AS timestamptz)",
        "published_at": "CAST(NULL AS timestamptz)",
        "finished_at": "clock_timestamp()",
        "expires_at": "clock_timestamp() + make_interval(secs => o.keep)",
    },
)

# The planner cannot know how many rows a recordset has; without `ids` it would read the whole table.
OUTCOMES = f"""
    outcome AS MATERIALIZED (
        SELECT o.*, CASE WHEN o.state = 'scheduled' AND EXISTS (
            SELECT FROM live_jobs l WHERE l.job_id = o.id AND l.cancel_requested_at IS NOT NULL
        ) THEN 'cancelled' ELSE o.state END AS final
        FROM jsonb_to_recordset(CAST(:outcomes AS jsonb)) AS o(
            id uuid, lease uuid, state text, attempt smallint, started_at timestamptz, result jsonb, error jsonb,
            delay float8, keep float8)
    ), retried AS (
        UPDATE unfinished_jobs j
        SET state = final, attempt = o.attempt, started_at = o.started_at, worker = :worker,
            first_started_at = coalesce(j.first_started_at, o.started_at), past_attempts = {TRIED_AGAIN},
            result = o.result, error = o.error, reason = {reason_of("o.error")},
            lease = NULL, lease_expires_at = NULL, published_at = NULL,
            run_at = clock_timestamp() + make_interval(secs => o.delay)
        FROM outcome o WHERE o.final = 'scheduled' AND {OURS}
        RETURNING j.id, j.state, j.queue
    ), ended AS (
        DELETE FROM unfinished_jobs j USING outcome o WHERE o.final <> 'scheduled' AND {OURS} RETURNING {ENDED_ROW}
    ), filed AS (
        {filed("ended")} RETURNING id, state, queue
    )
    SELECT * FROM retried UNION ALL SELECT * FROM filed
"""
FINISH = text(f"{BY_ID} WITH {OUTCOMES}")
FINISH_AND_LOG = text(f"{BY_ID} WITH logged AS ({APPEND}), {OUTCOMES}")

BROKEN_OFF = interrupted("back.attempt")
HAND_BACK = text(f"""
    UPDATE unfinished_jobs j
    SET {queued_again()}, {UNCLAIMED}, attempt = back.attempt - 1,
        first_started_at = CASE WHEN back.begun THEN {FIRST_START} ELSE j.first_started_at END,
        past_attempts = CASE WHEN back.begun THEN {BROKEN_OFF} ELSE j.past_attempts END
    FROM jsonb_to_recordset(CAST(:jobs AS jsonb)) AS back(id uuid, lease uuid, attempt smallint, begun boolean)
    WHERE j.id = ANY(CAST(:ids AS uuid[])) AND j.id = back.id AND j.lease = back.lease AND {STATE_OF_NAMED} = 'running'
    RETURNING {READY_JOB_COLUMNS}
""")

KILLED = interrupted("j.attempt + 1 - CAST(:counted AS int)")
HAND_BACK_LEASES = text(f"""
    {NOT_SILENT}
    UPDATE unfinished_jobs j
    SET {queued_again()}, {UNCLAIMED}, attempt = greatest(j.attempt - CAST(:counted AS int), 0),
        first_started_at = {FIRST_START}, past_attempts = {KILLED}
    WHERE j.lease = ANY(CAST(:leases AS uuid[])) AND j.state = 'running'
    RETURNING {READY_JOB_COLUMNS}
""")

REQUEUE_UNCLAIMED = text(f"""
    UPDATE unfinished_jobs j SET published_at = NULL, suspect = j.suspect OR :suspect
    WHERE j.id IN (SELECT id FROM unfinished_jobs j WHERE id = ANY(CAST(:ids AS uuid[])) AND {STATE_OF_NAMED} = 'queued'
                   ORDER BY id FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING {READY_JOB_COLUMNS}
""")


def finish(
    db: Database, outcomes: Sequence[Outcome], *, worker: str, lease: Lease, logs: Sequence[NewLines] = ()
) -> set[UUID]:
    """Write how these runs ended, with one statement, and give the ids of those that were still ours.

    `lease` is that of the claim, or of each job; without one the rows must be locked by this very transaction.
    `logs` are the lines of these runs that are not written yet; they are kept whoever has the jobs now.
    """
    parameters: dict[str, object] = {
        "ids": [str(outcome.job.id) for outcome in outcomes],
        "outcomes": json.dumps([_row(outcome, lease) for outcome in outcomes]),
        "worker": worker,
    }
    if logs:
        rows = run(db, FINISH_AND_LOG, logs=as_parameter(logs), **parameters)
        announce_logs(db, logs)
    else:
        rows = run(db, FINISH, **parameters)
    states = {row.id: row.state for row in rows}
    after_commit(db, announce_ended, [id for id, state in states.items() if State(state).ended])
    after_commit(db, look_for_turns, [row.id for row in rows if row.queue == PEOPLE])
    ours = [outcome for outcome in outcomes if outcome.job.id in states]
    after_commit(db, metrics.ended, [(one.job.task, states[one.job.id], one.seconds) for one in ours])
    return set(states)


def hand_back(db: Database, jobs: Sequence[Claimed], *, lease: Lease, begun: Collection[UUID] = ()) -> None:
    """Requeue claimed jobs as if they had not been claimed: no attempt is used up.

    Those that were broken off have begun all the same, which stays on record.
    """
    rows = [
        {"id": str(job.id), "lease": _lease_of(job, lease), "attempt": job.attempt, "begun": job.id in begun}
        for job in jobs
    ]
    _send_again(db, HAND_BACK, ids=[row["id"] for row in rows], jobs=json.dumps(rows))


def hand_back_leases(db: Database, leases: Sequence[UUID], *, counted: bool = True) -> int:
    """Requeue all that was claimed under these leases by a process that was killed through no fault of theirs.

    `counted` says whether the claim has counted an attempt, which is taken back. Returns how many jobs that were.
    """
    return _send_again(db, HAND_BACK_LEASES, leases=[str(lease) for lease in leases], counted=int(counted))


def requeue_unclaimed(db: Database, ids: Sequence[UUID], *, suspect: bool = False) -> None:
    """Send those of a message's jobs again that did not get their turn; if another session holds one, it runs it."""
    _send_again(db, REQUEUE_UNCLAIMED, ids=[str(id) for id in ids], suspect=suspect)


def _send_again(db: Database, statement: TextClause, **parameters: object) -> int:
    jobs = [ReadyJob(**row._asdict()) for row in run(db, statement, **parameters)]
    after_commit(db, send, jobs)
    return len(jobs)


def _lease_of(job: Claimed, lease: Lease) -> str | None:
    own = lease[job.id] if isinstance(lease, Mapping) else lease
    return str(own) if own else None


def _row(outcome: Outcome, lease: Lease) -> dict[str, object]:
    return {
        "id": str(outcome.job.id),
        "lease": _lease_of(outcome.job, lease),
        "state": outcome.state,
        "attempt": outcome.job.attempt,
        "started_at": outcome.started_at.isoformat(),
        "result": outcome.result,
        "error": asdict(outcome.failure) if outcome.failure else None,
        "delay": outcome.delay,
        "keep": min(outcome.keep, FOREVER),
    }
