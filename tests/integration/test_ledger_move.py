"""Moving a job to another date, while others have their hands on it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from bellhop_ledger.ledger import claim, control, dispatch
from bellhop_ledger.ledger.events import Actor
from bellhop_ledger.ledger.submit import submit
from bellhop_ledger.ledger.tables import Job, State
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import transaction
from tests.integration.test_ledger_interleavings import open_transaction
from tests.tasks.signatures import noop

ME = Actor("user:me")
FAR = datetime(2090, 1, 1, tzinfo=UTC)
FARTHER = FAR + timedelta(days=1)
PAST = datetime(1990, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("ledger")


def submitted(run_at: datetime) -> UUID:
    with transaction() as db:
        return submit(db, noop.at(run_at)).id


def moved(id: UUID, run_at: datetime) -> bool:
    with transaction() as db:
        return control.move(db, id, run_at, by=ME)


def job(id: UUID) -> Job:
    with transaction() as db:
        return control.find(db, id)


def test_a_job_that_waits_for_its_date_gets_another_one() -> None:
    id = submitted(FAR)

    assert moved(id, FARTHER)

    assert (job(id).state, job(id).run_at, job(id).queued_at) == (State.SCHEDULED, FARTHER, None)


def test_a_job_that_is_moved_into_the_past_runs_at_once() -> None:
    id = submitted(FAR)

    assert moved(id, PAST)

    assert job(id).state is State.QUEUED
    with transaction() as db:
        assert [found.id for found in claim.lock(db, [id], seconds=9, silence=9)] == [id]


def test_the_message_for_the_earlier_date_finds_nothing_to_claim() -> None:
    id = submitted(PAST)
    with transaction() as db:
        dispatch.mark_published(db, [id])

    assert moved(id, FAR)

    with transaction() as db:
        assert claim.lock(db, [id], seconds=9, silence=9) == []
        assert claim.claim(db, [id], worker="w", lease=uuid4(), seconds=9) == []
    assert job(id).published_at is None


def test_a_job_whose_run_has_begun_is_not_moved_and_not_waited_for() -> None:
    id = submitted(PAST)

    with open_transaction() as running:
        claim.lock(running, [id], seconds=9, silence=9)
        assert not moved(id, FAR)

    assert job(id).run_at == PAST


def test_a_claim_that_waits_for_the_move_gets_nothing() -> None:
    id = submitted(PAST)

    with open_transaction() as mover:
        assert control.move(mover, id, FAR, by=ME)
        with open_transaction() as worker, pytest.raises(Exception, match="statement timeout"):
            claim.lock(worker, [id], seconds=0.2, silence=9)
        mover.commit()

    with transaction() as db:
        assert claim.lock(db, [id], seconds=9, silence=9) == []


def test_a_job_that_runs_or_has_ended_is_not_moved() -> None:
    running, cancelled = submitted(PAST), submitted(FAR)
    with transaction() as db:
        claim.claim(db, [running], worker="w", lease=uuid4(), seconds=9)
        control.cancel(db, cancelled, keep=60, by=ME)

    assert not moved(running, FAR)
    assert not moved(cancelled, FARTHER)
    assert job(running).run_at < clock.now() < job(cancelled).run_at == FAR


def test_a_job_that_is_not_there_is_not_moved() -> None:
    assert not moved(uuid4(), FAR)
