"""What a submission says of its own job, through each door, and what it may not say."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from bellhop.errors import Invalid
from bellhop.signature import OVERRIDES
from bellhop_ledger.ledger.submit import submit
from bellhop_ledger.ledger.tables import Job
from bellhop_ledger.platform.database import transaction
from tests.problems import fields_of
from tests.stack import Stack, wait_until
from tests.tasks import signatures

LONG = datetime.now(UTC) + timedelta(days=1000)
ALL: dict[str, Any] = {
    "queue": "slow",
    "max_attempts": 2,
    "timeout": 10.5,
    "expires": LONG.isoformat(),
    "tags": ["invoices", "tenant:7"],
    "label": "Invoice 4711",
}
FLEXIBLE: dict[str, Any] = {"task": "test.flexible", "delay": 1_000_000}


def refused(stack: Stack, body: dict[str, Any]) -> tuple[list[str], str]:
    """Submit a job that is refused; return the fields, and the first reason."""
    answer = stack.http.post("/api/jobs", json=body)
    return fields_of(answer), answer.json()["errors"][0]["message"]


def test_a_job_is_as_its_submission_says(stack: Stack) -> None:
    job = stack.submit("test.flexible", **ALL)

    shown = stack.job(job["id"])
    assert {name: shown[name] for name in ALL if name != "expires"} == {n: v for n, v in ALL.items() if n != "expires"}
    assert datetime.fromisoformat(shown["expires"]) == LONG
    assert stack.ended(job["id"])["label"] == "Invoice 4711", "it stays so when the job is filed"


def test_the_jobs_of_a_batch_have_each_their_own(stack: Stack) -> None:
    plain, special = stack.submit_many([FLEXIBLE, FLEXIBLE | {"label": "Special", "queue": "slow"}])

    assert (plain["label"], plain["queue"], plain["tags"], plain["timeout"]) == (None, "default", [], None)
    assert (special["label"], special["queue"]) == ("Special", "slow")


def test_a_fault_in_a_batch_is_named_by_its_place_and_nothing_is_accepted(stack: Stack) -> None:
    tag = uuid4().hex
    jobs = [FLEXIBLE | {"tags": [tag]}, FLEXIBLE | {"timeout": 1000}, {"task": "test.noop", "queue": "slow"}]

    answer = stack.http.post("/api/jobs/batch", json={"jobs": jobs})

    assert fields_of(answer) == ["jobs.1.timeout", "jobs.2.queue"]
    assert stack.http.get("/api/jobs", params={"tag": tag}).json()["jobs"] == []


@pytest.mark.parametrize("name", sorted({*OVERRIDES} - {"expires", "label", "tags"}))
def test_what_a_task_does_not_allow_is_refused_with_what_it_does(stack: Stack, name: str) -> None:
    fields, reason = refused(stack, {"task": "test.add", "args": {"a": 1, "b": 2}, name: ALL[name]})

    assert fields == [name]
    assert reason == "must not be set for jobs of this task, which allows: expires, label, tags"
    tasks = {task["name"]: task for task in stack.http.get("/api/tasks").json()["tasks"]}
    assert tasks["test.add"]["overridable"] == ["expires", "label", "tags"]
    assert tasks["test.flexible"]["overridable"] == sorted(OVERRIDES)


@pytest.mark.parametrize(
    "wrong",
    [
        {"queue": "nowhere"},
        {"queue": ""},
        {"queue": "a b"},
        {"queue": "q" * 1_000},
        {"queue": 5},
        {"max_attempts": 0},
        {"max_attempts": 40_000},
        {"max_attempts": "2"},
        {"max_attempts": True},
        {"timeout": 0},
        {"timeout": -1},
        {"timeout": 60.5},
        {"timeout": "10"},
        {"expires": "2001-01-01T00:00:00Z"},
        {"expires": "tomorrow"},
        {"tags": "invoices"},
        {"tags": {}},
        {"tags": [f"tag-{n}" for n in range(21)]},
        {"label": ""},
        {"label": " \t"},
        {"label": "two\nlines"},
        {"label": "\u202eevil"},
        {"label": "x" * 201},
        {"label": "x" * 500_000},
        {"label": 7},
    ],
    ids=lambda wrong: str(wrong)[:40],
)
def test_a_value_that_cannot_be_is_refused_by_name(stack: Stack, wrong: dict[str, Any]) -> None:
    assert refused(stack, FLEXIBLE | wrong)[0] == list(wrong)


@pytest.mark.parametrize("tag", ["", " ", "two words", "comma,", "grün", "x" * 65, "\u200b", 7, None, ["nested"]])
def test_a_tag_that_cannot_be_is_refused_by_its_place(stack: Stack, tag: object) -> None:
    assert refused(stack, FLEXIBLE | {"tags": ["fine", tag]})[0] == ["tags.1"]


def test_nul_is_refused_wherever_it_stands(stack: Stack) -> None:
    assert refused(stack, FLEXIBLE | {"tags": ["a\0b"]})[0] == ["tags.0"]
    assert refused(stack, FLEXIBLE | {"label": "a\0b"})[0] == ["label"]


def test_a_tag_that_is_given_twice_counts_once(stack: Stack) -> None:
    assert stack.submit(**FLEXIBLE, tags=["b", "a", "b", " a "])["tags"] == ["b", "a"]


def test_a_job_must_not_expire_before_it_is_due(stack: Stack) -> None:
    later = datetime.now(UTC) + timedelta(hours=2)

    by_date = {"task": "test.noop", "run_at": later.isoformat(), "expires": later.isoformat()}
    by_delay = {"task": "test.noop", "delay": 7300, "expires": later.isoformat()}

    assert refused(stack, by_date) == refused(stack, by_delay)
    assert refused(stack, by_date) == (["expires"], "must lie after the date at which the job is due")


def test_a_job_that_may_not_be_repeated_is_not(stack: Stack) -> None:
    fields, reason = refused(stack, {"task": "test.flexible_atomic", "args": {"seconds": 0}, "max_attempts": 2})

    assert (fields, reason) == (["max_attempts"], "must be 1: with these arguments the task tries a job only once")
    assert stack.submit("test.flexible_atomic", args={"seconds": 0}, max_attempts=1)["max_attempts"] == 1


@pytest.mark.parametrize("most", [1, 2, 4])
def test_a_job_is_tried_as_often_as_its_submission_says(stack: Stack, most: int) -> None:
    job = stack.ended(stack.submit("test.flexible", args={"times": 9}, max_attempts=most)["id"])

    assert (job["state"], job["attempt"], job["max_attempts"]) == ("failed", most, most)


def test_a_job_is_interrupted_when_its_own_time_is_up(stack: Stack) -> None:
    job = stack.ended(stack.submit("test.flexible", args={"seconds": 50}, timeout=0.5, max_attempts=1)["id"])

    assert (job["state"], job["error"]["type"]) == ("failed", "SoftTimeLimitExceeded")
    assert job["error"]["message"] == "The job took longer than its limit of 0.5 s"


def test_a_statement_of_a_transaction_is_interrupted_too(stack: Stack) -> None:
    job = stack.ended(stack.submit("test.flexible_atomic", args={"seconds": 50}, timeout=0.5)["id"])

    assert job["state"] == "failed"
    assert job["error"]["type"] in {"SoftTimeLimitExceeded", "OperationalError"}, "whichever comes first"


def test_a_limit_of_one_job_is_not_that_of_the_next_in_its_transaction(stack: Stack) -> None:
    short = {"task": "test.flexible_batch", "args": {"seconds": 0.05}, "timeout": 0.4}
    long = {"task": "test.flexible_batch", "args": {"seconds": 0.8}}

    jobs = stack.submit_many([short, long, short, long])

    assert {stack.ended(job["id"])["state"] for job in jobs} == {"succeeded"}


def test_a_job_that_does_not_listen_is_killed_after_its_own_time(stack: Stack) -> None:
    args = {"seconds": 50, "stubborn": True}

    job = stack.ended(stack.submit("test.flexible", args=args, timeout=0.5, max_attempts=1)["id"])

    assert (job["state"], job["error"]["type"]) == ("failed", "WorkerLost")
    assert "hard limit" in job["error"]["message"]


def test_the_same_key_with_other_overrides_is_another_request(stack: Stack) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    stack.submit(**FLEXIBLE, headers=key, label="one")

    answer = stack.http.post("/api/jobs", json=FLEXIBLE | {"label": "two"}, headers=key)

    assert answer.status_code == 409


def test_a_job_that_has_not_begun_in_time_has_expired(stack: Stack) -> None:
    tag, soon = uuid4().hex, datetime.now(UTC) + timedelta(seconds=2)
    stack.http.post("/api/jobs/batch", json={"jobs": [{"task": "test.sleep", "args": {"seconds": 4}}] * 2})
    job = stack.submit("test.flexible", queue="slow", priority=0, expires=soon.isoformat(), tags=[tag])
    gone = stack.submit("test.flexible", delay=1_000_000, tags=[tag])
    stack.http.post(f"/api/jobs/{gone['id']}/cancel")

    expired = stack.ended(job["id"])

    assert (expired["state"], expired["expired"], expired["attempt"]) == ("cancelled", True, 0)
    assert expired["error"]["type"] == "Expired"
    of_tag = {"tag": tag, "state": "cancelled"}
    found = {job["id"]: job["expired"] for job in stack.http.get("/api/jobs", params=of_tag).json()["jobs"]}
    assert found == {job["id"]: True, gone["id"]: False}
    for switch, one in (("true", job), ("false", gone)):
        listed = stack.http.get("/api/jobs", params={"tag": tag, "expired": switch}).json()["jobs"]
        assert [job["id"] for job in listed] == [one["id"]]
    assert '<span class="badge expired">expired</span>' in stack.http.get(f"/jobs?state=expired&tag={tag}").text
    assert "<strong>Expired</strong>" in stack.http.get(f"/jobs/{job['id']}").text


def test_a_job_that_has_begun_in_time_goes_on(stack: Stack) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    job = stack.submit("test.flexible", args={"times": 1, "seconds": 2.5}, priority=9, expires=later.isoformat())
    stack.in_state(job["id"], "running")
    stack.sql("UPDATE jobs SET start_before = now() WHERE id = %s", job["id"])

    assert stack.ended(job["id"])["state"] == "succeeded"


def test_an_expired_job_that_somebody_retries_does_not_expire_again(stack: Stack) -> None:
    past = datetime.now(UTC) + timedelta(seconds=0.5)
    job = stack.submit("test.flexible", delay=0.4, expires=past.isoformat(), label="kept")
    wait_until(lambda: stack.job(job["id"])["state"] in {"cancelled", "succeeded"})
    if stack.job(job["id"])["expired"]:
        stack.http.post(f"/api/jobs/{job['id']}/retry")

    ended = stack.ended(job["id"])
    assert (ended["state"], ended["expired"], ended["label"]) == ("succeeded", False, "kept")


def test_a_body_submits_jobs_that_know_where_they_come_from(stack: Stack) -> None:
    label = uuid4().hex
    parent = stack.ended(stack.submit("test.parent", args={"label": label})["id"])

    child = stack.ended(parent["result"])

    assert (child["parent"], child["label"], child["tags"]) == (parent["id"], label, ["child"])
    assert (child["queue"], child["max_attempts"], child["submitter"]) == ("slow", 1, None)
    assert parent["parent"] is None
    assert child["request_id"] == parent["request_id"]
    found = stack.http.get("/api/jobs", params={"parent": parent["id"]}).json()["jobs"]
    assert [job["id"] for job in found] == [child["id"]]


@pytest.mark.usefixtures("ledger")
def test_python_says_the_same() -> None:
    chosen = signatures.flexible.override(**ALL | {"expires": LONG}).after(60)

    with transaction() as db:
        id = submit(db, chosen).id

    with transaction() as db:
        job = db.get_one(Job, id)
        assert (job.queue, job.max_attempts, job.timeout, job.start_before) == ("slow", 2, 10.5, LONG)
        assert (job.tags, job.label, job.parent) == (ALL["tags"], ALL["label"], None)


@pytest.mark.usefixtures("ledger")
def test_python_is_refused_the_same() -> None:
    with transaction() as db, pytest.raises(Invalid, match=r"^queue: must not be set for jobs of this task"):
        submit(db, signatures.noop.override(queue="slow"))
    with pytest.raises(ValidationError, match="max_attempts"):
        signatures.flexible.override(max_attempts=0)
    with pytest.raises(ValidationError, match="no_such"):
        signatures.flexible.override(no_such=1)
