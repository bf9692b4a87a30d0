"""The timer's body."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bellhop_ledger.api import Job, after_commit, announce_changed
from bellhop_timer import tasks
from bellhop_timer.tables import Timer
from bellhop_worker.plugin import Run, body


@body(tasks.tick)
def tick(run: Run, db: Session) -> int:
    """Count the second for which the run was planned, and have the pages that show it told."""
    after_commit(db, announce_changed, ["timer"])
    planned = db.scalar(select(Job.due_at).where(Job.id == run.job.id))  # which a second attempt does not move
    return Timer.count(db, "main", planned or run.due_at)
