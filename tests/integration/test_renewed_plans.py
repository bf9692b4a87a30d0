"""Plans made with an older time zone database: a scheduler that begins to lead renews them, and so does an edit."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop_ledger.platform.database import transaction
from bellhop_ledger.schedules import ScheduleChange, edit
from bellhop_scheduler import maintenance, recheck
from bellhop_scheduler.broker import Broker
from bellhop_scheduler.maintenance import Maintenance
from bellhop_scheduler.recheck import Pass, renew_plans
from bellhop_scheduler.settings import SchedulerSettings
from bellhop_web.schedules.requests import ScheduleChanges, merge
from tests.firing import MINUTE, changes, fire, row, runs, scheduled

pytestmark = pytest.mark.usefixtures("no_schedules")
JULY = datetime(2050, 7, 1, 12, tzinfo=UTC)
IN_SUMMER_TIME = JULY - timedelta(hours=1)
"""When it would be nine o'clock in Sao Paulo, had Brazil kept its summer time all year."""
RULE = {"crontab": "0 9 1 7 *", "time_zone": "America/Sao_Paulo"}


def planned_for(moment: datetime, **fields: Any) -> UUID:
    """A schedule whose next run was planned with other rules."""
    id = scheduled(**RULE | fields)
    with transaction() as db:
        plan = text("UPDATE schedules SET next_due_at = :at, fire_at = :at WHERE id = :id")
        db.execute(plan, {"at": moment, "id": id})
    return id


def begin_to_lead() -> None:
    one = Pass(renew_plans)
    one.begin()
    while one.goes_on:
        one.go_on()


def edited(id: UUID, **fields: Any) -> bool:
    with transaction() as db:
        schedule = edit.locked(db, id)
        return edit.change(db, schedule, merge(schedule, ScheduleChanges(**fields)), by="test")


def test_who_begins_to_lead_plans_anew_what_other_rules_had_planned_and_writes_it_down() -> None:
    ids = [planned_for(at, name=str(at)) for at in (IN_SUMMER_TIME, JULY + timedelta(hours=1))]

    begin_to_lead()

    assert [(row(id).next_due_at, row(id).fire_at) for id in ids] == [(JULY, JULY)] * 2
    assert [changes(id)[-1] for id in ids] == [("replanned", "scheduler")] * 2
    with transaction() as db:
        change = db.query(ScheduleChange).filter_by(schedule_id=ids[0], action="replanned").one()
    assert change.changes == {"next_due_at": ["2050-07-01T11:00:00+00:00", "2050-07-01T12:00:00+00:00"]}


def test_what_the_rules_have_not_moved_stays_without_a_word() -> None:
    id = planned_for(JULY)
    other = scheduled(name="interval", interval_seconds=60)
    once = scheduled(name="once", once_at=JULY.isoformat())

    begin_to_lead()
    begin_to_lead()

    assert row(id).next_due_at == JULY
    assert [changes(one) for one in (id, other, once)] == [[("created", "test")]] * 3


def test_a_run_that_is_due_already_is_made_once_when_it_was_planned() -> None:
    late = datetime.now(UTC).replace(microsecond=0) - MINUTE
    id = planned_for(late)

    begin_to_lead()

    assert fire(late + MINUTE) == [late]
    assert fire(late + MINUTE) == []
    assert [due for _, due in runs(id)] == [late]


def test_a_jitter_moves_along() -> None:
    id = planned_for(IN_SUMMER_TIME, jitter_seconds=600)

    begin_to_lead()

    assert row(id).fire_at == row(id).timing.fires_at(JULY)


@pytest.mark.parametrize("fields", [{"note": "a word"}, {"crontab": "0 9 1 7 *"}, {"priority": 5}, {}])
def test_any_edit_plans_anew_too(fields: dict[str, Any]) -> None:
    id = planned_for(IN_SUMMER_TIME)

    assert edited(id, **fields)
    assert row(id).next_due_at == JULY
    assert changes(id)[-1] == ("replanned", "test")


def test_a_zone_that_is_gone_holds_up_no_other_schedule() -> None:
    gone, id = planned_for(JULY, name="gone"), planned_for(IN_SUMMER_TIME)
    with transaction() as db:
        db.execute(text("UPDATE schedules SET time_zone = 'Mars/Olympus' WHERE id = :id"), {"id": gone})

    begin_to_lead()

    assert row(id).next_due_at == JULY


def test_what_is_due_does_not_wait_until_all_plans_were_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recheck, "MOST_AT_ONCE", 1)
    monkeypatch.setattr(recheck, "SHARE", 0.0)
    later = [planned_for(IN_SUMMER_TIME + timedelta(days=365 * year), name=f"in {year} years") for year in (3, 1, 2)]
    due = planned_for(datetime.now(UTC).replace(microsecond=0) - MINUTE, name="due")
    scheduler = Maintenance(Broker(), SchedulerSettings.load())
    scheduler.begin()

    scheduler.do_due()

    assert len(runs(due)) == 1
    assert [changes(id)[-1][0] for id in later] == ["created", "replanned", "created"]  # the next one first
    assert scheduler.sleep(0.5) == maintenance.PAUSE_AFTER_WORK
    for _ in range(2 * len(later)):  # what was moved to a later date comes by once more
        scheduler.do_due()
    assert [changes(id)[-1][0] for id in later] == ["replanned"] * 3
    assert scheduler.sleep(0.5) > maintenance.PAUSE_AFTER_WORK


def test_a_pass_that_fails_is_tried_again_at_the_next_turn_and_not_at_once() -> None:
    looked_at: list[int | None] = []

    def look_at(_: Session, last: int | None, most: int) -> int | None:
        looked_at.append(last)
        if len(looked_at) == 2:
            raise ZeroDivisionError
        return (last or 0) + 1 if len(looked_at) < 4 else None

    one = Pass(look_at)
    one.begin()
    with pytest.raises(ZeroDivisionError):
        one.go_on()
    assert (one.goes_on, one.hurries) == (True, False)

    one.go_on()
    assert looked_at == [None, 1, 1, 2]
    assert (one.goes_on, one.hurries) == (False, False)
