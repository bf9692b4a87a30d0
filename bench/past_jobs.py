"""Jobs that ended in the past, written straight into the tables of their days: as many as a busy system has kept."""

from collections.abc import Iterable
from datetime import date, timedelta

from bellhop_ledger.ledger.retention.tiers import ENDED_INDEXES, table_of
from bench.schedulers import FILL as SCHEDULES
from tests.stack import Stack

KEEP = 7
"""Days for which jobs are kept."""
MANY_SCHEDULES = 100
USUAL, FAULTLESS, STOPPED, RARE = "bench.task_0", "bench.task_1", "bench.task_2", "bench.rare"
"""Tasks: that runs most, that never fails, that has not run for days, and of which one job in 100,000 is."""

FILL = """
    WITH numbered AS (
        SELECT n, n::float / {jobs} AS place, random() AS other, random() AS third,
               floor(16 * pow(random(), 2))::int AS drawn
        FROM generate_series(1, {jobs}) AS n
    ), kinds AS (
        SELECT *, CASE WHEN drawn = 2 AND DATE '{day}' > CURRENT_DATE + 1 THEN 3 ELSE drawn END AS kind FROM numbered
    ), timed AS (
        SELECT *, 0.01 * exp(8 * third) * interval '1 s' AS waited,
               CASE WHEN other < 0.95 OR kind = 1 THEN 'succeeded' WHEN other < 0.98 THEN 'failed' ELSE 'cancelled' END
                   AS state,
               CAST(DATE '{day}' - {keep} AS timestamp) AT TIME ZONE 'UTC' + place * {span} * interval '1 s' AS ended
        FROM kinds
    ), failing AS (
        SELECT *, CASE WHEN state = 'failed' THEN jsonb_build_object(
            'type', (ARRAY['ConnectionError','TimeoutError','ValueError','KeyError'])[1 + n % 4], 'message',
            'The host gave no answer to request ' || n, 'traceback', repeat('  File "body.py", line 1' || n, 20)) END
            AS error
        FROM timed
    ), known AS (SELECT array_agg(CAST(id AS text)) AS schedules FROM schedules WHERE source = 'api')
    INSERT INTO {table} (id, task, args, queue, priority, state, attempt, max_attempts, run_at, created_at, queued_at,
        published_at, started_at, finished_at, expires_at, worker, result, error, reason, submitter, idempotency_key,
        request_hash, request_id, schedule, due_at, tier, forget_on)
    SELECT uuidv7(ended - waited - now()),
        CASE WHEN n % 100000 = 1 THEN 'bench.rare' ELSE 'bench.task_' || kind END,
        jsonb_build_object('customer', n, 'file', 'reports/' || n || '.csv'),
        (ARRAY['default','default','slow','people'])[1 + kind % 4],
        5, state, CASE WHEN state = 'cancelled' THEN 0 WHEN state = 'failed' THEN 3 ELSE 1 END, 3,
        ended - waited, ended - waited, ended - waited, ended - waited,
        CASE WHEN state <> 'cancelled' THEN ended - waited / 2 END, ended, ended + {keep} * interval '1 day',
        CASE WHEN state <> 'cancelled' THEN 'worker@host-' || n % 8 END,
        CASE WHEN state = 'succeeded' THEN jsonb_build_object('rows', n % 1000, 'took', third) END,
        error, failure_reason_id(error), 'bench',
        CASE WHEN n % 20 = 0 THEN '{day}-' || n END, CASE WHEN n % 20 = 0 THEN md5(n::text) END,
        md5(n::text), CASE WHEN n % 25 = 0 THEN schedules[1 + n / 25 % {schedules}] END,
        CASE WHEN n % 25 = 0 THEN ended - waited END, 1, DATE '{day}'
    FROM failing, known ORDER BY n
"""
"""Most ended well, and are of few tasks with one queue each; one in 20 has a key, one in 25 is of a schedule."""
KEYS = "INSERT INTO job_keys SELECT submitter, idempotency_key, id FROM {table} WHERE idempotency_key IS NOT NULL"
RUNS = """
    INSERT INTO schedule_runs (schedule_id, due_at, outcome, job_id)
    SELECT CAST(schedule AS uuid), due_at, 'fired', id FROM (
        SELECT *, row_number() OVER (PARTITION BY schedule ORDER BY due_at DESC) AS place
        FROM {table} WHERE schedule IS NOT NULL
    ) AS runs WHERE place <= 200
"""
"""Of each schedule the last 200 runs are kept, and all of those were today."""
NEW = "CREATE TABLE ended_jobs PARTITION OF jobs FOR VALUES IN (1) PARTITION BY RANGE (forget_on)"
CHECKED = "ALTER TABLE ended_jobs ADD CONSTRAINT bench_tier_check CHECK (tier = 1)"
"""With it Postgres need not read a table to know that it may be put in place."""
HOMES = {False: "bench_none", True: "bench_many"}
"""The schema in which the tables are that are not in place, without a past and with one."""


