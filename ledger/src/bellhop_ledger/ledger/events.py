"""Events: who did what to a job from outside, and in which request; what its own attempts did is `past.py`."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ColumnElement, Identity, Index, exists, func, or_, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from bellhop_ledger.ledger.tables import Job
from bellhop_ledger.platform.database import Base, Time
from bellhop_ledger.platform.log import bound_request_id


class Action(StrEnum):
    """What is done to a job from outside."""

    RETRIED = "retried"
    CANCELLED = "cancelled"
    MOVED = "moved"
    RELEASED = "released"


@dataclass(frozen=True)
class Actor:
    """Who acts on a job, and for which request."""

    name: str
    """`user:<id>`, `token:<id>`, or the part of the system that does it by itself, such as `scheduler`."""
    request_id: str | None = field(default_factory=bound_request_id)
    """By default that of the request that is being handled."""

    @property
    def facts(self) -> dict[str, str | None]:
        """The parameters of a statement that holds `noted`."""
        return {"by": self.name, "request_id": self.request_id}


SCHEDULER = Actor("scheduler", None)


class JobEvent(Base):
    """Something that was done to a job. It goes with the job."""

    __tablename__ = "job_events"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    job_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    action: Mapped[str]
    by: Mapped[str]
    request_id: Mapped[str | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))

    __table_args__ = (
        # `held` is written by nobody: that a job is blocked, and by what, stands in its row.
        CheckConstraint("action IN ('retried','cancelled','moved','held','released')", name="action"),
        Index("job_events_job_idx", "job_id", "id"),
    )


def noted(action: Action, rows: str, details: str) -> str:
    """Return the INSERT that notes an act on the jobs whose `id` the rows give; the details are SQL over these.

    Its parameters are an Actor's `facts`.
    """
    return f"""
        INSERT INTO job_events (job_id, action, by, request_id, details)
        SELECT j.id, '{action}', CAST(:by AS varchar), CAST(:request_id AS varchar), jsonb_strip_nulls({details})
        FROM {rows} AS j
    """


def events_of(db: Session, job: Job, *, after: int | None = None, most: int) -> list[JobEvent]:
    """Return what was done to a job, oldest first and at most so many, after the event with this id."""
    wanted = select(JobEvent).where(JobEvent.job_id == job.id).order_by(JobEvent.id).limit(most)
    if after is not None:
        wanted = wanted.where(JobEvent.id > after)
    earlier = [event for event in retries_before(job) if after is None or event.id > after]
    return [*earlier, *db.scalars(wanted)][:most]


def latest_events_of(db: Session, job: Job, *, most: int) -> list[JobEvent]:
    """Return what was done to a job last, at most so many, oldest first."""
    wanted = select(JobEvent).where(JobEvent.job_id == job.id).order_by(JobEvent.id.desc()).limit(most)
    return [*retries_before(job), *reversed(db.scalars(wanted).all())][-most:]


def retries_before(job: Job) -> list[JobEvent]:
    """Return the retries that the release before has written among the attempts; their ids are below all others."""
    retries = [past for past in job.past_attempts or () if "retried_at" in past]
    return [
        JobEvent(
            id=place - len(retries),
            job_id=job.id,
            at=datetime.fromisoformat(past["retried_at"]),
            action=Action.RETRIED,
            by=past["retried_by"],
            details={name: past[name] for name in ("state", "finished_at")},
        )
        for place, past in enumerate(retries)
    ]


def was_retried() -> ColumnElement[bool]:
    """Whether somebody has retried a job after its end; a column for a statement that reads jobs."""
    noted_then = exists().where(JobEvent.job_id == Job.id, JobEvent.action == Action.RETRIED)
    return or_(noted_then, func.jsonb_path_exists(Job.past_attempts, "$[*].retried_at")).label("was_retried")
