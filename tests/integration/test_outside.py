"""Leases of jobs outside: no worker touches them, and when they run out the sweep says why."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from bellhop_ledger.ledger import control, outside, sweep
from bellhop_ledger.ledger.claim import Claimed, claim
from bellhop_ledger.ledger.completion_tokens import AttemptId, make_token, read_token
from bellhop_ledger.ledger.events import Actor
from bellhop_ledger.ledger.finish import hand_back_leases
from bellhop_ledger.ledger.outside import Outside
from bellhop_ledger.ledger.submit import submit
from bellhop_ledger.ledger.tables import Job, State
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.statements import autocommit
from tests.stack import Stack
from tests.tasks.signatures import noop_leased

BY = Actor("test")


@pytest.fixture
def claimed(ledger: Stack) -> Claimed:
    """A job that a worker has claimed."""
    with transaction() as db:
        id = submit(db, noop_leased).id
    with autocommit() as db:
        [job] = claim(db, [id], worker="w", lease=uuid4(), seconds=15)
    return job


def leave(job: Claimed, *, heartbeat: float = 60, seconds: float = 3600) -> bool:
    with autocommit() as db:
        return outside.leave(db, job, Outside("endpoint@a.example", heartbeat, seconds))


def stored(job: Claimed) -> Job:
    with transaction() as db:
        return control.find(db, job.id)


def lease_of(job: Claimed) -> UUID:
    assert job.lease
    return job.lease


def test_a_worker_that_still_holds_the_claim_neither_shortens_nor_loses_nor_returns_what_has_left(
    claimed: Claimed,
) -> None:
    assert leave(claimed)
    before = stored(claimed)
    lease = lease_of(claimed)

    with autocommit() as db:
        control.keep_leases(db, [lease], [], seconds=1)
    with transaction() as db:
        assert sweep.lose_leases(db, [lease], keep=60) == []
        hand_back_leases(db, [lease])

    after = stored(claimed)
    assert (after.state, after.lease, after.lease_expires_at) == (State.RUNNING, before.lease, before.lease_expires_at)
    assert after.lease != lease


def test_what_was_lost_or_has_ended_does_not_leave(claimed: Claimed) -> None:
    with transaction() as db:
        sweep.lose_leases(db, [lease_of(claimed)], keep=60)

    assert not leave(claimed)


def test_a_sign_of_life_renews_the_lease_up_to_the_deadline(claimed: Claimed) -> None:
    leave(claimed, heartbeat=60, seconds=90)

    with transaction() as db:
        first = outside.renew(db, claimed.id, lease_of(claimed))
        db.connection().exec_driver_sql("UPDATE outside_jobs SET deadline = now() + interval '5 seconds'")
    with transaction() as db:
        second = outside.renew(db, claimed.id, lease_of(claimed))
        foreign = outside.renew(db, claimed.id, uuid4())

    assert first
    assert second
    assert timedelta(seconds=50) < first - second < timedelta(seconds=60)
    assert foreign is None


@pytest.mark.parametrize(("late", "outcome"), [(True, "timed_out"), (False, "lost")])
def test_a_lease_that_ran_out_says_whether_the_service_was_silent_or_late(
    claimed: Claimed, ledger: Stack, late: bool, outcome: str
) -> None:
    leave(claimed)
    ledger.sql("UPDATE unfinished_jobs SET lease_expires_at = now() - interval '1 second'")
    if late:
        ledger.sql("UPDATE outside_jobs SET deadline = now() - interval '1 minute'")

    with transaction() as db:
        [lost] = sweep.lose_expired(db, keep=60)

    job = stored(claimed)
    assert (lost.state, job.state) == (State.QUEUED, State.QUEUED)
    assert (job.past_attempts or [{}])[0]["outcome"] == outcome
    assert (job.error or {})["type"] == "CompletionLost"


def test_only_what_is_outside_in_its_present_attempt_is_cancelled_without_a_worker(
    claimed: Claimed, ledger: Stack
) -> None:
    with transaction() as db:
        control.cancel(db, claimed.id, keep=60, by=BY)
        assert outside.cancel_asked(db, keep=60) == []
    leave(claimed)

    with transaction() as db:
        assert outside.renew(db, claimed.id, lease_of(claimed)) is None
        assert outside.cancel_asked(db, keep=60) == [(claimed.id, "test.noop_leased")]

    assert (stored(claimed).state, stored(claimed).error) == (State.CANCELLED, None)


def test_a_token_is_read_with_any_key_of_ours_and_with_no_other(set_keys, ledger: Stack) -> None:  # type: ignore[no-untyped-def]
    attempt = AttemptId(uuid4(), uuid4())
    token = make_token(attempt)

    set_keys("the new key which is long,dev-only-encryption-key")
    assert read_token(token) == attempt
    assert make_token(attempt) != token
    set_keys("the new key which is long")
    assert read_token(token) is None
