"""The timer on a system of its own: its count is that of the seconds."""

from collections.abc import Callable

from tests.stack import Stack, wait_until


def test_the_timer_counts_each_second_once(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack("web", "worker", "scheduler")
    wait_until(lambda: stack.http.get("/api/timer").json()["ticks"] >= 4)

    timer = stack.http.get("/api/timer").json()

    succeeded = "SELECT count(*) FROM jobs WHERE task = 'timer.tick' AND state = 'succeeded'"
    assert timer["ticks"] <= stack.sql(succeeded)[0][0]
    assert (timer["minute"], timer["second"]) == divmod(timer["ticks"], 60)
