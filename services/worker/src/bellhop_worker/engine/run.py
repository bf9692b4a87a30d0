"""What a body sees of the job that it runs."""

import math
from collections.abc import Callable
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from sqlalchemy.exc import OperationalError

from bellhop_ledger.ledger.claim import Claimed
from bellhop_ledger.ledger.control import report
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.jsontext import cleaned
from bellhop_ledger.platform.log import get_logger

log = get_logger(__name__)


LONGEST_MESSAGE = 10_000
"""Characters of a message about progress that are kept."""


class Progress(TypedDict):
    """How far a run has come."""

    current: float | None
    total: float | None
    message: str | None


Write = Callable[[UUID, Progress], None]


class Run:
    """One run of a job."""

    def __init__(self, job: Claimed, write: Write | None = None):
        self.job = job
        self._write = write or write_progress

    @property
    def idempotency_key(self) -> str:
        """A key for calls to other systems, the same for every attempt at this job."""
        return str(self.job.id)

    @property
    def due_at(self) -> datetime:
        """The moment for which the run was planned."""
        return self.job.run_at

    def progress(self, current: float, total: float | None = None, message: str | None = None) -> None:
        """Report how far the work has come. Everybody sees it at once; it costs a commit (about a millisecond).

        In an async body it costs nothing: a thread commits, and of many reports the last one counts.
        While Postgres is away the report is dropped: it is no reason for the work to fail.
        Raises ValueError for a number that is not finite.
        """
        current, total = checked("current", current), None if total is None else checked("total", total)
        message = None if message is None else cleaned(message, LONGEST_MESSAGE)
        self._write(self.job.id, {"current": current, "total": total, "message": message})


def write_progress(id: UUID, progress: Progress) -> None:
    """Write down how far a job has come; not while Postgres is away."""
    try:
        with transaction() as db:
            report(db, id, **progress)
    except OperationalError as error:
        log.warning("progress_not_reported", error=type(error.orig).__name__)


def checked(name: str, number: float) -> float:
    """Return the number as a float that JSON can carry. Raises ValueError."""
    try:
        if math.isfinite(finite := float(number)):
            return finite
    except OverflowError:
        pass
    raise ValueError(f"progress: {name} must be a finite number, not {number!r}"[:200])
