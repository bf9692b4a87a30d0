"""What a past costs: work and pages beside many jobs that ended and beside none, and how a day is forgotten."""

import time
from datetime import timedelta
from statistics import quantiles

import psutil

from bellhop.signature import Signature
from bellhop_ledger.platform.policies import batch_of
from bench import latency, past_pages, submit
from bench.drain import PATIENCE, enqueue, warm_up
from bench.figures import Claim, Figures, Plan
from bench.ground import Ground
from bench.past_jobs import Past, fill_day
from bench.sequence import in_sequence
from tests.stack import TOKEN, Stack, wait_until

NONE, MANY = "beside none", "beside {:,} ended jobs"
MORE = 5
"""So many times as many jobs are drained of those that are done in batches, or it would be over within a second."""
ANY, ONE = "drained, nothing declared, jobs/s", "drained, one a message, jobs/s"
SUBMIT, RESULT = "submitted over HTTP, requests/s", "submit to result, p50 ms"
P50, P95 = "p50 ms, {}", "p95 ms, {}"
BACKEND, ROWS, INDEXES = "largest backend of Postgres, MB", "an ended job's row, bytes", "its indexes, bytes"
AS_IN_COMPOSE = ("autovacuum_naptime = '15s'", "jit = off")
"""Settings of compose/postgres/postgresql.conf that matter here."""
UNFINISHED = "SELECT 1 FROM unfinished_jobs WHERE finished_at IS NULL LIMIT 1"
PACE = """
    SELECT extract(epoch FROM max(finished_at) - min(finished_at))::float, count(*)::int FROM jobs
    WHERE state = 'succeeded' AND finished_at >= %s AND task = %s
"""
SIZES = """
    SELECT sum(pg_table_size(relid))::float, sum(pg_indexes_size(relid))::float, (SELECT count(*) FROM ended_jobs)
    FROM pg_partition_tree('ended_jobs') WHERE isleaf
"""
VACUUM = """
    SELECT sum(n_dead_tup)::int, sum(vacuum_count + autovacuum_count)::int
    FROM pg_stat_user_tables WHERE relid IN (SELECT relid FROM pg_partition_tree('ended_jobs'))
"""


