"""What two sessions can do to each other, forced: nobody waits for a body, and nobody undoes a neighbour's work."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Thread
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bellhop.signature import Retry
from bellhop_ledger.ledger import claim, control, finish, sweep
from bellhop_ledger.ledger.finish import Outcome
from bellhop_ledger.ledger.submit import NewJob, submit, submit_all
from bellhop_ledger.ledger.tables import Job, State
from bellhop_ledger.platform.database import engine, transaction
from bellhop_scheduler.due import look
from tests.stack import wait_until
from tests.tasks.signatures import noop, write

KEEP = 60.0
MIDNIGHT = datetime(2030, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("ledger")


@contextmanager
def open_transaction() -> Iterator[Session]:
    """A second session in the middle of its transaction."""
    with Session(engine()) as db:
        db.begin()
        yield db
        db.rollback()


def queued(count: int = 1) -> list[UUID]:
    """Jobs that wait and have been published."""
    with transaction() as db:
        ids = [job.id for job in submit_all(db, [NewJob(write, {"key": str(n)}) for n in range(count)], publish=False)]
        db.execute(text("UPDATE jobs SET published_at = now()"))
    return ids


def job(id: UUID) -> Job:
    """The row as it is."""
    with transaction() as db:
        return control.find(db, id)


def fired(due: datetime) -> NewJob:
    """The run of a schedule."""
    return NewJob(noop, {}, run_at=due, schedule="nightly", due_at=due)


def end(*ids: UUID) -> None:
    """Let jobs be done and past their retention."""
    with transaction() as db:
        done = "UPDATE jobs SET state = 'succeeded', finished_at = now(), expires_at = now() - interval '1 s'"
        db.execute(text(f"{done} WHERE id = ANY(CAST(:ids AS uuid[]))"), {"ids": [str(id) for id in ids]})


def test_an_emptied_redis_is_noted_without_waiting_for_a_running_body() -> None:
    running, waiting = queued(2)

    with open_transaction() as atomic:
        claim.lock(atomic, [running], seconds=60, silence=60)
        with transaction() as db:
            db.execute(text("SET LOCAL lock_timeout = '300ms'"))
            assert sweep.forget_messages(db) == 1

    assert job(waiting).published_at is None
    with transaction() as db:
        assert (
            sweep.send_overtaken_again(db, sweep.Waiting("default", 5, apart=False), sent=None, grace=-1, most=9) == 1
        ), "had the body's transaction died, its message would be missed by the next sweep"


def test_requests_with_the_same_keys_in_another_order_do_not_deadlock() -> None:
    keys = [f"{n:03}" for n in range(400)]
    faults: list[Exception] = []

    def send(order: list[str]) -> None:
        new = [NewJob(noop, {}, submitter="me", idempotency_key=key, request_hash="x") for key in order]
        try:
            with transaction() as db:
                assert len(submit_all(db, new, publish=False)) == len(keys)
        except DBAPIError as error:
            faults.append(error)

    for turn in range(5):
        order = [f"{turn}-{key}" for key in keys]
        threads = [Thread(target=send, args=[order]), Thread(target=send, args=[order[::-1]])]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert faults == []


def test_a_frozen_worker_does_not_hold_a_job_for_longer_than_its_limit() -> None:
    [id] = queued()

    with Session(engine()) as frozen:
        claim.lock(frozen, [id], seconds=60, silence=0.3)
        wait_until(lambda: locked_by_nobody(id), patience=5)
        with pytest.raises(DBAPIError):
            finish.finish(frozen, [], worker="frozen", lease=None)


def locked_by_nobody(id: UUID) -> bool:
    """Whether a sweep could have the row."""
    with transaction() as db:
        return bool(db.execute(text("SELECT 1 FROM jobs WHERE id = :id FOR UPDATE SKIP LOCKED"), {"id": id}).all())


def test_the_server_notices_within_a_minute_that_a_host_is_gone() -> None:
    with transaction() as db:
        shown = [db.execute(text(f"SHOW tcp_keepalives_{part}")).scalar_one() for part in ("idle", "interval", "count")]

    idle, interval, count = map(int, shown)
    assert 0 < idle + interval * count < 60


def test_how_long_to_sleep_is_told_by_the_clock_of_the_database() -> None:
    with transaction() as db:
        submit(db, noop.after(100))
        left = look(db).run

    assert left == pytest.approx(100, abs=5)


def test_a_job_is_kept_forever_when_forever_is_asked_for() -> None:
    [id] = queued()
    with transaction() as db:
        [found] = claim.claim(db, [id], worker="w", lease=(lease := uuid4()), seconds=60)
    forever = Outcome(found, State.SUCCEEDED, started_at=found.run_at, keep=timedelta.max.total_seconds())

    with transaction() as db:
        assert finish.finish(db, [forever], worker="w", lease=lease) == {id}

    assert job(id).state is State.SUCCEEDED


@pytest.mark.parametrize("attempts", [0, 32_768])
def test_a_number_of_attempts_that_the_ledger_cannot_count_is_refused(attempts: int) -> None:
    with pytest.raises(ValueError, match="attempts"):
        Retry(attempts=attempts)


def test_the_delay_before_the_thousandth_attempt_is_the_longest_one() -> None:
    assert Retry(attempts=2000, jitter=0).delay(1999) == Retry().longest
