"""Health, and what the API does while Redis or Postgres is away."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.problems import LATER, fields_of
from tests.stack import Stack, wait_until


def test_with_both_servers_we_are_ready(stack: Stack) -> None:
    answer = stack.http.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "postgres": "ok", "redis": "ok", "tasks": "known"}


def test_being_alive_takes_no_token_and_no_look_at_the_query(stack: Stack) -> None:
    answer = stack.http.get("/livez?probe=7", headers={"Authorization": "nonsense"})

    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_without_redis_jobs_are_accepted_as_quickly_as_ever(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack("web")
    stack.redis.stop()

    began = time.monotonic()
    jobs = [stack.submit("test.noop") for _ in range(20)]
    took = time.monotonic() - began

    assert {job["state"] for job in jobs} == {"queued"}
    assert took < 10
    ready = stack.http.get("/readyz")
    assert (ready.status_code, ready.json()["status"], ready.json()["redis"]) == (200, "degraded", "away")
    assert stack.http.get("/livez").status_code == 200


def test_without_redis_the_end_of_a_job_is_noticed_all_the_same(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack("web")
    id = stack.submit(**LATER)["id"]
    stack.redis.stop()

    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(stack.http.get, f"/api/jobs/{id}?wait=60")
        assert stack.http.post(f"/api/jobs/{id}/cancel").status_code == 202

    assert waiting.result().json()["state"] == "cancelled"


def test_without_any_server_we_are_alive_but_not_ready(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack("web")
    token = stack.http.get("/api/tasks").status_code
    stack.redis.stop()
    stack.postgres.stop()

    live, ready, docs = (stack.http.get(path) for path in ("/livez", "/readyz", "/api/docs"))

    assert token == 200
    assert (live.status_code, docs.status_code) == (200, 200)
    assert ready.status_code == 503
    assert ready.json() == {"status": "unavailable", "postgres": "away", "redis": "away", "tasks": "known"}


def test_without_postgres_a_job_is_refused_until_it_is_back(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack("web")
    stack.postgres.stop()

    answer = stack.http.post("/api/jobs", json=LATER)

    assert fields_of(answer, 503) == []
    assert int(answer.headers["Retry-After"]) > 0
    stack.postgres.start()
    wait_until(lambda: stack.http.post("/api/jobs", json=LATER).status_code == 202)
