"""Schedules while schedulers are killed or frozen and Postgres is restarted: every run is made, and made once."""

import signal
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest

from bellhop_scheduler.leader import LONGEST_SILENCE
from bellhop_scheduler.scheduler import STANDBY_SLEEP
from tests.stack import Stack, wait_until

MakeStack = Callable[..., Stack]
FAILOVER = 5.0
"""Seconds within which another scheduler takes over."""


def created(stack: Stack, **body: Any) -> dict[str, Any]:
    values = {"name": f"schedule {uuid4().hex}", "task": "test.write", "args": {"key": "run"}, **body}
    answer = stack.http.post("/api/schedules", json=values)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def due(stack: Stack, schedule: dict[str, Any]) -> list[datetime]:
    """The due moments of all jobs of a schedule."""
    rows = stack.sql("SELECT due_at FROM jobs WHERE schedule = %s ORDER BY due_at", schedule["id"])
    return [row[0] for row in rows]


def every_second_once(moments: list[datetime]) -> bool:
    """Whether no second is missing and none is there twice."""
    return all((later - earlier).total_seconds() == 1 for earlier, later in pairwise(moments))


def leading(stack: Stack) -> str:
    """Wait until one of two schedulers leads and the other stands by, and give the one that leads."""
    logs = {name: stack.log(name) for name in ("scheduler", "scheduler-2")}
    wait_until(lambda: any("scheduler_stands_by" in stack.log(name) for name in logs))
    return next(name for name in logs if "scheduler_leads" in stack.log(name))


def next_made(stack: Stack, schedule: dict[str, Any], since: datetime) -> datetime:
    """Wait for the first run that is made after a moment, and give when that was, by the clock of Postgres."""
    query = "SELECT min(created_at) FROM jobs WHERE schedule = %s AND created_at > %s"
    [(made,)] = wait_until(lambda: [row for row in stack.sql(query, schedule["id"], since) if row[0]])
    return datetime.fromisoformat(str(made))


def clock(stack: Stack) -> datetime:
    """The time by the clock of Postgres."""
    return datetime.fromisoformat(str(stack.sql("SELECT clock_timestamp()")[0][0]))


def test_the_lease_of_a_leader_ends_and_is_noticed_within_the_time_that_a_failover_may_take() -> None:
    assert LONGEST_SILENCE + STANDBY_SLEEP < FAILOVER


def test_when_the_leader_is_killed_or_frozen_another_one_goes_on_and_no_second_is_lost(make_stack: MakeStack) -> None:
    stack = make_stack("web", "scheduler", "scheduler-2")
    schedule = created(stack, interval_seconds=1, catch_up="all")
    wait_until(lambda: len(due(stack, schedule)) >= 2)

    frozen = leading(stack)
    stack.signal(frozen, signal.SIGSTOP)
    next_made(stack, schedule, clock(stack))
    stack.signal(frozen, signal.SIGCONT)
    wait_until(lambda: stack.log(frozen).count("scheduler_stands_by") >= 1)
    stack.kill("scheduler-2" if frozen == "scheduler" else "scheduler")
    killed = clock(stack)
    after = next_made(stack, schedule, killed)

    assert every_second_once(due(stack, schedule))
    assert (after - killed).total_seconds() < FAILOVER


@pytest.mark.long
def test_a_restart_of_postgres_loses_no_run_and_doubles_none(make_stack: MakeStack) -> None:
    stack = make_stack("web", "worker", "scheduler")
    schedule = created(stack, interval_seconds=1, catch_up="all")
    wait_until(lambda: len(due(stack, schedule)) >= 2)

    stack.postgres.stop()
    stack.postgres.start()
    before = len(due(stack, schedule))

    wait_until(lambda: len(due(stack, schedule)) >= before + 3)
    assert every_second_once(due(stack, schedule))


@pytest.mark.long
def test_schedules_are_fired_while_redis_is_away_and_their_jobs_run_when_it_is_back(make_stack: MakeStack) -> None:
    stack = make_stack("web", "worker", "scheduler")
    stack.redis.stop()
    schedule = created(stack, interval_seconds=1, catch_up="all")
    wait_until(lambda: len(due(stack, schedule)) >= 3)

    stack.redis.start()
    stack.http.post(f"/api/schedules/{schedule['id']}/pause", json={"reason": "Rest"})

    wait_until(stack.all_ended)
    assert stack.states() == {"succeeded": len(due(stack, schedule))}
    assert every_second_once(due(stack, schedule))
