"""The timer's body."""

from sqlalchemy.orm import Session

from bellhop import timer
from bellhop_worker.binding import body
from bellhop_worker.run import Run


@body(timer.tick)
def tick(run: Run, db: Session) -> int:
    """Count the second for which the run was planned."""
    return timer.Timer.count(db, "main", run.due_at)
