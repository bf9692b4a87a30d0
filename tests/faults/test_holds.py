"""What is paused stays so whatever dies meanwhile: nothing of it runs, nothing is lost, and all of it goes on."""

import os
import signal
from collections.abc import Callable

import pytest
import redis

from tests.seconds import fire_each_second
from tests.stack import Stack, wait_until
from tests.workers import WithWorker

MakeStack = Callable[..., Stack]
REASON = {"reason": "The printer burns"}


@pytest.mark.long
def test_everything_is_restarted_while_a_queue_is_paused(make_stack: MakeStack) -> None:
    stack = make_stack("web", "scheduler", LEASE_SECONDS="2")
    stack.submit_many([{"task": "test.write_batch", "args": {"key": f"{n:04}"}} for n in range(2500)])
    wait_until(lambda: not stack.sql("SELECT 1 FROM jobs WHERE published_at IS NULL"))
    assert stack.http.post("/api/queues/default/pause", json=REASON).status_code == 200
    stack.submit_many([{"task": "test.write", "args": {"key": f"{n:04}"}} for n in range(2500, 3000)])
    fire_each_second(stack)
    stack.start_service("worker")
    wait_until(lambda: stack.states().keys() == {"blocked"})

    for service in ("scheduler", "worker", "web"):
        stack.kill(service)
    redis.Redis.from_url(stack.redis.url).flushall()
    os.kill(stack.redis.pid, signal.SIGKILL)
    stack.redis.stop()
    stack.postgres.stop()
    stack.postgres.start()
    stack.redis.start()
    for service in ("web", "worker", "scheduler"):
        stack.start_service(service)
    stack.wait_ready("web")
    wait_until(lambda: stack.sql("SELECT 1 FROM jobs WHERE state = 'blocked' AND schedule IS NOT NULL"))
    [hold] = stack.http.get("/api/holds").json()["holds"]
    assert hold["reason"] == REASON["reason"]
    assert stack.effects() == []

    assert stack.http.post("/api/queues/default/resume").status_code == 204
    wait_until(lambda: len(stack.effects()) == 3000, patience=120)
    assert stack.effects() == [f"{n:04}" for n in range(3000)]


@pytest.mark.long
def test_a_worker_that_dies_over_a_paused_task_does_not_start_it_again_before_it_is_resumed(
    with_worker: WithWorker,
) -> None:
    stack = with_worker(LEASE_SECONDS="2")
    id = stack.submit("test.write_leased", args={"key": "lost", "seconds": 60})["id"]
    stack.in_state(id, "running")
    stack.http.post("/api/tasks/test.write_leased/pause", json=REASON)

    stack.kill("worker")
    stack.start_service("worker")

    stack.in_state(id, "blocked")
    assert stack.job(id)["attempt"] == 1
    stack.http.post("/api/tasks/test.write_leased/resume")
    stack.in_state(id, "running")
    assert stack.job(id)["attempt"] == 2
