"""A planned run whose zone gets other rules moves to the run that stands for it now: it is neither lost nor doubled."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bellhop_ledger.platform.zones import find_zone
from bellhop_ledger.schedules import Schedule, Timing
from bellhop_ledger.schedules.recurrence import Crontab

JULY = datetime(2027, 7, 1, 12, tzinfo=UTC)
"""At nine o'clock in Sao Paulo, which has no summer time."""
HOUR = timedelta(hours=1)


def timing(crontab: str = "0 9 1 7 *", zone: str = "America/Sao_Paulo", **limits: datetime) -> Timing:
    return Timing(Crontab.parse(crontab, find_zone(zone)), **limits)


def planned(at: datetime, *, enabled: bool = True) -> Schedule:
    """A schedule as it was stored under other rules."""
    return Schedule(
        id=UUID(int=1),
        crontab="0 9 * * *",
        time_zone="America/Sao_Paulo",
        jitter_seconds=0,
        enabled=enabled,
        next_due_at=at,
        fire_at=at,
    )


@pytest.mark.parametrize("shift", [HOUR, -HOUR, HOUR / 2, 3 * HOUR, -3 * HOUR, timedelta(days=1), timedelta(0)])
def test_a_run_moves_with_the_rules_by_whatever_they_moved(shift: timedelta) -> None:
    assert timing().in_place_of(JULY + shift) == JULY


@given(
    old=st.integers(-12, 12),
    by=st.integers(-3, 3),
    hour=st.integers(0, 23),
    day=st.integers(0, 400),
)
def test_the_nth_run_of_the_old_rules_becomes_the_nth_of_the_new_ones(old: int, by: int, hour: int, day: int) -> None:
    new = max(-12, min(12, old + by))
    old_rules, new_rules = (timing(f"30 {hour} * * *", f"Etc/GMT{offset:+}") for offset in (old, new))
    at = old_rules.next_after(JULY + timedelta(days=day))
    assert at is not None

    assert new_rules.in_place_of(at) == at + timedelta(hours=new - old)


def test_the_start_and_the_end_hold_for_a_run_that_moves() -> None:
    assert timing("0 9 * * *", ends_at=JULY - HOUR).in_place_of(JULY - HOUR) is None
    assert timing("0 9 * * *", starts_at=JULY + HOUR).in_place_of(JULY + HOUR) == JULY + timedelta(days=1)


def test_a_run_that_is_to_come_moves() -> None:
    schedule = planned(JULY + HOUR)

    assert schedule.renew_plan(JULY - HOUR)
    assert (schedule.next_due_at, schedule.fire_at) == (JULY, JULY)
    assert not schedule.renew_plan(JULY - HOUR)


@pytest.mark.parametrize("at", [JULY + HOUR, JULY - HOUR])
def test_a_run_that_is_due_already_stays(at: datetime) -> None:
    assert not planned(at).renew_plan(at)


def test_a_run_whose_new_time_has_passed_is_made_when_it_was_planned() -> None:
    schedule = planned(JULY + HOUR)

    assert not schedule.renew_plan(JULY + HOUR / 2)
    assert schedule.next_due_at == JULY + HOUR


def test_a_run_that_was_made_an_hour_early_is_not_made_again() -> None:
    made = JULY - HOUR
    schedule = planned(made + timedelta(days=1))

    assert schedule.renew_plan(made + HOUR / 6)
    assert schedule.next_due_at == JULY + timedelta(days=1)


def test_a_paused_schedule_has_no_plan_to_renew() -> None:
    assert not planned(JULY + HOUR, enabled=False).renew_plan(JULY - HOUR)
