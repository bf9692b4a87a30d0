"""The ledger's statements, with the interleavings forced that matter."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bellhop_ledger.ledger import claim, control, dispatch, finish, sweep
from bellhop_ledger.ledger.claim import Claimed
from bellhop_ledger.ledger.events import Actor
from bellhop_ledger.ledger.finish import Outcome
from bellhop_ledger.ledger.outbox_sender import outbox_sender
from bellhop_ledger.ledger.submit import submit
from bellhop_ledger.ledger.tables import Job, State
from bellhop_ledger.platform.database import engine, transaction
from bellhop_ledger.platform.statements import autocommit
from tests.stack import Stack
from tests.tasks.signatures import write, write_leased

ME = Actor("user:me")
KEEP = 60.0
WORKER = "worker@test"

pytestmark = pytest.mark.usefixtures("ledger")


@contextmanager
def open_transaction() -> Iterator[Session]:
    """A second session in the middle of its transaction."""
    with Session(engine()) as db:
        db.begin()
        yield db
        db.rollback()


def submitted(count: int = 1) -> list[UUID]:
    """Jobs that wait, each published a second after the one before, the first an hour ago."""
    with transaction() as db:
        ids = [submit(db, write_leased, key=str(n)).id for n in range(count)]
    assert outbox_sender().flush(10)
    with transaction() as db:
        for n, id in enumerate(ids):
            sent = text(
                "UPDATE jobs SET published_at = now() - interval '1 hour' + make_interval(secs => :n) WHERE id = :id"
            )
            db.execute(sent, {"n": n, "id": id})
    return ids


def job(id: UUID) -> Job:
    """The row as it is."""
    with transaction() as db:
        return control.find(db, id)


def claimed(id: UUID, lease: UUID, seconds: float = 60) -> Claimed:
    """Claim a job as a worker does."""
    with transaction() as db:
        [found] = claim.claim(db, [id], worker=WORKER, lease=lease, seconds=seconds)
    return found


def succeeded(found: Claimed) -> Outcome:
    """A run that went well."""
    return Outcome(found, State.SUCCEEDED, started_at=found.run_at, result="done", keep=KEEP)


def overtaken(sent: float | None) -> int:
    """Sweep for messages that are gone, as if the next one in the queue had been sent then."""
    with transaction() as db:
        place = sweep.Waiting("default", 5, apart=False)
        return sweep.send_overtaken_again(db, place, sent=sent, grace=1, most=100)


def published(id: UUID) -> float:
    """When the message of a job was sent."""
    moment = job(id).published_at
    assert moment is not None
    return moment.timestamp()


def test_a_second_claim_of_the_same_job_gets_nothing() -> None:
    [id] = submitted()
    claimed(id, uuid4())

    with transaction() as db:
        assert claim.claim(db, [id], worker=WORKER, lease=uuid4(), seconds=60) == []


def test_a_claim_waits_for_the_claim_that_is_being_committed_and_gets_nothing() -> None:
    [id] = submitted()

    with open_transaction() as first:
        claim.claim(first, [id], worker=WORKER, lease=uuid4(), seconds=60)
        with open_transaction() as second:
            second.execute(text("SET LOCAL lock_timeout = '200ms'"))
            with pytest.raises(Exception, match="lock timeout"):
                claim.claim(second, [id], worker=WORKER, lease=uuid4(), seconds=60)
        first.commit()

    with transaction() as db:
        assert claim.claim(db, [id], worker=WORKER, lease=uuid4(), seconds=60) == []


def test_who_has_lost_the_lease_cannot_finish() -> None:
    [id] = submitted()
    first = claimed(id, lost := uuid4(), seconds=0)
    with transaction() as db:
        sweep.lose_expired(db, keep=KEEP)
    claimed(id, uuid4())

    with transaction() as db:
        assert finish.finish(db, [succeeded(first)], worker=WORKER, lease=lost) == set()

    assert job(id).state is State.RUNNING


def test_a_lease_that_runs_out_while_the_job_is_being_finished_is_left_alone() -> None:
    [id] = submitted()
    found = claimed(id, lease := uuid4(), seconds=0)

    with open_transaction() as finishing:
        finish.finish(finishing, [succeeded(found)], worker=WORKER, lease=lease)
        with transaction() as db:
            assert sweep.lose_expired(db, keep=KEEP) == []
        finishing.commit()

    assert job(id).state is State.SUCCEEDED


def test_a_job_claimed_alone_fails_when_its_last_attempt_is_lost() -> None:
    [id] = submitted()
    for _ in range(3):
        claimed(id, uuid4(), seconds=0)
        with transaction() as db:
            sweep.lose_expired(db, keep=KEEP)

    assert (job(id).state, job(id).attempt) == (State.FAILED, 3)


def test_a_crash_in_a_crowd_counts_for_nobody_and_makes_all_suspect() -> None:
    ids = submitted(3)
    with transaction() as db:
        claim.claim(db, ids, worker=WORKER, lease=uuid4(), seconds=0)
    with transaction() as db:
        sweep.lose_expired(db, keep=KEEP)

    assert [(job(id).state, job(id).attempt, job(id).suspect) for id in ids] == [(State.QUEUED, 0, True)] * 3


def test_only_what_was_sent_before_the_next_message_is_overtaken() -> None:
    ids = submitted(4)

    assert overtaken(sent=published(ids[3])) == 2

    assert [job(id).published_at is None for id in ids] == [True, True, False, False], "one lies within the grace"


def test_nothing_is_overtaken_while_nobody_knows_when_the_next_message_was_sent() -> None:
    submitted(3)

    assert overtaken(sent=0) == 0


def test_a_job_that_runs_in_an_open_transaction_is_not_overtaken() -> None:
    ids = submitted(2)

    with open_transaction() as running:
        claim.lock(running, ids[:1], seconds=60, silence=60)

        assert overtaken(sent=None) == 1


def test_a_job_whose_row_is_locked_is_not_marked_as_published_and_nobody_waits() -> None:
    ids = submitted(2)
    with transaction() as db:
        sweep.forget_messages(db)

    with open_transaction() as running:
        claim.lock(running, ids[:1], seconds=60, silence=60)
        with transaction() as db:
            dispatch.mark_published(db, ids)

    assert [job(id).published_at is None for id in ids] == [True, False]


def test_cancelling_a_job_that_is_being_claimed_reaches_its_worker() -> None:
    [id] = submitted()

    with open_transaction() as claiming:
        claim.claim(claiming, [id], worker=WORKER, lease=(lease := uuid4()), seconds=60)
        with transaction() as db:
            control.cancel(db, id, keep=KEEP, by=ME)
        claiming.commit()

    with transaction() as db:
        assert control.keep_leases(db, [lease], [id], seconds=60) == [id]


def test_a_process_that_is_frozen_after_a_renewal_keeps_no_row(ledger: Stack) -> None:
    [id] = submitted()
    with transaction() as db:
        claim.claim(db, [id], worker=WORKER, lease=(lease := uuid4()), seconds=60)

    with autocommit() as frozen:
        assert control.keep_leases(frozen, [lease], [id], seconds=60) == []
        ledger.sql("SELECT FROM unfinished_jobs WHERE id = %s FOR UPDATE NOWAIT", str(id))


@pytest.mark.parametrize("act", [partial(sweep.lose_leases, keep=KEEP), finish.hand_back_leases])
def test_a_process_that_is_frozen_while_it_gives_jobs_back_keeps_no_row_for_long(
    ledger: Stack, act: Callable[[Session, list[UUID]], object]
) -> None:
    [id] = submitted()
    with transaction() as db:
        claim.claim(db, [id], worker=WORKER, lease=(lease := uuid4()), seconds=60)

    with open_transaction() as frozen:
        act(frozen, [lease])
        ledger.sql("SELECT FROM unfinished_jobs WHERE id = %s FOR UPDATE", str(id))  # as long as that one is silent
        with pytest.raises(OperationalError, match=r"closed the connection|idle-in-transaction"):
            frozen.commit()

    assert job(id).state is State.RUNNING


def test_a_waiting_job_is_cancelled_although_its_row_is_locked_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    [id] = submitted()

    with open_transaction() as marking:
        marking.execute(text("UPDATE jobs SET published_at = now() WHERE id = :id"), {"id": id})
        monkeypatch.setattr(control, "time", SimpleNamespace(sleep=lambda seconds: marking.commit()))
        with transaction() as db:
            cancelled = control.cancel(db, id, keep=KEEP, by=ME)

    assert cancelled.state is State.CANCELLED


def test_a_job_that_was_cancelled_and_then_lost_its_worker_is_cancelled() -> None:
    [id] = submitted()
    claimed(id, uuid4(), seconds=0)
    with transaction() as db:
        control.cancel(db, id, keep=KEEP, by=ME)

    with transaction() as db:
        sweep.lose_expired(db, keep=KEEP)

    assert job(id).state is State.CANCELLED


def test_a_rolled_back_transaction_leaves_no_job(ledger: Stack) -> None:
    with open_transaction() as db:
        submit(db, write, key="gone")

    assert ledger.states() == {}
