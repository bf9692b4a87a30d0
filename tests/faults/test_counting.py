"""Counts are exact although their scheduler is killed at any moment, and away while jobs go on."""

from collections.abc import Callable

import pytest

from tests.stack import Stack, wait_until

SUMS = """
    SELECT coalesce(sum(submitted), 0)::int, coalesce(sum(succeeded), 0)::int, coalesce(sum(failed), 0)::int,
           coalesce(sum(retried), 0)::int
    FROM task_counts WHERE step = %s AND task LIKE 'test.%%'
"""


@pytest.mark.long
def test_kills_of_the_scheduler_leave_the_counts_exact(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack("web", "worker", "scheduler")
    good = [{"task": "test.write", "args": {"key": str(n)}} for n in range(60)]
    bad = [{"task": "test.fail", "args": {"times": 9}} for _ in range(5)]
    for part in range(3):
        stack.submit_many(good[part * 20 : part * 20 + 20])
        wait_until(lambda: stack.sql("SELECT count(*) FROM task_counts WHERE task = 'test.write'")[0][0] > 0)
        stack.kill("scheduler")
        stack.submit_many(bad if part == 2 else [{"task": "test.noop"}])
        stack.start_service("scheduler")

    wait_until(stack.all_ended)

    [(failed,)] = stack.sql("SELECT count(*)::int FROM jobs WHERE state = 'failed'")
    [(retried,)] = stack.sql("SELECT sum(jsonb_array_length(past_attempts))::int FROM jobs WHERE task = 'test.fail'")
    exact = (67, 62, failed, retried)
    assert (failed, retried) == (5, 10)
    wait_until(lambda: stack.sql(SUMS, "minute") == [exact])
    wait_until(lambda: stack.sql(SUMS, "day") == [exact])
