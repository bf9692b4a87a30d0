"""POST /api/jobs/batch: many jobs in one transaction."""

import pytest

from tests.problems import ADDITION, LATER, fields_of
from tests.stack import Stack


def test_the_receipts_come_in_the_order_of_the_jobs(stack: Stack) -> None:
    jobs = [{"task": "test.write", "args": {"key": f"k{n}"}, "delay": 1_000_000} for n in range(50)]

    receipts = stack.submit_many(jobs)

    assert [receipt["args"]["key"] for receipt in receipts] == [f"k{n}" for n in range(50)]


def test_a_batch_mixes_tasks_dates_and_priorities(stack: Stack) -> None:
    one, two = stack.submit_many([{"task": "test.noop"}, {**ADDITION, "run_at": "2035-06-01", "priority": 9}])

    assert (two["state"], two["priority"], two["queue"]) == ("scheduled", 9, "slow")
    assert stack.ended(one["id"])["state"] == "succeeded"


def test_ten_thousand_jobs_fit_into_one_batch(stack: Stack) -> None:
    receipts = stack.submit_many([{"task": "test.noop", "delay": 1_000_000}] * 10_000)

    ids = [receipt["id"] for receipt in receipts]
    assert stack.sql("SELECT count(*) FROM jobs WHERE id = ANY(%s::uuid[])", ids) == [(10_000,)]


def test_ten_thousand_and_one_are_too_many(stack: Stack) -> None:
    answer = stack.http.post("/api/jobs/batch", json={"jobs": [{"task": "test.noop"}] * 10_001})

    assert fields_of(answer) == ["jobs"]


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"task": "test.add", "args": {"a": "5", "b": 7}}, "jobs.3.args.a"),
        ({"task": "test.add"}, "jobs.3.args.a"),
        ({"task": "no.such"}, "jobs.3.task"),
        (LATER | {"priority": 10}, "jobs.3.priority"),
        (LATER | {"run_at": "2035-06-01"}, "jobs.3.delay"),
        (LATER | {"colour": "red"}, "jobs.3.colour"),
        (LATER | {"args": {"a": "\0", "b": 7}}, "jobs.3.args.a"),
        ("noop", "jobs.3"),
    ],
)
def test_one_bad_job_is_named_and_takes_all_the_others_with_it(stack: Stack, bad: object, field: str) -> None:
    good = [{"task": "test.write", "args": {"key": "of a bad batch"}}] * 3

    answer = stack.http.post("/api/jobs/batch", json={"jobs": [*good, bad, *good]})

    assert field in fields_of(answer)
    assert stack.sql("SELECT count(*) FROM jobs WHERE args ->> 'key' = 'of a bad batch'") == [(0,)]


def test_all_that_is_wrong_with_any_job_is_named(stack: Stack) -> None:
    wrong = [{"task": "no.such"}, ADDITION, {"task": "test.add", "args": {"a": 1}}, ADDITION | {"queue": "slow"}]

    assert fields_of(stack.http.post("/api/jobs/batch", json={"jobs": wrong})) == [
        "jobs.0.task",
        "jobs.2.args.b",
        "jobs.3.queue",
    ]


def test_of_very_many_faults_only_the_first_are_told(stack: Stack) -> None:
    answer = stack.http.post("/api/jobs/batch", json={"jobs": [{"task": 1}] * 1_000})

    assert fields_of(answer) == [f"jobs.{n}.task" for n in range(50)]
    assert "and 49 more" in answer.json()["detail"]


def test_of_very_many_unknown_tasks_only_the_first_are_told(stack: Stack) -> None:
    answer = stack.http.post("/api/jobs/batch", json={"jobs": [{"task": "no.such"}] * 1_000})

    assert fields_of(answer) == [f"jobs.{n}.task" for n in range(50)]
