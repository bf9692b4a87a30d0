"""What a hold covers waits: nothing is claimed, whatever else happens at the same moment, and it goes on in order."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import Mock
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from bellhop_ledger.broker.messages import ReadyJob
from bellhop_ledger.ledger import claim, control, dispatch, finish, holds, restore, sweep
from bellhop_ledger.ledger.events import Actor, events_of
from bellhop_ledger.ledger.finish import Outcome
from bellhop_ledger.ledger.holds import Kind
from bellhop_ledger.ledger.submit import NewJob, submit_all
from bellhop_ledger.ledger.tables import Job, State
from bellhop_ledger.platform.database import transaction
from bellhop_scheduler import holding
from bellhop_scheduler.due import look
from bellhop_scheduler.holding import Holding
from tests.integration.test_ledger_interleavings import open_transaction
from tests.stack import wait_until
from tests.tasks.signatures import noop, write

ADA = Actor("user:ada")
BOB = Actor("user:bob", "request-of-bob")
OVER = holds.Over("queue:default", "The printer burns", BOB)
FAR = datetime(2090, 1, 1, tzinfo=UTC)
ANY = UUID(int=0)

pytestmark = pytest.mark.usefixtures("ledger")


def submitted(count: int = 1, **more: Any) -> list[UUID]:
    with transaction() as db:
        return [job.id for job in submit_all(db, [NewJob(noop, {}, **more) for _ in range(count)], publish=False)]


def job(id: UUID) -> Job:
    with transaction() as db:
        return control.find(db, id)


def states(ids: Sequence[UUID]) -> list[State]:
    return [job(id).state for id in ids]


def pause(name: str = "default", kind: Kind = Kind.QUEUE, until: datetime | None = None) -> None:
    with transaction() as db:
        holds.pause(db, kind, name, reason="The printer burns", by="user:ada", until=until)


def resume(name: str = "default", kind: Kind = Kind.QUEUE) -> bool:
    with transaction() as db:
        return holds.resume(db, kind, name, by=BOB)


def locked(ids: Sequence[UUID]) -> list[UUID]:
    with transaction() as db:
        return [found.id for found in claim.lock(db, ids, seconds=9, silence=9)]


def claimed(ids: Sequence[UUID]) -> list[UUID]:
    with transaction() as db:
        return [found.id for found in claim.claim(db, ids, worker="w", lease=uuid4(), seconds=60)]


def claimed_each(ids: Sequence[UUID]) -> list[UUID]:
    with transaction() as db:
        return [found.id for found in claim.claim_each(db, {id: uuid4() for id in ids}, worker="w", seconds=60)]


def apply() -> list[UUID]:
    """Let a scheduler apply the holds and return whose messages it sends."""
    broker = Mock()
    Holding(broker).apply()
    return [job.id for call in broker.send.call_args_list for job in call.args[0]]


@pytest.mark.parametrize("take", [locked, claimed, claimed_each])
@pytest.mark.parametrize(("kind", "name"), [(Kind.QUEUE, "default"), (Kind.TASK, "test.noop")])
def test_no_claim_takes_what_is_paused(take: Callable[[Sequence[UUID]], list[UUID]], kind: Kind, name: str) -> None:
    ids = submitted(2)
    pause(name, kind)

    assert take(ids) == []

    resume(name, kind)
    assert sorted(take(ids)) == ids


def test_what_is_not_paused_goes_on() -> None:
    pause("slow")
    pause("test.write", Kind.TASK)
    pause("default", Kind.TASK)
    pause("test.noop", Kind.QUEUE)

    ids = submitted(2)

    assert claimed(ids) == ids


def test_a_job_that_is_submitted_meanwhile_is_blocked_and_has_no_message() -> None:
    pause()

    with transaction() as db:
        [made] = submit_all(db, [NewJob(noop, {})])

    assert (made.state, made.blocked_by, made.published_at) == (State.BLOCKED, "queue:default", None)
    assert job(made.id).state is State.BLOCKED
    assert apply() == []


def test_a_job_for_later_is_blocked_when_it_is_due() -> None:
    pause()
    [id] = submitted(delay=0.01)
    assert job(id).state is State.SCHEDULED

    with transaction() as db:
        db.execute(text("SELECT pg_sleep(0.02)"))
    with transaction() as db:
        assert dispatch.enqueue_due(db, 10) == (1, [])

    assert job(id).blocked_by == "queue:default"


def test_what_was_queued_before_is_blocked_and_is_sent_in_order_at_the_end() -> None:
    low = submitted(3, priority=1)
    high = submitted(3, priority=8)
    with transaction() as db:
        dispatch.mark_published(db, [*low, *high])
    pause()

    assert apply() == []
    assert set(states([*low, *high])) == {State.BLOCKED}
    assert {job(id).published_at for id in low} == {None}

    resume()
    assert apply() == [*high, *low]
    assert set(states([*low, *high])) == {State.QUEUED}
    assert claimed(low) == low


def test_pieces_follow_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(holding, "ROUNDS", 2)
    ids = submitted(9)
    pause()
    one, broker = Holding(Mock()), Mock()

    one.apply()
    assert states(ids).count(State.BLOCKED) == 4
    one.apply()
    one.apply()
    assert states(ids).count(State.BLOCKED) == 9

    resume()
    for _ in range(3):
        Holding(broker).apply()
    sent: list[ReadyJob] = [job for call in broker.send.call_args_list for job in call.args[0]]
    assert [job.id for job in sent] == ids


def test_an_end_that_has_passed_holds_nothing_though_nobody_has_deleted_it() -> None:
    [id] = submitted()
    pause(until=datetime.now(UTC) - timedelta(seconds=1))

    assert claimed([id]) == [id]


def test_a_hold_ends_by_itself_and_what_waits_is_sent() -> None:
    pause(until=datetime.now(UTC) + timedelta(hours=1))
    [id] = submitted()
    assert apply() == []
    assert job(id).state is State.BLOCKED

    with transaction() as db:
        db.execute(text("UPDATE holds SET until = now() - interval '1 s'"))

    assert apply() == [id]
    with transaction() as db:
        assert holds.current(db, most=9) == []
        assert not look(db).held


def test_a_job_that_two_holds_cover_waits_for_both() -> None:
    pause("test.noop", Kind.TASK)
    pause("default", Kind.QUEUE)
    [id] = submitted()
    assert job(id).blocked_by == "queue:default"

    resume("default", Kind.QUEUE)
    assert apply() == []
    assert (job(id).state, job(id).blocked_by) == (State.BLOCKED, "task:test.noop")

    resume("test.noop", Kind.TASK)
    assert apply() == [id]


def test_pausing_again_changes_the_reason_and_the_end_and_not_the_beginning() -> None:
    pause()
    with transaction() as db:
        [before] = holds.current(db, most=9)
        holds.pause(db, Kind.QUEUE, "default", reason="Still burning", by="user:bob", until=FAR)

    with transaction() as db:
        [after] = holds.current(db, most=9)
    assert (after.reason, after.held_by, after.until, after.since) == ("Still burning", "user:bob", FAR, before.since)


def test_a_hold_tells_how_many_wait() -> None:
    pause()
    submitted(3)

    with transaction() as db:
        assert [hold.waiting for hold in holds.current(db, most=2)] == [2]
        assert [hold.waiting for hold in holds.current(db, most=9)] == [3]


def test_resuming_what_is_not_paused_says_so() -> None:
    assert not resume()

    pause()
    assert resume()
    assert not resume()


def releases(ids: Sequence[UUID]) -> list[tuple[str, str | None, dict[str, Any]]]:
    with transaction() as db:
        found = [event for id in ids for event in events_of(db, control.find(db, id), most=9)]
    assert {event.action for event in found} <= {"released"}
    return [(event.by, event.request_id, event.details) for event in found]


def test_each_job_tells_who_resumed_it_in_which_request_and_why_it_was_paused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(holding, "ROUNDS", 1)
    pause()
    ids = submitted(5)
    resume()

    for _ in range(3):
        apply()

    about = {"from": "queue:default", "reason": "The printer burns"}
    assert releases(ids) == [("user:bob", "request-of-bob", about)] * 5
    with transaction() as db:
        assert not look(db).held


def test_a_job_that_goes_on_because_the_pause_has_run_out_is_released_by_the_scheduler() -> None:
    pause(until=datetime.now(UTC) + timedelta(hours=1))
    ids = submitted()
    with transaction() as db:
        db.execute(text("UPDATE holds SET until = now() - interval '1 s'"))

    apply()

    assert releases(ids) == [("scheduler", None, {"from": "queue:default", "reason": "The printer burns"})]


def test_a_job_that_another_hold_still_covers_is_not_released() -> None:
    pause("test.noop", Kind.TASK)
    pause("default", Kind.QUEUE)
    ids = submitted()

    resume("default", Kind.QUEUE)
    apply()
    assert releases(ids) == []

    resume("test.noop", Kind.TASK)
    apply()
    assert [details["from"] for _, _, details in releases(ids)] == ["task:test.noop"]


def test_jobs_of_a_hold_that_the_release_before_has_deleted_go_on() -> None:
    pause()
    ids = submitted()
    with transaction() as db:
        db.execute(text("DELETE FROM holds"))

    assert apply() == ids
    assert releases(ids) == [("scheduler", None, {"from": "queue:default"})]


# What two sessions do to each other.


def test_a_claim_that_was_there_first_keeps_its_job_until_it_ends() -> None:
    [id] = submitted()
    with open_transaction() as running:
        claim.lock(running, [id], seconds=9, silence=9)
        pause()
        assert apply() == []
        finish.finish(
            running,
            [Outcome(claim.Claimed(id, "test.noop", "{}", 1, 5, FAR, None, False), State.SUCCEEDED, started_at=FAR)],
            worker="w",
            lease=None,
        )
        running.commit()

    assert job(id).state is State.SUCCEEDED


def test_a_job_whose_run_was_rolled_back_meanwhile_is_blocked() -> None:
    [id] = submitted()
    with open_transaction() as running:
        claim.lock(running, [id], seconds=9, silence=9)
        pause()
        assert apply() == []

    apply()
    assert job(id).state is State.BLOCKED


def test_a_claim_that_waits_for_the_blocking_gets_nothing() -> None:
    [id] = submitted()

    with open_transaction() as scheduler:
        holds.pause(scheduler, Kind.QUEUE, "default", reason="The printer burns", by="user:ada")
        assert holds.block(scheduler, ANY, 9) == [id]
        with open_transaction() as worker, pytest.raises(Exception, match="statement timeout"):
            claim.lock(worker, [id], seconds=0.2, silence=9)
        scheduler.commit()

    assert locked([id]) == []


def test_a_submission_that_did_not_see_the_pause_yet_is_not_claimed_and_is_blocked_later() -> None:
    with open_transaction() as submitting:
        [early] = submit_all(submitting, [NewJob(noop, {})], publish=False)
        pause()
        submitting.commit()
    assert job(early.id).state is State.QUEUED

    assert claimed([early.id]) == []

    apply()
    assert job(early.id).state is State.BLOCKED


def test_a_submission_that_does_not_see_the_end_yet_is_queued_later() -> None:
    pause()
    with open_transaction() as submitting:
        [late] = submit_all(submitting, [NewJob(noop, {})], publish=False)
        resume()
        assert apply() == []
        submitting.commit()
    assert job(late.id).state is State.BLOCKED

    assert apply() == [late.id]


def test_a_job_that_is_blocked_while_somebody_resumes_is_queued_by_the_next_turn() -> None:
    [id] = submitted()
    pause()
    with open_transaction() as scheduler:
        holds.block(scheduler, ANY, 9)
        resume()
        scheduler.commit()
    assert job(id).state is State.BLOCKED

    assert apply() == [id]


def test_two_schedulers_pass_over_the_rows_of_each_other() -> None:
    ids = submitted(4)
    pause()
    with open_transaction() as one, open_transaction() as other:
        assert holds.block(one, ANY, 2) == ids[:2]
        assert holds.block(other, ANY, 9) == ids[2:]
        one.commit()
        other.commit()

    resume()
    with open_transaction() as one, open_transaction() as other:
        assert [job.id for job in holds.release(one, OVER, 2)[1]] == ids[:2]
        assert [job.id for job in holds.release(other, OVER, 9)[1]] == ids[2:]


def test_a_second_pause_while_the_jobs_of_the_first_are_queued_again_holds_all() -> None:
    ids = submitted(4)
    pause()
    apply()
    resume()
    with transaction() as db:
        holds.release(db, OVER, 2)
    pause()

    assert claimed(ids) == []
    assert apply() == []
    resume()
    assert apply() == ids


# What else can happen to a job that waits.


def test_a_blocked_job_is_cancelled() -> None:
    pause()
    [id] = submitted()

    with transaction() as db:
        assert control.cancel(db, id, keep=60, by=ADA).state is State.CANCELLED
    assert job(id).blocked_by is None


def test_a_blocked_job_is_moved_to_another_date_or_stays_blocked() -> None:
    pause()
    later, now = submitted(2)

    with transaction() as db:
        assert control.move(db, later, FAR, by=ADA)
        assert control.move(db, now, datetime.now(UTC) - timedelta(days=1), by=ADA)
    apply()

    assert (job(later).state, job(later).blocked_by) == (State.SCHEDULED, None)
    assert job(now).state is State.BLOCKED


def test_a_blocked_job_expires() -> None:
    pause()
    [id] = submitted(start_before=datetime.now(UTC) + timedelta(milliseconds=1))

    with transaction() as db:
        db.execute(text("SELECT pg_sleep(0.01)"))
    with transaction() as db:
        assert sweep.cancel_expired(db, keep=60, most=9) == [(id, "test.noop")]
    assert job(id).state is State.CANCELLED


def test_a_retry_by_a_person_and_a_lost_lease_lead_to_blocked() -> None:
    failed, lost = submitted(2)
    with transaction() as db:
        control.cancel(db, failed, keep=60, by=ADA)
        claim.claim(db, [lost], worker="w", lease=uuid4(), seconds=-1)
    pause()

    with transaction() as db:
        control.retry(db, failed, by=ADA)
        sweep.lose_expired(db, keep=60)

    wait_until(lambda: not apply() and set(states([failed, lost])) == {State.BLOCKED})
    assert job(lost).attempt == 1


def test_the_sweep_for_lost_messages_does_not_send_a_blocked_job_again() -> None:
    [id] = submitted()
    with transaction() as db:
        dispatch.mark_published(db, [id])
    pause()
    apply()

    with transaction() as db:
        assert sweep.waiting(db, grace=-9) == []
        assert sweep.forget_messages(db) == 0
        assert dispatch.unsent(db, 9) == []


def test_a_restored_job_is_still_blocked() -> None:
    pause()
    [id] = submitted()

    with transaction() as db:
        assert restore.requeue_after_restore(db) == (0, 0)
    assert job(id).state is State.BLOCKED


def test_a_job_with_arguments_of_another_task_is_not_covered_by_a_name_that_contains_its_own() -> None:
    pause("test.write", Kind.TASK)
    with transaction() as db:
        held, free = submit_all(db, [NewJob(write, {"key": "a"}), NewJob(noop, {})], publish=False)

    assert states([held.id, free.id]) == [State.BLOCKED, State.QUEUED]
