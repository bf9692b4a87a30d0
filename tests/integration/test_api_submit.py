"""POST /api/jobs: a job is accepted, and its receipt says all that is known of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.problems import ADDITION, LATER
from tests.stack import Stack

FIELDS = [
    "id",
    "task",
    "label",
    "tags",
    "args",
    "queue",
    "priority",
    "state",
    "blocked_by",
    "expired",
    "retrying",
    "attempt",
    "max_attempts",
    "timeout",
    "notice",
    "progress",
    "result",
    "error",
    "run_at",
    "expires",
    "created_at",
    "queued_at",
    "first_started_at",
    "started_at",
    "finished_at",
    "worker",
    "past_attempts",
    "submitter",
    "schedule",
    "parent",
    "request_id",
    "withheld",
]


def test_a_receipt_comes_with_202_and_the_address_of_the_job(stack: Stack) -> None:
    answer = stack.http.post("/api/jobs", json=LATER)

    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/api/jobs/{answer.json()['id']}"
    assert stack.http.get(answer.headers["Location"]).json() == answer.json()


def test_a_job_has_exactly_the_fields_that_were_promised(stack: Stack) -> None:
    job = stack.submit(**LATER)

    assert list(job) == FIELDS
    assert (job["task"], job["args"], job["queue"]) == ("test.add", {"a": 5, "b": 7}, "slow")
    assert (job["priority"], job["state"], job["attempt"], job["max_attempts"]) == (5, "scheduled", 0, 5)
    assert all(job[name] is None for name in ("progress", "result", "error", "queued_at", "started_at", "worker"))


def test_the_times_of_a_job_are_in_utc_and_in_order(stack: Stack) -> None:
    job = stack.ended(stack.submit("test.noop")["id"])

    times = [job[name] for name in ("created_at", "queued_at", "started_at", "finished_at")]
    assert all(time.endswith("Z") for time in times)
    assert sorted(times, key=datetime.fromisoformat) == times


@pytest.mark.parametrize(
    ("run_at", "expected"),
    [
        ("2035-06-01T12:00:00Z", "2035-06-01T12:00:00Z"),
        ("2035-06-01T12:00:00+02:00", "2035-06-01T10:00:00Z"),
        ("2035-06-01T12:00:00", "2035-06-01T12:00:00Z"),
        ("2035-06-01T12:00:00.25z", "2035-06-01T12:00:00.250000Z"),
        ("2035-06-01", "2035-06-01T00:00:00Z"),
        ("20350601T120000Z", "2035-06-01T12:00:00Z"),
        (2064398400, "2035-06-02T12:00:00Z"),
        (2064398400.5, "2035-06-02T12:00:00.500000Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
    ],
)
def test_run_at_is_a_date_in_iso_8601_or_in_seconds(stack: Stack, run_at: Any, expected: str) -> None:
    job = stack.submit(**ADDITION, run_at=run_at)

    assert (job["state"], job["run_at"], job["queued_at"]) == ("scheduled", expected, None)


@pytest.mark.parametrize("run_at", ["2001-01-01T00:00:00Z", 0, -62135596800, "0001-01-01"])
def test_a_date_in_the_past_means_now(stack: Stack, run_at: Any) -> None:
    job = stack.submit("test.noop", run_at=run_at)

    assert job["state"] == "queued"
    assert stack.ended(job["id"])["state"] == "succeeded"


def test_a_delay_counts_from_the_moment_of_acceptance(stack: Stack) -> None:
    job = stack.submit(**ADDITION, delay=3600)

    run_at, created_at = (datetime.fromisoformat(job[name]) for name in ("run_at", "created_at"))
    assert run_at - created_at == timedelta(hours=1)
    assert abs(created_at - datetime.now(UTC)) < timedelta(minutes=5)


def test_a_short_delay_passes_and_the_job_runs(stack: Stack) -> None:
    job = stack.ended(stack.submit("test.noop", delay=0.5)["id"])

    assert job["state"] == "succeeded"
    assert datetime.fromisoformat(job["started_at"]) >= datetime.fromisoformat(job["run_at"])


@pytest.mark.parametrize("priority", [0, 9, 7.0])
def test_a_priority_is_kept(stack: Stack, priority: float) -> None:
    assert stack.submit(**LATER, priority=priority)["priority"] == priority


def test_a_field_that_is_null_counts_as_not_given(stack: Stack) -> None:
    job = stack.submit(**ADDITION, run_at=None, delay=1_000_000)

    assert job["state"] == "scheduled"


def test_any_text_comes_back_as_it_was_sent(stack: Stack) -> None:
    key = 'Ünïcödé 🛎 \u202e " \\ \n \t</script>'

    job = stack.ended(stack.submit("test.write", args={"key": key})["id"])

    assert (job["args"]["key"], job["result"]) == (key, key)


def test_a_request_s_id_runs_through_to_the_log_of_the_worker(stack: Stack) -> None:
    stack.ended(stack.submit("test.noop", headers={"X-Request-Id": "trace-me-4711"})["id"])

    assert "trace-me-4711" in stack.log("web")
    assert "trace-me-4711" in stack.log("worker")
