"""Workers die, hang and are told to stop: every job ends, and its effects on the database are there once."""

import os
import signal
import time
from collections.abc import Callable

import psutil
import pytest

from tests.stack import Stack, wait_until
from tests.workers import WithWorker

MakeStack = Callable[..., Stack]


def pool_of(stack: Stack, worker: str = "worker") -> list[psutil.Process]:
    """The processes that run bodies."""
    return psutil.Process(stack.services[worker].pid).children()


def kill_pool(stack: Stack) -> None:
    for process in pool_of(stack):
        process.kill()


def kill_worker(stack: Stack) -> None:
    stack.kill("worker")
    stack.start_service("worker")


@pytest.mark.parametrize("fault", [kill_pool, pytest.param(kill_worker, marks=pytest.mark.long)])
def test_jobs_whose_process_is_killed_are_done_and_their_effects_are_there_once(
    with_worker: WithWorker, fault: Callable[[Stack], None]
) -> None:
    stack = with_worker()
    tasks = ["test.write", "test.write_leased"] * 10
    jobs = [stack.submit(task, args={"key": str(n), "seconds": 0.3}) for n, task in enumerate(tasks)]

    wait_until(lambda: stack.states().get("running"))
    fault(stack)

    wait_until(stack.all_ended)
    assert stack.states() == {"succeeded": len(jobs)}
    assert stack.effects() == sorted(map(str, range(len(jobs))))


@pytest.mark.parametrize("task", [pytest.param("test.write_batch", marks=pytest.mark.long), "test.write_leased_batch"])
def test_a_crash_in_the_middle_of_a_batch_costs_its_neighbours_nothing(with_worker: WithWorker, task: str) -> None:
    stack = with_worker()
    jobs = [{"task": task, "args": {"key": f"{n:02}", "fault": "kill_once" if n == 17 else ""}} for n in range(50)]

    stack.submit_many(jobs)

    wait_until(stack.all_ended)
    assert stack.states() == {"succeeded": 50}
    assert stack.effects() == [f"{n:02}" for n in range(50)]


@pytest.mark.parametrize("task", ["test.poison", pytest.param("test.poison_atomic", marks=pytest.mark.long)])
def test_a_job_that_kills_its_process_ends_as_failed_after_its_attempts(with_worker: WithWorker, task: str) -> None:
    stack = with_worker()

    job = stack.ended(stack.submit(task)["id"])

    assert (job["state"], job["attempt"], job["max_attempts"]) == ("failed", 3, 3)
    assert job["error"]["type"] == "WorkerLost"
    assert "died" in job["error"]["message"]


def test_a_worker_that_hangs_loses_its_lease_and_cannot_finish_the_job_later(with_worker: WithWorker) -> None:
    stack = with_worker(WORKER_CONCURRENCY="1")
    job = stack.submit("test.write_leased", args={"key": "once", "seconds": 1.0})
    stack.in_state(job["id"], "running")
    os.killpg(stack.services["worker"].pid, signal.SIGSTOP)

    stack.start_service("worker-2")
    done = stack.ended(job["id"])
    os.killpg(stack.services["worker"].pid, signal.SIGCONT)

    assert (done["state"], done["attempt"]) == ("succeeded", 2)
    wait_until(lambda: "lease_lost" in stack.log("worker"))
    assert stack.effects() == ["once"]
    assert stack.job(job["id"]) == done


def test_a_stop_waits_for_what_is_nearly_done(with_worker: WithWorker) -> None:
    stack = with_worker()
    job = stack.submit("test.sleep", args={"seconds": 1.5})
    stack.in_state(job["id"], "running")

    stack.services["worker"].stop(20)

    assert (stack.job(job["id"])["state"], stack.job(job["id"])["attempt"]) == ("succeeded", 1)


@pytest.mark.parametrize("stubborn", [False, pytest.param(True, marks=pytest.mark.long)])
def test_a_stop_hands_back_what_takes_too_long_without_using_up_an_attempt(
    with_worker: WithWorker, stubborn: bool
) -> None:
    stack = with_worker(WORKER_STOP_TIMEOUT="1")
    job = stack.submit("test.sleep", args={"seconds": 30, "stubborn": stubborn})
    stack.in_state(job["id"], "running")

    stopped = stack.services["worker"].stop(30)

    assert stopped, "the worker had to be killed"
    assert (stack.job(job["id"])["state"], stack.job(job["id"])["attempt"]) == ("queued", 0)


def test_a_stop_hands_back_the_rest_of_a_batch(with_worker: WithWorker) -> None:
    stack = with_worker(WORKER_CONCURRENCY="1", MESSAGE_BUDGET_SECONDS="60")
    jobs = [{"task": "test.write_leased_batch", "args": {"key": str(n), "fault": "slow"}} for n in range(5)]
    stack.submit_many(jobs)
    wait_until(lambda: stack.states().get("running"))

    stack.services["worker"].stop(20)

    states = stack.states()
    assert states["succeeded"] >= 1
    assert states == {"succeeded": states["succeeded"], "queued": 5 - states["succeeded"]}
    assert {attempt for (attempt,) in stack.sql("SELECT attempt FROM jobs WHERE state = 'queued'")} == {0}


def test_a_restart_of_postgres_in_the_middle_of_jobs_loses_none(make_stack: MakeStack) -> None:
    stack = make_stack("web", "worker", "scheduler")
    tasks = ["test.write", "test.write_leased", "test.sleep"] * 4
    bodies = [
        {"seconds": 0.5} if task == "test.sleep" else {"key": str(n), "seconds": 0.5} for n, task in enumerate(tasks)
    ]
    stack.submit_many([{"task": task, "args": args} for task, args in zip(tasks, bodies, strict=True)])
    wait_until(lambda: stack.states().get("running"))

    stack.postgres.stop()
    stack.postgres.start()

    wait_until(stack.all_ended)
    assert stack.states() == {"succeeded": len(tasks)}
    assert stack.effects() == sorted(str(n) for n, task in enumerate(tasks) if task != "test.sleep")


def test_the_lease_of_a_long_job_is_kept_up(with_worker: WithWorker) -> None:
    stack = with_worker(LEASE_SECONDS="1")

    job = stack.ended(stack.submit("test.sleep", args={"seconds": 4})["id"])

    assert (job["state"], job["attempt"]) == ("succeeded", 1)


def test_a_worker_ends_quickly_when_it_is_idle(with_worker: WithWorker) -> None:
    stack = with_worker()
    began = time.monotonic()

    assert stack.services["worker"].stop(30)
    assert time.monotonic() - began < 30
    assert stack.services["worker"].exit_code == 0
