"""What the leading scheduler measures, on a ledger that is known."""

import json

from sqlalchemy import text

from bellhop_ledger.ledger import heartbeats
from bellhop_ledger.ledger.heartbeats import Service
from bellhop_ledger.platform.database import transaction
from bellhop_scheduler.measurer import MEASURE, MOST, measure
from tests.stack import Stack

WAITING = """
    INSERT INTO jobs (id, task, args, queue, priority, max_attempts, run_at, state, queued_at, published_at)
    SELECT gen_random_uuid(), 'test.noop', '{{}}', '{queue}', 5, 1, now(), 'queued',
           now() - interval '{age} seconds', {published} FROM generate_series(1, {number})
"""


def test_it_says_how_many_wait_since_when_and_who_serves_them(ledger: Stack) -> None:
    ledger.sql("DELETE FROM heartbeats")
    ledger.sql(WAITING.format(queue="default", age=5, published="now()", number=3))
    ledger.sql(WAITING.format(queue="default", age=90, published="NULL", number=2))
    ledger.sql(WAITING.format(queue="slow", age=300, published="now()", number=1))
    with transaction() as db:
        heartbeats.beat(db, "one", Service.WORKER, queues="default, slow", processes=4, busy=1)
        heartbeats.beat(db, "two", Service.WORKER, queues="default", processes=2, busy=2)
        heartbeats.beat(db, "gone", Service.WORKER, queues="slow", processes=2, busy=2)
    ledger.sql("UPDATE heartbeats SET seen_at = now() - interval '1 minute' WHERE name = 'gone'")

    with transaction() as db:
        seen = measure(db)

    assert [(one.queue, one.depth, round(one.oldest, -1), one.workers) for one in seen.queues] == [
        ("default", 5, 90, 2),
        ("people", 0, 0, 0),
        ("slow", 1, 300, 1),
    ]
    assert (seen.unsent, round(seen.unsent_oldest, -1), seen.running) == (2, 90, 0)
    assert (seen.processes, seen.busy) == (6, 3)
    assert seen.database_bytes > 1_000_000


def test_no_part_of_it_reads_all_jobs(ledger: Stack) -> None:
    ledger.sql(WAITING.format(queue="default", age=5, published="now()", number=5_000))
    ledger.sql(WAITING.format(queue="slow", age=5, published="now()", number=10))
    ledger.sql("ANALYZE jobs")
    parameters = {"queues": ["default", "slow"], "most": MOST, "late": 20}

    with transaction() as db:
        db.execute(text("SET LOCAL enable_seqscan = off"))  # it is right for few rows
        plan = json.dumps(db.execute(text(f"EXPLAIN (FORMAT JSON) {MEASURE.text}"), parameters).scalar_one())

    assert plan.count("jobs_waiting_idx") == 2
    assert plan.count('"Relation Name": "unfinished_jobs"') == 2