def fill_day(stack: Stack, day: date, jobs: int, *, until_now: bool = False) -> None:
    """Write so many jobs that are forgotten on a day; those that ended today have all ended by now."""
    span = "86400"
    if until_now:
        span = "extract(epoch FROM now() - date_trunc('day', now(), 'UTC'))"
    table = table_of(day)
    stack.sql("SELECT add_ended_day(%s)", day)
    stack.sql(FILL.format(table=table, jobs=jobs, day=day, keep=KEEP, span=span, schedules=MANY_SCHEDULES))
    stack.sql(KEYS.format(table=table))


class Past:
    """The tables of jobs that ended, twice: without a past and with one. One of the two is in place."""

    def __init__(self, stack: Stack):
        self._stack = stack
        [(self._schema, self.today)] = stack.sql("SELECT current_schema(), CAST(now() AT TIME ZONE 'UTC' AS date)")
        self._full = False
        self._aside: list[str] = []
        for home in HOMES.values():
            stack.sql(f"CREATE SCHEMA {home}")
        stack.sql(CHECKED)
        stack.sql(SCHEDULES, "bench", MANY_SCHEDULES)

    def fill(self, jobs: int) -> None:
        """Write so many jobs, evenly over the days for which jobs are kept, into tables of their own."""
        self._take_away()
        for statement in (NEW, ENDED_INDEXES.format(table="ended_jobs"), CHECKED):
            self._stack.sql(statement)
        self._full = True
        days = [self.today + timedelta(days=ahead) for ahead in range(KEEP + 1)]
        for day in days:
            fill_day(self._stack, day, jobs // len(days), until_now=day == days[-1])
        self._stack.sql(RUNS.format(table=table_of(days[-1])))
        self._stack.sql("ANALYZE")
        self._stack.sql("CHECKPOINT")

    def put_in_place(self, *, full: bool) -> None:
        """Exchange the tables, unless the right ones are in place."""
        if full != self._full:
            taken = self._aside
            self._take_away()
            self._move(taken, HOMES[full], self._schema)
            self._stack.sql("ALTER TABLE jobs ATTACH PARTITION ended_jobs FOR VALUES IN (1)")
            self._full = full

    def _take_away(self) -> None:
        tree = "SELECT relname FROM pg_partition_tree('ended_jobs') JOIN pg_class ON oid = relid"
        self._aside = [str(name) for (name,) in self._stack.sql(tree)]
        self._stack.sql("ALTER TABLE jobs DETACH PARTITION ended_jobs")
        self._move(self._aside, self._schema, HOMES[self._full])

    def _move(self, tables: Iterable[str], old: str, new: str) -> None:
        self._stack.sql(";".join(f"ALTER TABLE {old}.{table} SET SCHEMA {new}" for table in tables))
