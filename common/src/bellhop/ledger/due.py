"""Due: the hint to the sleeping scheduler that something is due sooner than it knows."""

from sqlalchemy import text
from sqlalchemy.orm import Session

CHANNEL = "bellhop_due"
"""Of NOTIFY: it is heard when this transaction commits, also while Redis is away."""
WAKE = text(f"NOTIFY {CHANNEL}")


def wake_scheduler(db: Session) -> None:
    """Have the scheduler look again when this transaction commits."""
    db.execute(WAKE)
