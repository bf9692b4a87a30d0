"""Due: the hint to the sleeping scheduler that something is due sooner than it knows."""

from datetime import timedelta

from sqlalchemy import text

from bellhop_ledger.platform.database import Database
from bellhop_ledger.platform.statements import run

CHANNEL = "bellhop_due"
"""Channel of NOTIFY, which is delivered when this transaction commits, also while Redis is away."""
SOON = timedelta(seconds=1)
"""What is due later than this the scheduler, which never sleeps for longer, finds in time by itself."""
WAKE = text("SELECT pg_notify(:channel, '')")


def wake_scheduler(db: Database) -> None:
    """Wake the scheduler when this transaction commits."""
    run(db, WAKE, channel=CHANNEL)
