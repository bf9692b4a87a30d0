"""The ledger's tables: one row a job, and beside it what is said of a job while it runs."""

from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import CheckConstraint, SmallInteger, String, and_, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, REGCLASS
from sqlalchemy.orm import Mapped, mapped_column

from bellhop_ledger.platform.database import Base, Time, enumeration, uuid7


class State(StrEnum):
    """Where a job stands."""

    BLOCKED = "blocked"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to the job by itself."""
        return self in ENDED


Words = enumeration(State)
WAITING = frozenset({State.BLOCKED, State.SCHEDULED, State.QUEUED})
ENDED = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED})
PEOPLE = "people"
"""The queue of what plain users ask for: see bellhop_ledger.ledger.turns."""


class Tier(IntEnum):
    """Where a job's row is kept: each is a table of its own, a partition of `jobs`."""

    UNFINISHED = 0
    """`unfinished_jobs`: small and busy. One that has ended stays there for a moment at most."""
    ENDED = 1
    """`ended_jobs`: by the day on which they are forgotten, which drops the table of that day."""
    KEPT = 2
    """`kept_jobs`: ended ones whose day has no table, because it is far away. They are deleted one by one."""


class Job(Base):
    """One piece of work that was accepted, from its receipt to its end.

    Statements that change jobs name `unfinished_jobs`; those that read name `jobs`, which is all of them.
    """

    __tablename__ = "jobs"

    id: Mapped[UUID] = mapped_column(default=uuid7)
    task: Mapped[str]
    args: Mapped[dict[str, Any]] = mapped_column(JSONB)
    queue: Mapped[str]
    priority: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[State] = mapped_column(Words)
    attempt: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    max_attempts: Mapped[int] = mapped_column(SmallInteger)
    timeout: Mapped[float | None]
    """Seconds until its body is interrupted, where that is sooner than its task says."""
    suspect: Mapped[bool] = mapped_column(server_default=text("false"))
    """Its last message or lease was lost without a trace: run it alone and count the attempt first."""

    run_at: Mapped[datetime] = mapped_column(Time)
    start_before: Mapped[datetime | None] = mapped_column(Time)
    """If it has not begun by then, it is cancelled: it has expired."""
    created_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    queued_at: Mapped[datetime | None] = mapped_column(Time)
    published_at: Mapped[datetime | None] = mapped_column(Time)
    """When its message was put into Redis; empty while a queued job has none."""
    started_at: Mapped[datetime | None] = mapped_column(Time)
    first_started_at: Mapped[datetime | None] = mapped_column(Time)
    """When its first attempt began; empty while that is the only one."""
    finished_at: Mapped[datetime | None] = mapped_column(Time)
    expires_at: Mapped[datetime | None] = mapped_column(Time)

    worker: Mapped[str | None]
    blocked_by: Mapped[str | None]
    """What a blocked job waits for, as `kind:name`: the hold of its queue, task or host (see holds.py)."""
    limit_key: Mapped[str | None]
    """What its task is limited by besides its name, as `kind:name`, such as the host that it calls."""
    lease: Mapped[UUID | None]
    """Each claim makes a new one; only its holder may finish the job."""
    lease_expires_at: Mapped[datetime | None] = mapped_column(Time)
    result: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    error: Mapped[dict[str, str] | None] = mapped_column(JSONB(none_as_null=True))

    past_attempts: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    """What became of earlier attempts, oldest first, and who retried the job when; see `ledger/past.py`."""

    submitter: Mapped[str | None]
    user_id: Mapped[UUID | None]
    """The plain user who asked for it; empty: an operator or the system did. It may outlive the account."""
    idempotency_key: Mapped[str | None]
    request_hash: Mapped[str | None]
    request_id: Mapped[str | None]
    trace_context: Mapped[str | None]
    """The step of a trace that submitted it: traceparent and tracestate (W3C Trace Context)."""
    schedule: Mapped[str | None]
    due_at: Mapped[datetime | None] = mapped_column(Time)
    parent: Mapped[UUID | None]
    """The job whose body submitted it; it may be forgotten earlier."""
    tags: Mapped[list[str] | None] = mapped_column(ARRAY(String))
    label: Mapped[str | None]

    tier: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    forget_on: Mapped[date | None]
    """The day (UTC) after which an ended job may be forgotten."""
    reason: Mapped[str | None]
    """Of what its last attempt failed: the id of the reason that its error has in common with others (see reasons.py).

    It is stored when the job ends or waits for its next attempt, and stays meanwhile.
    """

    @classmethod
    def of_row(cls, row: Any) -> "Job":
        """Make a job of a row that a statement of the ledger gave; it belongs to no session."""
        job = cls()
        job.__dict__.update(row._asdict(), state=State(row.state))  # 80 us less than Job(**row)
        return job

    __table_args__ = (
        CheckConstraint("priority BETWEEN 0 AND 9", name="priority"),
        CheckConstraint("attempt BETWEEN 0 AND max_attempts", name="attempt"),
        CheckConstraint("(state = 'running') = (lease IS NOT NULL)", name="lease"),
        CheckConstraint("(lease IS NULL) = (lease_expires_at IS NULL)", name="lease_expires_at"),
        CheckConstraint(
            "(state IN ('succeeded','failed','cancelled')) = (finished_at IS NOT NULL)", name="finished_at"
        ),
        CheckConstraint("(idempotency_key IS NULL) = (request_hash IS NULL)", name="idempotency_key"),
        CheckConstraint("(schedule IS NULL) = (due_at IS NULL)", name="due_at"),
        {"postgresql_partition_by": "LIST (tier)"},
    )
    __mapper_args__ = {"primary_key": [id]}  # noqa: RUF012
    """The table has no key of its own, only its partitions have."""


