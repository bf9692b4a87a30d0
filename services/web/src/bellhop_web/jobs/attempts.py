"""Attempts: how those of a job read from outside, with all that is on record of each."""

from dataclasses import replace

from pydantic import BaseModel, Field

from bellhop_ledger.ledger.past import MOST_KEPT, Attempt, AttemptOutcome, attempts_of
from bellhop_ledger.ledger.tables import Job
from bellhop_web.http.times import Utc
from bellhop_web.jobs.views import ErrorView

KINDS = {
    AttemptOutcome.RUNNING: "running",
    AttemptOutcome.SUCCEEDED: "succeeded",
    AttemptOutcome.FAILED: "failed",
    AttemptOutcome.RETRIED: "retrying",
    AttemptOutcome.TIMED_OUT: "failed",
    AttemptOutcome.LOST: "failed",
    AttemptOutcome.INTERRUPTED: "queued",
    AttemptOutcome.CANCELLED: "cancelled",
}
"""The colour of each outcome, which is that of a state."""
WORDS = {
    AttemptOutcome.RUNNING: "is running",
    AttemptOutcome.SUCCEEDED: "succeeded",
    AttemptOutcome.FAILED: "failed",
    AttemptOutcome.RETRIED: "asked to be tried again",
    AttemptOutcome.TIMED_OUT: "timed out",
    AttemptOutcome.LOST: "was lost",
    AttemptOutcome.INTERRUPTED: "was interrupted",
    AttemptOutcome.CANCELLED: "was cancelled",
}
"""How each outcome reads after the name of the attempt."""
MOST_SHOWN = 20
"""Attempts on the page of a job, the latest ones; the API has all that are on record."""


class AttemptView(BaseModel):
    """One attempt of a job."""

    number: int = Field(
        description="Counts from 1, and after a retry by hand from 1 again. One that was interrupted is not used up: "
        "the next one has its number. 0 is one that was lost together with others and so is not counted"
    )
    outcome: AttemptOutcome = Field(
        description="`running`, `succeeded`, `failed`, `retried` (the task itself asked to be tried again later), "
        "`timed_out`, `lost` (its process died), `interrupted` (its worker was stopped) or `cancelled`"
    )
    queued_at: Utc | None = Field(description="When the job was given to the queue before it")
    started_at: Utc
    finished_at: Utc | None = Field(description="null while it runs")
    worker: str | None = Field(description="Which process ran it")
    error: ErrorView | None = Field(description="Why it did not succeed; of an earlier one perhaps shortened")


class AttemptsView(BaseModel):
    """The attempts of a job, oldest first."""

    attempts: list[AttemptView] = Field(description=f"The first one and the latest {MOST_KEPT} at most")


def attempts_view(job: Job, *, private: bool) -> AttemptsView:
    """Show the attempts of a job; `private` says whether with what tells of our machines and code."""
    shown = [attempt if private else _public(attempt) for attempt in attempts_of(job)]
    return AttemptsView.model_construct(attempts=[attempt_view(attempt) for attempt in shown])


def attempt_view(attempt: Attempt) -> AttemptView:
    """Show one attempt; rows of earlier releases have no traceback."""
    error = ErrorView(**{"traceback": "", **attempt.error}) if attempt.error else None
    facts = {name: getattr(attempt, name) for name in AttemptView.model_fields}
    return AttemptView.model_construct(**facts | {"error": error})


def shown_attempts(job: Job) -> list[AttemptView]:
    """Return the attempts that the page of a job shows, oldest first."""
    return [attempt_view(attempt) for attempt in attempts_of(job)[-MOST_SHOWN:]]


def _public(attempt: Attempt) -> Attempt:
    error = {**attempt.error, "traceback": ""} if attempt.error else None
    return replace(attempt, worker=None, error=error)
