"""What becomes of due runs: catch-up, overlap, jitter and jumping clocks, with the moment given to the scheduler."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text, update

from bellhop.database import transaction
from bellhop.jobs import Job, State
from bellhop.ledger import sweep
from bellhop.schedules import Schedule, ScheduleRun, edit
from bellhop_scheduler import firing
from bellhop_web.schedule_requests import NewSchedule, wanted
from tests.stack import Stack
from tests.tasks import signatures  # noqa: F401  so that the registry knows test.listed

NOON = datetime(2030, 1, 31, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.usefixtures("empty")


@pytest.fixture
def empty(ledger: Stack) -> Iterator[None]:
    ledger.sql("TRUNCATE schedules, schedule_runs, schedule_changes")
    yield
    ledger.sql("TRUNCATE schedules, schedule_runs, schedule_changes")


def scheduled(**fields: Any) -> UUID:
    """A schedule of every minute whose next run is at noon."""
    values = {"name": "every minute", "task": "test.listed", "args": {"what": "fired"}, "time_zone": "UTC"}
    timing = {} if fields.keys() & {"interval_seconds", "once_at"} else {"crontab": "* * * * *"}
    with transaction() as db:
        made = edit.create(db, wanted(NewSchedule(**{**values, **timing, **fields})), by="test")
    plan_from(made.id, NOON - timedelta(seconds=1))
    return made.id


def plan_from(id: UUID, moment: datetime) -> None:
    with transaction() as db:
        edit.locked(db, id).plan_from(moment)


def fire(now: datetime) -> list[datetime]:
    """Fire what is due then; gives the due moments of the jobs that were made."""
    with transaction() as db:
        jobs = firing.fire_due(db, 100, now=now).jobs
    return [job.due_at for job in jobs if job.due_at]


def row(id: UUID) -> Schedule:
    with transaction() as db:
        return edit.find(db, id)


def runs(id: UUID) -> list[tuple[str, datetime]]:
    """What the history says, the earliest first."""
    with transaction() as db:
        found = db.query(ScheduleRun).filter_by(schedule_id=id).order_by(ScheduleRun.due_at)
        return [(run.outcome, run.due_at) for run in found]


def finish_all() -> None:
    """Have every job succeed."""
    with transaction() as db:
        db.execute(update(Job).values(state=State.SUCCEEDED, finished_at=NOON, started_at=NOON))


def release() -> list[datetime | None]:
    with transaction() as db:
        return [job.due_at for job in firing.release_waiting(db, 100)]


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


def test_skip_makes_up_for_nothing_that_was_missed() -> None:
    id = scheduled(catch_up="skip")

    assert fire(NOON + 3 * MINUTE + timedelta(seconds=30)) == []
    assert runs(id) == [("missed", NOON)]
    assert row(id).next_due_at == NOON + 4 * MINUTE


def test_skip_makes_a_run_that_a_failover_has_put_off() -> None:
    scheduled(catch_up="skip")

    assert fire(NOON + 3 * MINUTE + timedelta(seconds=14)) == [NOON + 3 * MINUTE]


def test_latest_makes_up_for_the_last_one_only() -> None:
    id = scheduled(catch_up="latest")

    assert fire(NOON + 500 * MINUTE + timedelta(seconds=30)) == [NOON + 500 * MINUTE]
    assert runs(id) == [("missed", NOON), ("fired", NOON + 500 * MINUTE)]


def test_a_grace_period_ends_what_is_made_up_for() -> None:
    id = scheduled(crontab="0 12 * * *", grace_seconds=3600)

    assert fire(NOON + timedelta(hours=2)) == []
    plan_from(id, NOON - MINUTE)
    assert fire(NOON + MINUTE * 59) == [NOON]


def test_all_makes_up_for_each_one_up_to_the_ceiling() -> None:
    scheduled(catch_up="all", ceiling=3)

    assert fire(NOON + 10 * MINUTE) == [NOON + n * MINUTE for n in (8, 9, 10)]


def test_all_makes_up_for_nothing_beyond_the_grace_period() -> None:
    scheduled(catch_up="all", grace_seconds=150)

    assert fire(NOON + 10 * MINUTE) == [NOON + n * MINUTE for n in (8, 9, 10)]


def test_years_of_missed_seconds_are_reckoned_at_once() -> None:
    scheduled(interval_seconds=1, catch_up="all", ceiling=2)
    later = NOON + timedelta(days=3650)

    assert fire(later) == [later - timedelta(seconds=1), later]


def test_overlap_skip_makes_no_run_while_the_last_one_has_not_ended() -> None:
    id = scheduled(overlap="skip")
    fire(NOON)

    assert fire(NOON + MINUTE) == []
    finish_all()
    assert fire(NOON + 2 * MINUTE) == [NOON + 2 * MINUTE]
    assert runs(id) == [("fired", NOON), ("skipped", NOON + MINUTE), ("fired", NOON + 2 * MINUTE)]


def test_overlap_allow_makes_runs_beside_each_other() -> None:
    scheduled(overlap="allow")

    assert [fire(NOON), fire(NOON + MINUTE)] == [[NOON], [NOON + MINUTE]]


def test_overlap_queue_has_runs_wait_one_after_another() -> None:
    id = scheduled(overlap="queue")
    fire(NOON)
    assert fire(NOON + MINUTE) == fire(NOON + 2 * MINUTE) == []

    assert release() == []
    finish_all()
    assert release() == [NOON + MINUTE]
    assert release() == []
    finish_all()
    assert release() == [NOON + 2 * MINUTE]
    assert {outcome for outcome, _ in runs(id)} == {"fired"}


def test_overlap_queue_lets_no_more_wait_than_the_ceiling() -> None:
    id = scheduled(overlap="queue", ceiling=1)
    for minutes in range(3):
        fire(NOON + minutes * MINUTE)

    assert [outcome for outcome, _ in runs(id)] == ["fired", "waiting", "skipped"]


def test_what_waits_stays_waiting_while_the_schedule_is_paused() -> None:
    id = scheduled(overlap="queue")
    fire(NOON)
    fire(NOON + MINUTE)
    finish_all()
    with transaction() as db:
        edit.change(db, edit.locked(db, id), {"enabled": False}, by="test")

    assert release() == []


def test_jitter_puts_a_run_off_by_the_same_whoever_reckons() -> None:
    id = scheduled(jitter_seconds=30)
    fire_at = row(id).fire_at
    assert fire_at is not None
    assert NOON <= fire_at < NOON + timedelta(seconds=30)

    plan_from(id, NOON - timedelta(seconds=1))

    assert row(id).fire_at == fire_at
    assert fire(fire_at - timedelta(microseconds=1)) == []
    assert fire(fire_at) == [NOON]


def test_jitter_loses_no_run_that_lies_closer_than_it_is_wide() -> None:
    scheduled(interval_seconds=10, jitter_seconds=60, catch_up="all")

    made = [due for second in range(0, 240, 5) for due in fire(NOON + timedelta(seconds=second))]

    assert made == [NOON + timedelta(seconds=10 * n) for n in range(len(made))]
    assert len(made) >= 15


def test_a_clock_set_back_by_an_hour_makes_no_run_twice() -> None:
    scheduled()
    made = [fire(NOON), fire(NOON + MINUTE)]

    made += [fire(NOON - 59 * MINUTE), fire(NOON), fire(NOON + MINUTE), fire(NOON + 2 * MINUTE)]

    assert made == [[NOON], [NOON + MINUTE], [], [], [], [NOON + 2 * MINUTE]]


def test_a_clock_set_forward_by_an_hour_loses_nothing_that_all_makes_up_for() -> None:
    scheduled(catch_up="all")
    fire(NOON)

    assert fire(NOON + 61 * MINUTE) == [NOON + n * MINUTE for n in range(1, 62)]
    assert fire(NOON + 2 * MINUTE) == []


def test_a_schedule_edited_after_the_clock_was_set_back_makes_no_run_twice() -> None:
    id = scheduled()
    fire(NOON)

    plan_from(id, NOON - timedelta(hours=1))
    made = [fire(NOON - 59 * MINUTE), fire(NOON)]

    assert made == [[NOON - 59 * MINUTE], []]


def test_once_is_once() -> None:
    id = scheduled(once_at=NOON.isoformat())

    assert fire(NOON + timedelta(days=1)) == [NOON]
    assert (row(id).next_due_at, row(id).enabled) == (None, True)


def test_a_schedule_ends_with_its_end() -> None:
    id = scheduled(ends_at=(NOON + MINUTE).isoformat())

    assert [fire(NOON), fire(NOON + MINUTE)] == [[NOON], [NOON + MINUTE]]
    assert row(id).fire_at is None


def test_a_schedule_whose_task_is_gone_is_disabled_with_the_reason_and_the_others_run() -> None:
    id = scheduled()
    scheduled(name="another")
    with transaction() as db:
        db.execute(text("UPDATE schedules SET task = 'gone.away' WHERE id = :id"), {"id": id})

    assert fire(NOON) == [NOON]
    assert row(id).disabled_reason == "There is no task gone.away any more"
    assert row(id).fire_at is None


def test_a_schedule_whose_arguments_no_longer_fit_is_disabled_with_the_field() -> None:
    id = scheduled()
    with transaction() as db:
        db.execute(text("UPDATE schedules SET args = '{}', fingerprint = 'of an earlier release'"))

    assert fire(NOON) == []
    assert "args.what: Field required" in str(row(id).disabled_reason)


def test_a_schedule_that_cannot_be_read_is_disabled_with_the_reason() -> None:
    id = scheduled()
    with transaction() as db:
        db.execute(text("UPDATE schedules SET time_zone = 'Mars/Olympus'"))

    assert fire(NOON) == []
    assert "is not a time zone" in str(row(id).disabled_reason)


def test_the_history_keeps_the_last_runs_of_a_schedule_only() -> None:
    id = scheduled(interval_seconds=1)
    for second in range(300):
        fire(NOON + timedelta(seconds=second))

    assert firing.KEPT_RUNS <= len(runs(id)) <= firing.KEPT_RUNS + firing.TRIMMED_EACH
    assert runs(id)[-1] == ("fired", NOON + timedelta(seconds=299))


def test_how_a_run_ended_is_known_when_its_job_is_gone() -> None:
    id = scheduled()
    fire(NOON)
    finish_all()
    with transaction() as db:
        db.execute(text("UPDATE jobs SET expires_at = now() - interval '1 second'"))
    with transaction() as db:
        assert sweep.prune(db, most=10) == 1

    with transaction() as db:
        run = db.query(ScheduleRun).filter_by(schedule_id=id).one()
    assert (run.state, run.started_at) == ("succeeded", NOON)


def test_two_schedulers_at_once_share_what_is_due() -> None:
    scheduled()
    with transaction() as first, transaction() as second:
        ours = firing.fire_due(first, 100, now=NOON).jobs
        theirs = firing.fire_due(second, 100, now=NOON).jobs

    assert (len(ours), len(theirs)) == (1, 0)


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
