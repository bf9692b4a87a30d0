"""The status in words: each thing that can be wrong, and what is said of it."""

import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime

import flask
import pytest

from bellhop_ledger.broker.celery_app import QUEUES
from bellhop_ledger.ledger.holds import Kind as Held
from bellhop_ledger.ledger.holds import pause
from bellhop_ledger.platform.database import transaction
from bellhop_local.ports import free_port
from bellhop_web.queues.waiting import MOST_COUNTED
from bellhop_web.site.format import fill
from bellhop_web.status.board import read
from bellhop_web.status.history import KEPT, History
from bellhop_web.status.parts import Severity, Status, Subject
from tests.fixtures import app_of_ledger
from tests.integration.test_failures import fail
from tests.stack import Stack, wait_until

CLOCK = re.compile(r"(?:\d\d \w{3}, )?\d\d:\d\d")
SECONDS = re.compile(r"(min|h) \d s")
EMPTY = "TRUNCATE heartbeats, job_counts, schedules, schedule_runs, exported_days CASCADE"
ALIVE = "INSERT INTO heartbeats (name, service, queues) VALUES ('w', 'worker', %s), ('s', 'scheduler', NULL)"
QUEUED = """
    INSERT INTO unfinished_jobs (id, task, args, queue, priority, max_attempts, run_at, state, queued_at)
    SELECT gen_random_uuid(), 'test.noop', '{}', %s, 5, 3, now(), 'queued', now() - make_interval(secs => %s)
    FROM generate_series(1, %s)
"""
MAILS = """
    INSERT INTO unfinished_jobs (id, task, args, queue, priority, max_attempts, attempt, run_at, state, started_at,
                                 error, reason)
    SELECT gen_random_uuid(), 'mail.send', '{}', 'default', 5, 8, 1, now() + interval '5 minutes', 'scheduled', now(),
           error, failure_reason_id(error)
    FROM generate_series(1, 12), jsonb_build_object('type', 'ConnectionRefusedError', 'message', 'refused') AS error
"""
SUCCEEDED = """
    INSERT INTO jobs (id, task, args, queue, priority, max_attempts, attempt, run_at, state, started_at, finished_at,
                      limit_key, tier, forget_on)
    VALUES (gen_random_uuid(), %s, '{}', 'default', 5, 3, 1, now(), 'succeeded', now(), now(), %s, 2, CURRENT_DATE)
"""

ENDED = """
    INSERT INTO jobs (id, task, args, queue, priority, max_attempts, run_at, state, finished_at, tier, forget_on)
    SELECT gen_random_uuid(), 'test.noop', '{}', %s, 5, 3, now(), 'succeeded', now() - interval '1 minute', 2,
        CURRENT_DATE
    FROM generate_series(1, %s)
"""


