"""Web and workers behind a real PgBouncer in transaction mode: nothing they do needs a session of its own."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from tests import shop
from tests.databases import run_command
from tests.pooler import PgBouncer, PooledStack, needs_pgbouncer
from tests.seconds import fire_each_second, fired
from tests.stack import Stack, wait_until

pytestmark = needs_pgbouncer
CONNECTIONS = 5
"""Of the pooler to Postgres, for web and a worker that may open more than twenty."""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PooledStack]:
    """A whole system."""
    directory = tmp_path_factory.mktemp("pooled")
    made = PooledStack(directory, connections=CONNECTIONS, BELLHOP_PLUGINS="tests.tasks,tests.tasks.waits")
    try:
        yield made.start("web", "worker", "scheduler")
    finally:
        made.stop()


def ended(system: PooledStack, task: str, **args: Any) -> dict[str, Any]:
    """Run a job to its end."""
    return system.ended(system.submit(task, args=args)["id"])


def test_a_pooler_that_drops_our_settings_is_noticed(ledger: Stack, tmp_path: Path) -> None:
    pooler = PgBouncer(tmp_path / "pgbouncer", ledger.postgres, size=2, more="ignore_startup_parameters = options")
    pooler.start()
    try:
        wait_until(pooler.answers)
        done = run_command(pooler.address("bellhop"), "bellhop-migrate")
    finally:
        pooler.stop()

    assert done.returncode == 1
    assert "set DATABASE_POOLER=transaction" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("task", ["test.write", "test.write_leased", "test.write_batch", "test.write_leased_batch"])
def test_a_job_of_each_mode_writes_once(system: PooledStack, task: str) -> None:
    assert ended(system, task, key=task)["state"] == "succeeded"

    assert system.effects().count(task) == 1


def test_an_async_body_runs(system: PooledStack) -> None:
    assert ended(system, "test.wait", seconds=0.1)["result"] == "waited"


def test_many_jobs_at_once_share_the_few_connections(system: PooledStack) -> None:
    tasks = ("test.write_batch", "test.write_leased_batch", "test.write", "test.write_leased")
    keys = [f"many {number:03}" for number in range(400)]

    system.submit_many([{"task": tasks[n % len(tasks)], "args": {"key": key}} for n, key in enumerate(keys)])

    wait_until(lambda: not set(system.states("test.write%")) - {"succeeded"})
    assert [key for key in system.effects() if key.startswith("many")] == keys


def test_a_job_fails_is_tried_again_and_is_tried_again_by_a_person(system: PooledStack) -> None:
    assert ended(system, "test.fail", times=2)["attempt"] == 3
    failed = ended(system, "test.fail", times=9, permanent=True)

    assert failed["state"] == "failed"
    assert system.http.post(f"/api/jobs/{failed['id']}/retry").status_code in (200, 202)
    assert system.ended(failed["id"])["state"] == "failed"


def test_a_running_job_reports_and_is_cancelled(system: PooledStack) -> None:
    job = system.submit("test.sleep", args={"seconds": 50})
    system.in_state(job["id"], "running")

    system.http.post(f"/api/jobs/{job['id']}/cancel")

    assert system.ended(job["id"])["state"] == "cancelled"
    assert ended(system, "test.progress", steps=3, seconds=0.3)["progress"]["current"] == 3


def test_a_job_with_a_date_and_a_schedule_start_by_themselves(system: PooledStack) -> None:
    later = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    job = system.submit("test.write", args={"key": "later"}, run_at=later)
    fire_each_second(system)

    assert system.ended(job["id"])["state"] == "succeeded"
    wait_until(lambda: fired(system) >= 2)


def test_a_job_survives_the_death_of_its_worker(system: PooledStack) -> None:
    assert ended(system, "test.poison")["error"]["type"] == "WorkerLost"
    assert ended(system, "test.poison_atomic")["error"]["type"] == "WorkerLost"


def test_an_application_submits_in_sql_through_the_pooler(system: PooledStack) -> None:
    [id] = shop.run(system.pooler.address(), """SELECT bellhop.submit('test.write', '{"key": "in SQL"}')""")

    assert system.ended(str(id))["state"] == "succeeded"
    assert system.effects().count("in SQL") == 1


def test_pages_lists_and_searches_answer(system: PooledStack) -> None:
    operator = system.user("operator")
    operator.http.cookies.update(operator.cookies)
    for path in ("/", "/jobs", "/jobs?state=succeeded", "/schedules", "/mails", "/products", "/polls", "/prices"):
        answer = operator.http.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 200, (path, answer.text)


def test_nobody_sees_the_settings_of_another_one_who_shares_the_pool(system: PooledStack) -> None:
    names = "search_path", "statement_timeout", "plan_cache_mode", "enable_seqscan", "timezone", "synchronous_commit"
    shown = "SELECT " + ", ".join(f"current_setting('{name}')" for name in names)
    before = system.sql(shown)
    for number in range(20):
        ended(system, "test.write", key=f"shared {number}")

    guests = [psycopg2.connect(system.pooler.address("bellhop_app")) for _ in range(CONNECTIONS)]
    seen = set()
    for guest in guests:
        with closing(guest), guest.cursor() as cursor:
            cursor.execute(shown)
            seen.add(cursor.fetchone())

    assert seen == {(before[0][0], "30min", *before[0][2:])}
