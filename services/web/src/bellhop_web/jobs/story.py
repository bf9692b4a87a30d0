"""A job's story: what has happened to it so far, as far as its row knows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from bellhop_ledger.ledger.past import MOST_KEPT, AttemptOutcome, is_over
from bellhop_ledger.ledger.tables import Job, LiveJob, State, has_expired, is_retrying
from bellhop_web.jobs.attempts import KINDS, WORDS
from bellhop_web.jobs.views import ListedJobView, PastAttemptView, error_line, past_attempts
from bellhop_web.site.format import length, plural

SHORT = 300
"""Characters of an error; the whole one stands below the story."""


@dataclass(frozen=True)
class Event:
    """One thing that happened, or will; `kind` colours it."""

    at: datetime | None
    kind: str
    words: str
    more: str = ""


def story_of(job: Job, live: LiveJob | None, names: Mapping[str, str], *, blocked: str = "") -> list[Event]:
    """Return what happened, oldest first; `names` are those of callers (`user:<id>`).

    `blocked` says why a blocked job waits.
    """
    past = past_attempts(job)
    by = f"by {names.get(job.submitter, job.submitter)}" if job.submitter else ""
    return [
        Event(job.created_at, "neutral", "Submitted", by),
        *_unrecorded(job, past),
        *(event for one in past for event in _of_past(one, job.max_attempts, names)),
        *_waiting(job, blocked),
        *_running(job, live),
        *_end(job),
    ]


def callers_of(job: Job) -> set[str]:
    """Return who has submitted or retried a job, as the ledger writes them."""
    return {job.submitter or ""} | {one.retried_by or "" for one in past_attempts(job)}


def _unrecorded(job: Job, past: list[PastAttemptView]) -> Iterator[Event]:
    """Yield what is known of attempts that are not on record."""
    round_began = max((place + 1 for place, one in enumerate(past) if one.retried_at), default=0)
    starts = {one.started_at for one in past} | {job.started_at}
    counted = [one for one in past[round_began:] if one.number and one.outcome is not AttemptOutcome.INTERRUPTED]
    missing = job.attempt - (0 if is_over(job) else 1) - len(counted)
    if missing > 0:
        kept = f"of the first and the latest {MOST_KEPT - 1} more is known" if len(past) >= MOST_KEPT else ""
        yield Event(None, "failed", f"{plural(missing, 'earlier attempt')} failed", kept)
    elif job.first_started_at and job.first_started_at not in starts:
        yield Event(job.first_started_at, "queued", "Began, and was handed back to the queue", "its worker stopped")


def _of_past(past: PastAttemptView, most: int, names: Mapping[str, str]) -> Iterator[Event]:
    number = numbered(past.number, most) if past.number else "An attempt that is not counted"
    error = f"{past.error.type}: {past.error.message}"[:SHORT] if past.error else ""
    if past.started_at:
        took, on = length(past.finished_at - past.started_at), f" on {past.worker}" if past.worker else ""
        more = f"after {took}{on}" + (f"; {error}" if error else "")
        yield Event(past.finished_at, KINDS[past.outcome], f"{number} {WORDS[past.outcome]}", more)
    else:
        yield Event(past.finished_at, KINDS[past.outcome], f"{past.outcome.capitalize()} while it waited", error)
    if past.retried_at:
        by = f"by {names.get(past.retried_by or '', past.retried_by)}"
        yield Event(past.retried_at, "neutral", "Retried, with all its attempts again", by)


def _waiting(job: Job, blocked: str) -> Iterator[Event]:
    if job.state is State.BLOCKED:
        yield Event(job.queued_at, "blocked", "Blocked", blocked)
    elif job.state is State.SCHEDULED:
        words = f"{numbered(job.attempt + 1, job.max_attempts)} is due" if job.attempt else "Due"
        yield Event(job.run_at, "retrying" if job.attempt else "scheduled", words)
    elif job.queued_at:
        words = "Given to the queue again" if job.attempt > 1 or is_retrying(job) else "Given to the queue"
        yield Event(job.queued_at, "queued", words, job.queue)


def _running(job: Job, live: LiveJob | None) -> Iterator[Event]:
    if job.started_at and not is_over(job):
        most = job.attempt if is_given_up(job) else job.max_attempts
        words = f"{numbered(job.attempt, most)} began" if job.attempt else "Began"
        yield Event(job.started_at, "running", words, f"on {job.worker}" if job.worker else "")
    if live and live.cancel_requested_at:
        yield Event(live.cancel_requested_at, "cancelled", "Asked to stop")


def _end(job: Job) -> Iterator[Event]:
    if job.finished_at is None:
        return
    if job.started_at is None:
        took = "before it ever ran" if job.first_started_at is None else "while it waited"
    elif is_over(job):
        took = "while it waited for its next attempt"
    else:
        took = f"after {length(job.finished_at - job.started_at)}"
    words = _failed(job) if job.state is State.FAILED else "Expired" if has_expired(job) else job.state.capitalize()
    error = (error_line(job) or "")[:SHORT] if job.state is State.FAILED else ""
    yield Event(job.finished_at, job.state.value, words, f"{took}; {error}" if error else took)


def _failed(job: Job) -> str:
    return "Failed, and is not tried again" if is_given_up(job) else "Failed for good"


def is_given_up(job: Job | ListedJobView) -> bool:
    """Whether a job failed with attempts left, for trying again would not help."""
    return job.state is State.FAILED and job.attempt < job.max_attempts


def numbered(attempt: int, most: int) -> str:
    """Name an attempt by its number, and by how many there are at most."""
    return "The only attempt" if most == 1 else f"Attempt {attempt} of {most}"
