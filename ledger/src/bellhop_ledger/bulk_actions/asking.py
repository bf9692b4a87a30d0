"""Asking: a bulk action is written down with its jobs, and until it begins it can be undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, defer

from bellhop.errors import Conflict, NotFound
from bellhop_ledger.broker.pubsub import announce_changed
from bellhop_ledger.bulk_actions.tables import BulkAction, BulkState, Verb, state_of
from bellhop_ledger.ledger.due import wake_scheduler
from bellhop_ledger.ledger.events import Actor
from bellhop_ledger.ledger.submit import KeyReused
from bellhop_ledger.ledger.tables import State
from bellhop_ledger.platform.database import after_commit

STANDING = text("""
    SELECT j.state, count(*) AS number
    FROM bulk_actions b CROSS JOIN unnest(b.job_ids) AS one (id) JOIN jobs j ON j.id = one.id
    WHERE b.id = :id GROUP BY j.state
""")
WITHOUT_JOBS = defer(BulkAction.job_ids)


class NoSuchBulkAction(NotFound):
    """There is no bulk action with this id."""


class BegunAlready(Conflict):
    """It has begun and cannot be undone any more."""

    def __init__(self, state: BulkState):
        super().__init__(f"It is {state} and cannot be undone any more", state=state)


@dataclass(frozen=True)
class Key:
    """By what a repeated request is known again."""

    key: str
    request_hash: str
    former_hashes: Sequence[str] = ()


@dataclass(frozen=True)
class NewAction:
    """What is wanted, and of which jobs."""

    verb: Verb
    q: str
    ids: Sequence[UUID]
    runs_at: datetime
    by: Actor
    key: Key | None = None


def ask(db: Session, wanted: NewAction) -> BulkAction | None:
    """Write an action down, which the scheduler carries out when it is due; None where its key is taken already."""
    facts = {
        "verb": wanted.verb, "q": wanted.q, "number": len(wanted.ids), "job_ids": list(wanted.ids),
        "runs_at": wanted.runs_at, "requested_by": wanted.by.name, "request_id": wanted.by.request_id,
        "idempotency_key": wanted.key and wanted.key.key, "request_hash": wanted.key and wanted.key.request_hash,
    }  # fmt: skip
    made = db.scalar(insert(BulkAction).values(**facts).on_conflict_do_nothing().returning(BulkAction.id))
    if made is None:
        return None
    _announce(db, made)
    return find(db, made)


def earlier(db: Session, by: Actor, key: Key | None) -> BulkAction | None:
    """Return the action that was asked for with this key. Raises KeyReused where it was another one."""
    if key is None:
        return None
    known = select(BulkAction).where(BulkAction.requested_by == by.name, BulkAction.idempotency_key == key.key)
    found = db.scalar(known.options(WITHOUT_JOBS))
    if found and found.request_hash not in (key.request_hash, *key.former_hashes):
        raise KeyReused
    return found


def find(db: Session, id: UUID) -> BulkAction:
    """Return an action as it is now, without its jobs. Raises NoSuchBulkAction."""
    known = select(BulkAction).where(BulkAction.id == id).options(WITHOUT_JOBS)
    found = db.scalar(known.execution_options(populate_existing=True))
    if found is None:
        raise NoSuchBulkAction
    return found


def undo(db: Session, id: UUID, *, by: Actor) -> tuple[BulkAction, bool]:
    """Undo an action that has not begun, and return it, and whether this has undone it: it may be undone already.

    Who undoes and who begins wait for one another, so it is one or the other. Raises NoSuchBulkAction and BegunAlready.
    """
    waits = (BulkAction.id == id, BulkAction.started_at.is_(None), BulkAction.finished_at.is_(None))
    undone = update(BulkAction).where(*waits, BulkAction.undone_at.is_(None))
    ours = db.scalar(undone.values(undone_at=func.now(), undone_by=by.name).returning(BulkAction.id)) is not None
    found = find(db, id)
    if found.undone_at is None:
        raise BegunAlready(state_of(found))
    if ours:
        _announce(db, id)
    return found, ours


def standing(db: Session, id: UUID) -> dict[State, int]:
    """Return how many of an action's jobs are in which state now; some may be forgotten."""
    return {State(row.state): row.number for row in db.execute(STANDING, {"id": id})}


def _announce(db: Session, id: UUID) -> None:
    wake_scheduler(db)
    after_commit(db, announce_changed, [f"bulk_action:{id}"])
