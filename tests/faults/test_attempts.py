"""What is on record of attempts after a fault: they were lost, interrupted or timed out, and none is forgotten."""

import signal
from collections.abc import Callable, Mapping

import pytest

from tests.stack import Stack, wait_until
from tests.workers import WithWorker

MakeStack = Callable[..., Stack]
ASYNC = {"BELLHOP_PLUGINS": "tests.tasks,tests.tasks.waits"}


def attempts(stack: Stack, id: str) -> list[tuple[int, str]]:
    """Return the number and the outcome of each attempt that is on record."""
    found = stack.http.get(f"/api/jobs/{id}/attempts").json()["attempts"]
    assert all(one["worker"] and one["queued_at"] <= one["started_at"] for one in found)
    return [(one["number"], one["outcome"]) for one in found]


def test_an_attempt_whose_worker_is_killed_is_lost(with_worker: WithWorker) -> None:
    stack = with_worker()
    id = stack.submit("test.write_leased", args={"key": "once", "seconds": 2})["id"]
    stack.in_state(id, "running")

    stack.kill("worker")
    wait_until(lambda: attempts(stack, id) == [(1, "lost")])
    stack.start_service("worker")

    assert stack.ended(id)["state"] == "succeeded"
    assert attempts(stack, id) == [(1, "lost"), (2, "succeeded")]


@pytest.mark.parametrize(
    ("task", "args", "settings"),
    [
        ("test.sleep", {"seconds": 2}, {}),
        pytest.param("test.sleep", {"seconds": 8, "stubborn": True}, {}, marks=pytest.mark.long),
        pytest.param("test.wait", {"seconds": 2}, ASYNC, marks=pytest.mark.long),
    ],
    ids=["listens", "stubborn", "async"],
)
def test_an_attempt_whose_worker_is_stopped_is_interrupted_and_not_used_up(
    with_worker: WithWorker, task: str, args: Mapping[str, object], settings: Mapping[str, str]
) -> None:
    stack = with_worker(WORKER_STOP_TIMEOUT="0.2", **settings)
    id = stack.submit(task, args=dict(args))["id"]
    stack.in_state(id, "running")

    stack.signal("worker", signal.SIGTERM)
    wait_until(lambda: attempts(stack, id) == [(1, "interrupted")])
    assert stack.services["worker"].stop(30)
    stack.start_service("worker")

    assert stack.ended(id)["attempt"] == 1
    assert attempts(stack, id) == [(1, "interrupted"), (1, "succeeded")]


@pytest.mark.parametrize("stubborn", [False, True])
def test_an_attempt_over_its_time_limit_has_timed_out(with_worker: WithWorker, stubborn: bool) -> None:
    stack = with_worker()

    id = stack.ended(stack.submit("test.sleep_limited", args={"seconds": 60, "stubborn": stubborn})["id"])["id"]

    assert attempts(stack, id) == [(1, "timed_out")]


@pytest.mark.parametrize("task", ["test.wait_stubbornly", pytest.param("test.block_for_ever", marks=pytest.mark.long)])
def test_an_async_attempt_over_its_hard_limit_has_timed_out(with_worker: WithWorker, task: str) -> None:
    stack = with_worker(**ASYNC)

    id = stack.ended(stack.submit(task)["id"])["id"]

    assert {outcome for _, outcome in attempts(stack, id)} == {"timed_out"}


def test_jobs_that_share_the_message_of_one_that_timed_out_have_not(with_worker: WithWorker) -> None:
    stack = with_worker(WORKER_CONCURRENCY="1", MESSAGE_BUDGET_SECONDS="60")
    args = [{"seconds": 60, "stubborn": True}, {"seconds": 0}, {"seconds": 0}]

    jobs = stack.submit_many([{"task": "test.sleep_limited_batch", "args": one} for one in args])

    assert attempts(stack, stack.ended(jobs[0]["id"])["id"])[-1] == (1, "timed_out")
    for job in jobs[1:]:
        assert stack.ended(job["id"])["state"] == "succeeded"
        assert "timed_out" not in dict(attempts(stack, job["id"])).values()