def measure(ground: Ground, plan: Plan) -> Figures:
    """Measure without a past and with one, round by round: each has tables of its own, which are exchanged."""
    from tests.tasks import signatures

    figures = Figures(f"{plan.ended:,} jobs that ended")
    figures.base, many = NONE, MANY.format(plan.ended)
    for setting in AS_IN_COMPOSE:
        ground.sql(f"ALTER SYSTEM SET {setting}")
    ground.sql("SELECT pg_reload_conf()")
    ground.clear()
    warm_up(ground, signatures.noop_any)
    past = Past(ground)
    past.fill(plan.ended)
    for turn in range(plan.rounds):
        for name in (NONE, many) if turn % 2 == 0 else (many, NONE):
            past.put_in_place(full=name == many)
            work(ground, figures, name, plan)
    for name in (NONE, many):
        past.put_in_place(full=name == many)
        read(ground, figures, name)
    weigh(ground, figures, many)
    forget(ground, figures, past, plan.ended // 10)
    claim(figures, many)
    return figures


def work(ground: Ground, figures: Figures, name: str, plan: Plan) -> None:
    """Note the pace of one round."""
    from tests.tasks import signatures

    figures.add(name, ANY, drained(ground, signatures.noop_any, plan.jobs * MORE))
    figures.add(name, ONE, drained(ground, signatures.noop, plan.jobs))
    empty(ground)
    with ground.running("web", "scheduler"):
        target = submit.Target(ground.port, "/api/jobs", '{"task": "test.noop"}', (f"Authorization: Bearer {TOKEN}",))
        target.load(1.0)  # to warm up
        figures.add(name, SUBMIT, target.load(plan.seconds)[submit.RATE])
    empty(ground)
    with ground.running("web", "scheduler", "worker"):
        run_one = latency.bellhop(ground.port)
        in_sequence(run_one, 20)
        figures.add(name, RESULT, quantiles(in_sequence(run_one, plan.sequence), n=100)[49])


def drained(ground: Ground, signature: Signature[[], None], jobs: int) -> float:
    """Return jobs a second from the first finish to the last, without those of the first message."""
    empty(ground)
    [(began,)] = ground.sql("SELECT now()")
    enqueue(signature, jobs)
    with ground.running("scheduler", "worker", ready=False):
        wait_until(lambda: not ground.sql(UNFINISHED), PATIENCE)
    [(seconds, ended)] = ground.sql(PACE, began, signature.name)
    assert ended == jobs, f"{ended} of {jobs} have succeeded"
    return (jobs - batch_of(signature.name)) / float(seconds)


def empty(ground: Ground) -> None:
    """Forget what has not ended, and all messages."""
    ground.sql("TRUNCATE unfinished_jobs, live_jobs")
    ground.broker.flushdb()


def read(ground: Ground, figures: Figures, name: str) -> None:
    """Note how long each page takes."""
    with ground.running("web"):
        for page, path in past_pages.pages(ground).items():
            p50, p95 = past_pages.timed(ground.port, path)
            figures.add(page, P50.format(name), p50)
            figures.add(page, P95.format(name), p95)
        backends = psutil.Process(ground.postgres.pid).children()
        figures.add(name, BACKEND, max(backend.memory_full_info().uss for backend in backends) / 1e6)


def weigh(ground: Ground, figures: Figures, name: str) -> None:
    """Note what the jobs take on disk, and what vacuum had to do with them."""
    [(rows, indexes, jobs)] = ground.sql(SIZES)
    figures.add(name, ROWS, rows / jobs)
    figures.add(name, INDEXES, indexes / jobs)
    hundred_million = (rows + indexes) / jobs * 1e8
    figures.claims.append(Claim("disk for 100,000,000 of them", hundred_million / 1e9, "GB"))
    [(dead, vacuumed)] = ground.sql(VACUUM)
    figures.claims.append(Claim("dead rows in the tables of ended jobs", dead, "", at_most=0))
    figures.claims.append(Claim("vacuums of these tables", vacuumed, "", at_most=0))


def forget(stack: Stack, figures: Figures, past: Past, jobs: int) -> None:
    """Note how long it takes to forget a day that is over, as the scheduler does it."""
    from bellhop_ledger.ledger.retention import forget
    from bellhop_ledger.platform.database import transaction
    from bellhop_scheduler.forgetting import leave_day

    day = past.today - timedelta(days=2)
    fill_day(stack, day, jobs)
    stack.sql("ANALYZE")  # as autovacuum has done by then; it would hold the table now
    stack.sql("CHECKPOINT")
    began = time.perf_counter()
    while not leave_day(day):
        pass
    left = time.perf_counter()
    with transaction() as db:
        forget.drop_day(db, day)
    dropped = time.perf_counter()
    figures.claims.append(Claim(f"a day of {jobs:,} is forgotten in", dropped - began, "s", at_most=1))
    figures.claims.append(Claim("of which its table is dropped in", dropped - left, "s"))


def claim(figures: Figures, many: str) -> None:
    """Hold the figures against the aims."""
    for unit in (ANY, ONE, SUBMIT):
        figures.claim(f"{unit.rpartition(',')[0]}, beside none ended", many, NONE, unit, at_least=0.95)
    ratio = figures.ratio(many, NONE, RESULT)
    figures.claims.append(Claim(f"{RESULT.rpartition(',')[0]}, beside none ended", ratio, "x", at_most=1.05))
    slow = {page: figures.median(page, unit) for page, unit in figures.values if unit == P95.format(many)}
    slowest = max(slow, key=slow.__getitem__)
    figures.claims.append(Claim(f"p95 of the slowest page ({slowest})", slow[slowest], "ms", at_most=100))
