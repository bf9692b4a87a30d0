"""The ledger's statements for jobs that run side by side in one process: each has a lease of its own."""

from uuid import UUID, uuid4

import pytest

from bellhop_ledger.ledger import claim, control, finish, sweep
from bellhop_ledger.ledger.claim import Claimed
from bellhop_ledger.ledger.finish import Outcome
from bellhop_ledger.ledger.outbox_sender import outbox_sender
from bellhop_ledger.ledger.submit import submit
from bellhop_ledger.ledger.tables import Job, State
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.policies import Policy, policies
from tests.tasks.signatures import write_leased

WORKER = "worker@test"

pytestmark = pytest.mark.usefixtures("ledger")


def claimed(count: int) -> tuple[list[Claimed], dict[UUID, UUID]]:
    """Jobs that are claimed together, and their leases."""
    with transaction() as db:
        leases = {submit(db, write_leased, key=str(n)).id: uuid4() for n in range(count)}
    with transaction() as db:
        jobs = claim.claim_each(db, leases, worker=WORKER, seconds=60)
    return sorted(jobs, key=lambda job: job.id), leases


def job(id: UUID) -> Job:
    """The row as it is."""
    with transaction() as db:
        return control.find(db, id)


def succeeded(found: Claimed) -> Outcome:
    """A run that went well."""
    return Outcome(found, State.SUCCEEDED, started_at=found.run_at, keep=60)


def lose(lease: UUID) -> None:
    """Take a job back as if its process had died."""
    with transaction() as db:
        sweep.lose_leases(db, [lease], keep=60)


def test_jobs_claimed_together_have_their_own_leases_and_no_attempt_is_counted() -> None:
    jobs, leases = claimed(3)

    assert {one.id: job(one.id).lease for one in jobs} == leases
    assert [(one.attempt, job(one.id).attempt) for one in jobs] == [(1, 0)] * 3


def test_one_that_has_lost_its_lease_is_not_finished_with_the_others_though_it_was_claimed_again() -> None:
    (first, *others), leases = claimed(3)
    lose(leases[first.id])
    with transaction() as db:
        claim.claim_each(db, {first.id: uuid4()}, worker=WORKER, seconds=60)

    with transaction() as db:
        ours = finish.finish(db, [succeeded(one) for one in (first, *others)], worker=WORKER, lease=leases)

    assert ours == {one.id for one in others}
    assert job(first.id).state is State.RUNNING


def test_who_keeps_leases_is_told_which_are_lost() -> None:
    (first, second), leases = claimed(2)
    lose(leases[first.id])

    with transaction() as db:
        stop = control.keep_leases(db, list(leases.values()), list(leases), seconds=60, own=leases)

    assert stop == [first.id]
    assert job(second.id).lease == leases[second.id]


def test_jobs_that_are_handed_back_have_used_up_no_attempt() -> None:
    (broken_off, killed), leases = claimed(2)

    with transaction() as db:
        finish.hand_back(db, [broken_off], lease=leases, begun={broken_off.id})
        finish.hand_back_leases(db, [leases[killed.id]], counted=False)

    found = [job(one.id) for one in (broken_off, killed)]
    assert [(one.state, one.attempt, one.suspect) for one in found] == [(State.QUEUED, 0, False)] * 2
    assert all(one.first_started_at for one in found)


def test_the_sweep_looks_for_messages_of_async_jobs_apart_from_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(policies, write_leased.name, Policy(is_async=True))
    with transaction() as db:
        id = submit(db, write_leased, key="one").id
    assert outbox_sender().flush(10)
    with transaction() as db:
        db.connection().exec_driver_sql("UPDATE jobs SET published_at = now() - interval '1 hour'")

    with transaction() as db:
        places = sweep.waiting(db, grace=1)
        elsewhere = sweep.Waiting("default", 5, apart=False)
        found = [sweep.send_overtaken_again(db, one, sent=None, grace=1, most=9) for one in (elsewhere, *places)]

    assert (places, found) == ([sweep.Waiting("default", 5, apart=True)], [0, 1])
    assert job(id).published_at is None
