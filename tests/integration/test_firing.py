"""What becomes of a due run: it is made at its moment, once, and stands in the history."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from bellhop_ledger.ledger import sweep
from bellhop_ledger.ledger.tables import Job, State
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.schedules import ScheduleRun
from bellhop_ledger.schedules.history import KEPT
from bellhop_scheduler import firing
from tests.aged import forget_all
from tests.firing import MINUTE, NOON, finish_all, fire, plan_from, row, runs, scheduled

pytestmark = pytest.mark.usefixtures("no_schedules")


def test_a_run_is_made_at_its_moment_and_not_before() -> None:
    id = scheduled()

    assert fire(NOON - timedelta(microseconds=1)) == []
    assert fire(NOON) == [NOON]
    assert row(id).next_due_at == NOON + MINUTE
    assert runs(id) == [("fired", NOON)]


def test_a_run_that_exists_already_is_not_made_twice() -> None:
    id = scheduled()
    fire(NOON)
    plan_from(id, NOON - timedelta(seconds=1))

    assert fire(NOON) == []
    assert row(id).next_due_at == NOON + MINUTE


def test_once_is_once() -> None:
    id = scheduled(once_at=NOON.isoformat())

    assert fire(NOON + timedelta(days=1)) == [NOON]
    assert (row(id).next_due_at, row(id).enabled) == (None, True)


def test_a_schedule_ends_with_its_end() -> None:
    id = scheduled(ends_at=(NOON + MINUTE).isoformat())

    assert [fire(NOON), fire(NOON + MINUTE)] == [[NOON], [NOON + MINUTE]]
    assert row(id).fire_at is None


def test_two_schedulers_at_once_share_what_is_due() -> None:
    scheduled()
    with transaction() as first, transaction() as second:
        ours = firing.fire_due(first, 100, now=NOON).jobs
        theirs = firing.fire_due(second, 100, now=NOON).jobs

    assert (len(ours), len(theirs)) == (1, 0)


def test_the_history_keeps_the_last_runs_of_a_schedule_only() -> None:
    id = scheduled(interval_seconds=1)
    for second in range(300):
        fire(NOON + timedelta(seconds=second))

    assert KEPT <= len(runs(id)) <= KEPT + firing.TRIMMED_EACH
    assert runs(id)[-1] == ("fired", NOON + timedelta(seconds=299))


def test_how_a_run_ended_is_known_when_its_job_is_gone() -> None:
    id = scheduled()
    fire(NOON)
    finish_all()
    with transaction() as db:
        assert forget_all(db) == 1

    with transaction() as db:
        run = db.query(ScheduleRun).filter_by(schedule_id=id).one()
    assert (run.state, run.started_at) == ("succeeded", NOON)


def test_a_queued_job_of_a_task_that_is_gone_for_long_fails_with_the_reason() -> None:
    scheduled()
    fire(NOON)
    with transaction() as db:
        db.execute(text("UPDATE jobs SET state = 'queued', task = 'gone.away', queued_at = now() - interval '25 h'"))

    with transaction() as db:
        [(id, _)] = sweep.fail_unknown(db, ["test.listed"], after=24 * 3600, keep=60)
    with transaction() as db:
        job = db.get_one(Job, id)
        assert (job.state, (job.error or {})["type"]) == (State.FAILED, "UnknownTask")
