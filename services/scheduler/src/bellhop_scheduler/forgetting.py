"""Forgetting: jobs that have ended are filed by the day, and days that are over are dropped, a piece at a time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from psycopg2.errors import LockNotAvailable
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bellhop_ledger import audit
from bellhop_ledger.bulk_actions import executing
from bellhop_ledger.ledger.retention import exported_days, forget
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.log import get_logger
from bellhop_ledger.tasks.known import known_tasks

log = get_logger(__name__)

PIECE, ROUNDS = 5_000, 10
"""Rows of one transaction, and how many of these there are before others have their turn."""
FOLLOWERS = 100_000
"""Rows that go with the jobs of a day in one transaction: to find some of them takes as long as to find all."""


@dataclass(frozen=True)
class Forgetting:
    """What is done with jobs that have ended."""

    keep: float
    """The usual retention, in seconds."""
    exports: bool
    """Whether a day is forgotten only when it was exported."""
    audit_days: int = 400
    """For so many days it is kept who did what."""

    def file_ended(self) -> None:
        """File the jobs that ended where they stood."""
        in_pieces(lambda db: forget.file_ended(db, most=PIECE))

    def add_days(self) -> None:
        """Make the tables of the days on which jobs that end soon are forgotten."""
        own = [task.manifest.policy.keep for task in known_tasks().values()]
        keeps = [timedelta(seconds=seconds) for seconds in {self.keep, *own} if seconds is not None]
        with unless_in_use(), transaction() as db:
            forget.add_days(db, keeps)

    def prune_kept(self) -> None:
        """Delete the jobs that were kept for long and are past their retention."""
        in_pieces(lambda db: forget.prune_kept(db, most=PIECE, only_exported=self.exports))

    def forget_acts(self) -> None:
        """Delete from the audit what was done long ago."""
        in_pieces(lambda db: audit.forget(db, days=self.audit_days, most=PIECE))

    def forget_bulk_actions(self) -> None:
        """Delete bulk actions that are past the retention of jobs."""
        in_pieces(lambda db: executing.forget(db, keep=self.keep, most=PIECE))

    def forget_days(self) -> None:
        """Drop the days that are over, and what goes with their jobs before them."""
        with transaction() as db:
            past = forget.past_days(db)
            ready = exported_days.exported_among(db, past) if self.exports else set(past)
            if not self.exports:
                exported_days.forget_failures(db)
        for day in sorted(ready):
            if leave_day(day):
                with unless_in_use():
                    with transaction() as db:
                        forget.drop_day(db, day)
                    log.info("day_forgotten", day=str(day))


def leave_day(day: date) -> bool:
    """Delete what goes with the jobs of a day, and return whether nothing is left of it."""
    return in_pieces(partial(forget.leave_day, day=day, most=FOLLOWERS), FOLLOWERS)


@contextmanager
def unless_in_use() -> Iterator[None]:
    """Leave it for later where somebody has the table locked for long, as a backup has; the database is not away."""
    try:
        yield
    except OperationalError as error:
        if not isinstance(error.orig, LockNotAvailable):
            raise
        log.info("days_in_use")


def in_pieces(act: Callable[[Session], int], piece: int = PIECE) -> bool:
    """Do something in transactions of at most a piece each, and return whether nothing is left of it for now."""
    for _ in range(ROUNDS):
        with transaction() as db:
            if act(db) < piece:
                return True
    return False
