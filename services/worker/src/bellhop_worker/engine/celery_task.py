"""The Celery side: a message arrives, the runner runs its jobs, and Celery gets a result for its events."""

import time
from typing import Any, NamedTuple
from uuid import UUID

from celery import Task
from celery.exceptions import Ignore, Reject, Retry
from celery.worker.request import Request
from sqlalchemy.exc import SQLAlchemyError

from bellhop_ledger.ledger.finish import Outcome
from bellhop_ledger.ledger.result_backend import JobFailed
from bellhop_ledger.ledger.tables import State
from bellhop_ledger.platform.log import get_logger
from bellhop_worker.engine.binding import Body
from bellhop_worker.engine.draining import give_back
from bellhop_worker.engine.process import is_draining, runner

log = get_logger(__name__)

PAUSE = 1.0
"""Seconds to wait before a message goes back to the queue because the database cannot be used."""


class Kill(NamedTuple):
    """Why a process of the pool was killed."""

    reason: str
    timed_out: bool = False
    """Whether its job took longer than its hard limit."""


kills: dict[int, Kill] = {}
"""By the pids of the processes; read by the lease renewer."""


class LedgerRequest(Request):  # type: ignore[misc]
    """A message in the worker's main process."""

    def on_timeout(self, soft: bool, timeout: float) -> None:
        """Note why the process is about to be killed."""
        if not soft:
            limit = self.task.body.signature.hard_limit
            reason = f"The job was killed: it took longer than its hard limit of {limit:g} s"
            kills[self.worker_pid] = Kill(reason, timed_out=True)
        super().on_timeout(soft, timeout)


class LedgerTask(Task):  # type: ignore[misc]
    """The Celery task of one signature. What a message says is a hint; the ledger decides."""

    abstract = True
    Request = LedgerRequest
    body: Body

    def run(self, *args: Any, **kwargs: Any) -> Any:
        """Run the jobs that the message names."""
        request = self.request
        suspect = bool(request.get("suspect")) or bool((request.delivery_info or {}).get("redelivered"))
        ids = [UUID(id) for id in request.jobs]  # the consumer lets no other message through
        try:
            outcomes = give_back(ids, suspect=suspect) if is_draining() else self.run_jobs(ids, suspect=suspect)
        except SQLAlchemyError as error:
            log.warning("message_put_back", task=self.name, error=repr(error)[:500])
            time.sleep(PAUSE)
            raise Reject(repr(error), requeue=True) from None
        return celery_result(outcomes, of=len(ids))

    def run_jobs(self, ids: list[UUID], *, suspect: bool) -> list[Outcome]:
        """Run these jobs and return how they ended. Raises SQLAlchemyError while the database cannot be used."""
        return runner().run(self.body, ids, suspect=suspect)


def celery_result(outcomes: list[Outcome], *, of: int) -> Any:
    """Return or raise what Celery's events, and so Flower, show of these outcomes."""
    if not outcomes:
        raise Ignore  # the jobs are somebody else's, or were cancelled: a duplicate message is harmless
    if of > 1:
        return {"jobs": of, **{state: sum(o.state is state for o in outcomes) for state in {o.state for o in outcomes}}}
    outcome, failure = outcomes[0], outcomes[0].failure
    error = JobFailed(f"{failure.type}: {failure.message}" if failure else "")
    match outcome.state:
        case State.SUCCEEDED:
            return outcome.result
        case State.SCHEDULED:
            raise Retry(str(error), exc=error, when=outcome.delay)
        case State.FAILED:
            raise error
    raise Ignore


def task_of(body: Body) -> LedgerTask:
    """Make the Celery task of a body. The hard limit leaves room for the claim and the finish."""
    attributes = {"name": body.signature.name, "body": body, "time_limit": body.signature.hard_limit + PAUSE}
    task: LedgerTask = type("LedgerTask", (LedgerTask,), attributes)()
    return task