@pytest.fixture
def app(ledger: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[flask.Flask]:
    """The application, with a worker and a scheduler that are alive and nothing to do."""
    ledger.sql(EMPTY)
    ledger.sql(ALIVE, ",".join({*QUEUES, *(queue for (queue,) in ledger.sql("SELECT DISTINCT queue FROM tasks"))}))
    yield app_of_ledger(ledger, monkeypatch)
    ledger.sql(EMPTY)


@pytest.fixture
def status(app: flask.Flask) -> Callable[[], Status]:
    """Read the status."""

    def look() -> Status:
        with app.test_request_context(), transaction() as db:
            return read(db)

    return look


def words(status: Status) -> list[str]:
    """What it says, with 02:41 for each time of day, and without the seconds that the test itself took."""
    return [SECONDS.sub(r"\1", CLOCK.sub("02:41", fill(part.words)).replace(" 25 s", " 24 s")) for part in status.parts]


@pytest.fixture
def said(status: Callable[[], Status]) -> Callable[[], list[str]]:
    """Read what is said."""
    return lambda: words(status())


def test_all_is_well_says_how_much_is_done(ledger: Stack, status: Callable[[], Status]) -> None:
    ledger.sql("INSERT INTO job_counts VALUES (date_trunc('minute', now()) - interval '1 minute', 50, 5, 5)")

    found = status()

    assert words(found) == ["All is well: 1 worker, 12 jobs a minute, nothing waits"]
    assert (found.severity, found.short) == (Severity.GOOD, "")


def test_without_a_worker_nothing_runs(ledger: Stack, said: Callable[[], list[str]]) -> None:
    ledger.sql(QUEUED, "default", 1, 79)
    ledger.sql("UPDATE heartbeats SET seen_at = now() - interval '24 seconds' WHERE service = 'worker'")
    silent = said()
    ledger.sql("DELETE FROM heartbeats WHERE service = 'worker'")

    assert silent == ["Nothing runs: no worker for 24 s. 79 wait"]
    assert said() == ["Nothing runs: no worker. 79 wait"]


def test_without_a_scheduler_nothing_becomes_due(ledger: Stack, said: Callable[[], list[str]]) -> None:
    ledger.sql("UPDATE heartbeats SET seen_at = now() - interval '2 minutes' WHERE service = 'scheduler'")

    assert said() == ["Nothing becomes due: no scheduler for 2 min"]


def test_a_worker_that_drains_serves_no_queue(ledger: Stack, said: Callable[[], list[str]]) -> None:
    ledger.sql("UPDATE heartbeats SET draining_since = now() WHERE service = 'worker'")

    assert "No worker takes jobs from the queue default" in said()


def test_a_queue_without_a_worker_is_worse_where_jobs_wait(ledger: Stack, status: Callable[[], Status]) -> None:
    ledger.sql("UPDATE heartbeats SET queues = replace(queues, 'slow', 'other') WHERE service = 'worker'")
    calm = status()
    ledger.sql(QUEUED, "slow", 1, 2)

    waits = status()

    assert (words(calm), calm.severity) == (["No worker takes jobs from the queue slow"], Severity.WARNING)
    assert (words(waits), waits.severity) == (["No worker takes jobs from the queue slow: 2 wait"], Severity.BAD)


def test_an_export_that_fails_says_why(ledger: Stack, said: Callable[[], list[str]]) -> None:
    ledger.sql("INSERT INTO exported_days (day, failed_at, error) VALUES ('2030-01-31', now(), 'no space left')")

    assert said() == ["The jobs to be forgotten on 2030-01-31 could not be exported, and are kept: no space left"]


def test_a_host_that_refuses_is_named_with_since_when_and_how_many(ledger: Stack, status: Callable[[], Status]) -> None:
    refused = "api.example refused the connection"
    fail(ledger, "http.request", 60, refused, type="Unexpected", host="host:api.example")
    fail(ledger, "http.request", 60, refused, type="Unexpected", host="host:api.example", minutes=200)
    all_fail = status()
    ledger.sql(SUCCEEDED, "http.request", "host:api.example")

    assert words(all_fail) == ["Since 02:41 http.request to api.example is refused (60 jobs)"]
    assert (all_fail.severity, all_fail.short) == (Severity.BAD, "api.example fails")
    assert re.fullmatch(r"/failures#reason-[0-9a-f]{12}", all_fail.parts[0].link)
    now_and_then = status()
    assert words(now_and_then) == ["Since 02:41 http.request to api.example fails now and then (60 jobs)"]
    assert now_and_then.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("kind", "message", "verb"),
    [
        ("Unexpected", "The answer was 503 Service Unavailable, expected was 200-299", "is answered with 503"),
        ("Unexpected", "api.example did not answer in time", "has no answer in time"),
        ("Unexpected", "api.example could not be resolved", "finds no address"),
        ("OutOfStock", "order $n is out of stock", "fails with OutOfStock"),
        ("Permanent", "the printer burns", "fails"),
    ],
)
def test_what_a_task_fails_of_is_said_without_its_payload(
    ledger: Stack, said: Callable[[], list[str]], kind: str, message: str, verb: str
) -> None:
    fail(ledger, "orders.send", 5, message, type=kind)

    assert said() == [f"Since 02:41 orders.send {verb} (5 jobs)"]


