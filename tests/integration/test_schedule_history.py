"""The history of a schedule: so many runs and changes are kept, whoever makes them, and none of one that is gone."""

from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from bellhop_ledger.platform.database import transaction
from bellhop_ledger.schedules import ScheduleChange, ScheduleRun, edit
from bellhop_ledger.schedules.history import KEPT, prune_deleted
from bellhop_ledger.schedules.run import run_now
from bellhop_scheduler import firing
from tests.firing import MINUTE, NOON, changes, finish_all, fire, plan_from, row, runs, scheduled

pytestmark = pytest.mark.usefixtures("no_schedules")
MORE = KEPT + 20


def edited(id: UUID, times: int) -> None:
    with transaction() as db:
        schedule = edit.locked(db, id)
        for number in range(times):
            edit.change(db, schedule, {"note": str(number)}, by="test")


def count(table: type[ScheduleChange] | type[ScheduleRun], id: UUID) -> int:
    with transaction() as db:
        return db.scalars(select(func.count()).select_from(table).where(table.schedule_id == id)).one()


def test_of_many_edits_the_latest_are_kept_and_others_lose_none() -> None:
    id, other = scheduled(), scheduled(name="other")

    edited(id, MORE)

    assert count(ScheduleChange, id) == KEPT
    assert row(id).note == str(MORE - 1)
    assert changes(other) == [("created", "test")]


def test_of_many_runs_by_hand_the_latest_are_kept_and_so_are_their_changes() -> None:
    id = scheduled(enabled=False)

    for _ in range(MORE):
        with transaction() as db:
            run_now(db, edit.locked(db, id), by="test")

    assert (count(ScheduleRun, id), count(ScheduleChange, id)) == (KEPT, KEPT)
    assert {action for action, _ in changes(id)} == {"run"}


def test_a_schedule_that_is_set_aside_again_and_again_keeps_the_latest_changes() -> None:
    id = scheduled()

    for _ in range(MORE):
        with transaction() as db:
            firing.set_aside(db, id, "a bug")

    assert count(ScheduleChange, id) == KEPT


def test_a_run_that_waits_is_kept_however_old_it_is() -> None:
    id = scheduled(overlap="queue")
    fire(NOON)
    fire(NOON + MINUTE)

    with transaction() as db:
        for number in range(MORE):
            db.execute(
                text("INSERT INTO schedule_runs VALUES (:id, :due, 'skipped')"),
                {"id": id, "due": NOON + (number + 2) * MINUTE},
            )
        run_now(db, edit.locked(db, id), by="test")

    assert ("waiting", NOON + MINUTE) in runs(id)


def test_with_a_schedule_goes_its_history() -> None:
    gone, kept = scheduled(), scheduled(name="kept")
    fire(NOON)
    finish_all()
    with transaction() as db:
        edit.delete(db, edit.locked(db, gone), by="test")
        db.execute(text("UPDATE schedules SET deleted_at = now() - interval '2 hours' WHERE id = :id"), {"id": gone})

    with transaction() as db:
        prune_deleted(db, keep=3600)

    assert (count(ScheduleChange, gone), count(ScheduleRun, gone)) == (0, 0)
    assert changes(kept) == [("created", "test")]
    plan_from(kept, NOON)
    assert row(kept).active
