"""Celery's view of the ledger: AsyncResult(job_id) reads jobs, and nothing is stored twice."""

from typing import Any

from celery import states
from celery.backends.base import BaseBackend
from sqlalchemy import select
from sqlalchemy.orm import Session

from bellhop.database import engine
from bellhop.jobs import Job, State
from bellhop.ledger.adopt import job_id_of
from bellhop.sealing import masked

CELERY_STATES = {
    State.SCHEDULED: states.PENDING,
    State.QUEUED: states.PENDING,
    State.RUNNING: states.STARTED,
    State.SUCCEEDED: states.SUCCESS,
    State.FAILED: states.FAILURE,
    State.CANCELLED: states.REVOKED,
}


class JobFailed(Exception):
    """The job failed; the message is that of its error."""


class JobCancelled(Exception):
    """The job was cancelled."""


class LedgerBackend(BaseBackend):  # type: ignore[misc]
    """A result backend that reads the ledger and writes nothing: the worker's finish has done that."""

    def store_result(self, task_id: str, result: Any, state: str, *args: Any, **kwargs: Any) -> Any:
        """Leave it: the ledger knows."""
        return result

    def _get_task_meta_for(self, task_id: str) -> dict[str, Any]:
        with Session(engine()) as db:
            job = db.scalar(select(Job).where(Job.id == job_id_of(str(task_id))))
        meta: dict[str, Any] = {"task_id": task_id, "status": states.PENDING, "result": None, "traceback": None}
        if job is None:
            return meta
        meta |= {"status": CELERY_STATES[job.state], "result": job.result, "date_done": job.finished_at}
        return (
            meta
            | {"name": job.task, "kwargs": masked(job.args), "worker": job.worker, "retries": job.attempt}
            | _fault(job)
        )

    def _forget(self, task_id: str) -> None:
        """Leave it: the ledger deletes jobs by their retention."""


def _fault(job: Job) -> dict[str, Any]:
    if job.state is State.CANCELLED:
        return {"result": JobCancelled()}
    if job.state is State.FAILED and job.error:
        error = JobFailed(f"{job.error['type']}: {job.error['message']}")
        return {"result": error, "traceback": job.error["traceback"]}
    return {}
