"""Where a job's time went, as a chart: its attempts, and what it waited for before each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from markupsafe import Markup

from bellhop_ledger.ledger.past import is_over
from bellhop_ledger.ledger.tables import Job, State
from bellhop_ledger.platform import clock
from bellhop_web.jobs.attempts import KINDS
from bellhop_web.jobs.views import PastAttemptView, past_attempts
from bellhop_web.site.charts import Span, waterfall
from bellhop_web.site.format import length

MOST_SHOWN = 6
"""Earlier attempts; the story above the chart has all that are on record."""


@dataclass(frozen=True)
class Stretch:
    """A stretch of a job's time; without an end it goes on."""

    label: str
    start: datetime
    end: datetime | None
    kind: str


def chart_of(job: Job) -> Markup:
    """Draw where the time went, from the submission until now or the end."""
    begin, now = job.created_at, clock.now()
    spans = [
        Span(one.label, _seconds(begin, one.start), _seconds(begin, one.end), one.kind, _took(one))
        for one in stretches_of(job)
    ]
    return waterfall(spans, title="Where the time went", now=None if job.state.ended else _seconds(begin, now))


def stretches_of(job: Job) -> list[Stretch]:
    """Return what a job did and waited for, one after the other."""
    known = past_attempts(job)
    past = known[-MOST_SHOWN:]
    stretches = list(_before(job, past[0], cut=len(known) > len(past))) if past else []
    for one, following in zip_longest(past, past[1:]):
        stretches += _attempt(one)
        stretches += _gap(one, following.started_at or following.finished_at if following else None)
    return stretches + list(_last_wait(job, past)) + list(_last_attempt(job))


def _before(job: Job, past: PastAttemptView, *, cut: bool) -> Iterator[Stretch]:
    """Yield what came before the first of the attempts that are shown."""
    label = "Until its first attempt" if past.started_at else f"Until it was {past.outcome}"
    yield Stretch(
        "Earlier attempts" if cut else label, job.created_at, past.started_at or past.finished_at, "scheduled"
    )


def _attempt(past: PastAttemptView) -> Iterator[Stretch]:
    if past.started_at:
        yield Stretch(f"Attempt {past.number}", past.started_at, past.finished_at, KINDS[past.outcome])


def _gap(past: PastAttemptView, until: datetime | None) -> Iterator[Stretch]:
    """Yield what came between an earlier attempt and the one after it; before the last one the row knows more."""
    if past.retried_at:
        yield Stretch("Until it was retried", past.finished_at, past.retried_at, "neutral")
        if until:
            yield Stretch("In the queue", past.retried_at, until, "queued")
    elif until:
        yield Stretch("Until it was tried again", past.finished_at, until, "retrying")


def _last_wait(job: Job, past: list[PastAttemptView]) -> Iterator[Stretch]:
    last = past[-1] if past else None
    since = (last.retried_at or last.finished_at) if last else job.created_at
    queued = job.queued_at if job.queued_at and job.queued_at >= since else None
    waits = job.started_at is None or is_over(job)
    until = job.finished_at if waits else job.started_at
    again = last is not None and last.retried_at is None
    if again or not last:
        label = "Until it was tried again" if again else "Until it was due"
        yield Stretch(label, since, queued or until, "retrying" if again else "scheduled")
    if queued:
        yield Stretch("In the queue", queued, until, "queued")


def _last_attempt(job: Job) -> Iterator[Stretch]:
    if job.started_at and not is_over(job):
        label = f"Attempt {job.attempt}" if job.past_attempts else "Running"
        kind = job.state.value if job.state.ended else State.RUNNING.value
        yield Stretch(label, job.started_at, job.finished_at, kind)


def _seconds(begin: datetime, at: datetime | None) -> float | None:
    return None if at is None else max((at - begin).total_seconds(), 0.0)


def _took(stretch: Stretch) -> str:
    return length(max((stretch.end - stretch.start).total_seconds(), 0.0)) if stretch.end else ""
