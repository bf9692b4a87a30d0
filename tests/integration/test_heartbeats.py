"""Who lives, and what was done: what the dashboard is told by those who know."""

from tests.stack import Stack, wait_until

SERVICES = "SELECT service, queues, processes FROM heartbeats ORDER BY service"
COUNTED = "SELECT coalesce(sum(succeeded), 0)::int, coalesce(sum(failed), 0)::int FROM job_counts"


def test_workers_and_the_scheduler_say_that_they_live(stack: Stack) -> None:
    wait_until(lambda: len(stack.sql("SELECT name FROM heartbeats WHERE seen_at > now() - interval '10 seconds'")) >= 2)

    assert ("scheduler", None, None) in stack.sql(SERVICES)
    assert ("worker", "default,slow,people", 2) in stack.sql(SERVICES)


def test_what_has_ended_is_counted_but_for_quiet_tasks(stack: Stack) -> None:
    [(succeeded, failed)] = stack.sql(COUNTED)

    stack.ended(stack.submit("test.noop")["id"])
    stack.ended(stack.submit("test.fail", args={"times": 9, "permanent": True})["id"])

    wait_until(lambda: stack.sql(COUNTED)[0][0] >= succeeded + 1 and stack.sql(COUNTED)[0][1] >= failed + 1)
