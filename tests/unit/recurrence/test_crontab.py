"""What a crontab is, what it is not, and when it runs while no clock jumps."""

from datetime import UTC, datetime

import pytest

from bellhop_ledger.platform.zones import NotAZone, find_zone, zone_names
from bellhop_ledger.schedules.recurrence import Crontab, NotACrontab

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
"""A Wednesday."""
RUNS = {
    "* * * * *": "2026-03-04 12:01",
    "*/15 * * * *": "2026-03-04 12:15",
    "5/20 * * * *": "2026-03-04 12:05",
    "0 12 * * *": "2026-03-05 12:00",
    "30 2 * * mon-fri": "2026-03-05 02:30",
    "30 2 * * MON": "2026-03-09 02:30",
    "0 0 * * 7": "2026-03-08 00:00",
    "0 0 * * 0": "2026-03-08 00:00",
    "0 0 * * 5-7": "2026-03-06 00:00",
    "0 0 * * 6-7/2": "2026-03-07 00:00",
    "0 0 * * fri-mon": "2026-03-06 00:00",
    "0 22-2 * * *": "2026-03-04 22:00",
    "0 0 28-2 * *": "2026-03-28 00:00",
    "0 0 1 jan *": "2027-01-01 00:00",
    "0 0 29 2 *": "2028-02-29 00:00",
    "0 0 13 * fri": "2026-03-06 00:00",
    "0 0 31 2 fri": "2027-02-05 00:00",
    "0 0 */13 * fri": "2026-03-27 00:00",
    "0 0 29 2 */7": "2032-02-29 00:00",
    "1,2,3 4,5 * * *": "2026-03-05 04:01",
    "@hourly": "2026-03-04 13:00",
    "@daily": "2026-03-05 00:00",
    "@midnight": "2026-03-05 00:00",
    "@weekly": "2026-03-08 00:00",
    "@monthly": "2026-04-01 00:00",
    "@Yearly": "2027-01-01 00:00",
    "@annually": "2027-01-01 00:00",
}
REFUSED = {
    "60 * * * *": "minute: 60 is not a number from 0 to 59",
    "-1 * * * *": "minute: '-1' is not a number from 0 to 59",
    "* 24 * * *": "hour: 24 is not a number from 0 to 23",
    "* * 0 * *": "day of month: 0 is not a number from 1 to 31",
    "* * * 13 *": "month: 13 is not a number from 1 to 12 or jan to dec",
    "* * * july *": "month: 'july' is not a number from 1 to 12 or jan to dec",
    "* * * * 8": "day of week: 8 is not a number from 0 to 7 or sun to sat",
    "* * * * ٣": "day of week: '٣' is not a number from 0 to 7 or sun to sat",
    "jan * * * *": "minute: 'jan' is not a number from 0 to 59",
    "1-2-3 * * * *": "minute: '1-2-3' is not a number from 0 to 59",
    "1- * * * *": "minute: '1-' is not a number from 0 to 59",
    "*5 * * * *": "minute: '*5' is not a number from 0 to 59",
    "1,,2 * * * *": "minute: '1,,2' has an empty place in its list",
    "*/0 * * * *": "minute: a step must be a whole number from 1 to 60, not '0'",
    "*/90 * * * *": "minute: a step must be a whole number from 1 to 60, not '90'",
    "*/2/2 * * * *": "minute: a step must be a whole number from 1 to 60, not '2/2'",
    "* * L * *": "day of month: L (the last one of a month) is not supported; the 1st of the next month may serve, "
    "or run on more days and let the task look at the date",
    "* * L-3 * *": "day of month: L (the last one of a month) is not supported; the 1st of the next month may serve, "
    "or run on more days and let the task look at the date",
    "* * * * friL": "day of week: L (the last one of a month) is not supported; the 1st of the next month may serve, "
    "or run on more days and let the task look at the date",
    "* * 15W * *": "day of month: W (the nearest weekday) is not supported; run on more days and let the task look at "
    "the date",
    "* * lw * *": "day of month: W (the nearest weekday) is not supported; run on more days and let the task look at "
    "the date",
    "* * * * fri#2": "day of week: # (the nth weekday of a month) is not supported; run on more days and let the "
    "task look at the date",
    "* * ? * *": "day of month: ? is not supported; write * instead",
    "H * * * *": "minute: H (a time of our choice) is not supported; write a number, and spread runs with "
    "jitter_seconds",
    "0 0 30 2 *": "day of month: 30 never comes in month 2",
    "0 0 31 apr,jun */2": "day of month: 31 never comes in month apr,jun",
    "* * * *": "five fields are wanted: minute, hour, day of month, month, day of week; found 4",
    "": "five fields are wanted: minute, hour, day of month, month, day of week; found 0",
    "1," * 600: "at most 1000 characters are read",
}


