"""Queues: what waits, how fast it comes and goes, and when it will be empty."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from bellhop_ledger.ledger import heartbeats
from bellhop_ledger.ledger.heartbeats import Service
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import transaction
from bellhop_web.queues import rates, waiting
from bellhop_web.queues.rates import Forecast, Outlook, forecast
from bellhop_web.queues.views import QueueView, all_queues
from bellhop_web.queues.waiting import MOST_COUNTED
from tests.stack import Stack

QUEUED = """
    INSERT INTO jobs (id, task, args, queue, priority, max_attempts, run_at, state, queued_at)
    SELECT gen_random_uuid(), 'test.noop', '{}', %s, 5, 3, now(), 'queued', now() - make_interval(secs => %s)
    FROM generate_series(1, %s)
"""
SCHEDULED = """
    INSERT INTO jobs (id, task, args, queue, priority, max_attempts, run_at, state)
    SELECT gen_random_uuid(), 'test.noop', '{}', 'default', 5, 3, now() + interval '1 day', 'scheduled'
    FROM generate_series(1, 5000)
"""
ENDED = """
    INSERT INTO jobs (id, task, args, queue, priority, max_attempts, run_at, state, finished_at, tier, forget_on)
    SELECT gen_random_uuid(), 'test.noop', '{}', %s, 5, 3, now(), %s, now() - make_interval(secs => %s), 2, CURRENT_DATE
    FROM generate_series(1, %s)
"""


@pytest.fixture(autouse=True)
def served(ledger: Stack) -> None:
    ledger.sql("TRUNCATE heartbeats")
    worker("worker@host:1", "default, slow")


def worker(name: str, queues: str) -> None:
    with transaction() as db:
        heartbeats.beat(db, name, Service.WORKER, queues=queues, processes=2, busy=0)


def queue(name: str) -> QueueView:
    with transaction() as db:
        return next(one for one in all_queues(db) if one.name == name)


def test_a_queue_that_drains_says_in_how_long_it_is_empty(ledger: Stack) -> None:
    ledger.sql(QUEUED, "default", 300, 400)
    ledger.sql(QUEUED, "default", 30, 20)
    ledger.sql(ENDED, "default", "succeeded", 60, 200)
    ledger.sql(ENDED, "default", "failed", 30, 40)

    shown = queue("default")

    assert (shown.arrivals_per_minute, shown.ends_per_minute) == (20.0, 120.0)
    assert (shown.outlook, shown.seconds_to_empty, shown.forecast.words) == (Outlook.EMPTIES, 252.0, "4 min 12 s")
    assert (shown.served_by, shown.workers) == (["worker@host:1"], 1)


def test_a_rush_that_has_just_begun_counts_as_if_nothing_more_came(ledger: Stack) -> None:
    ledger.sql(QUEUED, "default", 10, 600)
    ledger.sql(ENDED, "default", "succeeded", 5, 120)

    shown = queue("default")

    assert (shown.outlook, shown.seconds_to_empty) == (Outlook.EMPTIES, 600.0)


def test_in_a_rush_the_rate_is_that_of_the_latest_ends(ledger: Stack) -> None:
    ledger.sql(ENDED, "default", "succeeded", 10, rates.MOST_ENDS + 500)

    assert queue("default").ends_per_minute == pytest.approx(rates.MOST_ENDS * 6, rel=0.05)


def test_a_queue_that_grows_is_not_served_is_paused_or_stands_still_says_so(ledger: Stack) -> None:
    ledger.sql(QUEUED, "default", 300, 10)
    assert queue("default").forecast.words == "nothing ended lately"

    ledger.sql(QUEUED, "default", 30, 50)
    ledger.sql(ENDED, "default", "succeeded", 60, 20)
    assert queue("default").forecast.words == "grows"

    with transaction() as db:
        db.execute(text("UPDATE heartbeats SET draining_since = now()"))
    assert (queue("default").forecast.words, queue("default").served_by) == ("nobody serves it", [])

    ledger.sql("INSERT INTO holds (kind, name, reason, held_by) VALUES ('queue', 'default', 'It burns', 'user:me')")
    assert (queue("default").forecast.words, queue("default").seconds_to_empty) == ("paused", None)
    assert queue("slow").outlook is Outlook.EMPTY


@pytest.mark.parametrize(
    ("waits", "age", "arrivals", "ends", "expected"),
    [
        (0, None, 5.0, 5.0, Forecast(Outlook.EMPTY)),
        (10, 300, 0.0, 0.0, Forecast(Outlook.UNKNOWN)),
        (10, 300, 5.0, 10.0, Forecast(Outlook.EMPTIES, 120.0)),
        (10, 300, 10.0, 10.0, Forecast(Outlook.GROWS)),
        (10, 300, 9.9999, 10.0, Forecast(Outlook.GROWS)),
        (10, 2, 70.0, 60.0, Forecast(Outlook.EMPTIES, 10.0)),
        (1, 2, 6_000.0, 6_000.0, Forecast(Outlook.EMPTIES, 1.0)),
    ],
)
def test_the_forecast(waits: int, age: int | None, arrivals: float, ends: float, expected: Forecast) -> None:
    oldest = None if age is None else clock.now() - timedelta(seconds=age)

    found = forecast(waiting=waits, oldest=oldest, arrivals=arrivals, ends=ends)

    assert (found.outlook, found.seconds) == (expected.outlook, expected.seconds)


def test_a_long_queue_says_so_and_names_its_oldest_job(ledger: Stack) -> None:
    ledger.sql(QUEUED, "default", 3600, MOST_COUNTED + 99)
    ledger.sql(QUEUED, "default", 86_400, 1)
    ledger.sql(QUEUED, "slow", 3600, 3)

    default, slow = queue("default"), queue("slow")

    assert (default.waiting, default.exact) == (10_000, False)
    assert (slow.waiting, slow.exact) == (3, True)
    assert slow.oldest_at is not None
    assert default.oldest_at is not None
    assert (slow.oldest_at - default.oldest_at).total_seconds() > 80_000


@pytest.mark.parametrize(
    ("statement", "parameters"),
    [
        (waiting.WAITING, {"most": 10_001, "lately": 60.0}),
        (rates.ENDS, {"of": 120.0, "most": 2_000}),
    ],
    ids=["waiting", "ends"],
)
def test_queues_are_read_from_indexes(ledger: Stack, statement: object, parameters: dict[str, float]) -> None:
    ledger.sql(SCHEDULED)
    ledger.sql(QUEUED, "default", 10, 100)
    ledger.sql(ENDED, "default", "succeeded", 5000, 20_000)
    ledger.sql("ANALYZE jobs")

    with transaction() as db:
        plan = "\n".join(db.execute(text(f"EXPLAIN {statement}"), parameters).scalars())

    assert "Seq Scan on unfinished_jobs" not in plan
    assert "Seq Scan on kept_jobs" not in plan
