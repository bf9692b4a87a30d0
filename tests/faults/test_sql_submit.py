"""Jobs that an application commits in SQL while what should send them dies: each happens, and once."""

import os
import signal
from collections.abc import Callable

import pytest

from tests.shop import open_shop, transaction_of
from tests.stack import Stack, wait_until

MakeStack = Callable[..., Stack]
KEYS = [f"{n:02}" for n in range(20)]
SENT_AT_ONCE = "bellhop_announced_jobs_sent_total"
UNSENT = "SELECT count(*) FROM jobs WHERE published_at IS NULL AND task = 'test.write'"


def commit(stack: Stack, keys: list[str]) -> None:
    """Submit jobs in one transaction of an application."""
    with transaction_of(open_shop(stack)) as cursor:
        for key in keys:
            cursor.execute("SELECT bellhop.submit('test.write', jsonb_build_object('key', %s::text))", [key])


def leading_and_standing_by(make_stack: MakeStack) -> Stack:
    """Make a system whose second scheduler waits for its turn."""
    stack = make_stack("scheduler")
    wait_until(lambda: "scheduler_leads" in stack.log("scheduler"))
    stack.start_service("scheduler-2")
    wait_until(lambda: "scheduler_stands_by" in stack.log("scheduler-2"))
    return stack


def all_happen_once(stack: Stack) -> bool:
    """Run the jobs, and return whether each has written once."""
    stack.start_service("worker")
    wait_until(lambda: stack.states().get("succeeded") == len(KEYS))
    return stack.effects() == KEYS


@pytest.mark.long
def test_a_listener_that_is_killed_before_it_sends_is_replaced_by_the_second_scheduler(make_stack: MakeStack) -> None:
    stack = leading_and_standing_by(make_stack)
    stack.signal("scheduler", signal.SIGSTOP)  # it hears of the commit and does nothing
    commit(stack, KEYS)

    stack.kill("scheduler")

    wait_until(lambda: "scheduler_leads" in stack.log("scheduler-2"))
    assert all_happen_once(stack)


@pytest.mark.long
def test_a_listener_that_is_killed_while_redis_keeps_it_waiting_doubles_no_job(make_stack: MakeStack) -> None:
    stack = leading_and_standing_by(make_stack)
    os.kill(stack.redis.pid, signal.SIGSTOP)  # what it was sent by then it takes when it goes on
    commit(stack, KEYS)
    wait_until(lambda: stack.sql("SELECT count(*) FROM jobs WHERE queued_at < now() - interval '1 second'")[0][0])

    stack.kill("scheduler")
    unsent = stack.sql(UNSENT)
    os.kill(stack.redis.pid, signal.SIGCONT)

    assert unsent == [(len(KEYS),)]
    wait_until(lambda: "scheduler_leads" in stack.log("scheduler-2"))
    assert all_happen_once(stack)


def test_without_a_scheduler_the_jobs_wait_for_the_next_one(make_stack: MakeStack) -> None:
    stack = make_stack()

    commit(stack, KEYS)
    stack.start_service("scheduler")

    assert all_happen_once(stack)


def test_after_a_restart_of_postgres_the_scheduler_listens_again(make_stack: MakeStack) -> None:
    stack = make_stack("scheduler")
    wait_until(lambda: "scheduler_leads" in stack.log("scheduler"))

    stack.postgres.stop()
    stack.postgres.start()
    commit(stack, KEYS[:1])  # who has sent it leads again, and so listens
    wait_until(lambda: stack.sql(UNSENT) == [(0,)])
    commit(stack, KEYS[1:])

    wait_until(lambda: stack.metrics("scheduler")[SENT_AT_ONCE] >= len(KEYS[1:]))
    assert all_happen_once(stack)
