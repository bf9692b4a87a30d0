"""Counts and dials while processes die and servers are away: nothing is forgotten, and a scrape is always answered."""

from collections.abc import Callable

import httpx
import psutil
import pytest

from tests.stack import Stack, wait_until
from tests.workers import WithWorker

MakeStack = Callable[..., Stack]
FINISHED = 'bellhop_jobs_finished_total{state="succeeded",task="test.write_leased"}'
LOST = 'bellhop_leases_lost_total{task="test.write_leased"}'


@pytest.mark.long
def test_processes_that_are_killed_take_no_count_with_them(with_worker: WithWorker) -> None:
    stack = with_worker()

    for turn in range(3):
        done = stack.submit("test.write_leased", args={"key": f"done-{turn}"})
        stack.ended(done["id"])
        job = stack.submit("test.write_leased", args={"key": str(turn), "seconds": 3})
        stack.in_state(job["id"], "running")
        for process in psutil.Process(stack.services["worker"].pid).children():
            process.kill()
        assert stack.ended(job["id"])["attempt"] == 2

        wait_until(lambda expected=2 * turn + 2: stack.metrics("worker")[FINISHED] == expected)  # type: ignore[misc]
        assert stack.metrics("worker")[LOST] == turn + 1
    wait_until(lambda: len(psutil.Process(stack.services["worker"].pid).children()) == 2)


@pytest.mark.long
def test_only_the_scheduler_that_leads_tells_of_the_system_and_all_answer_without_the_servers(
    make_stack: MakeStack,
) -> None:
    stack = make_stack("web", "scheduler", "scheduler-2")
    schedulers = ("scheduler", "scheduler-2")
    wait_until(lambda: sorted(told(stack, name) for name in schedulers) == [(0, False), (1, True)])
    leader = next(name for name in schedulers if told(stack, name) == (1, True))

    stack.redis.stop()
    wait_until(lambda: stack.metrics(leader)["bellhop_redis_up"] == 0)
    assert stack.metrics(leader)['bellhop_redis_faults_total{use="schedule"}'] >= 1

    stack.postgres.stop()
    assert stack.http.get("/readyz").status_code == 503
    wait_until(lambda: [stack.metrics(name)["bellhop_postgres_up"] for name in schedulers] == [0, 0])
    assert [told(stack, name) for name in schedulers] == [(0, False)] * 2
    faults = stack.metrics("web")
    assert sum(faults[f'bellhop_database_faults_total{{reason="{why}"}}'] for why in ("refused", "broken")) >= 1


def told(stack: Stack, name: str) -> tuple[float, bool]:
    """Whether a scheduler says that it leads, and whether it tells of the queues."""
    metrics = stack.metrics(name)
    return metrics["bellhop_scheduler_leading"], 'bellhop_queue_depth{queue="default"}' in metrics


def test_a_worker_that_waits_for_redis_answers_scrapes(make_stack: MakeStack) -> None:
    stack = make_stack()
    stack.redis.stop()
    stack.start_service("worker")

    wait_until(lambda: answers(stack, "worker"))


def answers(stack: Stack, name: str) -> bool:
    """Whether it answers yet."""
    try:
        return bool(stack.metrics(name))
    except httpx.TransportError:
        return False
