"""How runs end: results, failures, retries, limits, cancels, progress."""

from typing import Any

import pytest

from tests.stack import Stack, wait_until


def test_a_job_that_fails_is_tried_again_until_it_succeeds(stack: Stack) -> None:
    job = stack.ended(stack.submit("test.fail", args={"times": 2})["id"])

    assert (job["state"], job["attempt"], job["result"], job["error"]) == ("succeeded", 3, 3, None)


def test_a_job_fails_after_its_last_attempt_and_keeps_the_reason(stack: Stack) -> None:
    job = stack.ended(stack.submit("test.fail", args={"times": 9})["id"])

    assert (job["state"], job["attempt"]) == ("failed", 3)
    assert job["error"]["type"] == "ValueError"
    assert job["error"]["message"] == "asked to fail \ufffd"
    assert "tests/tasks/bodies.py" in job["error"]["traceback"]


def test_a_permanent_failure_is_not_tried_again(stack: Stack) -> None:
    job = stack.ended(stack.submit("test.fail", args={"times": 9, "permanent": True})["id"])

    assert (job["state"], job["attempt"], job["error"]["type"]) == ("failed", 1, "Permanent")


def test_a_result_that_the_signature_does_not_promise_fails_the_job(stack: Stack) -> None:
    wrong = stack.ended(stack.submit("test.give", args={"what": "text"})["id"])
    right = stack.ended(stack.submit("test.give", args={"what": "number"})["id"])

    assert (wrong["state"], wrong["error"]["type"]) == ("failed", "ValidationError")
    assert (right["state"], right["result"]) == ("succeeded", 5)


def test_a_job_over_its_soft_limit_is_interrupted(stack: Stack) -> None:
    job = stack.ended(stack.submit("test.sleep_limited", args={"seconds": 30})["id"])

    assert (job["state"], job["error"]["type"]) == ("failed", "SoftTimeLimitExceeded")
    assert job["error"]["message"] == "The job took longer than its limit of 0.5 s"


def test_a_job_that_ignores_its_soft_limit_is_killed_at_its_hard_limit(stack: Stack) -> None:
    job = stack.ended(stack.submit("test.sleep_limited", args={"seconds": 30, "stubborn": True})["id"])

    assert (job["state"], job["error"]["type"]) == ("failed", "WorkerLost")
    assert "hard limit" in job["error"]["message"]


def test_progress_is_visible_at_once(stack: Stack) -> None:
    id = stack.submit("test.progress", args={"steps": 3, "seconds": 0.5})["id"]

    seen = wait_until(lambda: running_progress(stack, id))

    assert seen["total"] == 3
    assert seen["message"].startswith("step")
    assert stack.ended(id)["progress"]["current"] == 3


@pytest.mark.parametrize("fault", ["error", "sql"])
@pytest.mark.parametrize("task", ["test.write_batch", "test.write_leased_batch"])
def test_one_failing_job_of_a_batch_fails_alone(stack: Stack, task: str, fault: str) -> None:
    key = f"{task}-{fault}"
    jobs = [{"task": task, "args": {"key": f"{key}-{n}", "fault": fault if n == 3 else ""}} for n in range(10)]

    ended = [stack.ended(job["id"])["state"] for job in stack.submit_many(jobs)]

    assert ended == ["succeeded"] * 3 + ["failed"] + ["succeeded"] * 6
    assert [effect for effect in stack.effects() if effect.startswith(key)] == [
        f"{key}-{n}" for n in range(10) if n != 3
    ]


def test_a_slow_job_does_not_hold_its_batch_past_the_time_budget(stack: Stack) -> None:
    jobs = [
        {"task": "test.write_batch", "args": {"key": f"slow-{n}", "fault": "slow" if n < 2 else ""}} for n in range(4)
    ]

    ids = [job["id"] for job in stack.submit_many(jobs)]

    assert [stack.ended(id)["state"] for id in ids] == ["succeeded"] * 4
    assert len({transaction_of(stack, id) for id in ids}) > 1


@pytest.mark.parametrize("state", ["scheduled", "queued"])
def test_a_job_that_was_cancelled_while_it_waited_never_runs(stack: Stack, state: str) -> None:
    blockers = [stack.submit("test.sleep", args={"seconds": 60}) for _ in range(2 if state == "queued" else 0)]
    for blocker in blockers:
        stack.in_state(blocker["id"], "running")
    job = stack.submit("test.write", args={"key": f"never-{state}"}, delay=3600 if state == "scheduled" else 0)

    answer = stack.http.post(f"/api/jobs/{job['id']}/cancel")
    for blocker in blockers:
        stack.http.post(f"/api/jobs/{blocker['id']}/cancel")

    assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")
    assert [stack.ended(blocker["id"])["state"] for blocker in blockers] == ["cancelled"] * len(blockers)
    assert stack.job(job["id"])["state"] == "cancelled"
    assert f"never-{state}" not in stack.effects()


@pytest.mark.parametrize("stubborn", [False, True])
def test_a_running_job_is_stopped_when_it_is_cancelled(stack: Stack, stubborn: bool) -> None:
    id = stack.submit("test.sleep", args={"seconds": 60, "stubborn": stubborn})["id"]
    stack.in_state(id, "running")

    answer = stack.http.post(f"/api/jobs/{id}/cancel")

    assert (answer.status_code, answer.json()["state"]) == (202, "running")
    assert stack.ended(id)["state"] == "cancelled"


def test_a_job_in_the_middle_of_its_transaction_is_stopped_when_it_is_cancelled(stack: Stack) -> None:
    id = stack.submit("test.write", args={"key": "taken-back", "seconds": 30})["id"]
    wait_until(
        lambda: stack.sql(
            "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%INSERT INTO effects%' AND state = 'idle in transaction'"
        )
    )

    assert stack.http.post(f"/api/jobs/{id}/cancel").status_code == 202

    assert stack.ended(id)["state"] == "cancelled"
    assert "taken-back" not in stack.effects()


def test_a_job_that_ended_cannot_be_cancelled(stack: Stack) -> None:
    id = stack.ended(stack.submit("test.noop")["id"])["id"]

    answer = stack.http.post(f"/api/jobs/{id}/cancel")

    assert answer.status_code == 409


def test_a_cancelled_job_can_be_tried_again(stack: Stack) -> None:
    job = stack.submit("test.write", args={"key": "again"}, delay=3600)
    stack.http.post(f"/api/jobs/{job['id']}/cancel")

    answer = stack.http.post(f"/api/jobs/{job['id']}/retry")

    assert answer.status_code == 202
    assert stack.ended(job["id"])["state"] == "succeeded"
    assert stack.effects().count("again") == 1


def running_progress(stack: Stack, id: str) -> Any:
    """The progress of a job as long as it runs."""
    job = stack.job(id)
    return job["progress"] if job["state"] == "running" else None


def transaction_of(stack: Stack, id: str) -> str:
    """The number of the transaction that wrote the row last."""
    return str(stack.sql("SELECT xmin::text FROM jobs WHERE id = %s", id)[0][0])
