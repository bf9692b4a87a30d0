"""A job's story: what has happened to it so far, as far as its row knows."""

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from bellhop import clock
from bellhop.jobs import Job, LiveJob, State
from bellhop_web.charts import Span, waterfall
from bellhop_web.pages.wording import length

ENDS = {
    State.SUCCEEDED: "Succeeded",
    State.FAILED: "Failed for good",
    State.CANCELLED: "Cancelled",
}


@dataclass(frozen=True)
class Event:
    """One thing that happened, or will; `kind` colours it."""

    at: datetime | None
    kind: str
    words: str
    more: str = ""


def story_of(job: Job, live: LiveJob | None) -> list[Event]:
    """Tell what happened, oldest first."""
    events = [Event(job.created_at, "neutral", "Submitted", f"by {job.submitter}" if job.submitter else "")]
    events += _retries(job)
    if job.state is State.SCHEDULED:
        words = "Due again" if job.attempt else "Due"
        return [*events, Event(job.run_at, "scheduled", words)]
    if job.queued_at:
        events.append(Event(job.queued_at, "queued", "Given to the queue", job.queue))
    if job.started_at and job.state is not State.QUEUED:
        words = f"Attempt {job.attempt} of {job.max_attempts} began"
        events.append(Event(job.started_at, "running", words, f"on {job.worker}" if job.worker else ""))
    if live and live.cancel_requested_at:
        events.append(Event(live.cancel_requested_at, "cancelled", "Asked to stop"))
    return events + _end(job)


def _retries(job: Job) -> list[Event]:
    """Tell of attempts that failed before: the row remembers how many, and the error of the last of them."""
    failed = job.attempt - (0 if job.state in {State.SCHEDULED, State.QUEUED, State.FAILED} else 1)
    waits = job.state is not State.FAILED
    if failed < 1 or not waits:
        return []
    words = f"{failed} of {job.max_attempts} attempts failed"
    return [Event(job.started_at if job.state is State.SCHEDULED else None, "failed", words, _short(job))]


def _end(job: Job) -> list[Event]:
    if job.finished_at is None:
        return []
    took = f"after {length(job.finished_at - job.started_at)}" if job.started_at else "before it ever ran"
    more = f"{took}; {_short(job)}" if job.state is State.FAILED and job.error else took
    return [Event(job.finished_at, job.state.value, ENDS[job.state], more)]


def _short(job: Job) -> str:
    return f"{job.error['type']}: {job.error['message'][:200]}" if job.error else ""


def chart_of(job: Job) -> Markup:
    """Draw where the time went: until it was due, in the queue, and in its last run."""
    begin, now = job.created_at, clock.now()
    moments = {
        "Until it was due": (job.created_at, job.queued_at, "scheduled"),
        "In the queue": (job.queued_at, job.started_at or job.finished_at, "queued"),
        "Running": (job.started_at, job.finished_at, job.state.value if job.state.ended else "running"),
    }
    spans = [
        Span(name, seconds(begin, start), seconds(begin, end), kind, _took(start, end))
        for name, (start, end, kind) in moments.items()
        if start
    ]
    return waterfall(spans, title="Where the time went", now=None if job.state.ended else seconds(begin, now))


def seconds(begin: datetime, at: datetime | None) -> float | None:
    """Give how long after the beginning something was, or nothing."""
    return None if at is None else max((at - begin).total_seconds(), 0.0)


def _took(start: datetime | None, end: datetime | None) -> str:
    return length(max((end - start).total_seconds(), 0.0)) if start and end else ""
