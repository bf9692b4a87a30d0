"""Counting: exact whatever happens meanwhile, and the same however often it is done."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from bellhop_ledger.ledger import claim, control, finish, sweep
from bellhop_ledger.ledger.counting import counts, rollup
from bellhop_ledger.ledger.counting.buckets import ERROR
from bellhop_ledger.ledger.counting.counts import NUMBERS, Counted, Step, Wanted
from bellhop_ledger.ledger.events import Actor
from bellhop_ledger.ledger.finish import Failure, Outcome
from bellhop_ledger.ledger.past import AttemptOutcome
from bellhop_ledger.ledger.retention import forget
from bellhop_ledger.ledger.submit import submit
from bellhop_ledger.ledger.tables import State
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import transaction
from bellhop_scheduler import counting
from bellhop_scheduler.counting import Counting
from tests.locks import uncommitted
from tests.stack import Stack, wait_until
from tests.tasks.signatures import write_leased

TASK, KEEP, BY = "test.write_leased", 3600.0, Actor("user:ann")
MINUTE = timedelta(minutes=1)
ENDED = """
    INSERT INTO jobs (id, task, args, queue, priority, max_attempts, attempt, run_at, created_at, state, queued_at,
                      started_at, finished_at, expires_at, error)
    SELECT gen_random_uuid(), 'test.noop', '{}', 'default', 5, 3, 1, at, at, %s, at, at + interval '1 second',
           at + interval '3 seconds', at + interval '1 hour', '{}'
    FROM (SELECT CAST(%s AS timestamptz) AS at) AS t, generate_series(1, %s)
"""

OLDER = """
    INSERT INTO task_counts
    SELECT step, starts_at - CAST(%s AS interval), task, %s, 1, 1, 1, 1, 1, 1, waits, runs
    FROM task_counts WHERE queue = 'default'
"""


@pytest.fixture
def start(ledger: Stack) -> datetime:
    """A minute that is over for a while, from which on nothing is counted yet."""
    ledger.sql("TRUNCATE task_counts, uncounted_ends, counting")
    at = clock.now().replace(second=0, microsecond=0) - 5 * MINUTE
    ledger.sql("INSERT INTO counting VALUES (1, %s, %s, %s)", *[at.isoformat()] * 3)
    return at


def count(by: Counting | None = None) -> None:
    """Count all there is to count."""
    by = by or Counting()
    while not by.go_on():
        pass


def settle(ledger: Stack, by: Counting | None = None) -> None:
    """Count until all is counted for good: Postgres' own transactions, as those of a VACUUM, are waited for, too."""
    by = by or Counting()

    def is_settled() -> bool:
        count(by)
        until, final = marks(ledger)
        return until == final

    wait_until(is_settled)


def counted(step: Step = Step.MINUTE, task: str | None = None) -> Counted:
    """All that is counted."""
    until = clock.now() + timedelta(days=1)
    with transaction() as db:
        found = counts.by_task(db, Wanted(step, until - timedelta(days=10), until, task), times=step)
    return counts.together(found.values())


def numbers(of: Counted) -> dict[str, int]:
    """The numbers that are not 0."""
    return {name: number for name in NUMBERS if (number := getattr(of, name))}


def ended(ledger: Stack, state: str, at: datetime, number: int = 1) -> None:
    """Write jobs that were submitted at a moment and ended three seconds later."""
    ledger.sql(ENDED, state, at.isoformat(), number)


def marks(ledger: Stack) -> tuple[datetime, datetime]:
    """Until when all is counted, and until when for good."""
    [found] = ledger.sql("SELECT counted_until, final_until FROM counting")
    return found[0], found[1]


def submitted() -> UUID:
    with transaction() as db:
        return submit(db, write_leased, key="counted").id


