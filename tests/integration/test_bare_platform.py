"""The platform without any workload: it starts, shows none, holds its contracts, and outlives the loss of each part."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
import redis

from bellhop_ledger.migrations.tables import metadata
from tests.stack import ROOT, Stack

WORKLOADS = sorted(path.parent.name for path in ROOT.glob("workloads/*/pyproject.toml"))
PLATFORM = {"jobs", "accounts", "files", "http", "mail", "notifications", "test"}
"""Whose tasks there are: the platform's own, and those of the tests."""
TABLES = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'bellhop'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
"""


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A whole system without workloads, which these tests hurt one after another."""
    made = Stack(tmp_path_factory.mktemp("bare"), WORKLOADS="none")
    try:
        yield made.start("web", "worker", "scheduler")
    finally:
        made.stop()


def test_it_runs_a_job(bare: Stack) -> None:
    job = bare.ended(bare.submit("test.add", args={"a": 5, "b": 7})["id"])

    assert (job["state"], job["result"]) == ("succeeded", 12)


def test_it_knows_no_task_of_a_workload(bare: Stack) -> None:
    tasks = bare.http.get("/api/tasks").json()["tasks"]

    assert {task["name"].partition(".")[0] for task in tasks} == PLATFORM


@pytest.mark.parametrize(
    "page", ["/", "/dashboard", "/jobs", "/schedules", "/mails", "/holds", "/account", "/api/docs"]
)
def test_its_pages_show_none(bare: Stack, page: str) -> None:
    browser = bare.client()
    browser.cookies.update(bare.user("operator").cookies)

    answer = browser.get(page, headers={"Accept": "text/html"})

    assert answer.status_code == 200
    assert [name for name in WORKLOADS if f"/{name}" in answer.text] == []


def test_it_has_no_route_of_a_workload(bare: Stack) -> None:
    paths = bare.http.get("/api/openapi.json").json()["paths"]

    assert [path for path in paths if set(path.split("/")) & set(WORKLOADS)] == []
    assert {bare.http.get(f"/{name}").status_code for name in WORKLOADS} <= {404}


def test_its_database_has_no_schema_of_a_workload(bare: Stack) -> None:
    schemas = {name for (name,) in bare.sql("SELECT nspname FROM pg_namespace")}
    tables = {name for (name,) in bare.sql(TABLES)}

    assert schemas.isdisjoint(WORKLOADS)
    assert tables == set(metadata.tables) | {"alembic_version", "effects"}


def a_worker_is_killed(stack: Stack) -> None:
    stack.kill("worker")
    stack.start_service("worker")


def redis_is_emptied(stack: Stack) -> None:
    with redis.Redis.from_url(stack.redis.url) as client:
        client.flushall()


def postgres_is_restarted(stack: Stack) -> None:
    stack.postgres.stop()
    stack.postgres.start()
    stack.wait_ready("web")


def the_scheduler_is_killed(stack: Stack) -> None:
    stack.kill("scheduler")
    stack.start_service("scheduler")


FAULTS = [a_worker_is_killed, redis_is_emptied, postgres_is_restarted, the_scheduler_is_killed]


@pytest.mark.parametrize("fault", FAULTS)
def test_each_job_ends_and_its_effect_is_there_once_though(bare: Stack, fault: Callable[[Stack], None]) -> None:
    key = fault.__name__
    jobs = [
        bare.submit("test.write_leased", args={"key": f"{key} while it runs", "seconds": 1})["id"],
        *(bare.submit("test.write", args={"key": f"{key} {n}", "seconds": 0.2})["id"] for n in range(5)),
        bare.submit("test.write", args={"key": f"{key} later"}, delay=1)["id"],
    ]
    bare.in_state(jobs[0], "running")

    fault(bare)

    assert {bare.ended(id)["state"] for id in jobs} == {"succeeded"}
    assert len([effect for effect in bare.effects() if effect.startswith(key)]) == len(jobs)


def test_it_holds_the_contracts() -> None:
    env = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL", "APP_ENV"}}
    pytest_alone = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]

    done = subprocess.run(
        [*pytest_alone, "tests/test_contract.py"],
        cwd=ROOT,
        env=env | {"WORKLOADS": "none"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-5_000:]
