"""Cancel and retry."""

from typing import Any

import pytest

from tests.problems import ADDITION, LATER, fields_of
from tests.stack import Stack, wait_until


def cancel(stack: Stack, id: str) -> str:
    answer = stack.http.post(f"/api/jobs/{id}/cancel")
    assert answer.status_code == 202, answer.text
    return str(answer.json()["state"])


def test_a_scheduled_job_that_is_cancelled_never_runs(stack: Stack) -> None:
    id = stack.submit("test.write", args={"key": "scheduled"}, delay=1_000_000)["id"]
    assert cancel(stack, id) == "cancelled"

    stack.sql("UPDATE jobs SET run_at = now() WHERE id = %s", id)
    stack.ended(stack.submit("test.write", args={"key": "later"}, delay=0.1)["id"])

    assert "scheduled" not in stack.effects()
    assert stack.job(id)["started_at"] is None


def test_a_queued_job_that_is_cancelled_never_runs(stack: Stack) -> None:
    busy = [stack.submit("test.sleep", args={"seconds": 60})["id"] for _ in range(2)]
    for id in busy:
        stack.in_state(id, "running")
    queued = stack.submit("test.write", args={"key": "queued"})["id"]
    assert cancel(stack, queued) == "cancelled"

    for id in busy:
        cancel(stack, id)
    stack.ended(stack.submit("test.write", args={"key": "behind it"})["id"])

    assert "queued" not in stack.effects()
    assert stack.job(queued)["state"] == "cancelled"


def test_a_running_job_is_stopped(stack: Stack) -> None:
    id = stack.submit("test.sleep", args={"seconds": 60})["id"]
    stack.in_state(id, "running")

    assert cancel(stack, id) == "running"

    job = stack.ended(id)
    assert (job["state"], job["result"], job["error"]) == ("cancelled", None, None)
    assert job["finished_at"] is not None


def test_a_running_job_that_does_not_listen_is_stopped_too(stack: Stack) -> None:
    id = stack.submit("test.sleep", args={"seconds": 60, "stubborn": True})["id"]
    stack.in_state(id, "running")

    cancel(stack, id)

    assert stack.ended(id)["state"] == "cancelled"


def test_a_job_that_was_cancelled_can_be_cancelled_again(stack: Stack) -> None:
    id = stack.submit(**LATER)["id"]

    assert [cancel(stack, id) for _ in range(3)] == ["cancelled"] * 3


@pytest.mark.parametrize(("times", "state"), [(0, "succeeded"), (9, "failed")])
def test_a_job_that_has_ended_cannot_be_cancelled(stack: Stack, times: int, state: str) -> None:
    job = stack.ended(stack.submit("test.fail", args={"times": times, "permanent": True})["id"])

    answer = stack.http.post(f"/api/jobs/{job['id']}/cancel")

    assert fields_of(answer, 409) == []
    assert answer.json()["state"] == job["state"] == state
    assert stack.job(job["id"]) == job


def test_a_failed_job_is_tried_again_with_all_its_attempts(stack: Stack) -> None:
    job = stack.ended(stack.submit("test.fail", args={"times": 9})["id"])
    assert (job["state"], job["attempt"]) == ("failed", 3)

    again = stack.http.post(f"/api/jobs/{job['id']}/retry")

    assert (again.status_code, again.json()["state"], again.json()["attempt"]) == (202, "queued", 0)
    retried = stack.ended(job["id"])
    assert (retried["state"], retried["attempt"]) == ("failed", 3)
    assert retried["finished_at"] > job["finished_at"]


def test_a_cancelled_job_can_be_brought_back(stack: Stack) -> None:
    id = stack.submit(**ADDITION, delay=1_000_000)["id"]
    cancel(stack, id)

    assert stack.http.post(f"/api/jobs/{id}/retry").json()["state"] == "queued"

    assert stack.ended(id)["result"] == 12


def test_a_job_that_was_stopped_can_be_brought_back_and_is_not_stopped_again(stack: Stack) -> None:
    id = stack.submit("test.sleep", args={"seconds": 1})["id"]
    stack.in_state(id, "running")
    cancel(stack, id)
    first = stack.ended(id)["state"]

    stack.http.post(f"/api/jobs/{id}/retry")

    assert (first, stack.ended(id)["state"]) in {("cancelled", "succeeded"), ("succeeded", "succeeded")}


@pytest.mark.parametrize("state", ["scheduled", "running", "succeeded"])
def test_a_job_in_any_other_state_cannot_be_tried_again(stack: Stack, state: str) -> None:
    bodies: dict[str, dict[str, Any]] = {
        "scheduled": LATER,
        "running": {"task": "test.sleep", "args": {"seconds": 60}},
        "succeeded": {"task": "test.noop"},
    }
    id = stack.submit(**bodies[state])["id"]
    stack.in_state(id, state)

    answer = stack.http.post(f"/api/jobs/{id}/retry")

    assert fields_of(answer, 409) == []
    assert answer.json()["state"] == state
    if state == "running":
        cancel(stack, id)


def test_a_cancelled_job_wakes_those_who_wait_for_it(stack: Stack) -> None:
    id = stack.submit(**LATER)["id"]
    cancel(stack, id)

    wait_until(lambda: stack.http.get(f"/api/jobs/{id}?wait=60").json()["state"] == "cancelled")