def ran(id: UUID, state: State, outcome: AttemptOutcome = AttemptOutcome.FAILED) -> None:
    """Let an attempt of the job end."""
    with transaction() as db:
        db.execute(text("UPDATE jobs SET state = 'queued', queued_at = now() WHERE state = 'scheduled'"))
        [job] = claim.claim(db, [id], worker="w", lease=(lease := uuid4()), seconds=60)
    failure = None if state is State.SUCCEEDED else Failure("ConnectionError", "refused", "", outcome)
    with transaction() as db:
        now = Outcome(job, state, started_at=clock.now(), delay=60, keep=KEEP, failure=failure)
        assert finish.finish(db, [now], worker="w", lease=lease) == {id}


@pytest.mark.usefixtures("start")
def test_each_end_of_a_job_and_each_attempt_is_counted_once() -> None:
    ran(submitted(), State.SUCCEEDED)
    ran(submitted(), State.FAILED)
    twice = submitted()
    ran(twice, State.SCHEDULED)
    ran(twice, State.SUCCEEDED)
    with transaction() as db:
        control.cancel(db, submitted(), keep=KEEP, by=BY)

    count()

    assert numbers(counted()) == {"submitted": 4, "succeeded": 2, "failed": 1, "cancelled": 1, "retried": 1}
    assert sum(counted().waits.values()) == sum(counted().runs.values()) == 4


@pytest.mark.usefixtures("start")
def test_a_lost_attempt_was_retried_and_one_that_was_handed_back_was_not(ledger: Stack) -> None:
    lost, back = submitted(), submitted()
    with transaction() as db:
        claim.claim(db, [lost], worker="w", lease=uuid4(), seconds=60)
        [job] = claim.claim(db, [back], worker="w", lease=(lease := uuid4()), seconds=60)
        finish.hand_back(db, [job], lease=lease, begun=[back])
    ledger.sql("UPDATE jobs SET lease_expires_at = now() - interval '1 s' WHERE state = 'running'")
    with transaction() as db:
        assert len(sweep.lose_expired(db, keep=KEEP)) == 1

    count()

    assert numbers(counted()) == {"submitted": 2, "retried": 1}


@pytest.mark.usefixtures("start")
def test_jobs_that_expired_are_counted_as_such_and_as_cancelled(ledger: Stack) -> None:
    submitted()
    ledger.sql("UPDATE jobs SET start_before = now() - interval '1 s'")
    with transaction() as db:
        assert len(sweep.cancel_expired(db, keep=KEEP, most=10)) == 1

    count()

    assert numbers(counted()) == {"submitted": 1, "cancelled": 1, "expired": 1}


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_a_retry_by_hand_changes_nothing_of_what_was(
    ledger: Stack, start: datetime, state: str, *, before: bool
) -> None:
    ended(ledger, state, start)
    if before:
        count()

    [(id,)] = ledger.sql("SELECT id::text FROM jobs")
    with transaction() as db:
        control.retry(db, UUID(id), by=BY)
    settle(ledger)

    assert numbers(counted()) == {"submitted": 1, state: 1}
    assert (sum(counted().waits.values()), sum(counted().runs.values())) == (1, 1)
    assert ledger.sql("SELECT count(*) FROM uncounted_ends") == [(0,)]


@pytest.mark.usefixtures("start")
def test_each_end_of_a_job_that_is_retried_by_hand_is_counted() -> None:
    id = submitted()
    for _ in range(2):
        ran(id, State.FAILED)
        with transaction() as db:
            control.retry(db, id, by=BY)
    ran(id, State.SUCCEEDED)

    count()

    assert numbers(counted()) == {"submitted": 1, "succeeded": 1, "failed": 2}


def test_the_retry_of_one_that_was_cancelled_while_it_waited_for_its_next_attempt(ledger: Stack) -> None:
    ledger.sql("TRUNCATE task_counts, uncounted_ends, counting")
    id = submitted()
    ran(id, State.SCHEDULED)
    with transaction() as db:
        control.cancel(db, id, keep=KEEP, by=BY)
        control.retry(db, id, by=BY)

    count()

    assert numbers(counted()) == {"submitted": 1, "cancelled": 1, "retried": 1}
    assert sum(counted().runs.values()) == 1


