"""Where a job's time went, as a chart: its attempts, and what it waited for before each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from markupsafe import Markup

from bellhop_ledger.ledger.events import Action, JobEvent
from bellhop_ledger.ledger.past import Attempt, is_over, past_attempts_of
from bellhop_ledger.ledger.tables import Job, State
from bellhop_ledger.platform import clock
from bellhop_web.jobs.attempts import KINDS
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


def chart_of(job: Job, events: Sequence[JobEvent]) -> Markup:
    """Draw where the time went, from the submission until now or the end."""
    begin, now = job.created_at, clock.now()
    spans = [
        Span(one.label, _seconds(begin, one.start), _seconds(begin, one.end), one.kind, _took(one))
        for one in stretches_of(job, events)
    ]
    return waterfall(spans, title="Where the time went", now=None if job.state.ended else _seconds(begin, now))


def stretches_of(job: Job, events: Sequence[JobEvent]) -> list[Stretch]:
    """Return what a job did and waited for, one after the other."""
    retries = [event.at for event in events if event.action == Action.RETRIED]
    known = past_attempts_of(job)
    past = known[-MOST_SHOWN:]
    stretches = list(_before(job, past[0], cut=len(known) > len(past))) if past else []
    for one, following in pairwise(past):
        stretches += [*_attempt(one), *_gap(one, following, retries)]
    stretches += _attempt(past[-1]) if past else []
    return stretches + list(_last_wait(job, past, retries)) + list(_last_attempt(job))


def _before(job: Job, past: Attempt, *, cut: bool) -> Iterator[Stretch]:
    """Yield what came before the first of the attempts that are shown."""
    label = "Earlier attempts" if cut else "Until its first attempt"
    yield Stretch(label, job.created_at, past.started_at, "scheduled")


def _attempt(past: Attempt) -> Iterator[Stretch]:
    yield Stretch(f"Attempt {past.number}", past.started_at, past.finished_at, KINDS[past.outcome])


def _gap(past: Attempt, following: Attempt, retries: Sequence[datetime]) -> Iterator[Stretch]:
    """Yield what came between two earlier attempts; before the last one the row knows more."""
    ended, until = past.finished_at or past.started_at, following.started_at
    if retried := _last_between(retries, ended, following.finished_at):
        yield Stretch("Until it was retried", ended, retried, "neutral")
        yield Stretch("In the queue", retried, until, "queued")
    else:
        yield Stretch("Until it was tried again", ended, until, "retrying")


def _last_wait(job: Job, past: Sequence[Attempt], retries: Sequence[datetime]) -> Iterator[Stretch]:
    ended = (past[-1].finished_at or past[-1].started_at) if past else job.created_at
    retried = _last_between(retries, ended, None)
    if retried:
        yield Stretch("Until it was retried", ended, retried, "neutral")
    since = retried or ended
    queued = job.queued_at if job.queued_at and job.queued_at >= since else None
    waits = job.started_at is None or is_over(job)
    until = job.finished_at if waits else job.started_at
    if not retried:
        label = "Until it was tried again" if past else "Until it was due"
        yield Stretch(label, since, queued or until, "retrying" if past else "scheduled")
    if queued:
        yield Stretch("In the queue", queued, until, "queued")


def _last_between(retries: Sequence[datetime], begin: datetime, end: datetime | None) -> datetime | None:
    """Return the last retry in this time, if there was any."""
    return max((at for at in retries if begin <= at and (end is None or at <= end)), default=None)


def _last_attempt(job: Job) -> Iterator[Stretch]:
    if job.started_at and not is_over(job):
        label = f"Attempt {job.attempt}" if job.past_attempts else "Running"
        kind = job.state.value if job.state.ended else State.RUNNING.value
        yield Stretch(label, job.started_at, job.finished_at, kind)


def _seconds(begin: datetime, at: datetime | None) -> float | None:
    return None if at is None else max((at - begin).total_seconds(), 0.0)


def _took(stretch: Stretch) -> str:
    return length(max((stretch.end - stretch.start).total_seconds(), 0.0)) if stretch.end else ""
