"""Actions: draining a worker, and letting it take jobs again."""

from sqlalchemy.orm import Session

from bellhop_ledger.audit import Action
from bellhop_ledger.ledger import draining
from bellhop_web.auth.acts import note
from bellhop_web.auth.callers import current_caller
from bellhop_web.workers.listing import full_name


def drain(db: Session, name: str, reason: str) -> str:
    """Ask a worker to take no new jobs, and return its full name. Raises NoSuchWorker, NotHeardOf and TooOld."""
    worker = full_name(db, name)
    draining.drain(db, worker, reason=reason, by=current_caller().name)
    note(db, Action.WORKER_DRAINED, "worker", worker, reason=reason)
    return worker


def resume(db: Session, name: str) -> bool:
    """Ask a worker to take jobs again, and return whether it drained. Raises NoSuchWorker."""
    worker = full_name(db, name)
    resumed = draining.resume(db, worker)
    if resumed:
        note(db, Action.WORKER_RESUMED, "worker", worker)
    return resumed
