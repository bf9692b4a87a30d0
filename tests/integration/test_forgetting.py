"""Jobs that ended: where they are filed, how they come back, and how whole days of them are forgotten."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bellhop_ledger.ledger import claim, control
from bellhop_ledger.ledger.events import Actor
from bellhop_ledger.ledger.finish import Outcome, finish
from bellhop_ledger.ledger.retention import forget
from bellhop_ledger.ledger.submit import NewJob, submit_all
from bellhop_ledger.ledger.tables import Job, State
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import transaction
from bellhop_scheduler.forgetting import Forgetting
from tests.aged import forget_all
from tests.integration.test_ledger_interleavings import open_transaction
from tests.locks import someone_waits
from tests.stack import Stack
from tests.tasks.signatures import noop

ME = Actor("user:me")
WEEK = timedelta(days=7)

pytestmark = pytest.mark.usefixtures("ledger")


@pytest.fixture
def today(ledger: Stack) -> date:
    """The day, with tables for those on which jobs of a week's retention are forgotten."""
    with transaction() as db:
        forget.add_days(db, [WEEK])
    return datetime.now(UTC).date()


def submitted(key: str | None = None) -> UUID:
    hashed = "same" if key else None
    with transaction() as db:
        [job] = submit_all(db, [NewJob(noop, {}, submitter="me", idempotency_key=key, request_hash=hashed)])
    return job.id


def ended(id: UUID, state: State = State.SUCCEEDED, keep: timedelta = WEEK) -> UUID:
    """Let a job run and end."""
    with transaction() as db:
        [job] = claim.lock(db, [id], seconds=9, silence=9)
        outcome = Outcome(job, state, clock.now(), keep=keep.total_seconds())
        assert finish(db, [outcome], worker="w", lease=None) == {id}
    return id


def place(ledger: Stack, id: UUID) -> str:
    """The table in which a job's row is."""
    return str(ledger.sql("SELECT tableoid::regclass::text FROM bellhop.jobs WHERE id = %s", str(id))[0][0])


def table(day: date) -> str:
    return f"ended_jobs_{day:%Y%m%d}"


def test_a_job_that_ends_is_filed_by_the_day_on_which_it_is_forgotten(ledger: Stack, today: date) -> None:
    id = submitted()
    assert place(ledger, id) == "unfinished_jobs"

    ended(id)

    assert place(ledger, id) == table(today + WEEK)
    with transaction() as db:
        job = control.find(db, id)
    assert (job.state, job.forget_on) == (State.SUCCEEDED, today + WEEK)


def test_a_job_whose_day_has_no_table_is_kept_all_the_same(ledger: Stack, today: date) -> None:
    assert place(ledger, ended(submitted(), keep=timedelta(days=3_650))) == "kept_jobs"


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
def test_a_retry_brings_a_job_back(ledger: Stack, today: date, state: State) -> None:
    id = ended(submitted(), state)

    with transaction() as db:
        job = control.retry(db, id, by=ME)

    assert (job.state, job.attempt, job.finished_at, job.forget_on) == (State.QUEUED, 0, None, None)
    assert place(ledger, id) == "unfinished_jobs"
    assert place(ledger, ended(id)) == table(today + WEEK)


def test_a_job_that_was_cancelled_while_it_waited_is_retried_before_and_after_it_is_filed(ledger: Stack) -> None:
    for file in (lambda: None, file_all):
        id = submitted()
        with transaction() as db:
            control.cancel(db, id, keep=60, by=ME)
        file()
        with transaction() as db:
            assert control.retry(db, id, by=ME).state is State.QUEUED
        assert place(ledger, id) == "unfinished_jobs"


def file_all() -> None:
    with transaction() as db:
        forget.file_ended(db, most=1_000)


def test_what_ended_where_it_stood_is_filed_in_pieces(ledger: Stack, today: date) -> None:
    ids = [submitted() for _ in range(5)]
    ledger.sql("UPDATE bellhop.jobs SET state = 'cancelled', finished_at = now(), expires_at = now() + interval '7 d'")

    with transaction() as db:
        assert [forget.file_ended(db, most=3) for _ in range(3)] == [3, 2, 0]

    assert {place(ledger, id) for id in ids} == {table(today + WEEK)}


