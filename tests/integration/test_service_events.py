"""When workers and schedulers started, stopped, fell silent and came back."""

from datetime import timedelta

import pytest

from bellhop_ledger.ledger import heartbeats, service_events
from bellhop_ledger.ledger.heartbeats import Service
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import transaction
from tests.stack import Stack, wait_until
from tests.workers import WithWorker

HISTORY = "SELECT kind FROM service_events WHERE name = 'worker@host:1' ORDER BY at, id"
OLD = """
    INSERT INTO service_events (at, kind, service, name) VALUES (now() - CAST(%s AS interval), 'back', 'worker', 'w')
"""
SILENT = "UPDATE heartbeats SET seen_at = now() - interval '1 minute' WHERE name = 'worker@host:1'"


@pytest.fixture(autouse=True)
def nobody(ledger: Stack) -> None:
    ledger.sql("TRUNCATE heartbeats, service_events")


def start(name: str = "worker@host:1", release: str | None = "r7") -> None:
    with transaction() as db:
        service_events.note_start(db, name, Service.WORKER, release)
        heartbeats.beat(db, name, Service.WORKER, release=release)


def beat() -> None:
    with transaction() as db:
        heartbeats.beat(db, "worker@host:1", Service.WORKER, release="r7")


def notice(times: int = 1) -> None:
    for _ in range(times):
        with transaction() as db:
            service_events.notice_silent(db)


def history(ledger: Stack) -> list[str]:
    return [kind for (kind,) in ledger.sql(HISTORY)]


def test_silence_and_return_are_recorded_once_each(ledger: Stack) -> None:
    start()
    ledger.sql(SILENT)
    notice(times=3)
    silent = history(ledger)
    beat()
    notice(times=3)

    assert silent == ["silent", "started"]  # it is silent since it was last heard of, which was before its start here
    assert sorted(history(ledger)) == ["back", "silent", "started"]


def test_a_stop_is_recorded_with_the_release_and_takes_the_heartbeat_out(ledger: Stack) -> None:
    start()
    with transaction() as db:
        service_events.note_stop(db, "worker@host:1")
        service_events.note_stop(db, "worker@host:2")
    notice()

    assert ledger.sql("SELECT kind, release FROM service_events ORDER BY id") == [("started", "r7"), ("stopped", "r7")]
    assert ledger.sql("SELECT name FROM heartbeats") == []


def test_a_start_under_a_name_that_was_not_given_up_says_that_the_one_before_died(ledger: Stack) -> None:
    start(release="r6")
    ledger.sql("UPDATE heartbeats SET started_at = now() - interval '1 hour', seen_at = now() - interval '3 seconds'")
    start(release="r7")

    assert sorted(ledger.sql("SELECT kind, release FROM service_events")) == [
        ("silent", "r6"),
        ("started", "r6"),
        ("started", "r7"),
    ]
    assert ledger.sql("SELECT now() - started_at < interval '1 minute', silent_since FROM heartbeats") == [(True, None)]


def test_events_are_kept_for_90_days_and_read_by_their_time(ledger: Stack) -> None:
    start()
    for age in ("91 days", "2 days"):
        ledger.sql(OLD, age)
    with transaction() as db:
        service_events.forget_events(db)
        now = clock.now() + timedelta(minutes=1)
        of_today = service_events.events_between(db, now - timedelta(days=1), now)
        of_all = service_events.events_between(db, now - timedelta(days=100), now)

    assert [event.kind for event in of_today] == ["started"]
    assert [event.kind for event in of_all] == ["back", "started"]


def test_a_real_worker_and_a_real_scheduler_record_their_start_and_their_stop(with_worker: WithWorker) -> None:
    stack = with_worker(BELLHOP_RELEASE="r42")
    of_worker = "SELECT kind FROM service_events WHERE service = 'worker' AND release = 'r42' ORDER BY id"
    wait_until(lambda: stack.sql(of_worker) == [("started",)])

    assert stack.services["worker"].stop(60)

    assert stack.sql(of_worker) == [("started",), ("stopped",)]
    assert ("started",) in stack.sql("SELECT kind FROM service_events WHERE service = 'scheduler'")
