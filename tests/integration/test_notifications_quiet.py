"""Quiet hours: what falls into them is sent when they end, unless it is over by then."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest

from bellhop_ledger.notifications.quiet import is_quiet
from bellhop_ledger.notifications.tables import NotificationRule
from tests.firing import finish_all, fire, scheduled
from tests.notifying import incidents, look, make_rule

NIGHT = {"quiet_from": time(22), "quiet_until": time(7), "time_zone": "Europe/Vienna"}
LATE, RECOVERED = "The schedule report did not run in time", "The schedule report has recovered"
EVENING = datetime(2030, 1, 31, 20, 30, tzinfo=UTC)
"""Half past nine in Vienna."""
MIDNIGHT = datetime(2030, 1, 31, 23, tzinfo=UTC)
MORNING = datetime(2030, 2, 1, 6, tzinfo=UTC)
"""Seven in Vienna."""
MINUTE = timedelta(minutes=1)


def rule_with(quiet_from: time, quiet_until: time, zone: str) -> NotificationRule:
    return NotificationRule(quiet_from=quiet_from, quiet_until=quiet_until, time_zone=zone)


@pytest.mark.parametrize(
    ("hours", "zone", "moment", "quiet"),
    [
        ((time(22), time(7)), "UTC", datetime(2030, 1, 31, 21, 59, 59, tzinfo=UTC), False),
        ((time(22), time(7)), "UTC", datetime(2030, 1, 31, 22, tzinfo=UTC), True),
        ((time(22), time(7)), "UTC", datetime(2030, 1, 31, 6, 59, 59, tzinfo=UTC), True),
        ((time(22), time(7)), "UTC", datetime(2030, 1, 31, 7, tzinfo=UTC), False),
        ((time(12), time(13)), "UTC", datetime(2030, 1, 31, 12, 30, tzinfo=UTC), True),
        ((time(12), time(13)), "UTC", datetime(2030, 1, 31, 13, tzinfo=UTC), False),
        ((time(22), time(7)), "Europe/Vienna", datetime(2030, 1, 31, 6, tzinfo=UTC), False),
        ((time(22), time(7)), "Europe/Vienna", datetime(2030, 7, 31, 5, 30, tzinfo=UTC), False),
        ((time(22), time(7)), "Europe/Vienna", datetime(2030, 7, 31, 4, 30, tzinfo=UTC), True),
    ],
)
def test_quiet_hours_are_those_of_the_clock_on_the_wall(
    hours: tuple[time, time], zone: str, moment: datetime, quiet: bool
) -> None:
    assert is_quiet(rule_with(*hours, zone), moment) is quiet


def test_a_rule_without_quiet_hours_is_never_quiet() -> None:
    assert not is_quiet(NotificationRule(), MIDNIGHT)


@pytest.fixture
def report(no_schedules: None) -> UUID:
    """A schedule of every evening, with a rule that is quiet at night."""
    make_rule(kind="schedule", pattern="report", failures=None, late_seconds=3600, **NIGHT)
    id = scheduled(name="report", crontab="30 20 * * *")
    fire(EVENING)
    return id


@pytest.mark.usefixtures("report")
def test_what_is_noticed_in_quiet_hours_is_sent_when_they_end() -> None:
    assert look(MIDNIGHT) == []
    assert incidents() == [("late", "report")]
    assert look(MORNING - MINUTE) == []

    assert look(MORNING) == [LATE]
    assert look(MORNING + MINUTE) == [LATE]


@pytest.mark.usefixtures("report")
def test_what_recovers_in_the_same_quiet_hours_is_never_sent() -> None:
    look(MIDNIGHT)
    finish_all()

    assert look(MIDNIGHT + MINUTE) == []
    assert (look(MORNING), incidents()) == ([], [])


def test_a_recovery_in_quiet_hours_is_sent_when_they_end(no_schedules: None) -> None:
    make_rule(kind="schedule", pattern="report", failures=None, late_seconds=600, **NIGHT)
    scheduled(name="report", crontab="30 20 * * *")
    fire(EVENING)
    assert look(EVENING + 10 * MINUTE) == [LATE]
    finish_all()

    assert look(MIDNIGHT) == [LATE]
    assert look(MORNING) == [LATE, RECOVERED]


def test_what_recovers_and_is_late_again_in_quiet_hours_is_not_sent_twice(no_schedules: None) -> None:
    make_rule(kind="schedule", pattern="report", failures=None, late_seconds=600, **NIGHT)
    scheduled(name="report", crontab="30 20,23 * * *")
    fire(EVENING)
    look(EVENING + 10 * MINUTE)
    finish_all()
    look(MIDNIGHT)

    fire(MIDNIGHT + 30 * MINUTE)
    look(MIDNIGHT + 45 * MINUTE)

    assert (look(MORNING), incidents()) == ([LATE], [("late", "report")])
