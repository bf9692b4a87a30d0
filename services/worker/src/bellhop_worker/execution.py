"""Execution: run one body and turn whatever happens into an outcome."""

import logging
import time
import traceback
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from billiard.exceptions import SoftTimeLimitExceeded
from psycopg2.extensions import TRANSACTION_STATUS_INERROR
from pydantic import ValidationError
from sqlalchemy.orm import Session

from bellhop import clock
from bellhop.errors import Later, Permanent
from bellhop.jobs import State
from bellhop.jsontext import cleaned, unstorable
from bellhop.ledger.claim import Claimed
from bellhop.ledger.finish import Failure, Outcome
from bellhop.log import bound, get_logger
from bellhop.metrics import jobs as metrics
from bellhop.signatures import Signature
from bellhop_worker.attempts import attempt, note
from bellhop_worker.binding import Body
from bellhop_worker.interrupts import Cancelled, Interrupts
from bellhop_worker.run import Run
from bellhop_worker.slate import NOBODY

log = get_logger(__name__)

LONGEST_MESSAGE, LONGEST_TRACEBACK = 10_000, 50_000
"""Characters of an error that are kept."""


class UnstorableResult(Permanent):
    """A body returned something that cannot be stored as JSON."""


class WorkUndone(Exception):
    """The body went on after an error of the database, which has taken back what it wrote before."""


class Executor:
    """Runs bodies in this process, one after another."""

    def __init__(self, interrupts: Interrupts, keep: float):
        self._interrupts = interrupts
        self._keep = keep

    def execute(self, body: Body, job: Claimed, db: Session | None, lease: UUID = NOBODY) -> Outcome:
        """Run the body once.

        Every exception of the body becomes part of the outcome. Interrupted passes through:
        it is the worker's affair.
        """
        started, began = clock.now(), time.perf_counter()
        metrics.started(job.task)
        facts = {"job_id": str(job.id), "task": job.task, "request_id": job.request_id}
        with attempt(body.signature, job) as span, bound({**facts, **span.ids}):
            try:
                result = self._run(body, job, db, lease)
                outcome = self._ended(body, job, State.SUCCEEDED, started, result=result)
            except Cancelled:
                outcome = self._ended(body, job, State.CANCELLED, started)
            except (Exception, SystemExit) as error:
                outcome = self.failed(body, job, started, error)
            note(span, outcome)
        return replace(outcome, seconds=time.perf_counter() - began)

    def _run(self, body: Body, job: Claimed, db: Session | None, lease: UUID) -> object:
        if job.cancelled:
            raise Cancelled
        limits = body.signature.soft_limit, body.signature.hard_limit
        with self._interrupts.allowed(job.id, lease, *limits):
            result = body(Run(job), db)
            if db is not None:
                db.flush()  # what the database thinks of the body's writes belongs to the body
                refuse_undone(db)
        if fault := next(unstorable(result), None):
            raise UnstorableResult(f"result {fault.field}: {fault.message}".replace("result :", "result:"))
        return result

    def _ended(
        self,
        body: Body,
        job: Claimed,
        state: State,
        started: datetime,
        *,
        result: object = None,
        failure: Failure | None = None,
    ) -> Outcome:
        keep = body.signature.keep
        return Outcome(job, state, started, result, failure, keep=keep.total_seconds() if keep else self._keep)

    def failed(self, body: Body, job: Claimed, started: datetime, error: BaseException) -> Outcome:
        """Turn an error into a retry, or into the end when no attempt is left or trying again would not help."""
        failure = describe(error, body.signature)
        if job.attempt >= job.max_attempts or isinstance(error, Permanent | ValidationError):
            return self._ended(body, job, State.FAILED, started, failure=failure)
        delay = body.signature.retry.delay(job.attempt)
        if isinstance(error, Later):
            delay = max(delay, error.seconds)
        return Outcome(job, State.SCHEDULED, started, failure=failure, delay=delay)


def refuse_undone(db: Session) -> None:
    """Fail a body that has swallowed an error of the database; asks the driver, not the server."""
    driver: Any = db.connection().connection.dbapi_connection
    if driver.info.transaction_status == TRANSACTION_STATUS_INERROR:
        raise WorkUndone(WorkUndone.__doc__)


def tell(outcome: Outcome, *, quiet: bool) -> None:
    """Log how a run ended, once that stands in the ledger."""
    job, failure = outcome.job, outcome.failure
    facts = {
        "job_id": str(job.id),
        "task": job.task,
        "request_id": job.request_id,
        "attempt": job.attempt,
        "seconds": round(outcome.seconds, 4),
    }
    match outcome.state:
        case State.SUCCEEDED:
            log.log(logging.DEBUG if quiet else logging.INFO, "job_succeeded", **facts)
        case State.CANCELLED:
            log.info("job_cancelled", **facts)
        case State.SCHEDULED:
            log.warning("job_retried", **facts, delay=outcome.delay, error=_short(failure))
        case _:
            log.error("job_failed", **facts, error=_short(failure))


def describe(error: BaseException, signature: Signature[..., object]) -> Failure:
    """Write an exception down: its type, its message and where it came from."""
    message = _words_of(error)
    if isinstance(error, SoftTimeLimitExceeded):
        message = f"The job took longer than its limit of {signature.soft_limit:g} s"
    trace = "".join(traceback.format_exception(error))  # copes with an exception that cannot be shown
    return Failure(type(error).__name__, cleaned(message, LONGEST_MESSAGE), cleaned(trace, LONGEST_TRACEBACK))


def _words_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # an exception that cannot even say what it is
        return object.__repr__(error)


def _short(failure: Failure | None) -> str:
    return f"{failure.type}: {failure.message[:200]}" if failure else ""