@pytest.mark.parametrize(("text", "run"), RUNS.items())
def test_a_crontab_runs_next_when_all_its_fields_match(text: str, run: str) -> None:
    assert Crontab.parse(text).next_after(NOON) == datetime.fromisoformat(f"{run}+00:00")


@pytest.mark.parametrize(("text", "message"), REFUSED.items())
def test_what_is_no_crontab_is_refused_with_the_field_and_the_reason(text: str, message: str) -> None:
    with pytest.raises(NotACrontab) as refused:
        Crontab.parse(text)

    assert str(refused.value) == message
    assert [fault.field for fault in refused.value.faults] == ["crontab"]


def test_the_next_run_is_strictly_after_the_moment_asked_for() -> None:
    on_time, late = datetime(2026, 3, 5, 2, 30, tzinfo=UTC), datetime(2026, 3, 5, 2, 30, 0, 1, tzinfo=UTC)
    crontab = Crontab.parse("30 2 * * *")

    assert crontab.next_after(on_time) == crontab.next_after(late) == datetime(2026, 3, 6, 2, 30, tzinfo=UTC)


def test_the_text_is_kept_with_single_spaces() -> None:
    assert Crontab.parse("  0\t9  * *   mon ").text == "0 9 * * mon"


def test_a_leap_day_that_is_a_sunday_is_found_forty_years_ahead() -> None:
    crontab = Crontab.parse("0 0 29 2 */7")

    assert crontab.next_after(datetime(2088, 3, 1, tzinfo=UTC)) == datetime(2128, 2, 29, tzinfo=UTC)


def test_nothing_runs_after_the_end_of_the_calendar() -> None:
    assert Crontab.parse("0 0 * * *").next_after(datetime(9998, 12, 31, 12, tzinfo=UTC)) is None
    assert Crontab.parse("0 0 * * *").next_after(datetime(9999, 12, 31, 12, tzinfo=UTC)) is None


def test_the_next_runs_are_given_in_their_order() -> None:
    runs = Crontab.parse("0 9 * * mon-fri", find_zone("Europe/Vienna")).next_runs(NOON, 3)

    assert [run.isoformat() for run in runs] == [f"2026-03-{day:02}T08:00:00+00:00" for day in (5, 6, 9)]


@pytest.mark.parametrize(
    "name",
    [
        *("", "Vienna", "Europe", "../../etc/passwd", "/etc/localtime", "Europe/Vienna\0", "x" * 99, "Europe/../UTC"),
        *("right/Europe/Vienna", "posix/Europe/Vienna", "posixrules", "localtime", "Factory", "leapseconds"),
        *("tzdata.zi", "zone.tab", "zone1970.tab", "iso3166.tab", "leap-seconds.list", "+VERSION", "__init__.py"),
        *("europe/vienna", "EUROPE/VIENNA", "utc", " UTC", "UTC ", "./UTC", "Europe//Vienna", "Europe/Vienna/"),
        *("UTC+2", "+02:00", "CET-1CEST", "Europe", "Etc", "Vienna/Europe", "PST8", ":UTC", "~/UTC", "."),
    ],
)
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(NotAZone, match="is not a time zone of the IANA database"):
        find_zone(name)


def test_every_zone_of_the_database_is_taken() -> None:
    assert {"UTC", "Europe/Vienna", "US/Pacific", "Etc/GMT+2", "EST5EDT", "GB"} <= zone_names()
    assert {find_zone(name).key for name in zone_names()} == zone_names()


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("europe/vienna", "Europe/Vienna"),
        ("right/Europe/Vienna", "Europe/Vienna"),
        ("America/New York", "America/New_York"),
        ("utc", "UTC"),
        ("Europe/Viena", "Europe/Vienna"),
    ],
)
def test_a_zone_that_is_nearly_right_is_suggested(name: str, meant: str) -> None:
    with pytest.raises(NotAZone, match=f"is {meant} meant"):
        find_zone(name)
