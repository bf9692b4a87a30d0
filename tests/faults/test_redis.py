"""Redis is only the doorbell: stopped, killed, emptied or forgetful, no job is lost and none is done twice."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
import redis

from tests.seconds import fire_each_second, fired
from tests.stack import Stack, wait_until

MakeStack = Callable[..., Stack]


@contextmanager
def redis_stopped(stack: Stack) -> Iterator[None]:
    """Redis accepts connections and answers nobody."""
    os.kill(stack.redis.pid, signal.SIGSTOP)
    yield
    os.kill(stack.redis.pid, signal.SIGCONT)


@contextmanager
def redis_killed(stack: Stack) -> Iterator[None]:
    """Redis is gone, and what it held with it."""
    os.kill(stack.redis.pid, signal.SIGKILL)
    yield
    stack.redis.stop()
    stack.redis.start()


@pytest.mark.parametrize("fault", [pytest.param(redis_stopped, marks=pytest.mark.long), redis_killed])
def test_jobs_are_accepted_while_redis_is_away_and_done_when_it_is_back(
    make_stack: MakeStack, fault: Callable[[Stack], AbstractContextManager[None]]
) -> None:
    stack = make_stack("web", "worker", "scheduler")

    with fault(stack):
        began = time.monotonic()
        for n in range(200):
            stack.submit("test.write", args={"key": str(n)})
        took = time.monotonic() - began

    assert took < 100, "had each request waited for Redis, for its shortest time-out of 0.5 s"
    wait_until(stack.all_ended)
    assert stack.states() == {"succeeded": 200}
    assert stack.effects() == sorted(map(str, range(200)))


@pytest.mark.long
def test_five_thousand_queued_jobs_survive_an_emptied_redis_each_once(make_stack: MakeStack) -> None:
    stack = make_stack("web", "scheduler")
    stack.submit_many([{"task": "test.write_batch", "args": {"key": f"{n:04}"}} for n in range(5000)])
    wait_until(lambda: unsent(stack) == 0)

    redis.Redis.from_url(stack.redis.url).flushall()
    stack.start_service("worker")

    wait_until(stack.all_ended)
    assert stack.states() == {"succeeded": 5000}
    assert stack.effects() == [f"{n:04}" for n in range(5000)]


@pytest.mark.long
def test_one_message_that_was_lost_alone_is_sent_again_when_later_ones_overtake_it(make_stack: MakeStack) -> None:
    stack = make_stack("web", "scheduler")
    jobs = [stack.submit("test.write", args={"key": str(n)}) for n in range(3)]
    wait_until(lambda: unsent(stack) == 0)
    redis.Redis.from_url(stack.redis.url).rpop(list_of(5))

    stack.start_service("worker")

    assert [stack.ended(job["id"])["state"] for job in jobs] == ["succeeded"] * 3
    assert stack.effects() == ["0", "1", "2"]


@pytest.mark.long
def test_a_long_queue_is_not_sent_twice(make_stack: MakeStack) -> None:
    stack = make_stack("web", "scheduler", MESSAGE_GRACE_SECONDS="1")
    wait_until(lambda: "redis_marked" in stack.log("scheduler"))
    stack.submit_many([{"task": "test.write", "args": {"key": str(n)}} for n in range(500)])
    stack.submit_many([{"task": "test.write_batch", "args": {"key": str(n)}} for n in range(500)])
    wait_until(lambda: unsent(stack) == 0)
    sent = stack.sql("SELECT id, published_at FROM jobs WHERE task LIKE 'test.write%%' ORDER BY id")

    fire_each_second(stack)
    wait_until(lambda: fired(stack) > 6)  # the sweep for lost messages runs twice as often

    assert redis.Redis.from_url(stack.redis.url).llen(list_of(5)) >= 505
    assert stack.sql("SELECT id, published_at FROM jobs WHERE task LIKE 'test.write%%' ORDER BY id") == sent
    assert "messages_were_gone" not in stack.log("scheduler")


def list_of(priority: int) -> str:
    """The list in which kombu keeps the default queue's messages of a priority."""
    return f"default\x06\x16{9 - priority}"


def unsent(stack: Stack) -> int:
    """How many queued jobs have no message."""
    [(count,)] = stack.sql("SELECT count(*) FROM jobs WHERE state = 'queued' AND published_at IS NULL")
    return int(count)
