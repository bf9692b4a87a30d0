"""Revoke: Celery's word for a cancel, which may also come before the job."""

from sqlalchemy.orm import Session

from bellhop_ledger.ledger import control
from bellhop_ledger.ledger.adopt import SUBMITTER, Refusal, job_id_of, refuse
from bellhop_ledger.ledger.control import AlreadyEnded, NoSuchJob
from bellhop_ledger.ledger.events import Actor
from bellhop_ledger.ledger.tables import State

UNSEEN = "The task was revoked before a worker had received it"


def revoke(db: Session, task_id: str, *, keep: float) -> State:
    """Cancel the job of a task, or ask its worker to stop it, and return its state: what has ended stays as it is.

    One that is not there yet gets a row that is cancelled: the message that comes later finds it there.
    """
    id = job_id_of(task_id)
    try:
        return control.cancel(db, id, keep=keep, by=Actor(SUBMITTER)).state
    except AlreadyEnded as ended:
        return State(ended.facts["state"])
    except NoSuchJob:
        unseen = Refusal(id, task_id, "unknown", "Revoked", UNSEEN, state=State.CANCELLED)
        if refuse(db, [unseen], keep=keep):
            return State.CANCELLED
    return revoke(db, task_id, keep=keep)  # it has come a moment ago
