"""The attempts of a job: what became of each, for the API and the page, whoever wrote the row."""

import json
from typing import Any

import httpx
import pytest

from tests.problems import fields_of
from tests.stack import Stack

FIELDS = {"number", "outcome", "queued_at", "started_at", "finished_at", "worker", "error"}


def attempts(stack: Stack, id: str, http: httpx.Client | None = None) -> list[dict[str, Any]]:
    answer = (http or stack.http).get(f"/api/jobs/{id}/attempts")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["attempts"])


def test_each_failed_attempt_has_its_times_its_worker_and_its_traceback(stack: Stack) -> None:
    job = stack.ended(stack.submit("test.fail", args={"times": 2})["id"])

    first, second, last = attempts(stack, job["id"])

    assert set(first) == FIELDS
    assert [(one["number"], one["outcome"]) for one in (first, second, last)] == [
        (1, "failed"),
        (2, "failed"),
        (3, "succeeded"),
    ]
    for one in (first, second):
        assert one["queued_at"] <= one["started_at"] <= one["finished_at"]
        assert "in fail" in one["error"]["traceback"]
    assert first["finished_at"] <= second["queued_at"]
    assert (first["started_at"], first["worker"]) == (job["first_started_at"], job["worker"])
    assert (last["started_at"], last["finished_at"], last["error"]) == (job["started_at"], job["finished_at"], None)


def test_the_last_attempt_of_a_failed_job_is_listed_once_also_after_a_retry(stack: Stack) -> None:
    id = stack.ended(stack.submit("test.fail", args={"times": 9})["id"])["id"]
    before = attempts(stack, id)

    stack.http.post(f"/api/jobs/{id}/retry")
    stack.ended(id)

    assert [one["number"] for one in before] == [1, 2, 3]
    assert attempts(stack, id)[:3] == before
    assert [one["number"] for one in attempts(stack, id)] == [1, 2, 3, 1, 2, 3]


def test_a_running_attempt_is_listed(stack: Stack) -> None:
    id = stack.submit("test.sleep", args={"seconds": 60})["id"]
    stack.in_state(id, "running")

    [running] = attempts(stack, id)
    stack.http.post(f"/api/jobs/{id}/cancel")
    stack.ended(id)
    [cancelled] = attempts(stack, id)

    assert (running["outcome"], running["finished_at"]) == ("running", None)
    assert (cancelled["outcome"], cancelled["error"], cancelled["finished_at"] is None) == ("cancelled", None, False)


def test_a_job_that_has_not_begun_has_no_attempts(stack: Stack) -> None:
    id = stack.submit("test.noop", delay=1_000)["id"]
    assert attempts(stack, id) == []

    stack.http.post(f"/api/jobs/{id}/cancel")

    assert attempts(stack, id) == []


@pytest.mark.parametrize("stubborn", [False, True])
def test_an_attempt_that_took_too_long_has_timed_out(stack: Stack, stubborn: bool) -> None:
    job = stack.ended(stack.submit("test.sleep_limited", args={"seconds": 60, "stubborn": stubborn})["id"])

    [last] = attempts(stack, job["id"])

    assert (last["outcome"], last["error"]["message"]) == ("timed_out", job["error"]["message"])


def test_an_attempt_whose_process_died_is_lost(stack: Stack) -> None:
    job = stack.ended(stack.submit("test.poison")["id"])

    assert [(one["number"], one["outcome"]) for one in attempts(stack, job["id"])] == [
        (1, "lost"),
        (2, "lost"),
        (3, "lost"),
    ]


def test_plain_users_read_the_attempts_of_their_own_jobs_without_worker_and_traceback(stack: Stack) -> None:
    ann, bob = stack.user(), stack.user()
    id = stack.ended(stack.submit("test.fail", args={"times": 1})["id"])["id"]
    assert fields_of(ann.http.get(f"/api/jobs/{id}/attempts"), 404) == []

    stack.sql("UPDATE jobs SET user_id = %s WHERE id = %s", str(ann.id), id)

    first, last = attempts(stack, id, ann.http)
    assert (first["worker"], first["error"]["traceback"], last["worker"]) == (None, "", None)
    assert first["error"]["message"]
    assert fields_of(bob.http.get(f"/api/jobs/{id}/attempts"), 404) == []
    assert fields_of(stack.client().get(f"/api/jobs/{id}/attempts"), 401) == ["Authorization"]


@pytest.mark.parametrize("id", ["00000000-0000-7000-8000-000000000000", "no-uuid", "x" * 2000, "%00", "%ED%A0%80"])
def test_a_job_that_is_not_there_has_no_attempts(stack: Stack, id: str) -> None:
    assert fields_of(stack.http.get(f"/api/jobs/{id}/attempts"), 404) == []


OLD = [
    {
        "state": "failed",
        "attempt": 1,
        "max_attempts": 3,
        "started_at": "2030-01-01T00:00:00+00:00",
        "finished_at": "2030-01-01T00:00:01+00:00",
        "worker": "w",
        "error": {"type": "WorkerLost", "message": "died"},
    },
    {
        "state": "cancelled",
        "attempt": 1,
        "max_attempts": 3,
        "finished_at": "2030-01-01T00:00:02+00:00",
        "retried_at": "2030-01-01T00:00:03+00:00",
        "retried_by": "user:00000000-0000-7000-8000-000000000000",
    },
]
"""As the release before wrote them: an attempt that was lost, and a cancel while the job waited."""


def test_rows_of_the_release_before_read_well(stack: Stack) -> None:
    job = stack.ended(stack.submit("test.noop_any")["id"])
    stack.sql("UPDATE jobs SET past_attempts = %s WHERE id = %s", json.dumps(OLD), job["id"])

    first, last = attempts(stack, job["id"])

    assert (first["outcome"], first["queued_at"]) == ("lost", None)
    assert first["error"] == {"type": "WorkerLost", "message": "died", "traceback": ""}
    assert (last["outcome"], last["started_at"]) == ("succeeded", job["started_at"])
    assert stack.http.get(f"/jobs/{job['id']}").status_code == 200


def test_the_page_of_a_job_shows_its_attempts_with_folded_tracebacks(stack: Stack) -> None:
    id = stack.ended(stack.submit("test.fail", args={"times": 1})["id"])["id"]

    page = stack.http.get(f"/jobs/{id}").text

    assert "Attempts</h2>" in page
    assert page.count("<summary>Traceback</summary>") == 1
    assert "in fail" in page
