"""The tables of tasks: what workers and endpoints have published, and the order of their releases."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bellhop_ledger.platform.database import Base, Time


class TaskRelease(Base):
    """A release of the workers' code. The one that was deployed last counts."""

    __tablename__ = "task_releases"

    name: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    """Of all that it published; it changes when any of that does."""
    published_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    """When it was first published."""
    deployed_at: Mapped[datetime] = mapped_column(Time, server_default=func.clock_timestamp())
    """When it was last deployed: first published, or published on demand (`bellhop-worker --publish`)."""
    seen_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    """When a worker of it was last seen."""

    __table_args__ = (CheckConstraint("length(name) BETWEEN 1 AND 200", name="name"),)


class TaskRunTime(Base):
    """How long the runs of a task take, in seconds."""

    __tablename__ = "task_run_times"

    task: Mapped[str] = mapped_column(primary_key=True)
    mean: Mapped[float]
    deviation: Mapped[float]
    measured_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())

    __table_args__ = (CheckConstraint("mean >= 0 AND deviation >= 0", name="mean"),)


class TaskRow(Base):
    """A task as it was published by the latest release that has it."""

    __tablename__ = "tasks"

    name: Mapped[str] = mapped_column(primary_key=True)
    release: Mapped[str] = mapped_column(ForeignKey("task_releases.name", ondelete="CASCADE"))
    plugin: Mapped[str]
    description: Mapped[str]
    queue: Mapped[str]
    policy: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """Mode, attempts, limits, batch, keep, quiet and priority; see `bellhop.manifest.Policy`."""
    arguments: Mapped[dict[str, Any]] = mapped_column(JSONB)
    result: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """JSON Schema of the arguments, and of what the body returns."""
    secrets: Mapped[dict[str, Any]] = mapped_column(JSONB)
    schedules: Mapped[dict[str, Any]] = mapped_column(JSONB)

    __table_args__ = (
        CheckConstraint("length(name) BETWEEN 1 AND 200", name="name"),
        Index("tasks_release_idx", "release"),
    )


class TaskEndpoint(Base):
    """A service that is called over HTTP for each job of a task; what is published of it stands in `tasks`, too."""

    __tablename__ = "task_endpoints"

    name: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str]
    description: Mapped[str]
    arguments: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """JSON Schema."""
    secrets: Mapped[list[str]] = mapped_column(ARRAY(String))
    """The arguments that are stored encrypted."""
    queue: Mapped[str]
    max_attempts: Mapped[int] = mapped_column(SmallInteger)
    timeout: Mapped[float]
    """Seconds that a call may take."""
    heartbeat_timeout: Mapped[float]
    """Seconds without a sign of life after which an attempt that goes on outside is lost."""
    completion_timeout: Mapped[float]
    """Seconds after which it has timed out."""
    headers: Mapped[dict[str, str]] = mapped_column(JSONB)
    signing_secret: Mapped[str | None]
    """Both are encrypted for the origin of the URL."""
    created_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    updated_by: Mapped[str]

    __table_args__ = (
        CheckConstraint("length(name) BETWEEN 1 AND 200", name="name"),
        CheckConstraint("max_attempts >= 1", name="max_attempts"),
        CheckConstraint("timeout > 0 AND heartbeat_timeout > 0 AND completion_timeout > 0", name="timeouts"),
    )
