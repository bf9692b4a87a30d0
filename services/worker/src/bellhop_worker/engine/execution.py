"""Execution: run one body and turn whatever happens into an outcome."""

import logging
import time
from bdb import BdbQuit
from dataclasses import replace
from datetime import datetime
from math import ceil
from typing import Any
from uuid import UUID

from psycopg2.extensions import TRANSACTION_STATUS_INERROR
from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop.errors import Later, Permanent
from bellhop_ledger.ledger.claim import Claimed
from bellhop_ledger.ledger.finish import FOREVER, Failure, Outcome
from bellhop_ledger.ledger.outside import GoesOnOutside
from bellhop_ledger.ledger.past import AttemptOutcome
from bellhop_ledger.ledger.tables import State
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.log import bound, get_logger
from bellhop_ledger.platform.metrics import jobs as metrics
from bellhop_worker.engine import slot_table
from bellhop_worker.engine.binding import Body
from bellhop_worker.engine.failures import describe
from bellhop_worker.engine.interrupts import TIMED_OUT, Cancelled, Interrupted, Interrupts
from bellhop_worker.engine.recycling import Recycling
from bellhop_worker.engine.results import Misfit
from bellhop_worker.engine.run import Run
from bellhop_worker.engine.slot_table import NOBODY
from bellhop_worker.engine.spans import attempt, note
from bellhop_worker.job_logs import Recording

log = get_logger(__name__)


class WorkUndone(Exception):
    """The body went on after an error of the database, which has taken back what it wrote before."""


class NoTerminal(Permanent):
    """A worker has no terminal for a debugger. Call the body as a plain function, or see docs/bodies.md."""


class Outcomes:
    """Decides how a job ends or goes on, by how its body has ended."""

    def __init__(self, keep: float):
        self._keep = keep

    def ended(
        self,
        body: Body,
        job: Claimed,
        state: State,
        started: datetime,
        *,
        result: object = None,
        failure: Failure | None = None,
    ) -> Outcome:
        """Return the outcome of a job that has ended."""
        keep = body.signature.keep
        return Outcome(job, state, started, result, failure, keep=keep.total_seconds() if keep else self._keep)

    def failed(self, body: Body, job: Claimed, started: datetime, error: BaseException) -> Outcome:
        """Turn an error into a retry, or into the end when no attempt is left or trying again would not help."""
        kind = type(error)  # isinstance would ask the error, which may lie or raise
        failure = describe(error.error if issubclass(kind, Misfit) else error)  # type: ignore[attr-defined]
        if issubclass(kind, TIMED_OUT):
            failure = replace(failure, outcome=AttemptOutcome.TIMED_OUT)
        if job.attempt >= job.max_attempts or issubclass(kind, Permanent):
            return self.ended(body, job, State.FAILED, started, failure=failure)
        if issubclass(kind, Later):
            failure = replace(failure, outcome=AttemptOutcome.RETRIED)
        delay = min(max(body.signature.retry.delay(job.attempt), asked_for(error)), FOREVER)
        return Outcome(job, State.SCHEDULED, started, failure=failure, delay=delay)


