"""Dates of a zone's clock: each names one moment, and one that names none or two is refused with a sentence."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bellhop_ledger.platform.zones import NotOnTheClock, find_zone, moment_of, zone_names

WALLS = st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1))


@pytest.mark.parametrize(
    ("wall", "zone", "moment"),
    [
        ("2027-01-31 09:30", "Europe/Vienna", "2027-01-31T08:30:00+00:00"),
        ("2027-07-31 09:30:15.5", "Europe/Vienna", "2027-07-31T07:30:15.500000+00:00"),
        ("2027-03-28 03:00", "Europe/Vienna", "2027-03-28T01:00:00+00:00"),
        ("2027-03-28 01:59:59", "Europe/Vienna", "2027-03-28T00:59:59+00:00"),
        ("2027-10-31 03:00", "Europe/Vienna", "2027-10-31T02:00:00+00:00"),
        ("2027-10-31 01:59:59", "Europe/Vienna", "2027-10-30T23:59:59+00:00"),
        ("2027-10-31 02:30", "UTC", "2027-10-31T02:30:00+00:00"),
    ],
)
def test_a_date_is_read_by_the_clock_of_its_zone(wall: str, zone: str, moment: str) -> None:
    assert moment_of(datetime.fromisoformat(wall), find_zone(zone)).isoformat() == moment


@pytest.mark.parametrize(
    ("wall", "zone", "message"),
    [
        (
            "2027-03-28 02:00",
            "Europe/Vienna",
            "02:00 on 2027-03-28 in Europe/Vienna does not exist, for",
        ),
        ("2027-03-28 02:30", "Europe/Vienna", "does not exist, for the clock goes forward; give another time"),
        ("2027-03-28 02:59:59", "Europe/Vienna", "does not exist"),
        ("2011-12-30 12:00", "Pacific/Apia", "12:00 on 2011-12-30 in Pacific/Apia does not exist"),
        ("2027-10-03 02:15", "Australia/Lord_Howe", "does not exist"),
        (
            "2027-10-31 02:00",
            "Europe/Vienna",
            "comes twice, for the clock goes back; add its offset, +02:00 or",
        ),
        ("2027-10-31 02:30", "Europe/Vienna", "02:30 on 2027-10-31 in Europe/Vienna comes twice"),
        ("2027-11-07 01:30", "America/New_York", "add its offset, -04:00 or -05:00, or give it in UTC"),
        ("2027-04-04 01:45", "Australia/Lord_Howe", "add its offset, +11:00 or +10:30"),
        ("0001-01-01 00:00", "Europe/Vienna", "must lie between the years 1 and 9999"),
        ("9999-12-31 23:00", "America/New_York", "must lie between the years 1 and 9999"),
    ],
)
def test_a_time_that_the_clock_skips_or_shows_twice_is_refused(wall: str, zone: str, message: str) -> None:
    with pytest.raises(NotOnTheClock) as refused:
        moment_of(datetime.fromisoformat(wall), find_zone(zone))

    assert message in str(refused.value)


@given(WALLS, st.sampled_from(sorted(zone_names())).map(ZoneInfo))
def test_what_is_read_is_what_the_clock_shows_and_nothing_else_shows_it(wall: datetime, zone: ZoneInfo) -> None:
    try:
        moment = moment_of(wall, zone)
    except NotOnTheClock:
        folds = {wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
        assert len(folds) == 2
    else:
        assert moment.tzinfo is UTC
        assert moment.astimezone(zone).replace(tzinfo=None, fold=0) == wall
