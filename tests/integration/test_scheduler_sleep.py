"""The sleep of the scheduler that leads: an edit ends it, however long it would have been."""

from collections.abc import Iterator
from threading import Thread

import pytest

from bellhop_ledger.platform.clock import now
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.schedules import edit
from bellhop_scheduler import leader
from bellhop_scheduler.leader import Leader
from tests.firing import MINUTE, scheduled

pytestmark = pytest.mark.usefixtures("no_schedules")
HOURS = 10_000
"""Seconds: longer than any test."""


@pytest.fixture
def leading(monkeypatch: pytest.MonkeyPatch) -> Iterator[Leader]:
    """A leader that Postgres lets sleep for as long as it wants."""
    monkeypatch.setattr(leader, "LONGEST_SILENCE", HOURS)
    made = Leader()
    assert made.leads()
    yield made
    made.resign()


def move_to_an_earlier_moment() -> None:
    """Edit a schedule whose next run is in years."""
    id = scheduled()
    with transaction() as db:
        edit.change(db, edit.locked(db, id), {"crontab": None, "once_at": now() + MINUTE}, by="test")


def asleep(one: Leader) -> Thread:
    """Let the leader sleep until it is woken."""
    made = Thread(target=one.sleep, args=(HOURS,), daemon=True)
    made.start()
    return made


def test_an_edit_wakes_a_scheduler_that_sleeps_for_hours(leading: Leader) -> None:
    sleeper = asleep(leading)
    sleeper.join(0.5)
    assert sleeper.is_alive()

    move_to_an_earlier_moment()

    sleeper.join(60)
    assert not sleeper.is_alive()


def test_an_edit_between_the_look_and_the_sleep_is_not_slept_through(leading: Leader) -> None:
    move_to_an_earlier_moment()

    sleeper = asleep(leading)

    sleeper.join(60)
    assert not sleeper.is_alive()
