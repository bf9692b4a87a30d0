"""Views: what comes back. Every time is an aware datetime, in UTC."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from bellhop_client.errors import JobFailed

State = Literal["scheduled", "queued", "blocked", "running", "succeeded", "failed", "cancelled"]
Sort = Literal["created", "ended"]
Outcome = Literal["running", "succeeded", "failed", "retried", "timed_out", "lost", "interrupted", "cancelled"]
ENDED = frozenset({"succeeded", "failed", "cancelled"})


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a job has come, as its task says."""

    current: float | None
    total: float | None
    message: str | None


@dataclass(frozen=True, kw_only=True)
class JobError:
    """Why an attempt failed."""

    type: str
    """The name of the exception."""
    message: str
    traceback: str = field(default="", repr=False)
    """Only operators see it."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One attempt of a job."""

    number: int
    """Counts from 1, and after a retry by hand from 1 again."""
    outcome: Outcome
    queued_at: datetime | None = None
    started_at: datetime
    finished_at: datetime | None
    worker: str | None
    error: JobError | None


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job as it was when the server answered."""

    id: UUID
    task: str
    state: State
    args: dict[str, Any] = field(repr=False, hash=False)
    """Secrets are shown as `***`."""
    result: Any = field(repr=False, hash=False)
    """What the task returned; None until it has succeeded."""
    error: JobError | None
    """Why the last attempt failed; None when none has, and after a success."""
    queue: str
    priority: int
    label: str | None
    tags: tuple[str, ...]
    attempt: int
    """How many attempts were begun; a retry by hand counts from 0 again."""
    max_attempts: int
    timeout: float | None
    retrying: bool
    """Whether an attempt failed and it waits for the next one, due at `run_at`."""
    expired: bool
    """Whether it was cancelled because it had not begun by `expires`."""
    blocked_by: str | None
    """What a blocked job waits for, such as `queue:slow`."""
    notice: str | None
    """What a job that waits is waiting for; None when all is well."""
    progress: Progress | None
    run_at: datetime
    expires: datetime | None
    created_at: datetime
    queued_at: datetime | None
    first_started_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    worker: str | None
    past_attempts: tuple[Attempt, ...] = field(repr=False)
    submitter: str | None
    schedule: str | None
    parent: UUID | None
    request_id: str | None
    omitted: tuple[str, ...] = ()
    """In a list: what is cut or left out because it is large. `client.job(id)` has it."""
    withheld: tuple[str, ...] = ()
    """What is left out because the account or token has no right to see payloads."""

    @property
    def ended(self) -> bool:
        """Whether it has succeeded, failed or been cancelled."""
        return self.state in ENDED

    def raise_for_state(self) -> Self:
        """Return the job itself. Raises JobFailed where it has failed or was cancelled."""
        if self.state in {"failed", "cancelled"}:
            raise JobFailed(self)
        return self


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that was done to a job from outside."""

    at: datetime
    action: Literal["retried", "cancelled", "moved", "released"]
    by: str
    """`user:<id>`, `token:<id>`, or a part of the system."""
    request_id: str | None
    details: dict[str, Any] = field(hash=False)


@dataclass(frozen=True, kw_only=True)
class LogEntry:
    """A line of a job's log."""

    number: int
    """1 for the first line that the job ever logged, and so on."""
    at: datetime
    level: str
    logger: str
    """The name of the logger; `stdout` or `stderr` for what was printed."""
    attempt: int
    message: str
    traceback: str | None = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class JobLog:
    """The newest lines that a job has logged, the oldest of them first."""

    entries: tuple[LogEntry, ...]
    truncated: int
    """How many of the oldest lines are no longer kept."""
    last: int
    """The number of the last line: `after`, to get what is new."""
    state: State
    """That of the job; when it has ended, no more lines will come."""
    withheld: bool = False
    """Whether nothing is shown because the account or token has no right to see payloads."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run of a schedule that was due, and what became of it."""

    due_at: datetime
    outcome: Literal["fired", "waiting", "skipped", "missed"]
    reason: str | None
    manual: bool
    missed_until: datetime | None
    job_id: UUID | None
    state: State | None
    """That of its job."""
    retrying: bool
    fired_at: datetime | None
    first_started_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    lateness_seconds: float | None
    retried: bool
    error: JobError | None
    """Why the job's last attempt failed, in a few words, without its traceback."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """A schedule."""

    id: UUID
    name: str
    state: Literal["active", "paused", "disabled", "over", "deleted"]
    words: str
    """When it runs, in words."""
    task: str
    args: dict[str, Any] = field(repr=False, hash=False)
    crontab: str | None
    interval_seconds: int | None
    anchor: datetime | None
    once_at: datetime | None
    time_zone: str
    starts_at: datetime | None
    ends_at: datetime | None
    jitter_seconds: int
    catch_up: Literal["skip", "latest", "all"]
    grace_seconds: int | None
    ceiling: int
    overlap: Literal["allow", "skip", "queue"]
    priority: int
    overrides: dict[str, Any] | None = field(hash=False)
    enabled: bool
    pause_reason: str | None
    paused_by: str | None
    resume_at: datetime | None
    disabled_reason: str | None
    note: str
    source: Literal["api", "code"]
    next_due_at: datetime | None
    last_run: Run | None
    failures: int
    """How many runs have failed in a row; 20 are counted."""
    trouble: Literal["failing", "late", "paused"] | None = None
    """The worst that is wrong; None: nothing, or the server is older and does not say."""
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    deleted_at: datetime | None
    omitted: tuple[str, ...] = ()
    """In a list: what is left out because it is large. `client.schedules.get(id)` has it."""
    withheld: tuple[str, ...] = ()
    """What is left out because the account or token has no right to see payloads."""


@dataclass(frozen=True, kw_only=True)
class ScheduleImport:
    """What an import of schedules has done, by their names."""

    created: tuple[str, ...]
    changed: tuple[str, ...]
    deleted: tuple[str, ...]
    unchanged: int
