"""A job's story: what has happened to it so far, as far as its row and its events know."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from bellhop_ledger.ledger.events import Action, JobEvent
from bellhop_ledger.ledger.past import MOST_KEPT, Attempt, AttemptOutcome, is_over, past_attempts_of
from bellhop_ledger.ledger.tables import Job, LiveJob, State, has_expired, is_retrying
from bellhop_web.jobs.attempts import KINDS, WORDS
from bellhop_web.jobs.views import ListedJobView, error_line
from bellhop_web.site.format import length, plural, when

SHORT = 300
"""Characters of an error; the whole one stands below the story."""


@dataclass(frozen=True)
class Event:
    """One thing that happened, or will; `kind` colours it."""

    at: datetime | None
    kind: str
    words: str
    more: str = ""
    request_id: str | None = None
    """That of the request in which somebody did it."""


Names = Mapping[str, str]
"""How callers (`user:<id>`) are called."""


def story_of(
    job: Job, live: LiveJob | None, events: Sequence[JobEvent], names: Names, *, blocked: str = ""
) -> list[Event]:
    """Return what happened, oldest first; `blocked` says why a blocked job waits."""
    past = past_attempts_of(job)
    late = [event for event in events if _is_wish(job, event)]
    acts = [_of_act(event, names) for event in events if event not in late and not _is_end(job, event)]
    attempts = [_of_past(one, job.max_attempts) for one in past]
    return [
        Event(job.created_at, "neutral", "Submitted", _by(job.submitter, names)),
        *_unrecorded(job, past, events),
        *sorted([*attempts, *acts], key=lambda event: event.at or job.created_at),
        *_waiting(job, blocked),
        *_running(job),
        *(_of_act(event, names) for event in late),
        *_asked_to_stop(live, events),
        *_end(job, next((event for event in events if _is_end(job, event)), None), names),
    ]


def callers_of(job: Job, events: Sequence[JobEvent]) -> set[str]:
    """Return who has submitted the job or done something to it, as the ledger writes them."""
    return {job.submitter or ""} | {event.by for event in events}


def _by(caller: str | None, names: Names) -> str:
    return f"by {names.get(caller, caller)}" if caller else ""


def _is_end(job: Job, event: JobEvent) -> bool:
    """Whether this cancelled the job while it waited, and so is its end."""
    return event.action == Action.CANCELLED and event.at == job.finished_at


def _is_wish(job: Job, event: JobEvent) -> bool:
    """Whether this asked the last attempt to stop."""
    began = job.started_at is not None and not is_over(job)
    return began and _asks_to_stop(event) and job.queued_at is not None and event.at >= job.queued_at


def _asks_to_stop(event: JobEvent) -> bool:
    return event.action == Action.CANCELLED and event.details.get("state") == State.RUNNING


def _unrecorded(job: Job, past: Sequence[Attempt], events: Sequence[JobEvent]) -> Iterator[Event]:
    """Yield what is known of attempts that are not on record."""
    retried = max((event.at for event in events if event.action == Action.RETRIED), default=job.created_at)
    this_round = [one for one in past if one.finished_at and one.finished_at >= retried]
    counted = [one for one in this_round if one.number and one.outcome is not AttemptOutcome.INTERRUPTED]
    starts = {one.started_at for one in past} | {job.started_at}
    missing = job.attempt - (0 if is_over(job) else 1) - len(counted)
    if missing > 0:
        kept = f"of the first and the latest {MOST_KEPT - 1} more is known" if len(past) >= MOST_KEPT else ""
        yield Event(None, "failed", f"{plural(missing, 'earlier attempt')} failed", kept)
    elif job.first_started_at and job.first_started_at not in starts:
        yield Event(job.first_started_at, "queued", "Began, and was handed back to the queue", "its worker stopped")


def _of_past(past: Attempt, most: int) -> Event:
    number = numbered(past.number, most) if past.number else "An attempt that is not counted"
    took = length((past.finished_at or past.started_at) - past.started_at)
    error = f"; {past.error['type']}: {past.error['message']}"[:SHORT] if past.error else ""
    more = f"after {took}" + (f" on {past.worker}" if past.worker else "") + error
    return Event(past.finished_at, KINDS[past.outcome], f"{number} {WORDS[past.outcome]}", more)


def _of_act(event: JobEvent, names: Names) -> Event:
    by = _by(event.by, names)
    match event.action:
        case Action.RETRIED:
            error = event.details.get("error")
            why = f"; before, {error['type']}: {error['message']}"[:SHORT] if error else ""
            return Event(event.at, "neutral", "Retried, with all its attempts again", by + why, event.request_id)
        case Action.CANCELLED:
            words = "Asked to stop" if _asks_to_stop(event) else "Cancelled while it waited"
            return Event(event.at, "cancelled", words, by, event.request_id)
        case Action.MOVED:
            more = Markup("to {} {}").format(when(datetime.fromisoformat(event.details["to"])), by)
            return Event(event.at, "scheduled", "Moved", more, event.request_id)
        case Action.RELEASED:
            why = f"; paused before: {event.details['reason']}"[:SHORT] if "reason" in event.details else ""
            words = f"Released from {event.details['from'].replace(':', ' ', 1)}"
            return Event(event.at, "queued", words, by + why, event.request_id)
    return Event(event.at, "neutral", event.action.capitalize(), by, event.request_id)


def _waiting(job: Job, blocked: str) -> Iterator[Event]:
    if job.state is State.BLOCKED:
        yield Event(job.queued_at, "blocked", "Blocked", blocked)
    elif job.state is State.SCHEDULED:
        words = f"{numbered(job.attempt + 1, job.max_attempts)} is due" if job.attempt else "Due"
        yield Event(job.run_at, "retrying" if job.attempt else "scheduled", words)
    elif job.queued_at:
        words = "Given to the queue again" if job.attempt > 1 or is_retrying(job) else "Given to the queue"
        yield Event(job.queued_at, "queued", words, job.queue)


def _running(job: Job) -> Iterator[Event]:
    if job.started_at and not is_over(job):
        most = job.attempt if is_given_up(job) else job.max_attempts
        words = f"{numbered(job.attempt, most)} began" if job.attempt else "Began"
        yield Event(job.started_at, "running", words, f"on {job.worker}" if job.worker else "")


def _asked_to_stop(live: LiveJob | None, events: Sequence[JobEvent]) -> Iterator[Event]:
    """Yield the wish to stop a running job that the release before has written down, which knows no events."""
    wished = live and live.cancel_requested_at
    if wished and not any(event.at == wished for event in events):
        yield Event(wished, "cancelled", "Asked to stop")


def _end(job: Job, act: JobEvent | None, names: Names) -> Iterator[Event]:
    if job.finished_at is None:
        return
    by, request_id = (_by(act.by, names), act.request_id) if act else ("", None)
    if job.started_at is None:
        took = "before it ever ran" if job.first_started_at is None else "while it waited"
    elif is_over(job):
        took = "while it waited for its next attempt"
    else:
        took = f"after {length(job.finished_at - job.started_at)}"
    words = _failed(job) if job.state is State.FAILED else "Expired" if has_expired(job) else job.state.capitalize()
    error = (error_line(job) or "")[:SHORT] if job.state is State.FAILED else ""
    more = "; ".join(part for part in (took, by, error) if part)
    yield Event(job.finished_at, job.state.value, words, more, request_id)


def _failed(job: Job) -> str:
    return "Failed, and is not tried again" if is_given_up(job) else "Failed for good"


def is_given_up(job: Job | ListedJobView) -> bool:
    """Whether a job failed with attempts left, for trying again would not help."""
    return job.state is State.FAILED and job.attempt < job.max_attempts


def numbered(attempt: int, most: int) -> str:
    """Name an attempt by its number, and by how many there are at most."""
    return "The only attempt" if most == 1 else f"Attempt {attempt} of {most}"
