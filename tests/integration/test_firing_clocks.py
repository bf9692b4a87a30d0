"""Jitter, and clocks that jump: no run twice, none lost."""

from datetime import timedelta

import pytest

from tests.firing import MINUTE, NOON, fire, plan_from, row, scheduled

pytestmark = pytest.mark.usefixtures("no_schedules")


def test_jitter_puts_a_run_off_by_the_same_whoever_reckons() -> None:
    id = scheduled(jitter_seconds=30)
    fire_at = row(id).fire_at
    assert fire_at is not None
    assert NOON <= fire_at < NOON + timedelta(seconds=30)

    plan_from(id, NOON - timedelta(seconds=1))

    assert row(id).fire_at == fire_at
    assert fire(fire_at - timedelta(microseconds=1)) == []
    assert fire(fire_at) == [NOON]


def test_jitter_loses_no_run_that_lies_closer_than_it_is_wide() -> None:
    scheduled(interval_seconds=10, jitter_seconds=60, catch_up="all")

    made = [due for second in range(0, 240, 5) for due in fire(NOON + timedelta(seconds=second))]

    assert made == [NOON + timedelta(seconds=10 * n) for n in range(len(made))]
    assert len(made) >= 15


def test_a_clock_set_back_by_an_hour_makes_no_run_twice() -> None:
    scheduled()
    made = [fire(NOON), fire(NOON + MINUTE)]

    made += [fire(NOON - 59 * MINUTE), fire(NOON), fire(NOON + MINUTE), fire(NOON + 2 * MINUTE)]

    assert made == [[NOON], [NOON + MINUTE], [], [], [], [NOON + 2 * MINUTE]]


def test_a_clock_set_forward_by_an_hour_loses_nothing_that_all_makes_up_for() -> None:
    scheduled(catch_up="all")
    fire(NOON)

    assert fire(NOON + 61 * MINUTE) == [NOON + n * MINUTE for n in range(1, 62)]
    assert fire(NOON + 2 * MINUTE) == []


def test_a_schedule_edited_after_the_clock_was_set_back_makes_no_run_twice() -> None:
    id = scheduled()
    fire(NOON)

    plan_from(id, NOON - timedelta(hours=1))
    made = [fire(NOON - 59 * MINUTE), fire(NOON)]

    assert made == [[NOON - 59 * MINUTE], []]
