"""What people and the system do to a job stays on record: who, when, and in which request."""

import json
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest

from bellhop_ledger.ledger import control, many, sweep
from bellhop_ledger.ledger.events import Actor
from bellhop_ledger.ledger.revoke import revoke
from bellhop_ledger.ledger.submit import NewJob, submit, submit_all
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import transaction
from tests.aged import forget_all
from tests.problems import fields_of
from tests.stack import Stack
from tests.tasks import signatures

ANN = Actor("user:ann", "request-1")


def events(stack: Stack, id: object, http: httpx.Client | None = None) -> list[dict[str, Any]]:
    answer = (http or stack.http).get(f"/api/jobs/{id}/events")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["events"])


def test_a_retry_is_an_event_with_who_asked_and_in_which_request(stack: Stack) -> None:
    failed = stack.ended(stack.submit("test.fail", args={"times": 9, "permanent": True})["id"])
    operator = stack.user("operator")

    operator.http.post(f"/api/jobs/{failed['id']}/retry", headers={"X-Request-Id": "a-retry"})

    stack.ended(failed["id"])
    [event] = events(stack, failed["id"])
    assert (event["action"], event["request_id"]) == ("retried", "a-retry")
    assert event["by"].startswith("token:")
    assert event["details"]["state"] == "failed"
    assert datetime.fromisoformat(event["details"]["finished_at"]) == datetime.fromisoformat(failed["finished_at"])
    assert "error" not in event["details"], "it is that of the attempt"


def test_a_retry_does_not_change_what_was(stack: Stack) -> None:
    failed = stack.ended(stack.submit("test.fail", args={"times": 9})["id"])
    before = stack.http.get(f"/api/jobs/{failed['id']}/attempts").json()["attempts"]

    stack.http.post(f"/api/jobs/{failed['id']}/retry")

    again = stack.ended(failed["id"])
    after = stack.http.get(f"/api/jobs/{failed['id']}/attempts").json()["attempts"]
    assert after[: len(before)] == before
    assert again["first_started_at"] == failed["first_started_at"] == before[0]["started_at"]
    assert not {"retried_at", "retried_by", "state"} & set(again["past_attempts"][0])


def test_retrying_many_notes_an_event_for_each(ledger: Stack) -> None:
    with transaction() as db:
        ids = [job.id for job in submit_all(db, [NewJob(signatures.noop, {}) for _ in range(3)])]
        db.connection().exec_driver_sql("UPDATE jobs SET state = 'failed', finished_at = now(), expires_at = now()")

    with transaction() as db:
        assert len(many.retry_many(db, sorted(ids)[:2], ended_by=clock.now(), by=ANN)) == 2

    noted = ledger.sql("SELECT job_id::text, action, by, request_id, details ->> 'state' FROM job_events ORDER BY id")
    assert sorted(noted) == [(str(id), "retried", "user:ann", "request-1", "failed") for id in sorted(ids)[:2]]


def test_a_cancel_of_a_waiting_job_is_noted_once(stack: Stack) -> None:
    id = stack.submit("test.noop", delay=1_000)["id"]

    for _ in range(3):
        stack.http.post(f"/api/jobs/{id}/cancel")

    [event] = events(stack, id)
    assert (event["action"], event["details"]) == ("cancelled", {"state": "scheduled"})


def test_a_wish_to_stop_a_running_job_is_noted_once(stack: Stack) -> None:
    id = stack.submit("test.sleep", args={"seconds": 60, "stubborn": True})["id"]
    stack.in_state(id, "running")

    for _ in range(3):
        stack.http.post(f"/api/jobs/{id}/cancel")

    stack.ended(id)
    [event] = events(stack, id)
    assert (event["action"], event["details"]) == ("cancelled", {"state": "running"})
    page = stack.http.get(f"/jobs/{id}").text
    assert page.count("Asked to stop") == 1


def test_an_end_without_an_attempt_stays_on_record_when_the_job_is_retried(ledger: Stack) -> None:
    with transaction() as db:
        [job] = submit_all(db, [NewJob(signatures.noop, {}, delay=60, start_before=clock.now())])
    with transaction() as db:
        assert sweep.cancel_expired(db, keep=60, most=10) == [(job.id, "test.noop")]

    with transaction() as db:
        control.retry(db, job.id, by=ANN)

    [cancelled, retried] = ledger.sql("SELECT action, by, request_id, details FROM job_events ORDER BY id")
    assert cancelled == ("cancelled", "scheduler", None, {"state": "scheduled"})
    assert retried[3]["error"]["type"] == "Expired"
    [(past,)] = ledger.sql("SELECT past_attempts FROM jobs")
    assert past is None, "there was no attempt"


