"""Imports that also delete: what the file does not name goes, but for what the code declares."""

import pytest

from bellhop import timer
from bellhop.database import transaction
from bellhop.errors import Invalid
from bellhop.schedules import Schedule, Source
from bellhop.schedules.declared import declare_all
from bellhop_web.schedule_import import ImportRequest, ScheduleImportView, import_all
from bellhop_web.schedule_requests import NewSchedule
from tests.clockwork import changes, scheduled

pytestmark = pytest.mark.usefixtures("no_schedules")


def imported(*names: str, delete_others: bool = True, crontab: str = "0 2 * * *") -> ScheduleImportView:
    wanted = [NewSchedule(name=name, task="test.listed", args={"what": "x"}, crontab=crontab) for name in names]
    with transaction() as db:
        return import_all(db, ImportRequest(schedules=wanted, delete_others=delete_others), by="test")


def in_service() -> set[str]:
    with transaction() as db:
        return {schedule.name for schedule in db.query(Schedule).filter_by(source=Source.API, deleted_at=None)}


def test_others_go_when_that_is_asked_for() -> None:
    gone = scheduled(name="gone")
    scheduled(name="kept")

    done = imported("kept", "new")

    assert (done.created, done.changed, done.deleted) == (["new"], ["kept"], ["gone"])
    assert in_service() == {"kept", "new"}
    assert changes(gone)[-1] == ("deleted", "test")


def test_others_stay_when_it_is_not() -> None:
    scheduled(name="other")

    assert imported("new", delete_others=False).deleted == []
    assert in_service() == {"other", "new"}


def test_what_the_code_declares_stays() -> None:
    with transaction() as db:
        declare_all(db)

    assert imported("new").deleted == []
    with transaction() as db:
        assert db.query(Schedule).filter_by(task=timer.tick.name, deleted_at=None).count() == 1


def test_an_empty_file_that_deletes_others_deletes_all_of_them() -> None:
    scheduled(name="one")
    scheduled(name="two")

    assert sorted(imported().deleted) == ["one", "two"]
    assert in_service() == set()


def test_a_file_with_a_mistake_deletes_nothing() -> None:
    scheduled(name="other")

    with pytest.raises(Invalid):
        imported("new", crontab="0 25 * * *")

    assert in_service() == {"other"}
