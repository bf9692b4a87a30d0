"""Actions: pausing and resuming what is there."""

from sqlalchemy.orm import Session

from bellhop.errors import NotFound
from bellhop_ledger.audit import Action as Audited
from bellhop_ledger.broker.celery_app import QUEUES
from bellhop_ledger.ledger import holds
from bellhop_ledger.ledger.events import Actor
from bellhop_ledger.ledger.holds import Kind
from bellhop_ledger.tasks.known import known_tasks
from bellhop_web.auth.acts import note
from bellhop_web.holds.requests import PauseRequest
from bellhop_web.http.problems import did_you_mean


class NoSuchTarget(NotFound):
    """There is no queue or task of this name."""


def pause(db: Session, kind: Kind, name: str, wanted: PauseRequest, *, by: str) -> None:
    """Pause what the name stands for. Raises NoSuchTarget for a queue or task that nobody knows, and OverAlready."""
    _refuse_unknown(kind, name)
    holds.pause(db, kind, name, reason=wanted.reason, by=by, until=wanted.end())
    note(db, Audited.HOLD_PAUSED, kind, name, reason=wanted.reason)


def resume(db: Session, kind: Kind, name: str, *, by: Actor) -> bool:
    """Resume it, and return whether it was paused. Raises NoSuchTarget for what is neither paused nor known."""
    resumed = holds.resume(db, kind, name, by=by)
    if not resumed:
        _refuse_unknown(kind, name)
    else:
        note(db, Audited.HOLD_RESUMED, kind, name)
    return resumed


def known_names(kind: Kind) -> list[str]:
    """Return the names of the queues or tasks that there are; hosts are not known."""
    match kind:
        case Kind.TASK:
            return sorted(known_tasks())
        case Kind.QUEUE:
            return sorted({*QUEUES, *known_tasks().current().queues})
    return []


def _refuse_unknown(kind: Kind, name: str) -> None:
    if kind is Kind.HOST or name in known_names(kind):
        return
    known_tasks().look_again()  # it may have been published a moment ago
    if name not in known_names(kind):
        raise NoSuchTarget(f"There is no {kind} {name!r}{did_you_mean(name, known_names(kind))}")
