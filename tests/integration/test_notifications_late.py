"""Notifications about what is late: runs of schedules that have not begun, and queues whose oldest job waits."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from bellhop_ledger.ledger.submit import NewJob, submit_all
from bellhop_ledger.ledger.tables import State
from bellhop_ledger.notifications import incidents as rows
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.schedules import edit, pausing
from bellhop_scheduler import firing
from bellhop_scheduler.notifications import late_schedules
from bellhop_web.schedules.requests import NewSchedule, wanted
from tests.firing import MINUTE, NOON, finish_all, fire, scheduled
from tests.notifying import end, incidents, later, look, make_rule, subjects, texts
from tests.tasks.signatures import noop

LATE = "The schedule nightly backup did not run in time"
RECOVERED = "The schedule nightly backup has recovered"
GRACE = 10 * MINUTE
DAILY = "0 12 * * *"

pytestmark = pytest.mark.usefixtures("no_schedules")


def backup(**fields: object) -> UUID:
    return scheduled(name="nightly backup", **{"crontab": DAILY, **fields})


@pytest.fixture
def rule(no_schedules: None) -> UUID:
    """One that gives the schedules of the night ten minutes."""
    return make_rule(kind="schedule", pattern="nightly *", failures=None, late_seconds=600)


@pytest.mark.usefixtures("rule")
def test_a_run_that_waits_for_longer_than_the_grace_is_reported_once() -> None:
    backup()
    fire(NOON)

    assert look(NOON + GRACE - MINUTE) == []
    assert look(NOON + GRACE) == [LATE]
    assert look(NOON + 2 * GRACE) == [LATE]
    assert "the run that was due at 2030-01-31 12:00 UTC has not begun" in texts()[0]


@pytest.mark.usefixtures("rule")
def test_a_late_run_that_begins_is_a_recovery() -> None:
    backup()
    fire(NOON)
    look(NOON + GRACE)

    finish_all()

    assert look(NOON + 2 * GRACE) == [LATE, RECOVERED]
    assert incidents() == []


@pytest.mark.usefixtures("rule")
def test_a_run_that_began_in_time_is_not_late() -> None:
    backup()
    fire(NOON)
    finish_all()

    assert look(NOON + GRACE) == []


@pytest.mark.usefixtures("rule")
def test_a_run_that_is_tried_again_has_begun() -> None:
    backup()
    fire(NOON)
    with transaction() as db:
        db.execute(text("UPDATE unfinished_jobs SET attempt = 1, state = 'scheduled', run_at = now() + interval '1 d'"))

    assert look(NOON + GRACE) == []


@pytest.mark.usefixtures("rule")
def test_a_run_that_no_scheduler_has_made_is_late() -> None:
    backup()

    assert look(NOON + GRACE) == [LATE]


@pytest.mark.usefixtures("rule")
def test_a_missed_run_is_late_until_the_next_one_begins() -> None:
    backup(catch_up="skip")
    fire(NOON + 5 * MINUTE)
    assert look(NOON + GRACE) == [LATE]

    tomorrow = NOON + timedelta(days=1)
    fire(tomorrow)
    finish_all()

    assert look(tomorrow + MINUTE) == [LATE, RECOVERED]


@pytest.mark.usefixtures("rule")
def test_a_run_that_was_skipped_is_not_late_while_another_one_begins_in_time() -> None:
    backup(crontab="*/5 * * * *", overlap="skip")
    fire(NOON)
    fire(NOON + 5 * MINUTE)
    finish_all()
    fire(NOON + 10 * MINUTE)
    finish_all()

    assert look(NOON + 15 * MINUTE) == []


@pytest.mark.usefixtures("rule")
def test_a_schedule_that_is_paused_is_not_expected_to_run() -> None:
    id = backup()
    fire(NOON)
    look(NOON + GRACE)

    with transaction() as db:
        pausing.pause(db, edit.locked(db, id), reason="Holidays", until=None, by="test")

    assert (look(NOON + 2 * GRACE), incidents()) == ([LATE], [])


@pytest.mark.usefixtures("rule")
def test_a_schedule_that_was_disabled_is_reported_with_the_reason() -> None:
    id = backup()
    with transaction() as db:
        firing.set_aside(db, id, "Its task is unknown")

    assert look(NOON - timedelta(days=1)) == [LATE]
    assert "nightly backup: it is disabled: Its task is unknown." in texts()[0]


def test_runs_from_before_the_rule_are_no_concern_of_it() -> None:
    backup()
    fire(NOON)
    id = make_rule(kind="schedule", pattern="nightly backup", failures=None, late_seconds=600)
    with transaction() as db:
        db.execute(
            text("UPDATE notification_rules SET created_at = :at WHERE id = :id"), {"at": NOON + MINUTE, "id": id}
        )

    assert look(NOON + GRACE) == []


def test_only_schedules_that_fit_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late_schedules, "MOST_NAMES", 2)
    for number in range(5):
        scheduled(name=f"nightly {number}", crontab=DAILY)
    make_rule(kind="schedule", pattern="*y 3", failures=None, late_seconds=600)
    make_rule(kind="schedule", pattern="nightly 4", failures=None, late_seconds=600)

    assert len(look(NOON + GRACE)) == 2
    assert incidents() == [("late", "nightly 3"), ("late", "nightly 4")]


def test_many_late_schedules_are_one_mail_and_recover_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late_schedules, "MOST_AT_ONCE", 2)
    for number in range(5):
        scheduled(name=f"nightly {number}", crontab=DAILY)
    make_rule(kind="schedule", pattern="*", failures=None, late_seconds=600)
    fire(NOON)
    assert look(NOON + GRACE) == ["5 schedules did not run in time"]

    finish_all()

    assert look(NOON + GRACE)[1:] == ["5 schedules have recovered"]


QUEUE_LATE = "The queue default is late"


def wait_in_queue(since: datetime) -> UUID:
    """Let a job wait since then."""
    with transaction() as db:
        [job] = submit_all(db, [NewJob(noop, {})], publish=False)
        db.execute(text("UPDATE unfinished_jobs SET queued_at = :since WHERE id = :id"), {"since": since, "id": job.id})
    return job.id


def test_a_queue_whose_oldest_job_waits_for_too_long_is_late_until_it_does_not() -> None:
    make_rule(kind="queue", pattern="def*", failures=None, late_seconds=600)
    wait_in_queue(later(minutes=-5))
    assert look() == []
    wait_in_queue(later(minutes=-20))

    assert look() == [QUEUE_LATE]
    assert look() == [QUEUE_LATE]
    assert "default: its oldest job has waited for 20 min." in texts()[0]
    finish_all()
    assert look() == [QUEUE_LATE, "The queue default has recovered"]


def test_a_queue_is_late_and_failing_by_one_rule_and_both_are_reported() -> None:
    make_rule(kind="queue", pattern="default", failures=1, late_seconds=600)
    wait_in_queue(later(minutes=-20))
    end(State.FAILED)

    assert sorted(look()) == ["The queue default has failed", QUEUE_LATE]
    assert incidents() == [("failing", "default"), ("late", "default")]


def test_a_schedule_of_another_name_is_not_late() -> None:
    make_rule(kind="schedule", pattern="weekly *", failures=None, late_seconds=600)
    with transaction() as db:
        edit.create(db, wanted(NewSchedule(name="x", task="test.noop", crontab=DAILY)), by="test")

    assert look(NOON + GRACE) == []
    assert subjects() == []


def test_more_than_one_notification_names_what_is_late_where_there_is_too_much_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rows, "MOST_AT_ONCE", 2)
    for number in range(3):
        scheduled(name=f"nightly {number}", crontab=DAILY)
    make_rule(kind="schedule", pattern="*", failures=None, late_seconds=600)

    assert sorted(look(NOON + GRACE), key=len)[0] == "2 schedules did not run in time"
    assert len(subjects()) == 2
