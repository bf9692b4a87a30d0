"""Schedulers: how soon they are at work, what they take while nothing is due, and how late a thousand runs are."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import quantiles

import psutil
import redis

from bench.figures import Claim, Figures, Plan
from bench.ground import Ground
from tests.stack import wait_until

BELLHOP, BEAT = "Bellhop", "Celery beat"
QUEUE = "default\x06\x164"
"""The list of Redis in which Bellhop's messages of the usual priority are."""
LEAD = 3.0
"""Seconds from the order to be due until they are."""
PATIENCE = 300.0

FILL = """
    INSERT INTO schedules (id, name, source, task, args, fingerprint, crontab, time_zone, jitter_seconds, catch_up,
        ceiling, overlap, priority, note, enabled, next_due_at, fire_at, created_by, updated_by)
    SELECT gen_random_uuid(), 'bench ' || n, 'api', 'test.noop', '{}', %s, '0 0 1 1 *', 'UTC', 0, 'latest',
        100, 'allow', 5, '', true, now() + interval '1 year', now() + interval '1 year', 'bench', 'bench'
    FROM generate_series(1, %s) AS n
"""
PAUSE_DECLARED = """
    UPDATE schedules SET enabled = false, next_due_at = NULL, fire_at = NULL WHERE source = 'code'
"""
MAKE_DUE = """
    UPDATE schedules SET next_due_at = to_timestamp(%s), fire_at = to_timestamp(%s)
    WHERE id IN (SELECT id FROM schedules WHERE source = 'api' LIMIT %s)
"""


def measure(ground: Ground, plan: Plan) -> Figures:
    """Measure each scheduler with each number of schedules."""
    figures = Figures("Schedulers: N stored, then 1 and 1,000 of them due in the same second")
    for stored in plan.stored:
        with bellhop(ground, stored, figures):
            idle(ground, "scheduler", figures, f"{BELLHOP}, {stored:,} stored", plan.seconds)
            for due in (1, min(1000, stored)):
                late = lateness(ground.broker, QUEUE, due, lambda at, due=due: make_due(ground, at, due))
                forget(ground)
                note(figures, f"{BELLHOP}, {stored:,} stored, {due:,} due", late)
        if stored <= plan.stored_by_beat:
            beat(ground, stored, figures, plan.seconds)
    largest = f"{BELLHOP}, {plan.stored[-1]:,} stored"
    claims = [("start", "start s", 3.0, "s"), ("idle CPU", "idle CPU %", 1.0, "%")]
    for text, unit, aim, short in claims:
        figures.claims.append(Claim(f"{text}, {largest}", figures.median(largest, unit), short, at_most=aim))
    for due, aim in ((1, 50.0), (min(1000, plan.stored[-1]), 250.0)):
        late99 = figures.median(f"{largest}, {due:,} due", "p99 ms")
        figures.claims.append(Claim(f"lateness p99, {largest}, {due:,} due", late99, "ms", at_most=aim))
    return figures


@contextmanager
def bellhop(ground: Ground, stored: int, figures: Figures) -> Iterator[None]:
    """Run a scheduler on so many schedules, and note how long it takes until it has made its first run."""
    from bellhop.schedules.check import fingerprint
    from bellhop.signatures import load

    load(["tests.tasks.signatures"])
    ground.clear()
    ground.sql("DELETE FROM schedules WHERE source = 'api'")
    ground.sql(FILL, fingerprint("test.noop"), stored)
    ground.sql("ANALYZE schedules")
    ground.sql(PAUSE_DECLARED)
    make_due(ground, time.time(), 1)
    began = time.perf_counter()
    with ground.running("scheduler", ready=False):
        wait_until(lambda: ground.broker.llen(QUEUE) > 0, PATIENCE)
        figures.add(f"{BELLHOP}, {stored:,} stored", "start s", time.perf_counter() - began)
        forget(ground)
        yield
    ground.sql("DELETE FROM schedules WHERE source = 'api'")


def forget(ground: Ground) -> None:
    """Forget the jobs that nobody runs, lest they are sent again."""
    ground.sql("TRUNCATE jobs CASCADE")
    ground.broker.delete(QUEUE)


def make_due(ground: Ground, at: float, due: int) -> None:
    """Have so many schedules be due then, and tell the scheduler."""
    ground.sql(MAKE_DUE, at, at, due)
    ground.sql("NOTIFY bellhop_due")


def beat(ground: Ground, stored: int, figures: Figures, seconds: float) -> None:
    """Run Celery's beat on as many entries. When they are due is settled before it starts, so it is given time."""
    due = min(1000, stored)
    ground.clear()
    at = time.time() + seconds + 10 + stored / 2000
    settings = {"BENCH_STORED": str(stored), "BENCH_DUE": str(due), "BENCH_AT": str(at)}
    kept, ground.settings = ground.settings, {**ground.settings, **settings}
    schedule = str(ground.directory / f"beat-{stored}")
    command = ["celery", "-A", "bench.peers.beat_app", "beat", "--schedule", schedule, "--pidfile="]
    began = time.perf_counter()
    try:
        with ground.command("beat", *command):
            wait_until(lambda: ground.plain.llen("canary") > 0, PATIENCE)
            name = f"{BEAT}, {stored:,} stored"
            figures.add(name, "start s", time.perf_counter() - began)
            idle(ground, "beat", figures, name, min(seconds, max(at - time.time() - 1, 0.5)))
            note(figures, f"{name}, {due:,} due", lateness(ground.plain, "celery", due, at=at))
    finally:
        ground.settings = kept


def idle(ground: Ground, service: str, figures: Figures, name: str, seconds: float) -> None:
    """Note how much of a core a service takes while nothing is due."""
    process = psutil.Process(ground.services[service].pid)
    before = process.cpu_times()
    time.sleep(seconds)
    after = process.cpu_times()
    used = after.user + after.system - before.user - before.system
    figures.add(name, "idle CPU %", 100 * used / seconds)


def lateness(
    client: redis.Redis,
    queue: str,
    due: int,
    order: Callable[[float], None] = lambda at: None,
    *,
    at: float | None = None,
) -> list[float]:
    """Give for each run the milliseconds from its moment until its message can be taken from Redis."""
    if at is None:
        at = float(int(time.time() + LEAD + 1))
        order(at)
    late: list[float] = []
    deadline = at + PATIENCE
    while len(late) < due and time.time() < deadline:
        if client.brpop([queue], timeout=1):
            late.append((time.time() - at) * 1000)
    assert len(late) == due, f"{len(late)} of {due} messages came"
    return late


def note(figures: Figures, name: str, late: list[float]) -> None:
    """Note the median and the 99th percentile."""
    cuts = quantiles(late, n=100) if len(late) > 1 else late * 99
    figures.add(name, "p50 ms", cuts[49])
    figures.add(name, "p99 ms", cuts[98])
