"""GET /api/jobs/<id>?wait=: the answer comes when the job ends, and waiting costs no database connection."""

import signal
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import Any

import httpx
import pytest

from tests.problems import LATER
from tests.stack import Stack

MANY = 20


def wait(stack: Stack, id: str, seconds: float = 60) -> dict[str, Any]:
    return dict(stack.http.get(f"/api/jobs/{id}", params={"wait": seconds}).json())


def test_the_answer_comes_when_the_job_has_ended(stack: Stack) -> None:
    id = stack.submit("test.sleep", args={"seconds": 1})["id"]

    began = time.monotonic()
    job = wait(stack, id)

    assert (job["state"], job["result"]) == ("succeeded", "rested")
    assert time.monotonic() - began < 30


def test_a_job_that_has_ended_is_shown_at_once(stack: Stack) -> None:
    id = stack.ended(stack.submit("test.noop")["id"])["id"]

    began = time.monotonic()

    assert wait(stack, id)["state"] == "succeeded"
    assert time.monotonic() - began < 30


def test_when_the_time_is_up_the_job_is_shown_as_it_is(stack: Stack) -> None:
    id = stack.submit(**LATER)["id"]

    began = time.monotonic()
    job = wait(stack, id, 1)

    assert job["state"] == "scheduled"
    assert time.monotonic() - began >= 1


@pytest.mark.parametrize("seconds", ["0", "0.0", "60", "6e1", "-0"])
def test_zero_to_sixty_seconds_may_be_waited(stack: Stack, seconds: str) -> None:
    id = stack.ended(stack.submit("test.noop")["id"])["id"]

    assert stack.http.get(f"/api/jobs/{id}?wait={seconds}").status_code == 200


def test_progress_is_seen_while_the_job_runs(stack: Stack) -> None:
    id = stack.submit("test.progress", args={"steps": 100, "seconds": 0.2})["id"]
    stack.in_state(id, "running")

    job = wait(stack, id, 1)
    stack.http.post(f"/api/jobs/{id}/cancel")

    assert job["state"] == "running"
    assert job["progress"]["total"] == 100
    assert job["progress"]["message"] == f"step {job['progress']['current']:g}"


@pytest.mark.long
def test_more_can_wait_than_there_are_database_connections(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack("web", DATABASE_POOL_SIZE="3", WEB_WORKERS="1")
    id = stack.submit(**LATER)["id"]

    with ThreadPoolExecutor(MANY) as threads:
        waiting = [threads.submit(wait, stack, id) for _ in range(MANY)]
        served = [stack.http.get("/api/tasks").status_code for _ in range(50)]
        still_waiting = [not one.done() for one in waiting]
        [(connections,)] = stack.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'bellhop'")
        stack.http.post(f"/api/jobs/{id}/cancel")
        jobs = [one.result() for one in waiting]

    assert served == [200] * 50
    assert all(still_waiting)
    assert connections <= 3
    assert [job["state"] for job in jobs] == ["cancelled"] * MANY


def test_those_who_find_no_place_to_wait_are_answered_at_once(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack("web", WEB_WORKERS="1", WEB_THREADS="4")
    id = stack.submit(**LATER)["id"]

    with ThreadPoolExecutor(3) as threads:
        waiting = [threads.submit(stack.http.get, f"/api/jobs/{id}?wait=60") for _ in range(3)]
        first = next(as_completed(waiting)).result().json()
        still_waiting = sum(not one.done() for one in waiting)
        stack.http.post(f"/api/jobs/{id}/cancel")

    assert first["state"] == "scheduled"
    assert still_waiting == 2
    assert sorted(one.result().json()["state"] for one in waiting)[:2] == ["cancelled"] * 2


def test_a_server_that_stops_lets_the_waiting_go(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack("web")
    id = stack.submit(**LATER)["id"]

    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(wait, stack, id)
        _until_it_waits(stack, waiting)
        began = time.monotonic()
        stack.signal("web", signal.SIGTERM)
        job = waiting.result()

    assert job["state"] == "scheduled"
    assert time.monotonic() - began < 20


def _until_it_waits(stack: Stack, waiting: Future[dict[str, Any]]) -> None:
    """Other requests that are answered meanwhile show that this one has been taken up."""
    for _ in range(20):
        assert stack.http.get("/livez").status_code == httpx.codes.OK
    assert not waiting.done()