class Executor(Outcomes):
    """Runs bodies in this process, one after another."""

    def __init__(self, interrupts: Interrupts, keep: float, recycling: Recycling | None = None):
        super().__init__(keep)
        self._interrupts = interrupts
        self._recycling = recycling or Recycling()

    def may_go_on(self) -> bool:
        """Whether another job of the message may begin: not while the worker stops or drains, or the process is due."""
        slots = self._interrupts.slots
        return not (slots.flag(slot_table.STOPPING) or slots.flag(slot_table.DRAINING) or self._recycling.is_due())

    def execute(self, body: Body, job: Claimed, db: Session | None, lease: UUID = NOBODY) -> Outcome:
        """Run the body once.

        Every exception that it raises becomes part of the outcome. Interrupted passes through,
        if the worker has interrupted the body: that is the worker's affair.
        """
        started, began = clock.now(), time.perf_counter()
        self._recycling.count()
        metrics.started(job.task)
        facts = {"job_id": str(job.id), "task": job.task, "request_id": job.request_id}
        with attempt(body.signature, job) as span, bound({**facts, **span.ids}), Recording(job):
            outcome = self._outcome(body, job, db, lease, started)
            note(span, outcome)
        outcome.seconds = time.perf_counter() - began
        return outcome

    def _outcome(self, body: Body, job: Claimed, db: Session | None, lease: UUID, started: datetime) -> Outcome:
        if job.cancelled:
            return self.ended(body, job, State.CANCELLED, started)
        try:
            result = self._interrupts.run(lambda: call(body, job, db), job.id, lease, *body.limits_of(job))
        except GoesOnOutside as going:
            return Outcome(job, State.RUNNING, started, outside=going.outside)
        except BaseException as error:  # a body may raise anything
            return self._broken(body, job, started, error)
        return self.ended(body, job, State.SUCCEEDED, started, result=result)

    def _broken(self, body: Body, job: Claimed, started: datetime, error: BaseException) -> Outcome:
        """Decide by what the worker sent to the body, which may have turned it into another error."""
        match self._interrupts.sent:
            case Interrupted():
                raise Interrupted from None
            case Cancelled():
                return self.ended(body, job, State.CANCELLED, started)
        if issubclass(type(error), BdbQuit):
            error = NoTerminal(NoTerminal.__doc__).with_traceback(error.__traceback__)
        return self.failed(body, job, started, error)


def call(body: Body, job: Claimed, db: Session | None) -> object:
    """Run the body and return its result. Raises what the body raises, and what is wrong with how it ended."""
    before = None if db is None or job.timeout is None else limit_statements(db, str(ceil(job.timeout * 1000)))
    result = body(Run(job), db)
    if db is not None:
        db.flush()  # what the database thinks of the body's writes belongs to the body
        refuse_undone(db)
        if before is not None:
            limit_statements(db, before)
    return result


LIMIT = text("SELECT current_setting('statement_timeout'), set_config('statement_timeout', :limit, true)")


def limit_statements(db: Session, limit: str) -> str:
    """Limit how long a statement may take (milliseconds) and return the limit before; a rollback restores it.

    No signal reaches a body that waits for Postgres.
    """
    before: str = db.execute(LIMIT, {"limit": limit}).one()[0]
    return before


def asked_for(error: BaseException) -> float:
    """Return the seconds that a body has asked to wait before the next attempt."""
    try:
        return float(error.seconds) if issubclass(type(error), Later) else 0.0  # type: ignore[attr-defined]
    except Exception:  # a body may have put anything there
        return 0.0


def refuse_undone(db: Session) -> None:
    """Fail a body that has swallowed an error of the database; asks the driver, not the server."""
    driver: Any = db.connection().connection.dbapi_connection
    if driver.info.transaction_status == TRANSACTION_STATUS_INERROR:
        raise WorkUndone(WorkUndone.__doc__)


def log_outcome(outcome: Outcome, *, quiet: bool) -> None:
    """Log how a run ended, once that is in the ledger."""
    level = logging.DEBUG if quiet else logging.INFO
    if outcome.state is State.SUCCEEDED and not logging.getLogger(__name__).isEnabledFor(level):
        return
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
            log.log(level, "job_succeeded", **facts)
        case State.CANCELLED:
            log.info("job_cancelled", **facts)
        case State.RUNNING:
            log.info("job_went_outside", **facts, place=outcome.outside and outcome.outside.place)
        case State.SCHEDULED:
            log.warning("job_retried", **facts, delay=outcome.delay, error=_short(failure))
        case _:
            log.error("job_failed", **facts, error=_short(failure))


def _short(failure: Failure | None) -> str:
    return f"{failure.type}: {failure.message[:200]}" if failure else ""
