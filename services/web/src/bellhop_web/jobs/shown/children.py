"""Children: the jobs that the body of a job has submitted, and the one that has submitted it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, load_only

from bellhop_ledger.ledger.tables import Job

MOST_SHOWN = 10


@dataclass(frozen=True)
class Children:
    """The first jobs that a body has submitted."""

    jobs: list[Job]
    more: bool
    """Whether there are more than these."""


SHOWN = load_only(Job.id, Job.task, Job.label, Job.state, Job.attempt, Job.error, Job.created_at)


def parent_of(db: Session, job: Job) -> Job | None:
    """Return the job whose body has submitted this one; None where there is none, or it is forgotten."""
    return db.scalar(select(Job).options(SHOWN).where(Job.id == job.parent)) if job.parent else None


def children_of(db: Session, id: UUID) -> Children:
    """Return the first jobs that the body of this one has submitted, the oldest first."""
    wanted = select(Job).options(SHOWN).where(Job.parent == id).order_by(Job.created_at, Job.id)
    found = list(db.scalars(wanted.limit(MOST_SHOWN + 1)))
    return Children(found[:MOST_SHOWN], more=len(found) > MOST_SHOWN)
