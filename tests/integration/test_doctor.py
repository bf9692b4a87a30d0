"""GET /api/doctor and /api/queues: what is wrong, each with what to do about it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis import Redis

from bellhop_ledger.broker.pubsub import client
from bellhop_ledger.platform import clock
from bellhop_web.doctor import postgres
from bellhop_web.doctor.examination import examine
from bellhop_web.doctor.findings import Condition, FindingView
from tests.stack import Stack, wait_until

CHECKS = {
    "worker", "queue", "scheduler", "export", "dead_service", "backlog", "clock", "release", "migrations", "web_clock",
    "connections", "disk", "redis", "redis_policy", "redis_persistence", "redis_memory",
}  # fmt: skip
HEARTBEAT = """
    INSERT INTO heartbeats (name, service, queues, seen_at, clock_offset)
    VALUES ('worker@ailing:1', 'worker', 'default,slow,people', now() - make_interval(secs => %s), %s)
"""


@pytest.fixture
def ailing(ledger: Stack) -> Iterator[Stack]:
    """Servers without any process, which a test may hurt."""
    yield ledger
    ledger.sql("TRUNCATE heartbeats, exported_days, schedule_runs, jobs CASCADE")
    ledger.sql("DELETE FROM task_releases WHERE name LIKE 'release %%'")


def found(check: str) -> FindingView:
    """Return the worst finding of a check."""
    order = [Condition.WRONG, Condition.WARNING, Condition.UNKNOWN, Condition.OK]
    return min((one for one in examine() if one.check == check), key=lambda one: order.index(one.state))


def test_a_system_that_is_well_has_nothing_wrong_and_says_what_was_looked_at(stack: Stack) -> None:
    def seen() -> dict[str, Any]:
        return {one["check"]: one for one in stack.http.get("/api/doctor").json()["findings"]}

    wait_until(lambda: seen()["scheduler"]["state"] == "ok")

    findings = seen()
    of_other_tests = {"queue", "export", "release", "dead_service", "backlog"}
    assert findings.keys() == CHECKS
    assert [one for name, one in findings.items() if one["state"] == "wrong" and name not in of_other_tests] == []
    assert all(one["message"] for one in findings.values())


def test_the_clock_of_web_is_part_of_the_answer(stack: Stack) -> None:
    at = datetime.fromisoformat(stack.http.get("/api/doctor").json()["at"])

    assert abs(datetime.now(UTC) - at) < timedelta(seconds=30)


@pytest.mark.parametrize("path", ["/api/doctor", "/api/queues"])
def test_they_are_for_operators(stack: Stack, path: str) -> None:
    assert stack.client().get(path).status_code == 401
    assert stack.user().http.get(path).status_code == 403


def test_workers_and_schedulers_measure_their_clocks(stack: Stack) -> None:
    measured = "SELECT service, clock_offset FROM heartbeats WHERE clock_offset IS NOT NULL"

    wait_until(lambda: {service for service, _ in stack.sql(measured)} == {"worker", "scheduler"})

    assert all(abs(offset) < 5 for _, offset in stack.sql(measured))


def test_where_nothing_runs_each_part_is_named(ailing: Stack) -> None:
    for check, words in {"worker": "Nothing runs", "scheduler": "Nothing becomes due"}.items():
        one = found(check)
        assert (one.state, one.message.startswith(words), bool(one.advice)) == (Condition.WRONG, True, True)


def test_a_service_that_fell_silent_is_named(ailing: Stack) -> None:
    ailing.sql(HEARTBEAT, 90, None)

    one = found("dead_service")

    assert (one.state, one.message) == (Condition.WARNING, "worker@ailing:1 has not reported for 90 s")


def test_a_clock_that_differs_too_much_is_named(ailing: Stack) -> None:
    ailing.sql(HEARTBEAT, 0, -75.0)

    one = found("clock")

    assert (one.state, one.message) == (Condition.WRONG, "The clock of worker@ailing:1 is 75.0 s behind Postgres'")


def test_the_clock_of_web_itself_is_compared(ailing: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(minutes=2))

    one = found("web_clock")

    assert (one.state, one.message) == (Condition.WRONG, "The clock of web is 120.0 s ahead of Postgres'")


def test_workers_of_an_old_release_are_named(ailing: Stack) -> None:
    insert = "INSERT INTO task_releases (name, digest, deployed_at) VALUES (%s, '', now() + make_interval(hours => %s))"
    ailing.sql(insert, "release old", 1)
    ailing.sql(insert, "release new", 2)
    ailing.sql(HEARTBEAT, 0, 0.0)
    ailing.sql("UPDATE heartbeats SET release = 'release old' WHERE name = 'worker@ailing:1'")

    one = found("release")

    assert one.state is Condition.WARNING
    assert one.message.endswith("still run beside release new, which was deployed last")


def test_a_release_whose_workers_have_stopped_in_peace_runs_beside_no_other(ailing: Stack) -> None:
    insert = "INSERT INTO task_releases (name, digest, deployed_at) VALUES (%s, '', now() + make_interval(hours => %s))"
    ailing.sql(insert, "release old", 1)
    ailing.sql(insert, "release new", 2)

    one = found("release")

    assert (one.state, one.message) == (Condition.OK, "All workers are of the release release new")


def test_a_job_that_has_waited_long_is_a_backlog(ailing: Stack) -> None:
    ailing.sql(
        "INSERT INTO jobs (id, task, queue, args, state, priority, max_attempts, run_at, queued_at) VALUES "
        "(gen_random_uuid(), 'test.noop', 'slow', '{}', 'queued', 5, 1, now(), now() - interval '20 minutes')"
    )

    one = found("backlog")

    assert (one.state, one.message) == (Condition.WARNING, "1 job waits in slow, the oldest for 20 min")


def test_migrations_that_are_missing_are_counted(ailing: Stack) -> None:
    [(head,)] = ailing.sql("SELECT version_num FROM alembic_version")
    ailing.sql("UPDATE alembic_version SET version_num = %s", f"{int(head) - 2:04}")
    try:
        one = found("migrations")
    finally:
        ailing.sql("UPDATE alembic_version SET version_num = %s", head)

    assert (one.state, one.advice) == (Condition.WRONG, "Run bellhop-migrate")
    assert one.message == f"2 migrations of this release did not run: {int(head) - 1:04}, {head}"


def test_a_slot_that_fills_the_disk_is_named(ailing: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "MOST_RETAINED", -1)
    ailing.sql("SELECT pg_create_physical_replication_slot('forgotten', true)")
    try:
        one = found("disk")
    finally:
        ailing.sql("SELECT pg_drop_replication_slot('forgotten')")

    assert one.state is Condition.WRONG
    assert one.message.startswith("The replication slot forgotten holds back ")


@pytest.mark.parametrize(
    ("check", "setting", "value", "state"),
    [
        ("redis_policy", "maxmemory-policy", "allkeys-lru", Condition.WRONG),
        ("redis_memory", "maxmemory", "1mb", Condition.WARNING),
        ("redis_persistence", "appendonly", "no", Condition.WARNING),
    ],
)
def test_a_redis_that_could_lose_messages_is_found(
    ailing: Stack, check: str, setting: str, value: str, state: Condition
) -> None:
    [before] = client().config_get(setting).values()
    client().config_set(setting, value)
    try:
        one = found(check)
    finally:
        client().config_set(setting, before)

    assert (one.state, bool(one.advice)) == (state, True)


def test_a_redis_that_is_away_is_one_finding(ailing: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bellhop_web.doctor.redis.client", lambda: Redis(port=1))

    of_redis = [one for one in examine() if one.check.startswith("redis")]

    assert [(one.check, one.state) for one in of_redis] == [("redis", Condition.WRONG)]


def test_queues_tell_what_waits_and_who_serves_them(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack("web")
    stack.submit("test.add", args={"a": 1, "b": 2})
    stack.http.post("/api/queues/default/pause", json={"reason": "The printer burns"})
    stack.sql(HEARTBEAT, 0, 0.0)

    queues = {one["name"]: one for one in stack.http.get("/api/queues").json()["queues"]}

    assert (queues["slow"]["waiting"], queues["slow"]["exact"], queues["slow"]["workers"]) == (1, True, 1)
    assert queues["slow"]["oldest_at"]
    assert (queues["default"]["waiting"], queues["default"]["oldest_at"]) == (0, None)
    assert queues["default"]["paused"]["reason"] == "The printer burns"
