"""The past of a job: what became of the attempts before its last one, kept by the statements that begin another."""

from datetime import datetime

from bellhop_ledger.ledger.tables import Job, is_retrying

MOST_KEPT = 20
"""Attempts; beyond it the first stays and the oldest after it goes."""

FIRST_START = "coalesce(j.first_started_at, j.started_at)"
"""When the first attempt of a job `j` began, whatever became of it."""

LAST_IS_OVER = "coalesce(CAST(j.past_attempts -> -1 ->> 'started_at' AS timestamptz) = j.started_at, false)"
"""Whether what became of the last attempt is written down already: then the job waits for its next one."""


def with_attempt(**facts: str) -> str:
    """Return the SQL of a job `j`'s past with one more attempt; the facts are SQL too."""
    pairs = ", ".join(f"'{name}', {fact}" for name, fact in facts.items())
    full = f"jsonb_array_length(j.past_attempts) >= {MOST_KEPT}"
    kept = f"CASE WHEN {full} THEN j.past_attempts - 1 ELSE j.past_attempts END"
    return f"coalesce({kept}, '[]') || jsonb_build_array(jsonb_strip_nulls(jsonb_build_object({pairs})))"


OWN_ERROR = f"j.state = 'failed' OR (j.started_at IS NOT NULL AND NOT {LAST_IS_OVER})"
"""Whether the error of an ended job `j` belongs to its end, and not to an attempt that is written down already."""

RETRIED = with_attempt(
    state="j.state",
    attempt="j.attempt",
    max_attempts="j.max_attempts",
    started_at=f"CASE WHEN NOT {LAST_IS_OVER} THEN j.started_at END",
    finished_at="j.finished_at",
    worker=f"CASE WHEN NOT {LAST_IS_OVER} THEN j.worker END",
    error=f"CASE WHEN {OWN_ERROR} THEN j.error - 'traceback' END",
    retried_at="now()",
    retried_by="CAST(:by AS text)",
)
"""The past of a job that people try again after its end."""


def next_attempt_at(job: Job) -> datetime | None:
    """Return when the next attempt is due of a job that waits for it after one that failed."""
    return job.run_at if is_retrying(job) else None


def is_over(job: Job) -> bool:
    """Whether the last attempt ended before the job did: it waits for another one, or was cancelled while it waited."""
    last = job.past_attempts[-1] if job.past_attempts else {}
    written = "started_at" in last and datetime.fromisoformat(last["started_at"]) == job.started_at
    return is_retrying(job) or written
