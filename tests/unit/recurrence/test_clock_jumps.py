"""What a crontab does where a zone's clock jumps: all zones for two years, and the odd ones of the past."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from cronsim import CronSim
from hypothesis import given, settings
from hypothesis import strategies as st

from bellhop_ledger.schedules.recurrence import Crontab, Interval
from tests.unit.recurrence.brute_force import Matches, Window, windows_of, windows_of_all_zones

BY_WALL_CLOCK: dict[str, Matches] = {
    "30 2 * * *": lambda wall: (wall.hour, wall.minute) == (2, 30),
    "0 0 * * *": lambda wall: (wall.hour, wall.minute) == (0, 0),
    "15,45 0-3 * * *": lambda wall: wall.hour <= 3 and wall.minute in (15, 45),
    "20 1 * * sun": lambda wall: (wall.hour, wall.minute) == (1, 20) and wall.isoweekday() == 7,
    "59 23 28-31 3,10 *": lambda wall: wall.strftime("%H:%M") == "23:59" and wall.day >= 28 and wall.month in (3, 10),
}
BY_REAL_TIME: dict[str, Matches] = {
    "0 * * * *": lambda wall: wall.minute == 0,
    "30 * * * *": lambda wall: wall.minute == 30,
    "*/20 * * * *": lambda wall: wall.minute % 20 == 0,
    "0 */2 * * *": lambda wall: wall.hour % 2 == 0 and wall.minute == 0,
    "*/10 2 * * *": lambda wall: wall.hour == 2 and wall.minute % 10 == 0,
}
ODD = {
    "Pacific/Apia": 2011,  # skipped a whole day
    "Antarctica/Casey": 2018,  # set back by three hours
    "America/Caracas": 2016,  # half an hour
    "Asia/Pyongyang": 2018,
    "Australia/Lord_Howe": 2026,
    "Antarctica/Troll": 2026,  # two hours
    "Africa/Cairo": 2026,  # at midnight
    "Africa/Casablanca": 2026,  # negative summer time
    "America/Nuuk": 2023,
    "Asia/Kathmandu": 1985,  # a quarter of an hour
}


def runs_in(window: Window, text: str) -> list[datetime]:
    """What the code under test says."""
    crontab, runs, moment = Crontab.parse(text, ZoneInfo(window.zone)), [], window.start - timedelta(seconds=1)
    while (run := crontab.next_after(moment)) is not None and run < window.end:
        runs.append(run)
        moment = run
    return runs


def wrong_in(windows: list[Window]) -> list[tuple[str, str, str]]:
    """Compare all windows with the independent reckoning and say where they differ."""
    expected = [
        (text, window, window.by_wall_clock(fits)) for text, fits in BY_WALL_CLOCK.items() for window in windows
    ]
    expected += [(text, window, window.by_real_time(fits)) for text, fits in BY_REAL_TIME.items() for window in windows]
    return [(text, w.zone, w.jump.isoformat()) for text, w, runs in expected if runs_in(w, text) != runs]


def test_in_every_zone_each_jump_of_two_years_is_met_as_brute_force_reckons() -> None:
    windows = windows_of_all_zones(2026, 2)

    assert len(windows) > 20
    assert wrong_in(windows) == []


@pytest.mark.parametrize(("name", "year"), ODD.items())
def test_odd_jumps_are_met_as_brute_force_reckons(name: str, year: int) -> None:
    windows = list(windows_of(name, datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 2, tzinfo=UTC)))

    assert windows
    assert wrong_in(windows) == []


def test_in_every_zone_a_daily_run_comes_once_on_each_of_730_days() -> None:
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
    jumping = {window.zone for window in windows_of_all_zones(2026, 2)}
    wrong = []
    for name in jumping | {"UTC", "Asia/Kolkata"}:
        crontab = Crontab.parse("30 2 * * *", ZoneInfo(name))
        days = [run.astimezone(ZoneInfo(name)).date() for run in crontab.next_runs(start, 730)]
        if len(set(days)) != 730 or crontab.next_runs(start, 731)[-1] < end:
            wrong.append(name)

    assert wrong == []


@pytest.mark.parametrize(
    ("zone", "day", "runs"),
    [("Europe/Vienna", "2026-03-29", 23), ("Europe/Vienna", "2026-10-25", 25), ("Europe/Vienna", "2026-06-01", 24),
     ("America/New_York", "2026-03-08", 23), ("America/New_York", "2026-11-01", 25), ("UTC", "2026-03-29", 24)],
)  # fmt: skip
def test_an_hourly_crontab_runs_23_and_25_times_on_the_days_of_the_jumps(zone: str, day: str, runs: int) -> None:
    midnight = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone))
    end = midnight + timedelta(days=1)

    found = Crontab.parse("0 * * * *", ZoneInfo(zone)).next_runs(midnight.astimezone(UTC) - timedelta(seconds=1), 30)

    assert len([run for run in found if run < end.astimezone(UTC)]) == runs


@pytest.mark.parametrize(
    ("zone", "text", "after", "runs"),
    [("Europe/Vienna", "30 2 * * *", "2026-03-28T12:00Z", ["2026-03-29T01:00Z", "2026-03-30T00:30Z"]),
     ("Europe/Vienna", "30 2 * * *", "2026-10-24T12:00Z", ["2026-10-25T00:30Z", "2026-10-26T01:30Z"]),
     ("Europe/Vienna", "0,30 2 * * *", "2026-03-28T12:00Z", ["2026-03-29T01:00Z", "2026-03-30T00:00Z"]),
     ("Europe/Vienna", "30 2 * * *", "2026-10-25T00:45Z", ["2026-10-26T01:30Z"]),
     ("Australia/Lord_Howe", "15 2 * * *", "2026-10-03T12:00Z", ["2026-10-03T15:30Z", "2026-10-04T15:15Z"]),
     ("Pacific/Apia", "30 2 * * *", "2011-12-29T13:00Z", ["2011-12-30T10:00Z", "2011-12-30T12:30Z"]),
     ("Pacific/Apia", "0 12 30 * *", "2011-12-01T00:00Z", ["2011-12-30T10:00Z", "2012-01-29T22:00Z"]),
     ("Africa/Cairo", "0 0 * * *", "2026-04-23T12:00Z", ["2026-04-23T22:00Z", "2026-04-24T21:00Z"])],
)  # fmt: skip
def test_fixed_times_run_once_at_the_first_valid_moment(zone: str, text: str, after: str, runs: list[str]) -> None:
    found = Crontab.parse(text, ZoneInfo(zone)).next_runs(datetime.fromisoformat(after), len(runs))

    assert found == [datetime.fromisoformat(run) for run in runs]


def test_an_interval_never_notices() -> None:
    hourly = Interval(3600, datetime(2026, 3, 28, 0, 10, tzinfo=UTC))

    runs = hourly.next_runs(datetime(2026, 3, 28, 22, tzinfo=UTC), 6)

    assert [run.minute for run in runs] == [10] * 6
    assert {later - earlier for earlier, later in pairwise(runs)} == {timedelta(hours=1)}


fields = st.tuples(
    st.sampled_from(["0", "30", "59", "*", "*/15", "10-20/5", "1,31", "7/13"]),
    st.sampled_from(["0", "2", "1,3", "*", "*/2", "0-4", "23", "9-17/4"]),
    st.sampled_from(["*", "1", "*/2", "15,31", "25-31", "29"]),
    st.sampled_from(["*", "*", "3", "mar-nov/2", "2,10"]),
    st.sampled_from(["*", "*", "sun", "1-5", "*/3", "0,6"]),
).map(" ".join)
whole_hour_zones = st.sampled_from(sorted(available_timezones() - {"Australia/Lord_Howe", "Australia/LHI"}))
moments = st.datetimes(datetime(2024, 1, 1), datetime(2036, 1, 1), timezones=st.just(UTC))


@settings(max_examples=300)
@given(fields, whole_hour_zones, moments)
def test_cronsim_agrees(text: str, zone: str, moment: datetime) -> None:
    theirs = CronSim(text, moment.astimezone(ZoneInfo(zone)))

    ours = Crontab.parse(text, ZoneInfo(zone)).next_runs(moment, 4)

    assert ours == [next(theirs).astimezone(UTC) for _ in ours]


@settings(max_examples=200)
@given(fields, st.sampled_from(sorted(available_timezones())), moments)
def test_runs_only_go_forward_and_none_is_left_out_between(text: str, zone: str, moment: datetime) -> None:
    crontab = Crontab.parse(text, ZoneInfo(zone))

    first, second = crontab.next_runs(moment, 2)

    assert moment < first < second
    assert crontab.next_after(second - timedelta(microseconds=1)) == second
    assert crontab.next_after(first + (second - first) / 2) == second
