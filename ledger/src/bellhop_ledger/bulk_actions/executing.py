"""Executing: a bulk action that is due is carried out in pieces, each of which is one transaction with its progress."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from bellhop_ledger.broker.messages import ReadyJob
from bellhop_ledger.broker.pubsub import announce_changed
from bellhop_ledger.bulk_actions.tables import Verb
from bellhop_ledger.ledger.events import Actor
from bellhop_ledger.ledger.many import cancel_many, retry_many
from bellhop_ledger.platform.database import after_commit

PIECE = 500
"""Jobs of one transaction: with that many it takes some tens of milliseconds, and no lock is held for longer."""

DUE = text("""
    SELECT id FROM bulk_actions WHERE finished_at IS NULL AND undone_at IS NULL AND runs_at <= now()
    ORDER BY runs_at, id LIMIT :most
""")
# Another scheduler that still believes it leads passes over the action that this one carries out.
NEXT_PIECE = text("""
    SELECT id, verb, requested_by, request_id, created_at, handled, number,
           job_ids[handled + 1 : handled + :piece] AS piece
    FROM bulk_actions WHERE id = :id AND finished_at IS NULL AND undone_at IS NULL
    FOR NO KEY UPDATE SKIP LOCKED
""")
NOTE_PIECE = text("""
    UPDATE bulk_actions
    SET started_at = coalesce(started_at, now()), handled = handled + :handled, changed = changed + :changed,
        finished_at = CASE WHEN handled + :handled >= number THEN now() END
    WHERE id = :id
""")
BREAK = text("""
    UPDATE bulk_actions SET started_at = coalesce(started_at, now()), finished_at = now(), error = :error
    WHERE id = :id AND finished_at IS NULL AND undone_at IS NULL
""")
FORGET = text("""
    DELETE FROM bulk_actions WHERE id IN (
        SELECT id FROM bulk_actions WHERE coalesce(finished_at, undone_at) < now() - make_interval(secs => :keep)
        LIMIT :most)
    RETURNING id
""")


@dataclass(frozen=True)
class Piece:
    """What was done to some of the jobs."""

    changed: int
    to_send: list[ReadyJob]
    """What the caller sends after the commit."""
    is_last: bool


def due(db: Session, *, most: int) -> list[UUID]:
    """Return the actions that are due, the first one first and at most so many."""
    return list(db.scalars(DUE, {"most": most}))


def carry_on(db: Session, id: UUID, *, keep: float, piece: int = PIECE) -> Piece | None:
    """Do it to the next jobs of an action; None where somebody else does, or nothing is left of it.

    A process that is killed leaves a piece undone, which is done again as a whole. Cancelled jobs are kept for so many
    seconds.
    """
    row = db.execute(NEXT_PIECE, {"id": id, "piece": piece}).one_or_none()
    if row is None:
        return None
    changed, ready = _act(db, row, keep)
    db.execute(NOTE_PIECE, {"id": id, "handled": len(row.piece), "changed": changed})
    after_commit(db, announce_changed, [f"bulk_action:{id}"])
    return Piece(changed, ready, is_last=row.handled + len(row.piece) >= row.number)


def _act(db: Session, row: Row[tuple[object, ...]], keep: float) -> tuple[int, list[ReadyJob]]:
    """Return how many jobs were changed, and which of them are to be sent."""
    by = Actor(row.requested_by, row.request_id)
    if row.verb == Verb.CANCEL:
        return cancel_many(db, row.piece, keep=keep, by=by), []
    ready = retry_many(db, row.piece, ended_by=row.created_at, by=by)
    return len(ready), ready


def break_off(db: Session, id: UUID, error: str) -> None:
    """Write down why an action cannot be carried on; others are not held up by it."""
    db.execute(BREAK, {"id": id, "error": error})
    after_commit(db, announce_changed, [f"bulk_action:{id}"])


def forget(db: Session, *, keep: float, most: int) -> int:
    """Delete actions that ended so many seconds ago, at most so many of them; return their number."""
    return len(db.execute(FORGET, {"keep": keep, "most": most}).all())