class JobKey(Base):
    """An idempotency key and the job that it made. A trigger claims it; it goes when the job is forgotten."""

    __tablename__ = "job_keys"

    submitter: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    job_id: Mapped[UUID] = mapped_column(index=True)


class JobFollower(Base):
    """A table whose rows go with the job that they name in this column, such as the progress and the mail of a job."""

    __tablename__ = "job_followers"

    table_name: Mapped[str] = mapped_column(REGCLASS, primary_key=True)
    column_name: Mapped[str] = mapped_column(primary_key=True)


BY_ID = "SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off;"
"""Settings for a statement that names its jobs by their ids: its plan is always the same, so it is made once.

Planning takes longer than the statement. They last until the transaction ends, so they are not for one in which a body
runs afterwards.
"""
STATE_OF_NAMED = "(j.state || '')"
"""The state of a job `j` that a statement names by its id: written so that Postgres looks for the id and nothing else.

By statistics from a quiet hour the indexes of what is queued and of what runs are all but empty, and reading one of
them from end to end looks as cheap as the key. In a rush each job would then be found by reading all that wait.
"""


class LiveJob(Base):
    """What others than the holder of a job's row say of it: its progress, and a wish to stop it.

    A table of its own, so that neither has to wait for the row of a job that an open transaction holds.
    """

    __tablename__ = "live_jobs"

    job_id: Mapped[UUID] = mapped_column(primary_key=True)
    current: Mapped[float | None]
    total: Mapped[float | None]
    message: Mapped[str | None]
    cancel_requested_at: Mapped[datetime | None] = mapped_column(Time)


class Started(Protocol):
    """What remembers the starts of a job: its row, and the run of a schedule."""

    first_started_at: Any
    started_at: Any


def first_start(of: Started) -> datetime | None:
    """Return when the first attempt began; a retry does not change it."""
    first: datetime | None = of.first_started_at or of.started_at
    return first


def is_retrying(job: Job) -> bool:
    """Whether an attempt failed and the job waits for the next one."""
    return job.attempt > 0 and job.state in {State.SCHEDULED, State.QUEUED}


EXPIRED = "Expired"
"""The type of the error of a job that was cancelled because it had not begun in time."""
HAS_EXPIRED = and_(Job.state == State.CANCELLED, Job.attempt == 0, Job.error["type"].astext == EXPIRED)


def has_expired(job: Job) -> bool:
    """Whether a job was cancelled because it had not begun in time."""
    return job.state is State.CANCELLED and job.attempt == 0 and (job.error or {}).get("type") == EXPIRED