def test_what_is_committed_late_is_counted_when_nobody_is_left_who_could_be_later(
    ledger: Stack, start: datetime
) -> None:
    ended(ledger, "succeeded", start + 3 * MINUTE)
    by = Counting()

    with uncommitted(ledger, ENDED, "failed", (start + 2 * MINUTE).isoformat(), "1"):
        count(by)
        until, final = marks(ledger)
        assert (until > start + 3 * MINUTE, final) == (True, start)
        assert numbers(counted()) == {"submitted": 1, "succeeded": 1}
    settle(ledger, by)

    assert numbers(counted()) == {"submitted": 2, "succeeded": 1, "failed": 1}
    assert marks(ledger)[1] > start + 3 * MINUTE


def test_a_transaction_that_is_open_for_a_day_is_waited_for_no_longer(
    ledger: Stack, start: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "LONGEST_WAIT", timedelta(seconds=-60))

    with uncommitted(ledger, ENDED, "failed", start.isoformat(), "1"):
        count()

        assert marks(ledger)[1] > start


def test_a_scheduler_that_dies_between_two_steps_leaves_nothing_half_counted(
    ledger: Stack, start: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for minute in range(4):
        ended(ledger, "succeeded", start + minute * MINUTE, minute + 1)

    steps: list[tuple[str, Callable[..., None]]] = [
        (name, getattr(rollup, name)) for name in ("count_minutes", "sum_up", "advance")
    ]
    for name, real in steps:

        def die(*args: object, real: Callable[..., None] = real, **more: object) -> None:
            real(*args, **more)
            raise SystemExit

        with monkeypatch.context() as patch, suppress(SystemExit):
            patch.setattr(rollup, name, die)
            count()
        assert marks(ledger) == (start, start)
        assert numbers(counted()) == {}
    count()

    for step in Step:
        assert numbers(counted(step)) == {"submitted": 10, "succeeded": 10}


def test_one_that_stood_still_for_hours_catches_up_and_the_sums_are_those_of_the_minutes(ledger: Stack) -> None:
    ledger.sql("TRUNCATE task_counts, uncounted_ends, counting")
    noon = (clock.now() - timedelta(days=2)).replace(hour=12, minute=0, second=0, microsecond=0)
    ledger.sql("INSERT INTO counting VALUES (1, %s, %s, %s)", *[noon.isoformat()] * 3)
    for hours in (0, 11, 12, 30):
        ended(ledger, "succeeded", noon + timedelta(hours=hours, minutes=7), 3)
        ended(ledger, "failed", noon + timedelta(hours=hours, minutes=59), 2)

    count()

    whole = counted()
    assert numbers(whole) == {"submitted": 20, "succeeded": 12, "failed": 8}
    assert (counted(Step.HOUR), counted(Step.DAY)) == (whole, whole)
    assert ledger.sql("SELECT step, count(*) FROM task_counts GROUP BY 1 ORDER BY 1")[0] == ("day", 2)


def test_what_is_counted_again_and_is_the_same_is_not_written_again(ledger: Stack, start: datetime) -> None:
    ended(ledger, "failed", start, 2)
    count()
    before = ledger.sql("SELECT step, ctid::text FROM task_counts ORDER BY 1")

    with transaction() as db:
        rollup.count_minutes(db, start, start + MINUTE)
        rollup.sum_up(db, start)

    assert ledger.sql("SELECT step, ctid::text FROM task_counts ORDER BY 1") == before


def test_two_schedulers_do_not_count_at_once(ledger: Stack, start: datetime) -> None:
    ended(ledger, "failed", start)

    with transaction() as db:
        assert rollup.take(db)
        assert Counting().go_on()
        assert numbers(counted()) == {}


def test_waits_and_runs_are_told_within_the_error(ledger: Stack, start: datetime) -> None:
    ended(ledger, "succeeded", start, 5)

    count()

    assert counted().wait(0.95) == pytest.approx(1, rel=ERROR)
    assert counted().run(0.5) == pytest.approx(2, rel=ERROR)


def test_counts_are_read_by_task_queue_and_stretch_of_time(ledger: Stack, start: datetime) -> None:
    ended(ledger, "succeeded", start, 5)
    ended(ledger, "failed", start + 2 * MINUTE)
    ran(submitted(), State.SUCCEEDED)
    count()

    with transaction() as db:
        bars = counts.by_bar(
            db, Wanted(Step.MINUTE, start, start + 4 * MINUTE, task="test.noop"), 2 * MINUTE, times=Step.MINUTE
        )
        others = counts.by_task(db, Wanted(Step.MINUTE, start, start + 9 * MINUTE, without=["test.noop"]), times=None)
        none = counts.by_task(db, Wanted(Step.MINUTE, start, start + 9 * MINUTE, queue="no.such.queue"), times=None)

    assert {at: numbers(one) for at, one in bars.items()} == {
        start: {"submitted": 5, "succeeded": 5},
        start + 2 * MINUTE: {"submitted": 1, "failed": 1},
    }
    assert (list(others), none) == ([TASK], {})


def test_waits_may_be_read_by_the_hour_where_all_minutes_were_too_many(ledger: Stack, start: datetime) -> None:
    ended(ledger, "succeeded", start, 5)
    count()

    wanted = Wanted(Step.MINUTE, start, start + 2 * MINUTE)
    with transaction() as db:
        bars = counts.by_bar(db, wanted, MINUTE, times=Step.HOUR)
        tasks = counts.by_task(db, wanted, times=Step.HOUR)

    assert (bars[start].waits, bars[start].succeeded) == (tasks["test.noop"].waits, 5)
    assert sum(tasks["test.noop"].waits.values()) == 5


def test_no_job_is_forgotten_before_it_is_counted(ledger: Stack, start: datetime) -> None:
    ended(ledger, "failed", start - timedelta(days=2))
    yesterday = (start - timedelta(days=2)).date()
    ledger.sql("UPDATE jobs SET tier = 2, forget_on = %s, expires_at = now() - interval '1 s'", str(yesterday))
    ledger.sql("UPDATE counting SET final_until = %s", f"{yesterday}T00:00:00Z")

    def forgotten() -> tuple[int, date]:
        with transaction() as db:
            return forget.prune_kept(db, most=10), db.execute(forget.OVER).scalar_one()

    assert forgotten() == (0, yesterday)
    settle(ledger)
    assert forgotten()[0] == 1
    assert forgotten()[1] >= datetime.now(UTC).date() - timedelta(days=1)
    assert numbers(counted()) == {"submitted": 1, "failed": 1}


def test_counts_are_deleted_when_no_sum_needs_them(ledger: Stack, start: datetime) -> None:
    ended(ledger, "failed", start)
    settle(ledger)
    for days in (2, 5, 91):
        ledger.sql(OLDER, f"{days} days", str(days))

    with transaction() as db:
        rollup.forget_old(db)

    left = dict(ledger.sql("SELECT queue, string_agg(step, ' ' ORDER BY step) FROM task_counts GROUP BY 1"))
    assert left == {"default": "day hour minute", "2": "day hour minute", "5": "day hour", "91": "day"}


def test_a_minute_is_found_by_the_indexes_however_many_jobs_have_ended(ledger: Stack, start: datetime) -> None:
    with transaction() as db:
        forget.add_days(db, [timedelta(days=1)])
    ended(ledger, "succeeded", start - timedelta(minutes=30), 3_000)
    with transaction() as db:
        forget.file_ended(db, most=5_000)
    ledger.sql("ANALYZE jobs")

    with transaction() as db:
        values = {"since": start, "until": start + MINUTE, "day": start.date()}
        plan = "\n".join(db.execute(text(f"EXPLAIN {rollup.COUNT_MINUTES.text}"), values).scalars())

    assert "state_finished_at" in plan or "state_idx" in plan
    assert not any(f"Seq Scan on ended_jobs_{day:%Y%m%d}" in plan for day in (start.date(),))
