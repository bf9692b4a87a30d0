"""The past of a job: what became of the attempts before its last one, kept by the statements that begin another."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bellhop_ledger.ledger.tables import Job, State, is_retrying

MOST_KEPT = 100
"""Attempts; beyond it the first stays and the oldest after it goes."""
LONGEST_MESSAGE, LONGEST_TRACEBACK = 2_000, 5_000
"""Characters of an earlier attempt's error that stay; of the traceback the end, where the newest frames are."""

FIRST_START = "coalesce(j.first_started_at, j.started_at)"
"""When the first attempt of a job `j` began, whatever became of it."""

LAST_IS_OVER = "coalesce(CAST(j.past_attempts -> -1 ->> 'started_at' AS timestamptz) = j.started_at, false)"
"""Whether what became of the last attempt is written down already: then the job waits for its next one."""


class AttemptOutcome(StrEnum):
    """What became of an attempt."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    RETRIED = "retried"
    """The body itself asked to be tried again later."""
    TIMED_OUT = "timed_out"
    LOST = "lost"
    """Its process died, or lost touch with the database for longer than its lease."""
    INTERRUPTED = "interrupted"
    """Its worker was stopped. The attempt is not used up."""
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Attempt:
    """One attempt of a job."""

    number: int
    outcome: AttemptOutcome
    queued_at: datetime | None
    started_at: datetime
    finished_at: datetime | None
    worker: str | None
    error: Mapping[str, str] | None


def with_attempt(
    outcome: str,
    *,
    state: str = "'failed'",
    number: str = "j.attempt",
    started_at: str = "j.started_at",
    finished_at: str = "now()",
    worker: str = "j.worker",
    error: str = "CAST(NULL AS jsonb)",
) -> str:
    """Return the SQL of a job `j`'s past with one more attempt; the arguments are SQL too.

    `state` and `max_attempts` are what the release before shows.
    """
    facts = {
        "outcome": outcome,
        "state": state,
        "attempt": number,
        "max_attempts": "j.max_attempts",
        "queued_at": "j.queued_at",
        "started_at": started_at,
        "finished_at": finished_at,
        "worker": worker,
        "error": _shortened(error),
    }
    pairs = ", ".join(f"'{name}', {fact}" for name, fact in facts.items())
    full = f"jsonb_array_length(j.past_attempts) >= {MOST_KEPT}"
    kept = f"CASE WHEN {full} THEN j.past_attempts - 1 ELSE j.past_attempts END"
    return f"coalesce({kept}, '[]') || jsonb_build_array(jsonb_strip_nulls(jsonb_build_object({pairs})))"


def _shortened(error: str) -> str:
    return f"""CASE WHEN {error} IS NOT NULL THEN jsonb_build_object(
        'type', {error} ->> 'type', 'message', left({error} ->> 'message', {LONGEST_MESSAGE}),
        'traceback', right({error} ->> 'traceback', {LONGEST_TRACEBACK})) END"""


_LAST_ATTEMPT = with_attempt(
    f"""CASE WHEN j.state = 'cancelled' THEN '{AttemptOutcome.CANCELLED}' ELSE coalesce(j.error ->> 'outcome',
        CASE WHEN j.error ->> 'type' = 'WorkerLost' THEN '{AttemptOutcome.LOST}' ELSE '{AttemptOutcome.FAILED}' END)
    END""",
    state="j.state",
    finished_at="j.finished_at",
    error="j.error",
)


def interrupted(number: str) -> str:
    """Return the SQL of the past of a job `j` whose attempt of this number was broken off, for its worker stops."""
    return with_attempt(f"'{AttemptOutcome.INTERRUPTED}'", state="'queued'", number=number)


ENDED_IN_ATTEMPT = f"(j.started_at IS NOT NULL AND NOT {LAST_IS_OVER})"
"""Whether an ended job `j` ended with an attempt, and not while it waited for one."""

WITH_LAST_ATTEMPT = f"CASE WHEN {ENDED_IN_ATTEMPT} THEN {_LAST_ATTEMPT} ELSE j.past_attempts END"
"""The past of an ended job `j` that is tried again."""

END = f"""jsonb_build_object('state', j.state, 'finished_at', j.finished_at, 'error', CASE
    WHEN NOT {ENDED_IN_ATTEMPT} AND (j.state = 'failed' OR j.started_at IS NULL) THEN j.error - 'traceback' END)"""
"""How an ended job `j` ended; its error where that is not the one of an attempt."""


def next_attempt_at(job: Job) -> datetime | None:
    """Return when the next attempt is due of a job that waits for it after one that failed."""
    return job.run_at if is_retrying(job) else None


def is_over(job: Job) -> bool:
    """Whether the last attempt ended before the job did: it waits for another one, or was cancelled while it waited."""
    last = job.past_attempts[-1] if job.past_attempts else {}
    written = "started_at" in last and datetime.fromisoformat(last["started_at"]) == job.started_at
    return is_retrying(job) or written


def past_attempts_of(job: Job) -> list[Attempt]:
    """Return what became of a job's earlier attempts, oldest first."""
    return [_attempt_of(past) for past in job.past_attempts or () if "started_at" in past]


def attempts_of(job: Job) -> list[Attempt]:
    """Return the attempts of a job that are on record, oldest first; the last of them may still run."""
    last = [_last_attempt_of(job, job.started_at)] if job.started_at and not is_over(job) else []
    return [*past_attempts_of(job), *last]


def _attempt_of(past: Mapping[str, Any]) -> Attempt:
    error: Mapping[str, str] | None = past.get("error")
    return Attempt(
        past["attempt"],
        outcome_of(past),
        _moment(past.get("queued_at")),
        datetime.fromisoformat(past["started_at"]),
        datetime.fromisoformat(past["finished_at"]),
        past.get("worker"),
        error,
    )


def outcome_of(past: Mapping[str, Any]) -> AttemptOutcome:
    """Return what became of an attempt that is written down."""
    return AttemptOutcome(past["outcome"]) if "outcome" in past else _guessed(State(past["state"]), past.get("error"))


def _last_attempt_of(job: Job, started_at: datetime) -> Attempt:
    outcome = AttemptOutcome(job.state) if job.state is not State.FAILED else _guessed(job.state, job.error)
    error = None if job.state is State.SUCCEEDED else job.error
    return Attempt(job.attempt, outcome, job.queued_at, started_at, job.finished_at, job.worker, error)


def _guessed(state: State, error: Mapping[str, str] | None) -> AttemptOutcome:
    """Return what became of an attempt, as far as the release before has written it down."""
    if state is State.CANCELLED:
        return AttemptOutcome.CANCELLED
    lost = error is not None and error["type"] == "WorkerLost"
    return AttemptOutcome((error or {}).get("outcome", AttemptOutcome.LOST if lost else AttemptOutcome.FAILED))


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None
