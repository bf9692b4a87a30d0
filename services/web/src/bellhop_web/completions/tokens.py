"""Tokens: which attempt a completion is about, and why it can be about none."""

from sqlalchemy.orm import Session

from bellhop.errors import Conflict, NotFound
from bellhop_ledger.ledger.completion_tokens import AttemptId, read_token
from bellhop_ledger.ledger.control import NoSuchJob, find
from bellhop_ledger.ledger.tables import State


class NoSuchAttempt(NotFound):
    """There is no attempt with this token."""


class AttemptOver(Conflict):
    """The attempt with this token is over."""


def attempt_of(token: str) -> AttemptId:
    """Return the attempt that a token names. Raises NoSuchAttempt."""
    if attempt := read_token(token):
        return attempt
    raise NoSuchAttempt


def why_not(db: Session, attempt: AttemptId) -> AttemptOver | NoSuchAttempt:
    """Return why nothing more can be said of an attempt."""
    try:
        job = find(db, attempt.job_id)
    except NoSuchJob:
        return NoSuchAttempt()
    if job.state is State.RUNNING and job.lease:
        return AttemptOver("This attempt is over, or the job is being cancelled: stop working on it", state=job.state)
    return AttemptOver(f"This attempt is over: the job is {job.state}", state=job.state)
