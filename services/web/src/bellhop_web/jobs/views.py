"""Views: how a job reads from outside."""

from collections.abc import Collection
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from bellhop_ledger.ledger.past import MOST_KEPT, Attempt, AttemptOutcome, past_attempts_of
from bellhop_ledger.ledger.tables import WAITING, Job, LiveJob, State, first_start, has_expired, is_retrying
from bellhop_ledger.platform.secrets import masked
from bellhop_ledger.tasks.known import known_tasks
from bellhop_web.http.answers import trusted
from bellhop_web.http.brief import CUT, OMITTED, is_short
from bellhop_web.http.times import StoredUtc, Utc

NextAttemptAt = Annotated[
    Utc | None, Field(description="When it is tried again, while it waits for that after an attempt that failed")
]


class ProgressView(BaseModel):
    """How far a job has come, as the task itself says."""

    current: float | None = Field(description="How much is done")
    total: float | None = Field(description="How much there is to do")
    message: str | None = Field(description="What is being done")


class ErrorView(BaseModel):
    """Why the last attempt failed."""

    type: str = Field(description="The name of the exception")
    message: str
    traceback: str


class PastErrorView(BaseModel):
    """Why an earlier attempt failed."""

    type: str = Field(description="The name of the exception")
    message: str


class PastAttemptView(BaseModel):
    """An earlier attempt."""

    number: int = Field(description="After a retry it counts from 1 again")
    outcome: AttemptOutcome = Field(description="As in `GET /api/jobs/<id>/attempts`, which has the tracebacks, too")
    started_at: Utc
    finished_at: Utc
    worker: str | None
    error: PastErrorView | None


class JobView(BaseModel):
    """A job. Its times are in UTC."""

    id: UUID
    task: str = Field(description="Name of the task, see `GET /api/tasks`")
    label: str | None = Field(description="What its submission calls it, in one line")
    tags: list[str] = Field(description="What its submission says to find it by")
    args: dict[str, Any] = Field(description="The task's arguments by name; secrets are shown as `***`")
    queue: str = Field(description="Where it waits for a worker")
    priority: int = Field(description="0 (can wait) to 9 (first)")
    state: State = Field(
        description="`scheduled` until it is due, `queued` until a worker has it, `running`, and in the end "
        "`succeeded`, `failed` or `cancelled`; `blocked` while something that it needs is paused"
    )
    blocked_by: str | None = Field(
        description="What a blocked job waits for: `queue:<name>`, `task:<name>` or `host:<name>` is paused",
        examples=["queue:slow"],
    )
    expired: bool = Field(description="Whether it was cancelled because it had not begun by `expires`")
    retrying: bool = Field(description="Whether an attempt failed and it waits for the next one, due at `run_at`")
    attempt: int = Field(description="How many attempts were begun; a retry by hand counts from 0 again")
    max_attempts: int = Field(
        description="After so many the job has failed; it fails earlier where trying again would not help"
    )
    timeout: float | None = Field(
        description="Seconds until a run is interrupted, as its submission says; null when they are its task's"
    )
    notice: str | None = Field(
        description="What a job that waits is waiting for, such as a worker for its queue; null when all is well"
    )
    progress: ProgressView | None = Field(description="null when the task says nothing of it")
    result: Any = Field(description="What the task returned; null until it has succeeded")
    error: ErrorView | None = Field(description="Why the last attempt failed; null when none has, and after a success")
    run_at: StoredUtc = Field(description="When it is due; after a failed attempt, when it is tried again")
    expires: StoredUtc | None = Field(description="If it has not begun by then, it is cancelled")
    created_at: StoredUtc = Field(description="When it was submitted")
    queued_at: StoredUtc | None = Field(description="When it became due and was given to the queue")
    first_started_at: StoredUtc | None = Field(description="When its first attempt began; a retry does not change it")
    started_at: StoredUtc | None = Field(description="When its last attempt began")
    finished_at: StoredUtc | None = Field(description="When it succeeded, failed or was cancelled")
    worker: str | None = Field(description="Which process has or had it last")
    past_attempts: list[PastAttemptView] = Field(
        description=f"What became of earlier attempts, oldest first: the first one and the latest {MOST_KEPT - 1}"
    )
    submitter: str | None = Field(
        description="Who submitted it: `token:<id>`, `user:<id>`, `service:<id>`, `sql:<login>` with a login of "
        "Postgres, or `celery`; of a schedule's job the service token that has said what it runs, else null, as for "
        "one of a body"
    )
    schedule: str | None = Field(description="The id of the schedule that made it")
    parent: UUID | None = Field(description="The job whose body submitted it; that may be forgotten already")
    request_id: str | None = Field(
        description="The `X-Request-Id` of the request that it goes back to, also by way of other jobs; it stands in "
        "all lines that are logged about the job"
    )
    withheld: list[str] = Field(
        description="Which of these values, or the texts in them, you may not see: that needs the right to see "
        "payloads. Nothing is withheld from who has submitted the job"
    )


