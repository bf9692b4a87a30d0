"""Cancelling: jobs that are to be cancelled and that no worker can look at."""

from bellhop_ledger.ledger import outside, sweep
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.log import get_logger

log = get_logger(__name__)

MOST_AT_ONCE = 1_000


class Cancelling:
    """Cancels jobs and logs each of them; ended ones are kept for so many seconds."""

    def __init__(self, keep: float):
        self._keep = keep

    def cancel_expired(self) -> None:
        """Cancel the jobs that have not begun by the date by which they had to."""
        with transaction() as db:
            expired = sweep.cancel_expired(db, keep=self._keep, most=MOST_AT_ONCE)
        for id, task in expired:
            log.info("job_expired", job_id=str(id), task=task)

    def cancel_outside(self) -> None:
        """Cancel the jobs that somebody wants to be stopped and whose work goes on outside."""
        with transaction() as db:
            cancelled = outside.cancel_asked(db, keep=self._keep)
        for id, task in cancelled:
            log.info("job_cancelled", job_id=str(id), task=task)
