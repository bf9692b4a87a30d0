"""Imports that also delete: what the file does not name goes, but for what the code declares."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from sqlalchemy import event, text

from bellhop.builtins import files
from bellhop.errors import Invalid
from bellhop.manifest import manifest_of
from bellhop_ledger.platform.database import engine, transaction
from bellhop_ledger.schedules import Schedule, ScheduleChange, Source, edit
from bellhop_ledger.schedules.declared import declare_all
from bellhop_web.schedules.importing import ImportRequest, ScheduleImportView, import_all
from bellhop_web.schedules.requests import NewSchedule, wanted
from tests.firing import changes, scheduled
from tests.stack import Stack, wait_until

MANY = 1_000
RULE: dict[str, Any] = {"task": "test.listed", "args": {"what": "x"}, "crontab": "0 2 * * *"}
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
        declare_all(db, [manifest_of(files.prune)])

    assert imported("new").deleted == []
    with transaction() as db:
        assert db.query(Schedule).filter_by(task=files.prune.name, deleted_at=None).count() == 1


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


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """What is sent to the database meanwhile."""
    sent: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        sent.append(statement)

    event.listen(engine(), "before_cursor_execute", note)
    yield sent
    event.remove(engine(), "before_cursor_execute", note)


def test_thousands_are_stored_changed_and_deleted_by_a_few_statements(statements: list[str]) -> None:
    names = [f"n{number}" for number in range(MANY)]

    for crontab, count in (("0 2 * * *", "created"), ("0 3 * * *", "changed")):
        statements.clear()
        done = imported(*names, crontab=crontab)
        assert len(getattr(done, count)) == MANY
        assert len(statements) < MANY / 50
    statements.clear()
    assert len(imported("kept").deleted) == MANY
    assert len(statements) < MANY / 50

    with transaction() as db:
        assert db.query(ScheduleChange).count() == 3 * MANY + 1
        assert db.query(Schedule).filter(Schedule.fire_at.is_not(None)).count() == 1


def test_while_thousands_are_stored_others_create_rename_and_delete_theirs() -> None:
    other = scheduled(name="other")
    schedules = [NewSchedule(**RULE, name=f"n{number}") for number in range(3)]

    with transaction() as importing:
        import_all(importing, ImportRequest(schedules=schedules), by="test")
        with transaction() as db:  # of somebody else, who would wait for as long as the import has not ended
            db.execute(text("SET LOCAL lock_timeout = '100ms'"))
            edit.create(db, wanted(NewSchedule(**RULE, name="meanwhile")), by="test")
            edit.change(db, edit.locked(db, other), {"name": "renamed"}, by="test")
            edit.delete(db, edit.locked(db, other), by="test")

    assert in_service() == {"n0", "n1", "n2", "meanwhile"}


def test_of_two_who_take_a_name_in_the_same_moment_one_is_refused(ledger: Stack) -> None:
    def create(begun: Event) -> str:
        with transaction() as db:
            edit.refuse_taken(db, "wanted")
            begun.set()
            edit.create(db, wanted(NewSchedule(**RULE, name="wanted")), by="second")
        return "created"

    begun = Event()
    with ThreadPoolExecutor(1) as threads:
        with transaction() as first:
            edit.create(first, wanted(NewSchedule(**RULE, name="wanted")), by="first")
            second = threads.submit(create, begun)
            assert begun.wait(60)
            wait_until(lambda: somebody_waits(ledger))
        with pytest.raises(edit.NameTaken):
            second.result(60)

    assert in_service() == {"wanted"}


def somebody_waits(ledger: Stack) -> bool:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%INTO schedules%'"
    return bool(ledger.sql(waiting)[0][0])


def test_an_import_that_meets_a_new_schedule_of_the_same_name_is_refused_whole(ledger: Stack) -> None:
    with ThreadPoolExecutor(1) as threads:
        with transaction() as first:
            edit.create(first, wanted(NewSchedule(**RULE, name="n1")), by="first")
            second = threads.submit(imported, "n0", "n1", "n2", delete_others=False)
            wait_until(lambda: somebody_waits(ledger))
        with pytest.raises(edit.NameTaken):
            second.result(60)

    assert in_service() == {"n1"}
