"""GET /api/timer: the count goes on, and says how well."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest
from sqlalchemy.orm import Session

from bellhop_ledger.platform.database import transaction
from bellhop_local.ports import free_port
from bellhop_local.services import answers
from bellhop_timer.tables import Punctuality, Timer, last_minute
from tests.stack import Stack, wait_until

NOTHING = {"minute": 0, "second": 0, "ticks": 0, "started_at": None, "last_tick_at": None, "late": 0, "missed": 0}


def shown(stack: Stack) -> dict[str, Any]:
    return dict(stack.client().get("/api/timer").json())


@pytest.fixture
def ledger(ledger: Stack) -> Stack:
    """An empty ledger, and no second that was counted."""
    ledger.sql("TRUNCATE timer.timers, timer.ticks")
    return ledger


def test_the_timer_counts_seconds_and_everybody_may_look(stack: Stack) -> None:
    first = shown(stack)["ticks"]

    wait_until(lambda: shown(stack)["ticks"] >= first + 3)


def test_the_count_is_told_in_minutes_and_seconds(stack: Stack) -> None:
    wait_until(lambda: shown(stack)["ticks"])

    timer = shown(stack)

    assert list(timer) == [*NOTHING, "last_minute"]
    assert (timer["minute"], timer["second"]) == divmod(timer["ticks"], 60)
    assert datetime.fromisoformat(timer["started_at"]) <= datetime.fromisoformat(timer["last_tick_at"])


def test_every_second_is_counted_on_the_second_or_told_as_missed(stack: Stack) -> None:
    wait_until(lambda: shown(stack)["ticks"] > 3)

    timer = shown(stack)

    seconds = [datetime.fromisoformat(one["second"]) for one in timer["last_minute"]]
    assert all(one.microsecond == 0 for one in seconds)
    assert {after - before for before, after in pairwise(seconds)} == {timedelta(seconds=1)}
    span = datetime.fromisoformat(timer["last_tick_at"]) - datetime.fromisoformat(timer["started_at"])
    assert timer["ticks"] + timer["missed"] == span.total_seconds() + 1


COUNTED = """
    SELECT ticks, count(*), count(DISTINCT due_at) FROM timer.timers, jobs
    WHERE task = 'timer.tick' AND state = 'succeeded' GROUP BY ticks
"""


@pytest.mark.long
def test_a_second_is_counted_once_by_two_of_every_service(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack("web", "worker", "worker-2", "scheduler", "scheduler-2")
    port = free_port()
    stack.start_command("web-2", "bellhop-web", WEB_BIND=f"127.0.0.1:{port}")
    wait_until(lambda: answers(f"http://127.0.0.1:{port}/readyz"))
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as other:
        wait_until(lambda: min(shown(stack)["ticks"], other.get("/api/timer").json()["ticks"]) >= 5)

    [(ticks, jobs, seconds)] = stack.sql(COUNTED)
    assert ticks == jobs == seconds


def test_a_timer_that_has_not_begun_stands_at_nothing(make_stack: Callable[..., Stack]) -> None:
    assert shown(make_stack("web")) == NOTHING | {"last_minute": []}


def counted(db: Session, *ago: int) -> Timer:
    """Count the seconds that began so many seconds ago."""
    now = datetime.now(UTC).replace(microsecond=0)
    for seconds in ago:
        Timer.count(db, "test", now - timedelta(seconds=seconds))
    return db.get_one(Timer, "test")


def states(db: Session, timer: Timer) -> list[str]:
    return [one.state for one in last_minute(db, timer)]


def test_a_second_is_late_when_the_next_has_begun_and_missed_when_nobody_counted_it(ledger: Stack) -> None:
    with transaction() as db:
        timer = counted(db, 3, 2, 0)

        assert (timer.ticks, timer.late, timer.missed()) == (3, 2, 1)
        assert states(db, timer)[:3] == [Punctuality.LATE, Punctuality.LATE, Punctuality.MISSED]


def test_a_second_that_is_counted_after_a_later_one_is_no_longer_missed(ledger: Stack) -> None:
    with transaction() as db:
        timer = counted(db, 9, 7, 8)

        assert (timer.ticks, timer.missed()) == (3, 0)
        assert states(db, timer) == [Punctuality.LATE] * 3


def test_the_timer_began_with_its_first_second_also_when_that_was_counted_second(ledger: Stack) -> None:
    with transaction() as db:
        timer = counted(db, 8, 9, 6)

        assert timer.last_tick_at - timer.started_at == timedelta(seconds=3)
        assert (timer.ticks, timer.missed(), len(states(db, timer))) == (3, 1, 4)


def test_a_second_is_counted_once_however_often_it_is_asked_for(ledger: Stack) -> None:
    with transaction() as db:
        timer = counted(db, 5, 4, 4, 5, 4)

        assert (timer.ticks, timer.missed()) == (2, 0)


def test_only_the_last_sixty_seconds_are_remembered_one_by_one(ledger: Stack) -> None:
    with transaction() as db:
        timer = counted(db, *range(150, 1, -1), 151)

        assert (timer.ticks, timer.missed(), len(states(db, timer))) == (150, 0, 60)
        assert db.connection().exec_driver_sql("SELECT count(*) FROM timer.ticks").scalar_one() == 60
