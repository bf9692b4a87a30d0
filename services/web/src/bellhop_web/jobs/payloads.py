"""Payloads: what jobs were given, returned and said. Who has no right to see them sees that they are withheld."""

from collections.abc import Iterable
from typing import Any, TypeVar

from bellhop_ledger.ledger.events import JobEvent
from bellhop_ledger.ledger.tables import Job, LiveJob
from bellhop_web.auth.callers import Caller
from bellhop_web.auth.refusals import NotThePayloads
from bellhop_web.jobs.views import ErrorView, JobView, PastErrorView

V = TypeVar("V", bound=JobView)
MARK = "withheld"
"""Stands for a text."""
FIELDS = ["args", "result", "error", "past_attempts", "progress"]
"""Of a job: all of it, or the texts in it."""


def sees_payload(caller: Caller, job: JobView | Job) -> bool:
    """Whether somebody sees what a job was given and returned: by right, or because they have given it themselves.

    The arguments of a job of a schedule are those of whoever made the schedule.
    """
    if caller.sees_payloads or not caller.sees_all:
        return True
    return job.submitter == caller.name and job.schedule is None


def shown_to(caller: Caller, job: V) -> V:
    """Return a job as somebody may see it."""
    return job if sees_payload(caller, job) else without_payload(job)


def without_payload(job: V) -> V:
    """Return a job without its payload."""
    error = job.error and ErrorView(type=job.error.type, message=MARK, traceback="")
    progress = job.progress and job.progress.model_copy(update={"message": MARK if job.progress.message else None})
    past = [
        one.model_copy(update={"error": one.error and PastErrorView(type=one.error.type, message=MARK)})
        for one in job.past_attempts
    ]
    without: dict[str, Any] = {"args": {}, "result": None, "error": error, "past_attempts": past, "progress": progress}
    return job.model_copy(update=without | {"withheld": FIELDS})


def require_payloads(caller: Caller | None) -> None:
    """Raise NotThePayloads where somebody has no right to see what jobs of others were given."""
    if caller and caller.sees_all and not caller.sees_payloads:
        raise NotThePayloads


def may_listen(caller: Caller | None, _: Any) -> bool:
    """Whether somebody may listen to what shows payloads; strangers are asked who they are elsewhere."""
    return caller is None or caller.sees_payloads


def row_without(job: Job) -> Job:
    """Return a copy of a job's row without its payload; it belongs to no session."""
    facts = {name: job.__dict__[name] for name in Job.__mapper__.columns.keys() if name in job.__dict__}  # noqa: SIM118
    past = [_without_text(one) for one in job.past_attempts or ()] or None
    made = Job()
    made.__dict__.update(facts, args={}, result=None, error=_marked(job.error), past_attempts=past)
    return made


def live_without(live: LiveJob | None) -> LiveJob | None:
    """Return what a running job says of itself, without its words."""
    if live is None:
        return None
    facts = {name: getattr(live, name) for name in ("job_id", "current", "total", "cancel_requested_at")}
    return LiveJob(**facts, message=MARK if live.message else None)


def events_without(events: Iterable[JobEvent]) -> list[JobEvent]:
    """Return what was done to a job, without the errors that it had before."""
    return [_event(one) for one in events]


def _event(event: JobEvent) -> JobEvent:
    facts = {name: getattr(event, name) for name in ("id", "job_id", "at", "action", "by", "request_id")}
    return JobEvent(**facts, details=_without_text(event.details))


def _without_text(facts: dict[str, Any]) -> dict[str, Any]:
    return facts | {"error": _marked(facts["error"])} if facts.get("error") else facts


def _marked(error: dict[str, str] | None) -> dict[str, str] | None:
    return error and {"type": error["type"], "message": MARK, "traceback": ""}
