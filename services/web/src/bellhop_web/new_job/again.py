"""Again: what stands in the form of a new job that is to be like another one."""

from typing import Any
from uuid import UUID

from bellhop.priority import DEFAULT_PRIORITY
from bellhop_ledger.ledger.tables import PEOPLE, Job
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.secrets import masked
from bellhop_ledger.tasks.task import Task
from bellhop_web.auth.callers import current_caller
from bellhop_web.auth.refusals import NotThePayloads
from bellhop_web.jobs.ownership import find_for_caller
from bellhop_web.jobs.payloads import sees_payload


def find_model(id: UUID) -> Job:
    """Return the job that the new one is to be like. Raises NoSuchJob, and NotThePayloads where it is withheld."""
    caller = current_caller()
    with transaction() as db:
        job = find_for_caller(db, id)
    if not sees_payload(caller, job):
        raise NotThePayloads
    return job


def arguments_of(job: Job) -> dict[str, Any]:
    """Return the arguments of a job, with *** for each secret, which is not copied."""
    shown: dict[str, Any] = masked(job.args)
    return shown


def overrides_of(job: Job, task: Task) -> dict[str, Any]:
    """Return what was said of a job in another way than its task does, by the names of the form's fields."""
    usual: dict[str, set[Any]] = {
        "queue": {task.queue, PEOPLE},
        "max_attempts": {task.attempts_of(job.args)},
        "priority": {DEFAULT_PRIORITY},
    }
    given = {"tags": " ".join(job.tags or ()), "label": job.label, "timeout": job.timeout}
    given |= {name: getattr(job, name) for name in usual if getattr(job, name) not in usual[name]}
    return {name: value for name, value in given.items() if value}
