"""Health, and what the API does while Redis or Postgres is away."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.problems import LATER, fields_of
from tests.stack import Stack, wait_until


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A web without anybody else."""
    made = Stack(tmp_path_factory.mktemp("web"))
    try:
        yield made.start("web")
    finally:
        made.stop()


@pytest.fixture
def bereft(web: Stack) -> Iterator[Stack]:
    """The same, whose servers may be stopped: they are there again for the next test."""
    yield web
    for server in (web.redis, web.postgres):
        if not server.child.is_running:
            server.start()
    wait_until(lambda: web.http.get("/readyz").json()["status"] == "ready")


def test_with_both_servers_we_are_ready(stack: Stack) -> None:
    answer = stack.http.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "postgres": "ok", "redis": "ok", "tasks": "known"}


def test_being_alive_takes_no_token_and_no_look_at_the_query(stack: Stack) -> None:
    answer = stack.http.get("/livez?probe=7", headers={"Authorization": "nonsense"})

    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_without_redis_jobs_are_accepted_as_quickly_as_ever(bereft: Stack) -> None:
    bereft.redis.stop()

    began = time.monotonic()
    jobs = [bereft.submit("test.noop") for _ in range(20)]
    took = time.monotonic() - began

    assert {job["state"] for job in jobs} == {"queued"}
    assert took < 10
    ready = bereft.http.get("/readyz")
    assert (ready.status_code, ready.json()["status"], ready.json()["redis"]) == (200, "degraded", "away")
    assert bereft.http.get("/livez").status_code == 200


def test_without_redis_the_end_of_a_job_is_noticed_all_the_same(bereft: Stack) -> None:
    id = bereft.submit(**LATER)["id"]
    bereft.redis.stop()

    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(bereft.http.get, f"/api/jobs/{id}?wait=60")
        assert bereft.http.post(f"/api/jobs/{id}/cancel").status_code == 202

    assert waiting.result().json()["state"] == "cancelled"


def test_without_any_server_we_are_alive_but_not_ready(bereft: Stack) -> None:
    token = bereft.http.get("/api/tasks").status_code
    bereft.redis.stop()
    bereft.postgres.stop()

    live, ready, docs = (bereft.http.get(path) for path in ("/livez", "/readyz", "/api/docs"))

    assert token == 200
    assert (live.status_code, docs.status_code) == (200, 200)
    assert ready.status_code == 503
    assert ready.json() == {"status": "unavailable", "postgres": "away", "redis": "away", "tasks": "known"}


def test_without_postgres_a_job_is_refused_until_it_is_back(bereft: Stack) -> None:
    bereft.postgres.stop()

    answer = bereft.http.post("/api/jobs", json=LATER)

    assert fields_of(answer, 503) == []
    assert int(answer.headers["Retry-After"]) > 0
    bereft.postgres.start()
    wait_until(lambda: bereft.http.post("/api/jobs", json=LATER).status_code == 202)
