"""Results: a job as Django sees it."""

import builtins
import re
from collections.abc import Iterator, Sequence
from typing import Any

from bellhop_client.django.declared import unpacked
from bellhop_client.django.framework import Task, TaskError, TaskResult, TaskResultStatus
from bellhop_client.views import Attempt, Job, JobError

STATUSES = {
    "running": TaskResultStatus.RUNNING,
    "succeeded": TaskResultStatus.SUCCESSFUL,
    "failed": TaskResultStatus.FAILED,
    "cancelled": TaskResultStatus.FAILED,
}
"""All other states are READY."""


def new_result(task: Task, id: str, args: Any, kwargs: Any, **known: Any) -> TaskResult:
    """Return the result of a task that has not begun, but for what is known. Raises TypeError for what JSON lacks."""
    fields: dict[str, Any] = {
        "status": TaskResultStatus.READY,
        "enqueued_at": None,
        "started_at": None,
        "finished_at": None,
        "last_attempted_at": None,
        "errors": [],
        "worker_ids": [],
    }
    return TaskResult(task=task, id=id, args=args, kwargs=kwargs, backend=task.backend, **(fields | known))


def result_of(task: Task, job: Job, attempts: Sequence[Attempt] = ()) -> TaskResult:
    """Return the result of a task that is this job; `attempts` are all of it, where it has had several."""
    made = new_result(
        task,
        str(job.id),
        *unpacked(task, job.args),
        status=STATUSES.get(job.state, TaskResultStatus.READY),
        enqueued_at=job.created_at,
        started_at=job.first_started_at or job.started_at,
        finished_at=job.finished_at,
        last_attempted_at=job.started_at,
        errors=[_error(one) for one in _errors(job, attempts)],
        worker_ids=list(_workers(job, attempts)),
    )
    object.__setattr__(made, "_return_value", job.result)
    return made


def _errors(job: Job, attempts: Sequence[Attempt]) -> Iterator[JobError]:
    yield from (attempt.error for attempt in attempts if attempt.error)
    if not attempts and job.error:
        yield job.error


def _workers(job: Job, attempts: Sequence[Attempt]) -> Iterator[str]:
    yield from (attempt.worker or "" for attempt in attempts)
    if not attempts and job.started_at:
        yield job.worker or ""


def _error(error: JobError) -> TaskError:
    return TaskError(
        exception_class_path=_path_of(error), traceback=error.traceback or f"{error.type}: {error.message}"
    )


def _path_of(error: JobError) -> str:
    """Return where the class of an error is; a traceback names it so in its last line, unless it is built in."""
    found = re.findall(rf"^([\w.]+\.{re.escape(error.type)})(?::|$)", error.traceback, re.MULTILINE)
    if found:
        return str(found[-1])
    return f"builtins.{error.type}" if hasattr(builtins, error.type) else error.type
