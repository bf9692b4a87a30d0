"""Actions: asking for a bulk action, and undoing it."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from bellhop_ledger.audit import Action as Audited
from bellhop_ledger.bulk_actions import asking
from bellhop_ledger.bulk_actions.asking import Key, NewAction
from bellhop_ledger.bulk_actions.tables import BulkAction, Verb
from bellhop_ledger.platform import clock
from bellhop_web.auth.acts import note
from bellhop_web.auth.callers import current_caller
from bellhop_web.bulk_actions.finding import CountChanged, found
from bellhop_web.bulk_actions.requests import BulkRequest
from bellhop_web.jobs.requests import Origin

AUDITED = {Verb.RETRY: Audited.JOBS_RETRIED, Verb.CANCEL: Audited.JOBS_CANCELLED}


def ask(db: Session, verb: Verb, wanted: BulkRequest, origin: Origin) -> BulkAction:
    """Ask for an action on exactly the jobs that the query finds, or return the one that was made with this key.

    Raises Invalid, TooMany, CountChanged, and KeyReused.
    """
    by, key = current_caller().actor, key_of(origin)
    if earlier := asking.earlier(db, by, key):
        return earlier
    ids = found(db, verb, wanted.q)
    if len(ids) != wanted.count:
        raise CountChanged(verb, len(ids), wanted.count)
    runs_at = clock.now() + timedelta(seconds=wanted.delay)
    if made := asking.ask(db, NewAction(verb, wanted.q, ids, runs_at, by, key)):
        note(db, AUDITED[verb], "bulk_action", made.id, number=len(ids), q=wanted.q)
        return made
    first = asking.earlier(db, by, key)  # the same request came twice at once
    assert first is not None
    return first


def undo(db: Session, id: UUID) -> BulkAction:
    """Undo an action that has not begun. Raises NoSuchBulkAction and BegunAlready."""
    undone, ours = asking.undo(db, id, by=current_caller().actor)
    if ours:
        note(db, Audited.BULK_ACTION_UNDONE, "bulk_action", id, verb=undone.verb, number=undone.number)
    return undone


def key_of(origin: Origin) -> Key | None:
    """Return by what a repeated request is known again."""
    key = origin.key_of(())
    return Key(key, origin.request_hash, origin.former_hashes) if key and origin.request_hash else None
