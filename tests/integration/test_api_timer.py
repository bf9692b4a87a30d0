"""GET /api/timer: the count goes on."""

from collections.abc import Callable
from datetime import datetime

from tests.stack import Stack, wait_until


def test_the_timer_counts_seconds(stack: Stack) -> None:
    first = stack.http.get("/api/timer").json()["ticks"]

    wait_until(lambda: stack.http.get("/api/timer").json()["ticks"] >= first + 3)


def test_the_count_is_told_in_minutes_and_seconds(stack: Stack) -> None:
    wait_until(lambda: stack.http.get("/api/timer").json()["ticks"])

    timer = stack.http.get("/api/timer").json()

    assert list(timer) == ["minute", "second", "ticks", "started_at", "last_tick_at"]
    assert (timer["minute"], timer["second"]) == divmod(timer["ticks"], 60)
    assert datetime.fromisoformat(timer["started_at"]) <= datetime.fromisoformat(timer["last_tick_at"])


def test_a_timer_that_has_not_begun_stands_at_nothing(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack("web")

    timer = stack.http.get("/api/timer").json()

    assert timer == {"minute": 0, "second": 0, "ticks": 0, "started_at": None, "last_tick_at": None}
