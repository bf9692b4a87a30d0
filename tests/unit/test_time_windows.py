"""The window of a time bar: what its names mean, also in the nights in which clocks are changed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bellhop_ledger.ledger.counting.counts import Step
from bellhop_web.timeline.windows import MOST_BARS, Range, cut, night_before

VIENNA = ZoneInfo("Europe/Vienna")
NOW = datetime(2030, 6, 14, 3, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "begin", "end", "hours"),
    [
        ("2030-06-14T03:00+02:00", "2030-06-13T18:00+02:00", "2030-06-14T08:00+02:00", 14),
        ("2030-06-14T23:59+02:00", "2030-06-13T18:00+02:00", "2030-06-14T08:00+02:00", 14),
        ("2030-03-31T12:00+02:00", "2030-03-30T18:00+01:00", "2030-03-31T08:00+02:00", 13),
        ("2030-10-27T12:00+01:00", "2030-10-26T18:00+02:00", "2030-10-27T08:00+01:00", 15),
    ],
)
def test_the_last_night_is_from_six_to_eight_by_the_clock_there(now: str, begin: str, end: str, hours: int) -> None:
    since, until = night_before(datetime.fromisoformat(now), VIENNA)

    assert (since, until) == (datetime.fromisoformat(begin), datetime.fromisoformat(end))
    assert until - since == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("length", "width", "step"),
    [
        (timedelta(hours=1), timedelta(minutes=1), Step.MINUTE),
        (timedelta(days=1), timedelta(minutes=15), Step.MINUTE),
        (timedelta(days=7), timedelta(hours=2), Step.HOUR),
        (timedelta(days=365), timedelta(days=7), Step.DAY),
    ],
)
def test_bars_are_as_narrow_as_fits(length: timedelta, width: timedelta, step: Step) -> None:
    window = cut(NOW - length, NOW, NOW, zone="UTC")

    assert (window.width, window.step) == (width, step)


def test_what_moves_ends_with_the_bar_of_now_and_is_as_long_as_its_name_says() -> None:
    window = cut(NOW - timedelta(hours=1), NOW, NOW, zone="UTC", range=Range.HOUR)

    assert window.until == datetime(2030, 6, 14, 3, 1, tzinfo=UTC)
    assert window.until - window.since == timedelta(hours=1)


@given(some.integers(1, 5 * 365 * 86_400), some.integers(0, 400 * 86_400))
def test_a_window_holds_what_was_asked_for_in_whole_bars(seconds: int, ago: int) -> None:
    until = NOW - timedelta(seconds=ago)
    since = until - timedelta(seconds=seconds)

    window = cut(since, until, NOW, zone="UTC")

    assert window.since <= since < until <= window.until
    assert (window.until - window.since) % window.width == timedelta(0)
    assert (window.until - window.since) / window.width <= MOST_BARS + 1
    assert window.width % window.step.length == timedelta(0)
    assert window.times is None or window.times.length >= window.step.length
