"""What a retry keeps: the first start, how each attempt ended, and who retried the job."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from bellhop_ledger.ledger import claim, control, finish, restore, sweep
from bellhop_ledger.ledger.events import Actor, JobEvent, events_of
from bellhop_ledger.ledger.finish import Failure, Outcome
from bellhop_ledger.ledger.many import retry_many
from bellhop_ledger.ledger.past import LONGEST_MESSAGE, LONGEST_TRACEBACK, MOST_KEPT, attempts_of, is_over
from bellhop_ledger.ledger.submit import submit
from bellhop_ledger.ledger.tables import Job, State, first_start, is_retrying
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.schedules import ScheduleRun
from bellhop_web.jobs.shown.chart import stretches_of
from bellhop_web.jobs.shown.story import story_of
from bellhop_web.jobs.views import view
from bellhop_web.schedules.views import run_view
from tests.aged import forget_all
from tests.stack import Stack
from tests.tasks.signatures import write_leased

pytestmark = pytest.mark.usefixtures("ledger")

A_SCHEDULE = """
    INSERT INTO schedules (id, name, source, task, args, fingerprint, crontab, time_zone, jitter_seconds, catch_up,
                           ceiling, overlap, priority, note, enabled, created_by, updated_by)
    VALUES (:id, 'past', 'api', 'test.noop', '{}', '', '@daily', 'UTC', 0, 'skip', 1, 'allow', 5, '', false, '', '')