def test_a_move_is_noted_with_both_dates(ledger: Stack) -> None:
    to = datetime.fromisoformat("2099-01-01T00:00:00+00:00")
    with transaction() as db:
        job = submit(db, signatures.noop.after(60))

    with transaction() as db:
        assert control.move(db, job.id, to, by=ANN)

    [(action, by, details)] = ledger.sql("SELECT action, by, details FROM job_events")
    assert (action, by) == ("moved", "user:ann")
    assert [datetime.fromisoformat(details[name]) for name in ("from", "to")] == [job.run_at, to]


def test_what_a_celery_client_revokes_is_cancelled_by_it(ledger: Stack) -> None:
    with transaction() as db:
        job = submit(db, signatures.noop.after(60))

    with transaction() as db:
        revoke(db, str(job.id), keep=60)

    assert ledger.sql("SELECT action, by, request_id FROM job_events") == [("cancelled", "celery", None)]


def test_what_changes_nothing_is_no_event(ledger: Stack) -> None:
    with transaction() as db:
        job = submit(db, signatures.noop)
        db.connection().exec_driver_sql("UPDATE jobs SET state = 'succeeded', finished_at = now(), expires_at = now()")

    with transaction() as db:
        assert not control.move(db, job.id, clock.now(), by=ANN)
    for act in (lambda db: control.cancel(db, job.id, keep=60, by=ANN), lambda db: control.retry(db, job.id, by=ANN)):
        with pytest.raises((control.AlreadyEnded, control.NotEnded)), transaction() as db:
            act(db)

    assert ledger.sql("SELECT count(*) FROM job_events") == [(0,)]


def test_events_go_with_their_job(ledger: Stack) -> None:
    with transaction() as db:
        job = submit(db, signatures.noop.after(60))
    with transaction() as db:
        control.cancel(db, job.id, keep=0, by=ANN)

    with transaction() as db:
        assert forget_all(db) == 1

    assert ledger.sql("SELECT count(*) FROM job_events") == [(0,)]


def test_events_come_in_pages_with_the_retries_of_the_release_before_first(stack: Stack) -> None:
    id = stack.submit("test.noop", delay=1_000)["id"]
    old = [{"state": "failed", "attempt": 1, "finished_at": "2030-01-01T00:00:02+00:00"}] * 2
    by = f"user:{uuid4()}"
    old = [one | {"retried_at": f"2030-01-01T00:00:0{n}+00:00", "retried_by": by} for n, one in enumerate(old, 3)]
    stack.sql("UPDATE jobs SET past_attempts = %s WHERE id = %s", json.dumps(old), id)
    for name in ("n1", "n2", "n3"):
        stack.sql("INSERT INTO job_events (job_id, action, by) VALUES (%s, 'released', %s)", id, name)

    found, cursor = [], None
    for _ in range(5):
        page = stack.http.get(
            f"/api/jobs/{id}/events", params={"limit": 1} | ({"cursor": cursor} if cursor else {})
        ).json()
        found += page["events"]
        cursor = page["next_cursor"]

    assert cursor is None
    assert [one["by"] for one in found] == [by, by, "n1", "n2", "n3"]
    assert found[0]["details"] == {"state": "failed", "finished_at": "2030-01-01T00:00:02+00:00"}


def test_plain_users_read_the_events_of_their_own_jobs(stack: Stack) -> None:
    ann, bob = stack.user(), stack.user()
    id = stack.submit("test.noop", delay=1_000)["id"]
    stack.sql("UPDATE jobs SET user_id = %s WHERE id = %s", str(ann.id), id)
    stack.http.post(f"/api/jobs/{id}/cancel")

    assert [one["action"] for one in events(stack, id, ann.http)] == ["cancelled"]
    assert fields_of(bob.http.get(f"/api/jobs/{id}/events"), 404) == []
    assert fields_of(stack.client().get(f"/api/jobs/{id}/events"), 401) == ["Authorization"]
    assert fields_of(stack.http.get(f"/api/jobs/{uuid4()}/events"), 404) == []
    assert fields_of(stack.http.get(f"/api/jobs/{id}/events", params={"cursor": "no.place"}), 422) == ["cursor"]


def test_the_page_of_a_job_names_who_did_what(stack: Stack) -> None:
    operator = stack.user("operator")
    id = stack.submit("test.fail", args={"times": 9, "permanent": True}, delay=1_000)["id"]
    operator.http.post(f"/api/jobs/{id}/cancel")
    operator.http.post(f"/api/jobs/{id}/retry")
    stack.ended(id)

    page = stack.http.get(f"/jobs/{id}").text

    assert page.index("Cancelled while it waited") < page.index("Retried, with all its attempts again")
    assert page.count("by token test") == 2