def test_a_key_stays_taken_for_as_long_as_its_job_is_kept(today: date) -> None:
    first = ended(submitted("order-1"))

    assert submitted("order-1") == first


def test_a_key_is_free_again_when_its_job_is_forgotten(ledger: Stack) -> None:
    first = ended(submitted("order-1"), keep=timedelta(days=3_650))

    with transaction() as db:
        assert forget_all(db) == 1

    assert submitted("order-1") != first
    assert ledger.sql("SELECT count(*) FROM bellhop.job_keys") == [(1,)]


def test_a_second_claim_that_waits_for_the_end_of_a_job_finds_nothing(ledger: Stack, today: date) -> None:
    id = submitted()

    with ThreadPoolExecutor(1) as pool, open_transaction() as running:
        [job] = claim.lock(running, [id], seconds=60, silence=60)
        finish(running, [Outcome(job, State.SUCCEEDED, clock.now(), keep=60)], worker="w", lease=None)
        waiting = pool.submit(claimed, id)
        someone_waits(ledger, "%EXECUTE bellhop_%")
        running.commit()

    assert waiting.result() == []


def claimed(id: UUID) -> list[claim.Claimed]:
    with transaction() as db:
        return claim.claim(db, [id], worker="w", lease=uuid4(), seconds=9)


def test_a_day_that_is_over_is_forgotten_with_all_that_goes_with_its_jobs(ledger: Stack) -> None:
    past = past_day(ledger)
    ids = [ended(submitted(f"key-{n}")) for n in range(3)]
    with transaction() as db:
        for id in ids:
            control.report(db, id, current=1, total=2, message=None)
    ledger.sql("UPDATE bellhop.jobs SET tier = 1, forget_on = %s", past)

    with transaction() as db:
        assert forget.past_days(db) == [past]
        assert forget.leave_day(db, past, most=1_000) == 6
        forget.drop_day(db, past)

    for name in ("jobs", "job_keys", "live_jobs"):
        assert ledger.sql(f"SELECT count(*) FROM bellhop.{name}") == [(0,)], name
    with transaction() as db:
        assert forget.past_days(db) == []


def past_day(ledger: Stack) -> date:
    """A day that is over, with a table."""
    [(day,)] = ledger.sql("SELECT CAST(now() AT TIME ZONE 'UTC' AS date) - 2")
    ledger.sql("SELECT bellhop.add_ended_day(%s)", day)
    return date.fromisoformat(str(day))


def test_a_day_that_is_not_over_is_not_dropped(today: date) -> None:
    with pytest.raises(DBAPIError, match="is not over"), transaction() as db:
        forget.drop_day(db, today)


def test_a_day_that_somebody_reads_is_dropped_later_and_holds_nobody_up_for_long(ledger: Stack) -> None:
    past = past_day(ledger)

    with open_transaction() as reader:
        reader.execute(text("SELECT count(*) FROM jobs"))
        with pytest.raises(DBAPIError, match="lock timeout"), transaction() as db:
            forget.drop_day(db, past)

    with transaction() as db:
        forget.drop_day(db, past)
        assert past not in forget.past_days(db)


def test_the_scheduler_goes_on_while_somebody_reads_a_day_that_is_over(ledger: Stack) -> None:
    past = past_day(ledger)

    with open_transaction() as reader:
        reader.execute(text("SELECT count(*) FROM jobs"))
        Forgetting(keep=60, exports=False).forget_days()
        with transaction() as db:
            assert past in forget.past_days(db)
    Forgetting(keep=60, exports=False).forget_days()

    with transaction() as db:
        assert past not in forget.past_days(db)


def test_days_are_made_ahead_once(today: date) -> None:
    with transaction() as db:
        assert forget.add_days(db, [WEEK]) == []
        assert forget.add_days(db, [WEEK, timedelta(days=30)]) == [today + timedelta(days=n) for n in (30, 31, 32)]
        assert forget.add_days(db, [timedelta(days=3_650)]) == []


def test_a_list_shows_jobs_of_every_tier(ledger: Stack, today: date) -> None:
    waits, week, years = submitted(), ended(submitted()), ended(submitted(), keep=timedelta(days=3_650))

    with transaction() as db:
        assert {job.id for job in db.query(Job)} == {waits, week, years}
