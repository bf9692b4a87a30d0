"""How fast a backlog is worked off: it is enqueued first, then a worker of two processes starts on it."""

import json
from collections.abc import Callable
from datetime import datetime
from functools import partial

from bellhop.signature import Signature
from bellhop_ledger.platform.policies import batch_of
from bench import queues
from bench.figures import Figures, Plan
from bench.ground import Ground
from tests.stack import wait_until

UNIT = "jobs/s"
PLAIN, EVENTS = "Celery", "Celery with events"
ATOMIC, LEASED = "Bellhop, atomic, 1 job a message", "Bellhop, leased, 1 job a message"
ATOMIC_BATCH, LEASED_BATCH = "Bellhop, atomic, 100 jobs a message", "Bellhop, leased, 100 jobs a message"
ANY = "Bellhop, any short task, nothing declared"
ATOMIC_INFO = f"{ATOMIC}, logging each (LOG_LEVEL=INFO)"
PATIENCE = 300.0
WARM_UP = 2_000
"""Jobs that run before, from which the workers know how long one takes."""

Drain = Callable[[Ground, int], float]


def measure(ground: Ground, plan: Plan) -> Figures:
    """Drain the backlog with each contender in turn, several times over."""
    figures = Figures(f"Drain of {plan.jobs:,} no-op jobs, two processes")
    figures.base = PLAIN
    others = {queue.name: partial(queues.drain, queue=queue) for queue in queues.installed(figures)}
    for turn in range(plan.rounds):
        for name, drain in (contenders() | others).items():
            if turn == 0 or name != ATOMIC_INFO:
                figures.add(name, UNIT, drain(ground, plan.jobs))
    _claim(figures)
    return figures


def contenders() -> dict[str, Drain]:
    """Name who takes part; each Bellhop run stands next to a Celery run."""
    from tests.tasks import signatures

    return {
        ANY: partial(drain_bellhop, signature=signatures.noop_any),
        EVENTS: partial(drain_plain, events=True),
        ATOMIC: partial(drain_bellhop, signature=signatures.noop),
        LEASED: partial(drain_bellhop, signature=signatures.noop_leased),
        PLAIN: partial(drain_plain, events=False),
        ATOMIC_BATCH: partial(drain_bellhop, signature=signatures.noop_batch),
        LEASED_BATCH: partial(drain_bellhop, signature=signatures.noop_leased_batch),
        ATOMIC_INFO: partial(drain_bellhop, signature=signatures.noop, log_level="INFO"),
    }


def drain_plain(ground: Ground, jobs: int, *, events: bool) -> float:
    """Return jobs a second of plain Celery, from the first result to the last."""
    from bench.peers.celery_app import noop

    ground.clear()
    ids = [noop.delay().id for _ in range(jobs)]
    with ground.command("plain-worker", *ground.plain_worker(events=events)):
        wait_until(lambda: int(ground.plain.exists(f"celery-task-meta-{ids[-1]}")), PATIENCE)
        keys = [f"celery-task-meta-{id}" for id in ids]
        wait_until(lambda: int(ground.plain.exists(*keys)) == jobs, PATIENCE)
    done = sorted(datetime.fromisoformat(json.loads(meta)["date_done"]) for meta in ground.plain.mget(keys))
    return (jobs - 1) / (done[-1] - done[0]).total_seconds()


def drain_bellhop(ground: Ground, jobs: int, *, signature: Signature[[], None], log_level: str = "WARNING") -> float:
    """Return jobs a second of Bellhop, from the first finish to the last, without those of the first message."""
    ground.clear()
    if signature.batch is None:
        warm_up(ground, signature)
    enqueue(signature, jobs)
    with ground.running("scheduler", "worker", ready=False, LOG_LEVEL=log_level):
        wait_until(lambda: ground.all_ended(signature.name), PATIENCE)
    assert ground.states(signature.name) == {"succeeded": jobs}
    [(seconds,)] = ground.sql(
        "SELECT extract(epoch FROM max(finished_at) - min(finished_at))::float FROM jobs WHERE task = %s",
        signature.name,
    )
    return (jobs - batch_of(signature.name)) / float(seconds)


def warm_up(ground: Ground, signature: Signature[[], None]) -> None:
    """Let workers measure the task, and take in what they have found."""
    from bellhop_ledger.tasks.known import known_tasks

    enqueue(signature, WARM_UP)
    with ground.running("scheduler", "worker", ready=False):
        wait_until(lambda: ground.all_ended(signature.name), PATIENCE)
        wait_until(lambda: ground.sql("SELECT 1 FROM task_run_times WHERE task = %s", signature.name), PATIENCE)
    ground.clear()
    known_tasks().expire()
    known_tasks().current()


def enqueue(signature: Signature[[], None], jobs: int) -> None:
    """Write the rows and send the messages as the web service does it."""
    from bellhop_ledger.ledger.outbox_sender import outbox_sender
    from bellhop_ledger.ledger.submit import NewJob, submit_all
    from bellhop_ledger.platform.database import transaction

    with transaction() as db:
        submit_all(db, [NewJob(signature, {}) for _ in range(jobs)])
    assert outbox_sender().flush(PATIENCE)


def _claim(figures: Figures) -> None:
    figures.claim("any short task, nothing declared, beside Celery without events", ANY, PLAIN, UNIT, at_least=15)
    for other in (queues.HUEY, queues.TASKIQ):
        if other not in figures.left_out:
            figures.claim(f"any short task, nothing declared, beside {other}", ANY, other, UNIT, at_least=1)
    figures.claim("one job a message, atomic, beside Celery with events", ATOMIC, EVENTS, UNIT, at_least=1)
    figures.claim("one job a message, leased, beside Celery with events", LEASED, EVENTS, UNIT, at_least=1)
    figures.claim("100 jobs a message, atomic, beside Celery without events", ATOMIC_BATCH, PLAIN, UNIT, at_least=10)
    figures.claim("100 jobs a message, leased, beside Celery without events", LEASED_BATCH, PLAIN, UNIT, at_least=10)
    figures.claim("one job a message, atomic, LOG_LEVEL=INFO, beside WARNING", ATOMIC_INFO, ATOMIC, UNIT)
