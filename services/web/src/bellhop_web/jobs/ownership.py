"""Ownership: whose a job is. Who does not see all jobs sees those that they have asked for, and nobody else's."""

from uuid import UUID

from sqlalchemy import ColumnElement, true
from sqlalchemy.orm import Session

from bellhop_ledger.ledger import control
from bellhop_ledger.ledger.tables import Job
from bellhop_web.auth.callers import Caller, current_caller

EVERYBODYS = true()


def whose(caller: Caller) -> ColumnElement[bool]:
    """Return what holds for the jobs that somebody sees, for statements that read jobs."""
    if caller.sees_all:
        return EVERYBODYS
    return Job.submitter == caller.name if caller.service else Job.user_id == caller.user_id


def owns(caller: Caller, job: Job) -> bool:
    """Whether somebody has asked for a job."""
    return job.submitter == caller.name if caller.service else job.user_id == caller.user_id


def sees(caller: Caller, job: Job) -> bool:
    """Whether somebody sees a job: everybody's, or one that they have asked for."""
    return caller.sees_all or owns(caller, job)


def find_for_caller(db: Session, id: UUID) -> Job:
    """Return a job. Raises NoSuchJob, also for one that the caller must not see."""
    job, caller = control.find(db, id), current_caller()
    if not sees(caller, job):
        raise control.NoSuchJob
    return job


def find_to_change(db: Session, id: UUID) -> None:
    """Look at a job that the caller wants to change. Raises NoSuchJob where it is neither theirs nor everybody's.

    Raises NotItsTask for one that a page or route of a workload has submitted for a member: that is its affair.
    """
    caller = current_caller()
    if not caller.operates:
        job = find_for_caller(db, id)
        if caller.service is None:
            caller.require_task(job.task)


def find_to_submit_again(db: Session, id: UUID) -> None:
    """Look at a job that the caller wants to retry. Raises NoSuchJob, and NotItsTask for what they may not submit."""
    caller = current_caller()
    if not caller.operates:
        job = find_for_caller(db, id)
        caller.require_task(job.task)
        if caller.service:  # those of members wait in a queue that nobody chooses
            caller.require_queue(job.queue)