class ListedJobView(JobView):
    """A job in a list."""

    omitted: list[str] = OMITTED


class JobsView(BaseModel):
    """Receipts, in the order in which the jobs were given."""

    jobs: list[ListedJobView]


class JobPageView(BaseModel):
    """One page of jobs, newest first."""

    jobs: list[ListedJobView]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last one")


MADE_UP = {
    "withheld",
    "tags",
    "expired",
    "notice",
    "progress",
    "error",
    "retrying",
    "expires",
    "first_started_at",
    "past_attempts",
}
NOTHING: list[str] = []
PLAIN = [name for name in JobView.model_fields if name not in MADE_UP]


def view(job: Job, live: LiveJob | None = None) -> JobView:
    """Show a job as the ledger knows it; what is read is trusted, so it is not validated again."""
    facts = {name: job.__dict__[name] for name in PLAIN}  # a fifth of the time of getattr
    facts["args"] = known_tasks().in_order(job.task, masked(job.args))
    error = ErrorView(**job.error) if job.error else None
    return trusted(
        JobView,
        **facts,
        tags=job.tags or [],
        expired=has_expired(job),
        expires=job.start_before,
        notice=notice_of(job),
        progress=progress_view(live),
        error=error,
        retrying=is_retrying(job),
        first_started_at=first_start(job),
        past_attempts=past_attempts(job),
        withheld=NOTHING,
    )


def notice_of(job: Job) -> str | None:
    """Return what a job waits for besides its turn."""
    if job.blocked_by:
        return paused(job.blocked_by)
    if job.state not in WAITING or job.queue in known_tasks().current().served:
        return None
    return f"No worker takes jobs from the queue {job.queue} at the moment"


def paused(target: str) -> str:
    """Return the words for what is paused, which `blocked_by` names."""
    kind, _, name = target.partition(":")
    return f"The {kind} {name} is paused"


def listed(job: Job, live: LiveJob | None = None, *, omitted: Collection[str]) -> ListedJobView:
    """Show a job in a list, from which some of it was left out."""
    return trusted(ListedJobView, **view(job, live).__dict__, omitted=list(omitted))


def receipt(job: Job) -> ListedJobView:
    """Show a job that is new, among others."""
    shown = listed(job, omitted=[] if is_short(job.args) else ["args"])
    return shown.model_copy(update={"args": {}}) if shown.omitted else shown


def for_its_user(job: JobView) -> JobView:
    """Show a job to the plain user who asked for it, without details of our machines and code."""
    past = [attempt.model_copy(update={"worker": None}) for attempt in job.past_attempts]
    error = job.error and job.error.model_copy(update={"traceback": ""})
    return job.model_copy(update={"worker": None, "error": error, "past_attempts": past})


def past_attempts(job: Job) -> list[PastAttemptView]:
    """Show what became of a job's earlier attempts."""
    return [_past_attempt(past) for past in past_attempts_of(job)] if job.past_attempts else []


def _past_attempt(past: Attempt) -> PastAttemptView:
    error = PastErrorView(**past.error) if past.error else None
    facts = {name: getattr(past, name) for name in PastAttemptView.model_fields}
    return PastAttemptView.model_construct(**facts | {"error": error})


def error_line(job: Job) -> str | None:
    """Return in one line why the last attempt failed; the job itself says all of it."""
    return f"{job.error['type']}: {job.error['message'][:CUT]}" if job.error else None


def progress_view(live: LiveJob | None) -> ProgressView | None:
    """Show how far a job has come; nothing when it says nothing of it."""
    if live is None or live.current is None:
        return None
    return ProgressView(current=live.current, total=live.total, message=live.message)
