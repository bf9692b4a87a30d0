"""How many runs there are between two moments: quickly reckoned, and as many as there are one after the other."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bellhop_ledger.platform.zones import next_jump
from bellhop_ledger.schedules import Timing
from bellhop_ledger.schedules.recurrence import Crontab, Interval, Once, Recurrence

SPRING, HOUR = datetime(2026, 1, 1, tzinfo=UTC), timedelta(hours=1)
JUMPING = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kolkata", "UTC")
CRONTABS = (
    "* * * * *", "0 * * * *", "30 2 * * *", "*/7 2 * * *", "15,45 1-3 * * *", "0 */2 * * *", "5 1 * * sun", "0 0 1 4 *",
    "59 23 * * *", "0-59 0-23 * * *",
)  # fmt: skip
ZONES = st.sampled_from(JUMPING).map(ZoneInfo)
LENGTHS = st.timedeltas(min_value=timedelta(0), max_value=timedelta(hours=5))


def one_by_one(rule: Recurrence, start: datetime, end: datetime) -> int:
    return Recurrence.count_between(rule, start, end)


@given(st.sampled_from(CRONTABS), ZONES, st.integers(0, 3), st.floats(-40, 40), LENGTHS)
def test_a_crontab_is_counted_as_it_runs_around_each_jump(
    crontab: str, zone: ZoneInfo, jumps: int, hours: float, long: timedelta
) -> None:
    at = SPRING
    for _ in range(jumps):
        jump = next_jump(zone, at, at + timedelta(days=300))
        at = jump.at if jump else at
    rule, start = Crontab.parse(crontab, zone), at + timedelta(hours=hours)

    assert rule.count_between(start, start + long) == one_by_one(rule, start, start + long)


def test_the_day_that_samoa_skipped_is_counted_as_it_was() -> None:
    rule, start = Crontab.parse("0 12 * * *", ZoneInfo("Pacific/Apia")), datetime(2011, 12, 29, tzinfo=UTC)
    hours = [start + number * HOUR for number in range(72)]

    counted = [rule.count_between(hour, hour + HOUR) for hour in hours]

    assert counted == [one_by_one(rule, hour, hour + HOUR) for hour in hours]
    assert sum(counted) == 4  # that of the skipped day at midnight


@given(st.integers(1, 100), st.floats(-500, 500), st.floats(0, 500))
def test_an_interval_is_counted_as_it_runs(seconds: int, first: float, long: float) -> None:
    rule, start = Interval(seconds, SPRING), SPRING + timedelta(seconds=first)

    assert rule.count_between(start, start + timedelta(seconds=long)) == one_by_one(
        rule, start, start + timedelta(seconds=long)
    )


def test_a_date_counts_from_the_first_moment_and_before_the_last() -> None:
    once = Once(SPRING)

    assert (once.count_between(SPRING, SPRING + HOUR), once.count_between(SPRING - HOUR, SPRING)) == (1, 0)


@pytest.mark.parametrize(
    ("starts", "ends", "runs"), [(None, None, 60), (30, None, 30), (None, 29, 30), (30, 29, 0), (10, 10, 1)]
)
def test_nothing_is_counted_before_the_start_and_after_the_end(starts: int | None, ends: int | None, runs: int) -> None:
    start, end = (None if one is None else SPRING + timedelta(minutes=one) for one in (starts, ends))

    timing = Timing(Crontab.parse("* * * * *"), start, end)

    assert timing.count_between(SPRING, SPRING + HOUR) == runs
