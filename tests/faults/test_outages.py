"""What was away comes back: no job pays for it with an attempt, and no worker with its life."""

import os
import signal
import time
from collections.abc import Callable

import psutil
import pytest

from tests.locks import uncommitted
from tests.stack import Stack, wait_until

MakeStack = Callable[..., Stack]


def test_a_database_that_is_away_for_longer_than_a_lease_costs_a_running_job_nothing(make_stack: MakeStack) -> None:
    stack = make_stack("web", "worker", "scheduler", LEASE_SECONDS="2")
    job = stack.submit("test.sleep", args={"seconds": 9})
    stack.in_state(job["id"], "running")

    stack.postgres.stop()
    time.sleep(4)
    stack.postgres.start()

    wait_until(stack.all_ended)
    assert stack.sql("SELECT state, attempt, suspect FROM jobs WHERE id = %s", job["id"]) == [("succeeded", 1, False)]


@pytest.mark.long
def test_a_worker_whose_redis_is_killed_lives_on_and_finishes_what_it_runs(make_stack: MakeStack) -> None:
    stack = make_stack("web", "worker", "scheduler")
    running = stack.submit("test.sleep", args={"seconds": 4})
    stack.in_state(running["id"], "running")

    os.kill(stack.redis.pid, signal.SIGKILL)
    time.sleep(6)
    stack.redis.stop()
    stack.redis.start()
    later = stack.submit("test.write", args={"key": "later"})

    assert stack.ended(running["id"])["attempt"] == 1
    assert stack.ended(later["id"])["state"] == "succeeded"
    assert stack.services["worker"].exit_code is None, stack.log("worker")


@pytest.mark.long
def test_a_body_over_its_hard_limit_is_killed_while_redis_is_away(make_stack: MakeStack) -> None:
    stack = make_stack("web", "worker", "scheduler")
    job = stack.submit("test.sleep_limited", args={"seconds": 60, "stubborn": True})
    stack.in_state(job["id"], "running")

    os.kill(stack.redis.pid, signal.SIGKILL)

    wait_until(lambda: stack.job(job["id"])["state"] == "failed", patience=20)
    assert "hard limit" in stack.job(job["id"])["error"]["message"]


@pytest.mark.long
def test_a_job_whose_process_was_killed_is_given_back_at_once_however_long_its_lease(make_stack: MakeStack) -> None:
    stack = make_stack("web", "worker", "scheduler", LEASE_SECONDS="3600")
    for turn in range(4):
        with uncommitted(stack, "LOCK TABLE effects IN SHARE MODE"):  # no body ends before its process is killed
            job = stack.submit("test.write_leased", args={"key": str(turn)})
            stack.in_state(job["id"], "running")

            for process in psutil.Process(stack.services["worker"].pid).children():
                process.kill()

        assert stack.ended(job["id"])["attempt"] == 2
    assert stack.effects() == ["0", "1", "2", "3"]
