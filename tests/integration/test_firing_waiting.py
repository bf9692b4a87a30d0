"""What ends a wait without a job: the schedule was deleted, paused, disabled or changed, or the run is too late."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from bellhop_ledger.platform.database import transaction
from bellhop_ledger.schedules import ScheduleRun, edit
from bellhop_ledger.schedules.waiting import CHANGED, DELETED, LATE, PAUSED
from bellhop_scheduler import firing
from bellhop_scheduler.recheck import recheck
from bellhop_web.schedules.requests import ScheduleChanges, merge
from bellhop_web.schedules.views import run_view
from tests.firing import MINUTE, NOON, finish_all, fire, release, runs, scheduled

pytestmark = pytest.mark.usefixtures("no_schedules")


def with_waiting(**fields: Any) -> UUID:
    """Make a schedule of which one run goes on and two wait."""
    id = scheduled(**{"overlap": "queue", **fields})
    for minutes in range(3):
        fire(NOON + minutes * MINUTE)
    assert [outcome for outcome, _ in runs(id)] == ["fired", "waiting", "waiting"]
    return id


def change(id: UUID, **fields: Any) -> None:
    with transaction() as db:
        schedule = edit.locked(db, id)
        edit.change(db, schedule, merge(schedule, ScheduleChanges(**fields)), by="test")


def skipped(id: UUID) -> list[str | None]:
    """Return why runs were skipped, and see that no other waits."""
    with transaction() as db:
        found = db.query(ScheduleRun).filter_by(schedule_id=id).order_by(ScheduleRun.due_at).all()
    assert [run.outcome for run in found] == ["fired", "skipped", "skipped"]
    return [run.reason for run in found[1:]]


def test_those_of_a_deleted_schedule_are_skipped_at_once() -> None:
    id = with_waiting()

    with transaction() as db:
        edit.delete(db, edit.locked(db, id), by="test")

    assert skipped(id) == [DELETED] * 2


def test_those_of_a_paused_schedule_are_skipped_and_do_not_run_when_it_is_resumed() -> None:
    id = with_waiting()

    change(id, enabled=False)
    change(id, enabled=True)
    finish_all()

    assert release() == []
    assert skipped(id) == [PAUSED] * 2


@pytest.mark.parametrize(
    "fields",
    [
        {"args": {"what": "else"}},
        {"task": "test.write", "args": {"key": "k"}},
        {"crontab": "*/5 * * * *"},
        {"interval_seconds": 60},
        {"time_zone": "Europe/Vienna"},
        {"starts_at": "2030-01-01"},
        {"ends_at": "2040-01-01"},
        {"overlap": "allow"},
        {"overlap": "skip"},
    ],
)
def test_those_of_a_schedule_that_became_another_are_skipped(fields: dict[str, Any]) -> None:
    id = with_waiting()

    change(id, **fields)
    finish_all()

    assert release() == []
    assert skipped(id) == [CHANGED] * 2


@pytest.mark.parametrize("fields", [{"note": "a word"}, {"name": "other"}, {"priority": 1}, {"ceiling": 1}, {}])
def test_a_change_beside_the_point_leaves_them_waiting(fields: dict[str, Any]) -> None:
    id = with_waiting()

    change(id, **fields)
    finish_all()

    assert release() == [NOON + MINUTE]
    assert runs(id)[1] == ("fired", NOON + MINUTE)


def test_those_of_a_schedule_that_no_longer_fits_are_skipped_with_what_is_wrong() -> None:
    id = with_waiting()
    with transaction() as db:
        db.execute(text("UPDATE schedules SET task = 'gone.away' WHERE id = :id"), {"id": id})

    with transaction() as db:
        recheck(db, None, 10)

    assert skipped(id) == ["The schedule was disabled: There is no task gone.away any more"] * 2


def test_those_of_a_schedule_that_is_set_aside_are_skipped_with_what_is_wrong() -> None:
    id = with_waiting()
    with transaction() as db:
        firing.set_aside(db, id, "It cannot be fired: a bug")

    assert release() == []
    assert skipped(id) == ["The schedule was disabled: It cannot be fired: a bug"] * 2


def test_those_of_a_schedule_that_is_disabled_when_it_is_due_are_skipped() -> None:
    id = with_waiting()
    with transaction() as db:
        db.execute(text("UPDATE schedules SET task = 'gone.away' WHERE id = :id"), {"id": id})
    fire(NOON + 3 * MINUTE)

    assert release() == []
    assert skipped(id) == ["The schedule was disabled: There is no task gone.away any more"] * 2


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        ("deleted_at = now(), next_due_at = NULL, fire_at = NULL", DELETED),
        ("enabled = false, next_due_at = NULL, fire_at = NULL", PAUSED),
        ("overlap = 'allow'", CHANGED),
    ],
)
def test_those_that_an_earlier_release_has_left_waiting_are_skipped(before: str, reason: str) -> None:
    id = with_waiting()
    with transaction() as db:
        db.execute(text(f"UPDATE schedules SET {before}"))

    assert release() == []
    assert skipped(id) == [reason] * 2


def test_a_run_that_has_waited_for_longer_than_the_grace_is_skipped() -> None:
    id = with_waiting(grace_seconds=90, jitter_seconds=0)
    finish_all()

    with transaction() as db:
        made = firing.release_waiting(db, 100, now=NOON + MINUTE * 3)

    assert [job.due_at for job in made] == [NOON + 2 * MINUTE]
    assert [outcome for outcome, _ in runs(id)] == ["fired", "skipped", "fired"]
    with transaction() as db:
        run = db.get_one(ScheduleRun, (id, NOON + MINUTE))
    assert run_view(run, None).reason == LATE


@pytest.mark.parametrize(("grace", "late", "outcome"), [(0, 14, "fired"), (0, 16, "skipped"), (None, 9**6, "fired")])
def test_a_run_is_on_time_for_fifteen_seconds_and_without_a_grace_however_late(
    grace: int | None, late: int, outcome: str
) -> None:
    id = scheduled(overlap="queue", grace_seconds=grace)
    fire(NOON)
    fire(NOON + MINUTE)
    finish_all()

    with transaction() as db:
        firing.release_waiting(db, 100, now=NOON + MINUTE + timedelta(seconds=late))

    assert runs(id)[1] == (outcome, NOON + MINUTE)


def test_a_run_that_met_another_says_so() -> None:
    id = scheduled(overlap="skip")
    fire(NOON)
    fire(NOON + MINUTE)

    with transaction() as db:
        run = db.get_one(ScheduleRun, (id, NOON + MINUTE))
    assert run_view(run, None).reason == "An earlier run had not ended"
