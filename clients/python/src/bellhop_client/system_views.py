"""Views of the installation: what is paused, its queues and endpoints, and what is wrong with it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Something that is paused."""

    kind: Literal["queue", "task", "host"]
    name: str
    reason: str
    by: str
    since: datetime
    until: datetime | None
    """When it is resumed by itself; None: when somebody resumes it."""
    waiting: int
    """How many jobs wait for its end."""


@dataclass(frozen=True, kw_only=True)
class Queue:
    """A queue: what waits in it, and who takes jobs from it."""

    name: str
    waiting: int
    exact: bool
    """Whether that is all; beyond 10,000 nobody counts."""
    oldest_at: datetime | None
    """Since when the job waits that has waited longest."""
    workers: int
    """How many workers serve it."""
    paused: Hold | None
    arrivals_per_minute: float | None = None
    ends_per_minute: float | None = None
    """How many jobs come to it and end a minute, at the moment."""
    outlook: Literal["empty", "empties", "grows", "paused", "unserved", "unknown"] | None = None
    seconds_to_empty: float | None = None
    """When it is empty, if jobs come and end as they do now."""
    served_by: tuple[str, ...] = ()
    """The names of the workers that take its jobs."""


@dataclass(frozen=True, kw_only=True)
class RunningJob:
    """A job that a worker runs."""

    id: UUID
    task: str
    queue: str
    since: datetime | None


@dataclass(frozen=True, kw_only=True)
class WorkerProcess:
    """A process of a worker's pool."""

    pid: int
    memory_mib: float | None
    claimed: int
    """How many jobs it has claimed, the one that runs among them."""
    job: RunningJob | None
    """What it runs."""


@dataclass(frozen=True, kw_only=True)
class AsyncPool:
    """The process in which a worker runs async bodies."""

    pid: int
    memory_mib: float | None
    slots: int
    running: int
    jobs: tuple[RunningJob, ...]


@dataclass(frozen=True, kw_only=True)
class Drain:
    """Why a worker takes no new jobs."""

    since: datetime
    reason: str
    by: str
    known: bool
    """Whether the worker has learnt of it."""


@dataclass(frozen=True, kw_only=True)
class Worker:
    """A worker, by what it said last, and what it runs."""

    name: str
    host: str
    state: Literal["alive", "draining", "drained", "silent"]
    release: str | None
    started_at: datetime
    seen_at: datetime
    queues: tuple[str, ...]
    running: int
    """How many jobs it runs."""
    memory_mib: float | None
    memory_of_all_mib: float | None
    """What its main process holds, and what all of its processes do."""
    processes: tuple[WorkerProcess, ...]
    async_pool: AsyncPool | None
    draining: Drain | None


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that `doctor` has looked at."""

    check: str
    """Its name, such as `redis_policy`."""
    state: Literal["ok", "warning", "wrong", "unknown"]
    message: str
    """What is so."""
    advice: str | None
    """What to do about it."""


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """What is wrong with an installation."""

    at: datetime
    """By the clock of the web process."""
    findings: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A task whose body is a service that Bellhop calls over HTTP."""

    name: str
    url: str
    description: str
    schema: dict[str, Any] = field(repr=False, hash=False)
    """JSON Schema of the arguments."""
    secrets: tuple[str, ...]
    """The arguments that are stored encrypted."""
    queue: str
    served: bool
    """Whether a living worker takes jobs from its queue."""
    max_attempts: int
    timeout: float
    """Seconds that a call may take."""
    heartbeat_timeout: float
    completion_timeout: float
    """After a 202: seconds without a word until the attempt is lost, and until the result must be there."""
    headers: dict[str, str] = field(repr=False, hash=False)
    """With `***` for what is secret."""
    signing_secret: str | None = field(repr=False)
    created_at: datetime
    updated_at: datetime
    updated_by: str
