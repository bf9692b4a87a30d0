"""Notifications about what fails: after so many failures in a row, once, and once more when it has recovered."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from bellhop_ledger.ledger import control
from bellhop_ledger.ledger.events import Actor
from bellhop_ledger.ledger.submit import NewJob, submit_all
from bellhop_ledger.ledger.tables import State
from bellhop_ledger.notifications import incidents as rows
from bellhop_ledger.notifications import rules
from bellhop_ledger.notifications.rules import Wanted
from bellhop_ledger.notifications.tables import NotificationRule, Watched
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import transaction
from bellhop_scheduler.notifications import failing, recent
from bellhop_scheduler.notifications.watching import Watching, one_round
from tests.firing import NOON, scheduled
from tests.integration.test_ledger_interleavings import open_transaction
from tests.notifying import FIELDS, end, fail, incidents, look, make_rule, subjects, succeed, texts
from tests.stack import Stack
from tests.tasks.signatures import noop, noop_any

FAILED = "The task test.noop_leased has failed 3 times in a row"
RECOVERED = "The task test.noop_leased has recovered"

pytestmark = pytest.mark.usefixtures("no_schedules")


def test_a_task_is_reported_when_it_has_failed_so_many_times_in_a_row_and_no_sooner() -> None:
    make_rule()
    fail(2)
    assert look() == []

    fail()

    assert look() == [FAILED]
    assert incidents() == [("failing", "test.noop_leased")]


def test_the_mail_names_the_kind_of_the_error_and_none_of_its_words() -> None:
    make_rule()
    fail(3)
    look()

    [said] = texts()
    assert "test.noop_leased: the latest error was PrinterBurns." in said
    assert "/jobs?task=test.noop_leased" in said
    assert "words" not in said


def test_a_notification_is_the_first_in_its_queue(ledger: Stack) -> None:
    make_rule()
    fail(3)
    look()

    assert ledger.sql("SELECT queue, priority FROM jobs WHERE task = 'mail.send'") == [("slow", 9)]


def test_what_goes_on_failing_is_not_reported_again() -> None:
    make_rule()
    fail(3)
    look()

    for _ in range(3):
        fail()
        look()

    assert subjects() == [FAILED]


def test_a_success_in_between_begins_the_count_anew_and_a_cancelled_job_does_not() -> None:
    make_rule()
    fail(2)
    succeed()
    fail(2)
    assert look() == []

    end(State.CANCELLED)
    fail()

    assert look() == [FAILED]


def test_a_recovery_is_reported_once_and_the_next_failures_are_reported_again() -> None:
    make_rule()
    fail(3)
    look()

    succeed()

    assert look() == [FAILED, RECOVERED]
    assert (look(), incidents()) == ([FAILED, RECOVERED], [])
    fail(3)
    assert look() == [FAILED, RECOVERED, FAILED]


def test_a_rule_may_do_without_recoveries() -> None:
    make_rule(recovered=False)
    fail(3)
    look()
    succeed()

    assert (look(), incidents()) == ([FAILED], [])


def test_what_has_recovered_before_anybody_was_informed_is_not_reported() -> None:
    make_rule()
    fail(3)
    next(one_round())  # noticed, and the scheduler dies
    succeed()

    assert (look(), incidents()) == ([], [])


def test_failures_before_the_rule_count_as_soon_as_there_is_one_after_it() -> None:
    fail(5)
    make_rule()
    assert look() == []

    fail()

    assert look() == [FAILED]


def test_things_that_fail_together_by_one_pattern_are_one_mail() -> None:
    make_rule(pattern="test.*", failures=1)
    fail()
    fail(task=noop_any)

    assert look() == ["2 tasks have failed"]
    assert incidents() == [("failing", "test.noop_any"), ("failing", "test.noop_leased")]


def test_each_rule_that_watches_a_thing_reports_it() -> None:
    make_rule()
    make_rule(pattern="*", failures=2)
    make_rule(pattern="other.*", failures=1)
    fail(3)

    assert sorted(look()) == ["The task test.noop_leased has failed 2 times in a row", FAILED]


def test_a_queue_fails_by_its_jobs_whatever_their_task_is() -> None:
    make_rule(kind="queue", pattern="default", failures=2)
    fail()
    fail(task=noop_any)

    assert look() == ["The queue default has failed 2 times in a row"]


def test_a_schedule_fails_by_its_runs_in_the_order_in_which_they_were_due() -> None:
    id = scheduled(name="nightly backup")
    make_rule(kind="schedule", pattern="nightly *", failures=2)
    for second in (2, 1):
        fail(schedule=str(id), due_at=NOON.replace(second=second))
    succeed(schedule=str(id), due_at=NOON)

    assert look() == ["The schedule nightly backup has failed 2 times in a row"]
    assert f"/schedules/{id}" in texts()[0]


def test_a_schedule_that_is_deleted_is_forgotten() -> None:
    id = scheduled(name="nightly backup")
    make_rule(kind="schedule", pattern="*", failures=1)
    fail(schedule=str(id), due_at=NOON)
    look()
    with transaction() as db:
        db.execute(text("UPDATE schedules SET deleted_at = now(), fire_at = NULL, next_due_at = NULL"))

    assert (len(look()), incidents()) == (1, [])


def test_a_run_of_no_schedule_that_is_known_disturbs_nobody() -> None:
    make_rule(kind="schedule", pattern="*", failures=1)
    fail(schedule="nightly", due_at=NOON)
    fail(schedule=str(uuid4()), due_at=NOON)

    assert look() == []


def test_a_job_that_failed_without_a_worker_counts_before_it_is_filed() -> None:
    make_rule(pattern="test.noop", failures=1)
    with transaction() as db:
        submit_all(db, [NewJob(noop, {})], publish=False)
        db.execute(text("UPDATE unfinished_jobs SET state = 'failed', finished_at = now(), expires_at = now()"))

    assert look() == ["The task test.noop has failed"]


def test_many_failures_are_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failing, "MOST_AT_ONCE", 2)
    make_rule()
    fail(5)

    pieces = sum(1 for _ in failing.notice(_all_rules(), clock.now()))

    assert pieces == 3
    assert incidents() == [("failing", "test.noop_leased")]


def _all_rules() -> list[NotificationRule]:
    with transaction() as db:
        found = list(rules.all_rules(db))
        db.expunge_all()
    return found


def test_a_retry_that_succeeds_is_a_recovery() -> None:
    make_rule(failures=1)
    id = end(State.FAILED)
    look()
    with transaction() as db:
        control.retry(db, id, by=Actor("test"))
    finish_again(id)

    assert look()[-1] == RECOVERED


def finish_again(id: UUID) -> None:
    with transaction() as db:
        done = "UPDATE unfinished_jobs SET state = 'succeeded', finished_at = now(), expires_at = now() WHERE id = :id"
        db.execute(text(done), {"id": id})


def test_a_scheduler_that_dies_before_its_commit_has_neither_sent_nor_noted_it() -> None:
    make_rule()
    fail(3)
    for _ in failing.notice(_all_rules(), clock.now()):
        pass
    with open_transaction() as dying:
        assert rows.report_pending(dying, clock.now()) == 1
        assert subjects() == []

    assert look() == [FAILED]


def test_two_schedulers_report_it_once() -> None:
    make_rule()
    fail(3)
    for _ in failing.notice(_all_rules(), clock.now()):
        pass
    with transaction() as one:
        assert rows.report_pending(one, clock.now()) == 1
        assert look() == []

    assert look() == [FAILED]


def test_a_rule_that_is_to_watch_something_else_begins_anew_and_another_channel_is_no_reason_to() -> None:
    id = make_rule()
    fail(3)
    look()

    change(id, recipient="bob@example.org")
    assert incidents()
    change(id, failures=2)

    assert incidents() == []


def change(id: UUID, **fields: object) -> None:
    with transaction() as db:
        rules.change(db, id, Wanted(**FIELDS | fields), by="test")


def test_a_deleted_rule_takes_along_what_it_has_found() -> None:
    id = make_rule()
    fail(3)
    look()

    with transaction() as db:
        rules.delete(db, id)

    assert incidents() == []


def test_a_round_goes_on_in_the_next_turn_and_rests_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    make_rule()
    fail(3)
    monkeypatch.setattr("bellhop_scheduler.notifications.watching.SHARE", 0)
    watching = Watching()

    turns = 0
    while not subjects():
        watching.go_on()
        turns += 1
        assert turns < 50

    assert turns > 2


@pytest.mark.parametrize("kind", list(recent.STATEMENTS))
def test_how_the_latest_ended_is_read_by_an_index_in_its_order(kind: Watched) -> None:
    with transaction() as db:
        db.execute(text("SET LOCAL enable_seqscan = off"))
        plan = "\n".join(
            row[0] for row in db.execute(text(f"EXPLAIN {recent.STATEMENTS[kind].text}"), {"things": ["a"], "most": 3})
        )

    assert f"kept_jobs_{kind}_idx" in plan
    assert "jobs_ended_idx" in plan


def test_what_has_failed_since_the_last_look_is_read_by_the_index_of_states() -> None:
    values = {"since": clock.now(), "after": str(failing.START), "most": 3}
    with transaction() as db:
        db.execute(text("SET LOCAL enable_seqscan = off"))
        plan = "\n".join(row[0] for row in db.execute(text(f"EXPLAIN {failing.FAILED.text}"), values))

    assert "kept_jobs_state_idx" in plan
    assert "jobs_ended_idx" in plan
    assert "Merge Append" in plan
