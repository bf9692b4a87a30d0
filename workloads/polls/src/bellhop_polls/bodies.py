"""The polls' body."""

from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from bellhop_ledger.api import after_commit, announce_changed
from bellhop_polls import tasks
from bellhop_polls.tables import Poll, topics_of
from bellhop_worker.plugin import body


@body(tasks.close)
def close(db: Session, *, poll_id: UUID) -> bool:
    """Close the poll, once the votes that are just being written are in."""
    due = (Poll.id == poll_id, Poll.closed_at.is_(None), Poll.closes_at <= func.now())
    closed = db.scalar(update(Poll).where(*due).values(closed_at=Poll.closes_at).returning(Poll.id))
    if closed:
        after_commit(db, announce_changed, topics_of(poll_id))
    return closed is not None