"""
KEEP, WORKER, AT = 60.0, "worker@test", clock.now() - timedelta(minutes=10)
BY = f"user:{uuid4()}"


def submitted() -> UUID:
    """A job that was queued ten minutes ago."""
    with transaction() as db:
        id = submit(db, write_leased, key="past").id
    with transaction() as db:
        db.execute(text("UPDATE jobs SET created_at = :at, queued_at = :at"), {"at": AT})
    return id


def row(id: UUID) -> Job:
    """The job as it is."""
    with transaction() as db:
        return control.find(db, id)


def events(id: UUID) -> list[JobEvent]:
    """What was done to the job."""
    with transaction() as db:
        found = events_of(db, control.find(db, id), most=100)
        db.expunge_all()
    return found


def begun(id: UUID) -> tuple[claim.Claimed, UUID]:
    """Claim the job as a worker does, whatever its date."""
    with transaction() as db:
        db.execute(text("UPDATE jobs SET state = 'queued', queued_at = now() WHERE state = 'scheduled'"))
        [found] = claim.claim(db, [id], worker=WORKER, lease=(lease := uuid4()), seconds=60)
    return found, lease


def run(id: UUID, state: State, minutes: float, error: str = "refused") -> None:
    """Let an attempt begin so many minutes after the submission and end now."""
    found, lease = begun(id)
    outcome = Outcome(found, state, started_at=AT + timedelta(minutes=minutes), delay=60, keep=KEEP)
    if state in {State.FAILED, State.SCHEDULED}:
        outcome = replace(outcome, failure=Failure("ConnectionError", error, "Traceback"))
    with transaction() as db:
        assert finish.finish(db, [outcome], worker=WORKER, lease=lease) == {id}


def fail_with(id: UUID, failure: Failure) -> None:
    """Let an attempt fail for good, for this reason."""
    found, lease = begun(id)
    outcome = Outcome(found, State.FAILED, started_at=clock.now(), failure=failure, keep=KEEP)
    with transaction() as db:
        assert finish.finish(db, [outcome], worker=WORKER, lease=lease) == {id}


def retry(id: UUID) -> None:
    """Retry the job as somebody."""
    with transaction() as db:
        control.retry(db, id, by=Actor(BY))


def retry_several(id: UUID) -> None:
    """Retry what failed of several as somebody."""
    with transaction() as db:
        assert len(retry_many(db, [id, uuid4()], ended_by=clock.now(), by=Actor(BY))) == 1


def fail(id: UUID) -> None:
    run(id, State.FAILED, 1, "the first")


def fail_and_try_again(id: UUID) -> None:
    run(id, State.SCHEDULED, 1, "the first")


def fail_twice(id: UUID) -> None:
    run(id, State.SCHEDULED, 1, "the first")
    run(id, State.FAILED, 2)


def cancel_between(id: UUID) -> None:
    run(id, State.SCHEDULED, 1, "the first")
    with transaction() as db:
        control.cancel(db, id, keep=KEEP, by=Actor(BY))


def cancel_running(id: UUID) -> None:
    run(id, State.CANCELLED, 1)


@pytest.mark.parametrize("again", [retry, retry_several])
@pytest.mark.parametrize("end", [fail, fail_twice])
def test_a_retry_keeps_the_first_failure_and_says_who_retried(
    end: Callable[[UUID], None], again: Callable[[UUID], None]
) -> None:
    id = submitted()
    end(id)
    before = row(id)

    again(id)
    run(id, State.SUCCEEDED, 8)

    shown = view(row(id))
    first, last = shown.past_attempts[0], shown.past_attempts[-1]
    assert (shown.state, shown.first_started_at) == ("succeeded", AT + timedelta(minutes=1))
    assert first.error is not None
    assert (first.error.type, first.error.message) == ("ConnectionError", "the first")
    assert first.started_at == AT + timedelta(minutes=1)
    [retried] = events(id)
    assert (last.finished_at, retried.by) == (before.finished_at, BY)
    assert last.finished_at is not None
    assert retried.at > last.finished_at


@pytest.mark.parametrize("end", [fail, fail_twice, cancel_between, cancel_running])
def test_no_retry_moves_the_first_start(end: Callable[[UUID], None]) -> None:
    id = submitted()
    end(id)

    for _ in range(3):
        retry(id)
        assert first_start(row(id)) == AT + timedelta(minutes=1)
        run(id, State.FAILED, 9)

    assert first_start(row(id)) == AT + timedelta(minutes=1)


def lose(id: UUID) -> None:
    _, lease = begun(id)
    with transaction() as db:
        assert sweep.lose_leases(db, [lease], keep=KEEP)


def hand_back(id: UUID) -> None:
    found, lease = begun(id)
    with transaction() as db:
        finish.hand_back(db, [found], lease=lease, begun={id})


def hand_back_lease(id: UUID) -> None:
    _, lease = begun(id)
    with transaction() as db:
        finish.hand_back_leases(db, [lease])


def restore_backup(id: UUID) -> None:
    begun(id)
    with transaction() as db:
        restore.requeue_after_restore(db)


@pytest.mark.parametrize("break_off", [lose, hand_back, hand_back_lease, restore_backup])
def test_a_job_that_is_broken_off_keeps_its_first_start(break_off: Callable[[UUID], None]) -> None:
    id = submitted()

    break_off(id)
    first = first_start(row(id))
    run(id, State.SUCCEEDED, 9)

    assert first is not None
    assert first_start(row(id)) == first


def test_a_job_of_a_batch_that_did_not_get_its_turn_has_not_begun() -> None:
    id = submitted()
    found, lease = begun(id)

    with transaction() as db:
        finish.hand_back(db, [found], lease=lease)

    assert first_start(row(id)) is None


def test_a_lost_attempt_stays_on_record() -> None:
    id = submitted()

    lose(id)
    run(id, State.SUCCEEDED, 9)

    [past] = view(row(id)).past_attempts
    assert past.error is not None
    assert (past.number, past.outcome, past.worker, past.error.type) == (1, "lost", WORKER, "WorkerLost")


@pytest.mark.parametrize("break_off", [hand_back, hand_back_lease])
def test_an_interrupted_attempt_stays_on_record_and_is_not_used_up(break_off: Callable[[UUID], None]) -> None:
    id = submitted()

    break_off(id)
    run(id, State.SUCCEEDED, 9)

    interrupted, last = attempts_of(row(id))
    assert (interrupted.number, interrupted.outcome, interrupted.worker) == (1, "interrupted", WORKER)
    assert interrupted.finished_at is not None
    assert (last.number, last.outcome) == (1, "succeeded")


def test_a_job_that_succeeds_at_once_or_did_not_get_its_turn_has_nothing_written_of_it() -> None:
    id = submitted()
    found, lease = begun(id)
    with transaction() as db:
        finish.hand_back(db, [found], lease=lease)
    run(id, State.SUCCEEDED, 9)

    assert row(id).past_attempts is None


def test_what_is_kept_of_an_earlier_error_is_bounded_and_the_newest_frames_stay() -> None:
    id = submitted()
    failure = Failure("E" * 200, "m" * 10_000, "oldest" + "." * 49_000 + "newest")
    for _ in range(3):
        fail_with(id, failure)
        retry(id)

    kept = row(id).past_attempts
    assert kept is not None
    assert kept[-1]["error"]["traceback"].endswith("newest")
    assert len(json.dumps(kept[-1])) < LONGEST_MESSAGE + LONGEST_TRACEBACK + 1_000


def test_of_many_attempts_the_first_and_the_latest_stay() -> None:
    id = submitted()
    fail(id)
    for number in range(MOST_KEPT + 5):
        retry(id)
        run(id, State.FAILED, 2 + number / 60, f"number {number}")
    retry(id)

    messages = [past.error.message for past in view(row(id)).past_attempts if past.error]

    assert len(messages) == MOST_KEPT
    assert (messages[0], messages[-1]) == ("the first", f"number {MOST_KEPT + 4}")


STRETCHES = {
    fail: ["Until it was due", "In the queue", "Running"],
    fail_and_try_again: ["Until its first attempt", "Attempt 1", "Until it was tried again"],
    fail_twice: ["Until its first attempt", "Attempt 1", "Until it was tried again", "In the queue", "Attempt 2"],
    cancel_between: ["Until its first attempt", "Attempt 1", "Until it was tried again"],
    cancel_running: ["Until it was due", "In the queue", "Running"],
}
"""What the chart names, by what happened."""


@pytest.mark.parametrize("happened", STRETCHES)
def test_the_chart_names_what_a_job_waited_for(happened: Callable[[UUID], None]) -> None:
    id = submitted()

    happened(id)

    assert [one.label for one in stretches_of(row(id), events(id))] == STRETCHES[happened]


def test_the_chart_names_the_time_until_a_retry() -> None:
    id = submitted()
    fail(id)

    retry(id)
    run(id, State.SUCCEEDED, 9)

    labels = [one.label for one in stretches_of(row(id), events(id))]
    assert labels == ["Until its first attempt", "Attempt 1", "Until it was retried", "In the queue", "Attempt 1"]


@pytest.mark.parametrize("happened", [fail_and_try_again, lose])
def test_between_two_attempts_nothing_is_drawn_as_running(happened: Callable[[UUID], None]) -> None:
    id = submitted()
    happened(id)
    job = row(id)

    assert is_retrying(job)
    assert view(job).retrying
    assert [one.kind for one in stretches_of(job, []) if one.end is None] in (["retrying"], ["queued"])
    assert not any(event.kind == "running" for event in story_of(job, None, [], {}))


def test_a_job_that_was_cancelled_while_it_waited_did_not_run_until_then() -> None:
    id = submitted()
    cancel_between(id)
    job = row(id)

    assert is_over(job)
    assert story_of(job, None, events(id), {BY: "ann"})[-1].more == "while it waited for its next attempt; by ann"


def test_a_retry_of_a_job_that_was_cancelled_between_two_attempts_counts_no_attempt_twice() -> None:
    id = submitted()
    cancel_between(id)

    retry(id)

    assert [(one.number, one.outcome) for one in view(row(id)).past_attempts] == [(1, "failed")]
    assert [event.action for event in events(id)] == ["cancelled", "retried"]
    assert "Cancelled while it waited" in [event.words for event in story_of(row(id), None, events(id), {})]


def test_the_story_tells_every_attempt_and_who_retried() -> None:
    id = submitted()
    fail_twice(id)
    retry(id)
    run(id, State.SUCCEEDED, 9)

    story = story_of(row(id), None, events(id), {BY: "ann@example.org"})
    words = [event.words for event in story]
    whom = [event.more for event in story if "Retried" in event.words]

    assert [word.split(" of ")[0] for word in words] == [
        "Submitted",
        "Attempt 1",
        "Attempt 2",
        "Retried, with all its attempts again",
        "Given to the queue",
        "Attempt 1",
        "Succeeded",
    ]
    assert whom == ["by ann@example.org"]


def test_attempts_that_a_release_before_has_not_written_down_are_counted_all_the_same() -> None:
    id = submitted()
    fail_and_try_again(id)
    with transaction() as db:
        db.execute(text("UPDATE jobs SET past_attempts = NULL, first_started_at = NULL"))

    words = [event.words for event in story_of(row(id), None, [], {})]

    assert "1 earlier attempt failed" in words


def test_the_lateness_of_a_scheduled_run_is_that_of_its_first_start(stack: Stack) -> None:
    name = f"late {uuid4()}"
    body = {"name": name, "task": "test.give", "args": {"what": "text"}, "crontab": "0 3 * * *"}
    schedule = stack.http.post("/api/schedules", json=body).json()
    made = stack.http.post(f"/api/schedules/{schedule['id']}/run").json()
    failed = stack.ended(made["id"])
    [before] = stack.http.get(f"/api/schedules/{schedule['id']}/history").json()["runs"]

    stack.http.post(f"/api/jobs/{made['id']}/retry")

    again = stack.ended(made["id"])
    [after] = stack.http.get(f"/api/schedules/{schedule['id']}/history").json()["runs"]
    assert again["started_at"] > failed["finished_at"]
    assert after["lateness_seconds"] == before["lateness_seconds"]
    assert (before["retried"], after["retried"]) == (False, True)
    [past] = again["past_attempts"]
    assert past["finished_at"] == failed["finished_at"]
    assert past["error"] == {"type": failed["error"]["type"], "message": failed["error"]["message"]}
    assert "retried by hand" in stack.http.get(f"/schedules/{schedule['id']}").text
    assert "Retried, with all its attempts again" in stack.http.get(f"/jobs/{made['id']}").text


def test_the_history_of_a_schedule_keeps_the_first_start_when_the_job_is_gone() -> None:
    id, schedule = submitted(), uuid4()
    due = AT - timedelta(seconds=2)
    with transaction() as db:
        db.execute(text("UPDATE jobs SET schedule = :schedule, due_at = :due"), {"schedule": str(schedule), "due": due})
        db.execute(text(A_SCHEDULE), {"id": schedule})
        db.add(ScheduleRun(schedule_id=schedule, due_at=due, outcome="fired", job_id=id))
    fail(id)
    retry(id)
    run(id, State.SUCCEEDED, 9)

    with transaction() as db:
        assert forget_all(db) == 1
        kept = run_view(db.get_one(ScheduleRun, (schedule, due)), None)

    assert kept.lateness_seconds == 62
    assert kept.started_at == AT + timedelta(minutes=9)