def test_what_is_long_over_is_read_twice_a_minute(
    ledger: Stack, app: flask.Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail(ledger, "orders.send", 40, "order $n is out of stock")  # one a minute
    history = History()

    def number() -> int | None:
        with app.test_request_context(), transaction() as db:
            [part] = [part for part in read(db, history).parts if part.kind is Subject.FAILING]
        return part.count

    first = number()
    ledger.sql("DELETE FROM jobs WHERE finished_at < now() - interval '25 minutes'")
    fail(ledger, "orders.send", 1, "order $n is out of stock")
    then = number()
    later = time.monotonic() + KEPT
    monkeypatch.setattr(time, "monotonic", lambda: later)

    assert (first, then) == (40, 41)
    assert number() in range(24, 28)


def test_few_failures_and_old_ones_are_no_trouble(ledger: Stack, said: Callable[[], list[str]]) -> None:
    fail(ledger, "orders.send", 4, "out of stock")
    fail(ledger, "orders.bill", 50, "no such account", minutes=20)

    assert said() == ["All is well: 1 worker, 0 jobs a minute, nothing waits"]


def test_mail_that_is_down_says_how_many_wait_and_until_when(ledger: Stack, said: Callable[[], list[str]]) -> None:
    ledger.sql(MAILS)
    down = said()
    ledger.sql(SUCCEEDED, "mail.send", None)

    assert down == ["Mail is down, 12 wait, next try 02:41"]
    assert said() == ["Some mails are refused, 12 wait, next try 02:41"]


def test_long_queues_say_how_long_and_when_they_are_drained(ledger: Stack, status: Callable[[], Status]) -> None:
    ledger.sql(QUEUED, "default", 1, 240)
    unknown = words(status())
    ledger.sql(ENDED, "default", 120)
    ledger.sql("INSERT INTO job_counts VALUES (date_trunc('minute', now()) - interval '1 minute', 300, 0, 0)")
    drains = status()
    ledger.sql(QUEUED, "slow", 720, 60)
    ledger.sql(QUEUED, "slow", 1, 5)
    stands = words(status())
    ledger.sql(ENDED, "slow", 8)

    late = status()

    assert unknown == ["All is well: 1 worker, 0 jobs a minute, 240 jobs wait"]
    assert words(drains) == ["All is well: 1 worker, 60 jobs a minute, 240 jobs wait; default drains in 4 min"]
    assert stands == ["slow has 65 waiting, the oldest for 12 min", "default drains in 4 min"]
    assert words(late) == ["slow has 65 waiting, the oldest for 12 min and grows", "default drains in 4 min"]
    assert late.severity is Severity.WARNING


def test_of_a_queue_that_is_too_long_to_count_the_least_time_is_said(
    ledger: Stack, said: Callable[[], list[str]]
) -> None:
    ledger.sql(QUEUED, "default", 1, MOST_COUNTED + 500)
    ledger.sql(ENDED, "default", 1000)

    [well] = said()

    assert "more than 10,000 jobs wait; default drains in more than 20 min" in well


def test_what_is_paused_is_named_or_counted(ledger: Stack, said: Callable[[], list[str]]) -> None:
    with transaction() as db:
        pause(db, Held.QUEUE, "slow", reason="The printer burns", by="user:me")
    one = said()
    ledger.sql("UPDATE unfinished_jobs SET state = 'blocked'")
    with transaction() as db:
        pause(db, Held.TASK, "test.noop", reason="It is wrong", by="user:me")

    assert one == ["Queue slow is paused since 02:41"]
    assert said() == ["2 things are paused since 02:41"]


def test_a_schedule_that_fails_again_and_again_is_named_with_since_when(
    ledger: Stack, status: Callable[[], Status]
) -> None:
    add_schedule(ledger, "nightly.report", 8)
    add_schedule(ledger, "hourly.sums", 2)
    add_schedule(ledger, "weekly.mail", 1)

    found = status()

    assert words(found) == [
        "nightly.report failed 8 times in a row since 02:41",
        "hourly.sums failed 2 times in a row since 02:41",
    ]
    assert [part.severity for part in found.parts] == [Severity.BAD, Severity.WARNING]


SCHEDULE = """
    INSERT INTO schedules (id, name, source, task, args, fingerprint, crontab, time_zone, jitter_seconds, catch_up,
                           ceiling, overlap, priority, note, enabled, created_by, updated_by)
    VALUES (gen_random_uuid(), %s, 'api', 'test.noop', '{}', '', '@hourly', 'UTC', 0, 'skip', 1, 'allow', 5, '', true,
            '', '')
    RETURNING id
"""
RUNS = """
    WITH made AS (
        INSERT INTO jobs (id, task, args, queue, priority, max_attempts, attempt, run_at, state, started_at,
                          finished_at, schedule, due_at, tier, forget_on)
        SELECT gen_random_uuid(), 'test.noop', '{}', 'default', 5, 3, 1, at, CASE WHEN n > %s THEN 'succeeded'
               ELSE 'failed' END, at, at, %s, at, 2, CURRENT_DATE + 7
        FROM generate_series(1, 10) AS n, LATERAL (SELECT now() - make_interval(hours => n) AS at) AS t
        RETURNING id, due_at
    )
    INSERT INTO schedule_runs (schedule_id, due_at, outcome, job_id)
    SELECT CAST(%s AS uuid), due_at, 'fired', id FROM made
"""


def add_schedule(ledger: Stack, name: str, failed: int) -> None:
    """Add a schedule that has run each hour and failed so many times since it succeeded last."""
    [(id,)] = ledger.sql(SCHEDULE, name)
    ledger.sql(RUNS, failed, id, id)


def test_runs_that_are_due_and_not_made_are_overdue(ledger: Stack, said: Callable[[], list[str]]) -> None:
    for name in ("a", "b"):
        ledger.sql(SCHEDULE, name)
    ledger.sql("UPDATE schedules SET next_due_at = now() - interval '4 min', fire_at = now() - interval '4 min'")

    assert said() == ["2 schedules, the first of them a, are overdue by 4 min"]


def test_a_schedule_that_cannot_run_is_named(ledger: Stack, said: Callable[[], list[str]]) -> None:
    ledger.sql(SCHEDULE, "nightly.report")
    ledger.sql("UPDATE schedules SET disabled_reason = 'its task is gone'")

    assert said() == ["nightly.report cannot run"]


def test_the_worst_comes_first_and_what_has_no_room_is_counted(ledger: Stack, app: flask.Flask) -> None:
    for number in range(5):
        add_schedule(ledger, f"nightly.{number}", 8)
    ledger.sql("UPDATE heartbeats SET seen_at = now() - interval '24 seconds' WHERE service = 'worker'")

    client = app.test_client()
    page = client.get("/jobs", headers={"Authorization": "Bearer dev-only-admin-token"}).text

    assert page.index("Nothing runs: no worker for 2") < page.index("nightly.0 failed 8 times")
    assert "and 2 more" in page
    assert "<title>⚠ No worker · Jobs · Bellhop</title>" in page
    assert "icon-bad.svg" in page.partition("<link")[2].partition(">")[0]


def test_what_cannot_be_read_is_said_and_breaks_no_page(
    ledger: Stack, app: flask.Flask, status: Callable[[], Status]
) -> None:
    ledger.sql("ALTER TABLE job_counts RENAME TO job_counts_away")
    try:
        answer = app.test_client().get("/api/status", headers={"Authorization": "Bearer dev-only-admin-token"})
    finally:
        ledger.sql("ALTER TABLE job_counts_away RENAME TO job_counts")

    [part] = answer.json["parts"]
    assert (part["kind"], part["words"]) == (
        "database", "What is wrong cannot be read; the log of web says why",
    )  # fmt: skip


def test_real_troubles_are_told_in_words(make_stack: Callable[..., Stack]) -> None:
    closed = free_port()
    stack = make_stack(
        *("web", "worker", "scheduler"),
        FETCH_ALLOW="127.0.0.0/8",
        SMTP_HOST="127.0.0.1",
        SMTP_PORT=str(free_port()),
        SMTP_SECURITY="none",
    )
    call = {"task": "http.request", "args": {"url": f"http://127.0.0.1:{closed}/", "retries": 0}}
    for job in stack.submit_many([call] * 6):
        stack.ended(job["id"])
    for number in range(3):
        stack.ended(stack.submit("test.post", args={"to": f"ada-{number}@example.org"})["id"])

    def told() -> list[str]:
        return [CLOCK.sub("02:41", part["words"]) for part in stack.http.get("/api/status").json()["parts"]]

    wait_until(
        lambda: (
            told()
            == [
                "Since 02:41 http.request to 127.0.0.1 is refused (6 jobs)",
                "Mail is down, 3 wait, next try 02:41",
            ]
        )
    )
    stack.kill("worker")
    stack.submit("test.noop")
    stack.sql("UPDATE heartbeats SET seen_at = now() - interval '24 seconds' WHERE service = 'worker'")
    wait_until(lambda: re.fullmatch(r"Nothing runs: no worker for \d\d s\. \d+ waits?", told()[0]))
    since = stack.http.get("/api/status").json()["parts"][0]["since"]
    assert datetime.fromisoformat(since) == stack.sql("SELECT seen_at FROM heartbeats WHERE service = 'worker'")[0][0]
