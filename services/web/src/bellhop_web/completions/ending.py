"""Ending: a sign of life renews the lease of an attempt outside, and a result or an error finishes it."""

from sqlalchemy.orm import Session

from bellhop.signature import Retry
from bellhop_ledger.ledger.completion_tokens import AttemptId
from bellhop_ledger.ledger.control import report
from bellhop_ledger.ledger.finish import Failure, Outcome, finish
from bellhop_ledger.ledger.heartbeats import count_runs
from bellhop_ledger.ledger.outside import Held, hold, renew
from bellhop_ledger.ledger.past import AttemptOutcome
from bellhop_ledger.ledger.tables import State
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.log import get_logger
from bellhop_ledger.platform.settings import Settings
from bellhop_web.completions.requests import Completion
from bellhop_web.completions.tokens import why_not
from bellhop_web.completions.views import CompletionView

log = get_logger(__name__)


def sign_of_life(attempt: AttemptId, said: Completion) -> CompletionView:
    """Renew the lease of an attempt, and store its progress. Raises AttemptOver and NoSuchAttempt."""
    with transaction() as db:
        until = renew(db, attempt.job_id, attempt.lease)
        if until is None:
            raise why_not(db, attempt)
        if progress := said.progress:
            report(db, attempt.job_id, **progress.model_dump())
    return CompletionView(job_id=attempt.job_id, state=State.RUNNING, heartbeat_by=until)


def the_end(attempt: AttemptId, said: Completion) -> CompletionView:
    """Finish an attempt as its endpoint says. Raises AttemptOver and NoSuchAttempt."""
    with transaction() as db:
        held = hold(db, attempt.job_id, attempt.lease)
        if held is None:
            raise why_not(db, attempt)
        outcome = outcome_of(held, said)
        _finish(db, held, outcome)
        state = State.CANCELLED if held.job.cancelled and outcome.state is State.SCHEDULED else outcome.state
    log.info("job_completed", job_id=str(held.job.id), task=held.job.task, attempt=held.job.attempt, state=state)
    return CompletionView(job_id=attempt.job_id, state=state, heartbeat_by=None)


def outcome_of(held: Held, said: Completion) -> Outcome:
    """Return how an attempt ends by what its endpoint says: retries follow the rules of all endpoints."""
    job, keep = held.job, Settings.load().retention_hours * 3600
    seconds = (clock.now() - held.started_at).total_seconds()
    if said.error is None:
        return Outcome(job, State.SUCCEEDED, held.started_at, said.result, seconds=seconds, keep=keep)
    failure = Failure(said.error.type, said.error.message, "", AttemptOutcome.FAILED)
    if not said.retry or job.attempt >= job.max_attempts:
        return Outcome(job, State.FAILED, held.started_at, failure=failure, seconds=seconds, keep=keep)
    delay = max(Retry().delay(job.attempt), said.retry_after or 0)
    return Outcome(job, State.SCHEDULED, held.started_at, failure=failure, delay=delay, seconds=seconds)


def _finish(db: Session, held: Held, outcome: Outcome) -> None:
    """Write it down and count it, as a worker does for what it has run itself."""
    finish(db, [outcome], worker=held.worker, lease=held.lease)
    ends = [outcome.state is state for state in (State.SUCCEEDED, State.FAILED, State.SCHEDULED)]
    count_runs(db, *map(int, ends))
