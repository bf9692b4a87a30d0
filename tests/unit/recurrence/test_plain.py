"""Intervals and once."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bellhop_ledger.schedules.recurrence import Interval, Once

ANCHOR = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@given(st.integers(1, 10_000_000), moments, moments)
def test_an_interval_runs_at_whole_steps_from_its_anchor(seconds: int, anchor: datetime, moment: datetime) -> None:
    step = timedelta(seconds=seconds)

    run = Interval(seconds, anchor).next_after(moment)

    assert run is not None
    assert (run - anchor) % step == timedelta(0)
    assert run > moment
    assert run == anchor or run - step <= moment


def test_the_anchor_is_the_first_run() -> None:
    assert Interval(60, ANCHOR).next_after(ANCHOR - timedelta(days=1)) == ANCHOR
    assert Interval(60, ANCHOR).next_after(ANCHOR) == ANCHOR + timedelta(seconds=60)


def test_an_interval_does_not_reach_beyond_the_calendar() -> None:
    assert Interval(10**12, ANCHOR).next_after(ANCHOR) is None


def test_an_interval_has_at_least_a_second() -> None:
    with pytest.raises(ValueError, match="seconds must be at least 1"):
        Interval(0)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "every second"), (90, "every 90 seconds"), (300, "every 5 minutes"), (3600, "every hour"),
     (129_600, "every 36 hours"), (86_400, "every day"), (1_209_600, "every 2 weeks")],
)  # fmt: skip
def test_an_interval_is_said_in_its_largest_whole_unit(seconds: int, words: str) -> None:
    assert Interval(seconds).words == words


def test_once_runs_once() -> None:
    once = Once(ANCHOR)

    assert once.next_runs(ANCHOR - timedelta(days=1), 5) == [ANCHOR]
    assert once.next_after(ANCHOR) is None
    assert once.words == "once at 2026-03-04 12:00:00 UTC"
