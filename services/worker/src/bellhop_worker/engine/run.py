"""What a body sees of the job that it runs."""

import math
from datetime import datetime

from sqlalchemy.exc import OperationalError

from bellhop_ledger.ledger.claim import Claimed
from bellhop_ledger.ledger.control import report
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.jsontext import cleaned
from bellhop_ledger.platform.log import get_logger

log = get_logger(__name__)


LONGEST_MESSAGE = 10_000
"""Characters of a message about progress that are kept."""


class Run:
    """One run of a job."""

    def __init__(self, job: Claimed):
        self.job = job

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

        While Postgres is away the report is dropped: it is no reason for the work to fail.
        Raises ValueError for a number that is not finite.
        """
        current, total = checked("current", current), None if total is None else checked("total", total)
        message = None if message is None else cleaned(message, LONGEST_MESSAGE)
        try:
            with transaction() as db:
                report(db, self.job.id, current=current, total=total, message=message)
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
