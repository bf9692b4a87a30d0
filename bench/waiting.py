"""What jobs cost that wait for a later date: the scheduler's idle time, its lateness, and the pace of other jobs."""

import time

from bench.figures import Claim, Figures, Plan
from bench.ground import Ground
from bench.lateness import watch
from bench.peers.entries import moments_alone
from bench.schedulers import LEAD, QUEUE, forget, pause_declared
from bench.schedules import ALONE, ALONE_SLOWEST, IDLE, PATIENCE, idle, note
from tests.stack import wait_until

SUBMITTED, DRAINED = "accepted over HTTP, jobs/s", "drained, jobs/s"
OTHERS = 2_000
"""Jobs that are due at once while the others wait."""

WAIT = """
    INSERT INTO jobs (id, task, args, queue, priority, max_attempts, run_at, state)
    SELECT uuidv7(), 'test.noop', '{}', 'default', 5, 3, now() + interval '30 days' + make_interval(secs => n),
           'scheduled'
    FROM generate_series(1, %s) AS n
"""
DUE = """
    INSERT INTO jobs (id, task, args, queue, priority, max_attempts, run_at, state)
    SELECT uuidv7(), 'test.noop', '{}', 'default', 5, 3, to_timestamp(at), 'scheduled'
    FROM unnest(%s::float8[]) AS at
"""


def measure(ground: Ground, plan: Plan) -> Figures:
    """Measure without jobs that wait, and with many."""
    figures = Figures(f"{plan.waiting:,} jobs that wait for a later date")
    none, many = (f"Bellhop, {waiting:,} jobs waiting" for waiting in (0, plan.waiting))
    forget(ground)
    pause_declared(ground)
    measure_one(ground, none, figures, plan)
    ground.sql("TRUNCATE jobs, job_keys")
    ground.sql(WAIT, plan.waiting)
    ground.sql("VACUUM ANALYZE jobs")
    ground.sql("CHECKPOINT")  # lest what is measured waits for the disk that still writes those down
    measure_one(ground, many, figures, plan)
    figures.claims.append(Claim(f"{many}: idle CPU", figures.median(many, IDLE), "%", at_most=1.0))
    figures.claims.append(Claim(f"{many}: one due, slowest", figures.median(many, ALONE_SLOWEST), "ms", at_most=50.0))
    for unit in (SUBMITTED, DRAINED):
        figures.claim(f"{unit.partition(',')[0]}, beside none waiting", many, none, unit)
    return figures


def measure_one(ground: Ground, name: str, figures: Figures, plan: Plan) -> None:
    """Measure with the jobs that are there."""
    ground.broker.flushdb()
    with ground.running("scheduler", "web"):
        time.sleep(LEAD)
        idle(ground, "scheduler", figures, name, plan.seconds)
        moments = moments_alone(time.time() + LEAD)
        ground.sql(DUE, moments)
        note(figures, name, (ALONE, ALONE_SLOWEST), watch(ground.broker, QUEUE, moments, PATIENCE), slowest=True)
        began = time.perf_counter()
        ground.submit_many([{"task": "test.noop"}] * OTHERS)
        figures.add(name, SUBMITTED, OTHERS / (time.perf_counter() - began))
        wait_until(lambda: ground.broker.llen(QUEUE) >= OTHERS, PATIENCE)
        drain(ground, name, figures)


def drain(ground: Ground, name: str, figures: Figures) -> None:
    """Note how fast a worker works off what lies in Redis, from the first job that ended to the last."""
    with ground.running("worker", ready=False):
        wait_until(lambda: not ground.broker.llen(QUEUE), PATIENCE)
        wait_until(lambda: not ground.sql("SELECT 1 FROM jobs WHERE state IN ('queued', 'running') LIMIT 1"), PATIENCE)
    [(ended, seconds)] = ground.sql(
        "SELECT count(*), extract(epoch FROM max(finished_at) - min(finished_at))::float FROM jobs"
        " WHERE finished_at IS NOT NULL"
    )
    figures.add(name, DRAINED, (int(ended) - 1) / float(seconds))
