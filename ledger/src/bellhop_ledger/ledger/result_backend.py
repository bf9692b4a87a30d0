"""Celery's view of the ledger: AsyncResult(job_id) reads jobs, and nothing is stored twice."""

from typing import Any

from celery import states
from celery.backends.base import BaseBackend
from celery.exceptions import TaskRevokedError
from sqlalchemy import select
from sqlalchemy.orm import Session

from bellhop_ledger.ledger.adopt import job_id_of
from bellhop_ledger.ledger.tables import Job, State
from bellhop_ledger.platform.database import engine
from bellhop_ledger.platform.secrets import masked

CELERY_STATES = {
    State.BLOCKED: states.PENDING,
    State.SCHEDULED: states.PENDING,
    State.QUEUED: states.PENDING,
    State.RUNNING: states.STARTED,
    State.SUCCEEDED: states.SUCCESS,
    State.FAILED: states.FAILURE,
    State.CANCELLED: states.REVOKED,
}
"""Of one that waits for another attempt Celery says RETRY."""


class JobFailed(Exception):
    """The job failed; the message is that of its error."""


class JobCancelled(TaskRevokedError):  # type: ignore[misc]
    """The job was cancelled."""


class LedgerBackend(BaseBackend):  # type: ignore[misc]
    """A result backend that reads the ledger and writes nothing: the worker's finish has done that."""

    def store_result(self, task_id: str, result: Any, state: str, *args: Any, **kwargs: Any) -> Any:
        """Leave it: the ledger knows. Raises NotImplementedError for what it does not: Flower's abort."""
        if state == "ABORTED":
            raise NotImplementedError("A job of Bellhop is not aborted but cancelled: revoke the task")
        return result

    def _get_task_meta_for(self, task_id: str) -> dict[str, Any]:
        with Session(engine()) as db:
            job = db.scalar(select(Job).where(Job.id == job_id_of(str(task_id))))
        return {"task_id": task_id, **(meta_of(job) if job else NO_JOB)}

    def _forget(self, task_id: str) -> None:
        """Leave it: the ledger deletes jobs by their retention."""


NO_JOB = {"status": states.PENDING, "result": None, "traceback": None, "children": []}


def meta_of(job: Job) -> dict[str, Any]:
    """Return what Celery wants to know of a task, each field as Celery means it."""
    waits_again = job.state in {State.SCHEDULED, State.QUEUED} and job.attempt > 0
    return {
        **NO_JOB,
        "status": states.RETRY if waits_again else CELERY_STATES[job.state],
        "date_done": job.finished_at,
        "name": job.task,
        "args": [],
        "kwargs": masked(job.args),
        "worker": job.worker,
        "queue": job.queue,
        "retries": max(job.attempt - 1, 0),
        **_outcome(job, waits_again=waits_again),
    }


def _outcome(job: Job, *, waits_again: bool) -> dict[str, Any]:
    if job.state is State.SUCCEEDED:
        return {"result": job.result}
    if job.state is State.CANCELLED:
        return {"result": JobCancelled(job.error["message"] if job.error else JobCancelled.__doc__)}
    if job.error and (waits_again or job.state is State.FAILED):
        error = JobFailed(f"{job.error['type']}: {job.error['message']}")
        return {"result": error, "traceback": job.error["traceback"]}
    return {}
