"""Draining: people ask one worker to take no new jobs. Its next heartbeat tells it; what it runs ends, and it stays.

The wish is in the worker's heartbeat and goes with it: a worker that starts takes jobs.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop.errors import Conflict, NotFound
from bellhop_ledger.broker.pubsub import announce_changed
from bellhop_ledger.ledger.heartbeats import LATE, Heartbeat, Service
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import after_commit

TOPIC = "workers"
"""The live view that shows workers."""
DRAIN = text("""
    UPDATE heartbeats
    SET draining_since = coalesce(draining_since, now()), draining_reason = :reason, draining_by = :by
    WHERE name = :name
""")
RESUME = text("""
    UPDATE heartbeats SET draining_since = NULL, draining_reason = NULL, draining_by = NULL
    WHERE name = :name AND draining_since IS NOT NULL
    RETURNING name
""")


class NoSuchWorker(NotFound):
    """There is no worker of this name."""


class NotHeardOf(Conflict):
    """The worker is silent: it would not learn of it, and takes no jobs as it is."""


class TooOld(Conflict):
    """The worker runs a release that cannot be drained; stop it instead."""


def find_worker(db: Session, name: str) -> Heartbeat:
    """Return the heartbeat of a worker. Raises NoSuchWorker."""
    found = db.get(Heartbeat, name)
    if found is None or found.service is not Service.WORKER:
        raise NoSuchWorker(f"There is no worker {name!r}")
    return found


def is_silent(heartbeat: Heartbeat) -> bool:
    """Whether a service has not been heard of for too long."""
    return (clock.now() - heartbeat.seen_at).total_seconds() > LATE


def drain(db: Session, name: str, *, reason: str, by: str) -> None:
    """Ask a worker to take no new jobs; again, it changes the reason. Raises NoSuchWorker, NotHeardOf and TooOld."""
    worker = find_worker(db, name)
    if is_silent(worker):
        raise NotHeardOf(NotHeardOf.__doc__)
    if worker.pool is None:
        raise TooOld(TooOld.__doc__)
    db.execute(DRAIN, {"name": name, "reason": reason, "by": by})
    after_commit(db, announce_changed, [TOPIC])


def resume(db: Session, name: str) -> bool:
    """Ask a worker to take jobs again, and return whether it drained. Raises NoSuchWorker."""
    find_worker(db, name)
    resumed = bool(db.execute(RESUME, {"name": name}).all())
    after_commit(db, announce_changed, [TOPIC])
    return resumed
