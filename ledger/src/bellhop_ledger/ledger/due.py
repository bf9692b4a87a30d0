"""Due: when a job is, and the hints to the sleeping scheduler: something is due sooner than it knows, or unsent."""

from datetime import datetime, timedelta

from sqlalchemy import text

from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import Database
from bellhop_ledger.platform.statements import run

CHANNEL = "bellhop_due"
"""Channel of NOTIFY, which is delivered when this transaction commits, also while Redis is away."""
UNSENT = "unsent"
"""What the channel carries when jobs were written whose message no process of ours sends (see dispatch.ELSEWHERE)."""
SOON = timedelta(seconds=1)
"""What is due later than this the scheduler, which never sleeps for longer, finds in time by itself."""
LONGEST_DELAY = 100 * 365 * 86_400
"""Seconds."""
WAKE = text("SELECT pg_notify(:channel, '')")


def wake_scheduler(db: Database) -> None:
    """Wake the scheduler when this transaction commits."""
    run(db, WAKE, channel=CHANNEL)


def begins_at(run_at: datetime | None, delay: float | None) -> datetime | None:
    """Return when a job is due that is not due at once."""
    return run_at if delay is None else clock.now() + timedelta(seconds=delay)
