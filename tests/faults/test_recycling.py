"""Processes that have done enough are replaced: no job is lost by it, pays an attempt for it or becomes suspect."""

import re
from collections.abc import Callable

import pytest

from tests.stack import Stack, wait_until
from tests.tasks.bodies import HOARDED

MakeStack = Callable[..., Stack]
SERVICES = ("web", "worker", "scheduler")
GRACE = "30"
"""As it is by default: a message that a process left unread comes to the next one within a second or two."""


def recycled(stack: Stack, fact: str) -> list[int]:
    """What the processes of the pool said of themselves when they left."""
    lines = [line for line in stack.log("worker").splitlines() if "process_recycled" in line]
    return [int(found[1]) for line in lines if (found := re.search(rf"\b{fact}=(\d+)", line))]


def fates(stack: Stack) -> list[tuple[str, bool, int, int]]:
    """How the jobs have ended: state, whether suspect, attempts, and how many did so. Nobody has complained."""
    complaints = [line for line in stack.log("worker").splitlines() if "error" in line or "job_lost" in line]
    assert complaints == []
    rows = "SELECT state, suspect, attempt, count(*)::int FROM jobs WHERE task LIKE 'test.%' GROUP BY 1, 2, 3"
    return stack.sql(rows)


def unharmed(jobs: int) -> list[tuple[str, bool, int, int]]:
    """All have succeeded as if nothing had been."""
    return [("succeeded", False, 1, jobs)]


@pytest.mark.parametrize("task", ["test.write", pytest.param("test.write_leased", marks=pytest.mark.long)])
def test_processes_are_replaced_after_so_many_jobs_and_no_job_notices(make_stack: MakeStack, task: str) -> None:
    stack = make_stack(*SERVICES, MESSAGE_GRACE_SECONDS=GRACE, WORKER_MAX_JOBS_PER_PROCESS="5")

    for n in range(60):
        stack.submit(task, args={"key": f"{n:02}"})

    wait_until(stack.all_ended)
    assert fates(stack) == unharmed(60)
    assert stack.effects() == [f"{n:02}" for n in range(60)]
    assert len(recycled(stack, "jobs")) >= 60 // 5 - 2
    assert set(recycled(stack, "jobs")) <= set(range(5, 8)), "a message of a few jobs may be under way"


@pytest.mark.parametrize("task", [pytest.param("test.write_batch", marks=pytest.mark.long), "test.write_leased_batch"])
def test_a_message_of_many_jobs_counts_as_many_and_its_rest_goes_to_another_process(
    make_stack: MakeStack, task: str
) -> None:
    stack = make_stack(
        *SERVICES, MESSAGE_GRACE_SECONDS=GRACE, WORKER_MAX_JOBS_PER_PROCESS="30", MESSAGE_BUDGET_SECONDS="60"
    )

    stack.submit_many([{"task": task, "args": {"key": f"{n:03}"}} for n in range(200)])

    wait_until(stack.all_ended)
    assert fates(stack) == unharmed(200)
    assert stack.effects() == [f"{n:03}" for n in range(200)]
    assert set(recycled(stack, "jobs")) == {30}
    assert len(recycled(stack, "jobs")) >= 200 // 30 - 1


@pytest.mark.parametrize("task", [pytest.param("test.write_batch", marks=pytest.mark.long), "test.write_leased_batch"])
def test_the_memory_of_a_process_is_looked_at_between_the_jobs_of_a_message(make_stack: MakeStack, task: str) -> None:
    limit, each = 256, HOARDED // 2**20
    stack = make_stack(
        *SERVICES, MESSAGE_GRACE_SECONDS=GRACE, WORKER_MAX_MEMORY_MIB=str(limit), MESSAGE_BUDGET_SECONDS="60"
    )

    stack.submit_many([{"task": task, "args": {"key": f"{n:02}", "fault": "hoard"}} for n in range(20)])

    wait_until(stack.all_ended)
    assert fates(stack) == unharmed(20)
    assert len(recycled(stack, "memory_mib")) >= 2
    assert max(recycled(stack, "memory_mib")) < limit + 2 * each


@pytest.mark.long
def test_the_process_of_async_bodies_is_replaced_when_what_it_runs_has_ended(make_stack: MakeStack) -> None:
    plugins = "tests.tasks,tests.tasks.waits"
    stack = make_stack(
        *SERVICES,
        MESSAGE_GRACE_SECONDS=GRACE,
        BELLHOP_PLUGINS=plugins,
        WORKER_MAX_JOBS_PER_PROCESS="5",
        WORKER_ASYNC_SLOTS="5",
    )

    stack.submit_many([{"task": "test.wait", "args": {"seconds": 0.1}}] * 30)

    wait_until(stack.all_ended)
    assert fates(stack) == unharmed(30)
    assert stack.log("worker").count("async_pool_started") >= 4


@pytest.mark.long
def test_what_a_replaced_process_has_done_is_counted(make_stack: MakeStack) -> None:
    stack = make_stack(*SERVICES, MESSAGE_GRACE_SECONDS=GRACE, WORKLOADS="none", WORKER_MAX_JOBS_PER_PROCESS="1")

    stack.submit_many([{"task": "test.write_batch", "args": {"key": str(n)}} for n in range(20)])

    wait_until(stack.all_ended)
    wait_until(lambda: stack.sql("SELECT sum(succeeded)::int FROM job_counts") == [(20,)])
