"""Remote control: what Celery's commands and Flower's buttons may do to a worker.

What concerns jobs goes through the ledger. What Celery would change in one worker's memory, where the
ledger and the other workers do not know of it, is refused with a sentence. The rest is Celery's own:
`ping`, `inspect`, `enable_events`, `disable_events` and `heartbeat`. `shutdown` is what SIGTERM is.
"""

import os
import signal
from collections.abc import Callable, Sequence
from typing import Any

from celery.worker.control import Panel
from sqlalchemy.exc import SQLAlchemyError

from bellhop_ledger.ledger.adopt import job_id_of
from bellhop_ledger.ledger.revoke import revoke as revoke_in_ledger
from bellhop_ledger.ledger.tables import State
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.log import get_logger
from bellhop_worker.settings import WorkerSettings

log = get_logger(__name__)

Reply = dict[str, Any]

RETRY_AFTER = 5.0
"""Seconds after which a revoke is tried again that the ledger could not take."""
STAMPS = "revoke_by_stamped_headers"
REFUSED = {
    STAMPS: "The ledger keeps no stamps; revoke the tasks by their ids",
    "rate_limit": "It would hold messages back in one worker only; set WORKER_CONCURRENCY, or give the task a queue",
    "time_limit": "The time limits stand in the task's signature (soft_limit, hard_limit)",
    "pool_grow": "Set WORKER_CONCURRENCY and restart the worker, or start another one",
    "pool_shrink": "Set WORKER_CONCURRENCY and restart the worker",
    "pool_restart": "Restart the worker; it finishes or hands back what it runs",
    "autoscale": "Set WORKER_CONCURRENCY and restart the worker, or start another one",
    "add_consumer": "Set WORKER_QUEUES and restart the worker, or start another one",
    "cancel_consumer": "Set WORKER_QUEUES and restart the worker",
}
"""Why, and what to do instead."""


def install() -> None:
    """Replace the commands that change something; before the worker begins to listen to them."""
    for name, reason in REFUSED.items():
        Panel.register(name=name, visible=False)(refusal(name, reason))
    Panel.register(name="revoke", variadic="task_id", signature="[id1 [id2 [... [idN]]]]")(revoke)
    Panel.register(
        name="terminate", variadic="task_id", args=[("signal", str)], signature="<signal> [id1 [id2 [... [idN]]]]"
    )(revoke)
    Panel.register(name="shutdown")(shutdown)
    Panel.register(name="hello", type="inspect", visible=False)(hello)


def refusal(name: str, reason: str) -> Callable[..., Reply]:
    """Return a command that does nothing but say why."""

    def refuse(state: Any, **_: Any) -> Reply:
        log.warning("remote_command_refused", command=name, reason=reason)
        reply = {"error": f"{name} is refused. {reason}"}
        return reply | {"ok": ""} if name == STAMPS else reply  # which Celery's client reads in any case

    return refuse


def revoke(state: Any, task_id: Any = None, **_: Any) -> Reply:
    """Cancel jobs in the ledger, by one id or a list of them.

    A running one is asked to stop whether `terminate` is said or not, and its process is killed
    if it does not react; the signal is ours to choose.
    """
    ids = [task_id] if isinstance(task_id, str) else task_id
    if not ids or not isinstance(ids, list | tuple) or not all(isinstance(id, str) for id in ids):
        return {"error": "task_id: must be an id or a list of ids"}
    try:
        states = revoke_all(ids)
    except SQLAlchemyError as error:
        log.warning("revoke_put_off", tasks=len(ids), error=repr(error)[:500])
        state.consumer.timer.call_after(RETRY_AFTER, revoke, (state, ids))
        return {"error": f"The ledger cannot be reached; the worker tries again every {RETRY_AFTER:g} s"}
    log.info("tasks_revoked", tasks={id: str(now) for id, now in states.items()})
    return {"ok": "; ".join(f"task {id} {WORDS.get(now, 'is asked to stop')}" for id, now in states.items())}


WORDS = {
    State.CANCELLED: "is cancelled",
    State.SUCCEEDED: "had succeeded already",
    State.FAILED: "had failed already",
}


def revoke_all(ids: Sequence[str]) -> dict[str, State]:
    """Cancel the jobs of these tasks and return their states."""
    keep = WorkerSettings.load().retention_hours * 3600
    with transaction() as db:  # ordered, since another worker gets the same broadcast and must not wait for us
        return {id: revoke_in_ledger(db, id, keep=keep) for id in sorted(ids, key=job_id_of)}


def shutdown(state: Any, **_: Any) -> None:
    """Stop the worker as a SIGTERM does: what does not end within WORKER_STOP_TIMEOUT is handed back."""
    os.kill(os.getpid(), signal.SIGTERM)


def hello(state: Any, **_: Any) -> Reply:
    """Greet another worker. Its revoked tasks are not taken over: the ledger knows what is cancelled."""
    return {"revoked": [], "clock": state.app.clock.forward()}
