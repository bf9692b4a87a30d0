"""The Celery task of all HTTP endpoints: it gets the messages of tasks for which this worker has no code."""

from typing import Any, NoReturn
from uuid import UUID

from celery.exceptions import Ignore

from bellhop.signature import Signature
from bellhop_ledger.ledger.finish import Outcome
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.log import get_logger
from bellhop_ledger.platform.policies import remember
from bellhop_ledger.tasks.endpoints import LONGEST_CALL, TIME_TO_GIVE_UP, NoSuchEndpoint, find, manifest_of
from bellhop_ledger.tasks.table import TaskEndpoint
from bellhop_worker.endpoints.body import EndpointBody, signature_of
from bellhop_worker.engine.binding import Body
from bellhop_worker.engine.celery_task import PAUSE, LedgerRequest, LedgerTask
from bellhop_worker.engine.consumer import ANY_OTHER
from bellhop_worker.engine.process import runner

log = get_logger(__name__)

LONGEST_RUN = LONGEST_CALL + TIME_TO_GIVE_UP
"""Seconds after which Celery kills a process in any case; the lease renewer does so by the limit of each endpoint."""


class EndpointRequest(LedgerRequest):
    """A message of a task for which there is no code."""

    @property
    def type(self) -> str:
        """By this a process of the pool finds the Celery task; events and Flower have the name of the job's own."""
        return ANY_OTHER


class EndpointTask(LedgerTask):
    """Runs the jobs of every task that is an HTTP endpoint when its message arrives."""

    abstract = True
    Request = EndpointRequest

    def run_jobs(self, ids: list[UUID], *, suspect: bool) -> list[Outcome]:
        """Call the endpoint for these jobs, each claimed alone: the lease of a claim is what its token names.

        Raises Ignore where the task is none. The jobs stay queued, and the scheduler sends them again: a worker of
        another release may know it.
        """
        name = self.request.task
        try:
            with transaction() as db:
                endpoint = find(db, name)
                db.expunge(endpoint)
        except NoSuchEndpoint:
            log.error("task_unknown", task=name, jobs=len(ids))
            raise Ignore from None
        return runner().run(body_of(endpoint), ids, suspect=True)


def body_of(endpoint: TaskEndpoint) -> EndpointBody:
    """Return what runs for the jobs of an endpoint, as it is now."""
    manifest = manifest_of(endpoint)
    remember([manifest])
    return EndpointBody.of(endpoint, manifest)


def endpoint_task() -> EndpointTask:
    """Make the Celery task of all endpoints."""
    of_all: Signature[..., Any] = signature_of(ANY_OTHER, hard_limit=LONGEST_RUN)
    attributes = {"name": ANY_OTHER, "body": Body(of_all, refuse, {}), "time_limit": LONGEST_RUN + PAUSE}
    task: EndpointTask = type("EndpointTask", (EndpointTask,), attributes)()
    return task


def refuse(**_: Any) -> NoReturn:
    """Stand for the body of all endpoints, which each job finds by its task."""
    raise NotImplementedError
