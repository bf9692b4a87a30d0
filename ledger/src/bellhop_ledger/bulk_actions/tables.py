"""The table of bulk actions: one row for each, with the jobs that it is about."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Uuid, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from bellhop_ledger.platform.database import Base, Time, enumeration, uuid7

MOST_JOBS = 10_000
"""Jobs that one action may be about."""
LONGEST_QUERY = 1_000
"""Characters."""


class Verb(StrEnum):
    """What is done to the jobs."""

    RETRY = "retry"
    CANCEL = "cancel"


class BulkState(StrEnum):
    """Where a bulk action stands."""

    WAITING = "waiting"
    """It can be undone."""
    RUNNING = "running"
    DONE = "done"
    UNDONE = "undone"
    BROKEN = "broken"
    """It cannot be carried on; what it has done stays."""


class BulkAction(Base):
    """What is done to many jobs. They are those that the query found when it was asked for, whatever it finds later."""

    __tablename__ = "bulk_actions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    verb: Mapped[Verb] = mapped_column(enumeration(Verb))
    q: Mapped[str]
    """The query, as it was written."""
    number: Mapped[int]
    """How many jobs it found."""
    job_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    """Which ones, the oldest first."""

    requested_by: Mapped[str]
    """`user:<id>` or `token:<id>`."""
    request_id: Mapped[str | None]
    idempotency_key: Mapped[str | None]
    request_hash: Mapped[str | None]

    created_at: Mapped[datetime] = mapped_column(Time, server_default=func.clock_timestamp())
    """After the jobs were found: whatever becomes of them later than this is another matter."""
    runs_at: Mapped[datetime] = mapped_column(Time)
    """Until then it can be undone."""
    started_at: Mapped[datetime | None] = mapped_column(Time)
    handled: Mapped[int] = mapped_column(server_default=text("0"))
    """How many of the jobs were looked at."""
    changed: Mapped[int] = mapped_column(server_default=text("0"))
    """How many of these were still as they were, and are retried or cancelled."""
    finished_at: Mapped[datetime | None] = mapped_column(Time)
    error: Mapped[str | None]
    """Why it cannot be carried on."""
    undone_at: Mapped[datetime | None] = mapped_column(Time)
    undone_by: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("verb IN ('retry','cancel')", name="verb"),
        CheckConstraint(f"number BETWEEN 1 AND {MOST_JOBS}", name="number"),
        CheckConstraint("number = cardinality(job_ids)", name="job_ids"),
        CheckConstraint("changed BETWEEN 0 AND handled AND handled <= number", name="handled"),
        CheckConstraint("undone_at IS NULL OR started_at IS NULL", name="undone_at"),
        CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="undone_by"),
        CheckConstraint("(idempotency_key IS NULL) = (request_hash IS NULL)", name="idempotency_key"),
        Index("bulk_actions_due_idx", "runs_at", postgresql_where=text("finished_at IS NULL AND undone_at IS NULL")),
        Index(
            "bulk_actions_key_idx",
            "requested_by",
            "idempotency_key",
            unique=True,
            postgresql_where=text("idempotency_key IS NOT NULL"),
        ),
    )


def state_of(action: BulkAction) -> BulkState:
    """Return where an action stands."""
    if action.undone_at:
        return BulkState.UNDONE
    if action.finished_at:
        return BulkState.BROKEN if action.error else BulkState.DONE
    return BulkState.RUNNING if action.started_at else BulkState.WAITING
