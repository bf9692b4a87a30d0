"""Views: how a job reads from outside."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, PlainSerializer

from bellhop.jobs import Job, LiveJob, State


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


Utc = Annotated[datetime, PlainSerializer(_iso, return_type=str), Field(json_schema_extra={"format": "date-time"})]


class ProgressView(BaseModel):
    """How far a job has come."""

    current: float | None
    total: float | None
    message: str | None


class ErrorView(BaseModel):
    """Why the last attempt failed."""

    type: str
    message: str
    traceback: str


class JobView(BaseModel):
    """A job. Its times are in UTC."""

    id: UUID
    task: str
    args: dict[str, Any]
    queue: str
    priority: int = Field(description="0 (can wait) to 9 (first)")
    state: State
    attempt: int = Field(description="How many attempts were begun")
    max_attempts: int
    progress: ProgressView | None
    result: Any = Field(description="What the task returned")
    error: ErrorView | None
    run_at: Utc
    created_at: Utc
    queued_at: Utc | None
    started_at: Utc | None
    finished_at: Utc | None
    worker: str | None


class JobsView(BaseModel):
    """Jobs in the order in which they were given."""

    jobs: list[JobView]


class JobPageView(JobsView):
    """One page of jobs, newest first."""

    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; empty on the last one")


PLAIN = [name for name in JobView.model_fields if name not in {"progress", "error"}]


def view(job: Job, live: LiveJob | None = None) -> JobView:
    """Show a job as the ledger knows it; what is read is trusted, so it is not validated again."""
    facts = {name: getattr(job, name) for name in PLAIN}
    error = ErrorView(**job.error) if job.error else None
    return JobView.model_construct(**facts, progress=_progress(live), error=error)


def _progress(live: LiveJob | None) -> ProgressView | None:
    if live is None or live.current is None:
        return None
    return ProgressView(current=live.current, total=live.total, message=live.message)
