"""The scheduler dies at the worst moment, or runs twice: nothing is early, lost or doubled."""

import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.seconds import TASK, fire_each_second, fired
from tests.stack import Stack, wait_until

MakeStack = Callable[..., Stack]


def test_a_scheduler_killed_between_insert_and_publish_loses_and_doubles_nothing(make_stack: MakeStack) -> None:
    stack = make_stack("web", "scheduler")
    due = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    os.kill(stack.redis.pid, signal.SIGSTOP)  # it will hang in the publish, after its commit
    jobs = [{"task": "test.write", "args": {"key": str(n)}, "run_at": due} for n in range(20)]
    stack.submit_many(jobs)
    wait_until(lambda: stack.states() == {"queued": 20})

    stack.kill("scheduler")
    os.kill(stack.redis.pid, signal.SIGCONT)
    stack.start_service("scheduler")
    stack.start_service("worker")

    wait_until(stack.all_ended)
    assert stack.states() == {"succeeded": 20}
    assert stack.effects() == sorted(map(str, range(20)))


@pytest.mark.long
def test_a_thousand_jobs_with_dates_around_now_are_neither_early_nor_lost(make_stack: MakeStack) -> None:
    stack = make_stack("web", "worker", "scheduler")
    now = time.time()
    dates = [now - 3600, now, now + 3]
    jobs = [{"task": "test.write_batch", "args": {"key": f"{n:04}"}, "run_at": dates[n % 3]} for n in range(1000)]

    stack.submit_many(jobs)

    wait_until(stack.all_ended)
    assert stack.states() == {"succeeded": 1000}
    assert stack.effects() == [f"{n:04}" for n in range(1000)]
    assert stack.sql("SELECT count(*) FROM jobs WHERE started_at < run_at") == [(0,)]


@pytest.mark.long
def test_two_schedulers_fire_each_second_once(make_stack: MakeStack) -> None:
    stack = make_stack("web", "worker", "scheduler", "scheduler-2")
    fire_each_second(stack)

    wait_until(lambda: fired(stack) >= 5)

    due = [row[0] for row in stack.sql("SELECT due_at FROM jobs WHERE task = %s ORDER BY due_at", TASK)]
    assert len(set(due)) == len(due)
    assert "scheduler_stands_by" in stack.log("scheduler") + stack.log("scheduler-2")


@pytest.mark.long
def test_a_second_scheduler_takes_over_when_the_first_is_killed(make_stack: MakeStack) -> None:
    stack = make_stack("web", "worker", "scheduler")
    fire_each_second(stack)
    wait_until(lambda: fired(stack) >= 1)
    stack.start_service("scheduler-2")
    wait_until(lambda: "scheduler_stands_by" in stack.log("scheduler-2"))

    stack.kill("scheduler")
    seen = fired(stack)

    wait_until(lambda: fired(stack) > seen + 1)
    assert "scheduler_leads" in stack.log("scheduler-2")


@pytest.mark.long
def test_finished_jobs_are_deleted_after_their_retention_and_no_others(make_stack: MakeStack) -> None:
    stack = make_stack("web", "worker", "scheduler")
    done = stack.submit("test.write", args={"key": "done"})
    later = stack.submit("test.write", args={"key": "later"}, delay=3600)

    stack.ended(done["id"])
    stack.sql("SELECT bellhop.add_ended_day(CURRENT_DATE - 2)")
    stack.sql("UPDATE jobs SET forget_on = CURRENT_DATE - 2 WHERE id = %s", done["id"])

    wait_until(lambda: stack.http.get(f"/api/jobs/{done['id']}").status_code == 404)

    assert stack.effects() == ["done"]
    assert stack.job(later["id"])["state"] == "scheduled"
