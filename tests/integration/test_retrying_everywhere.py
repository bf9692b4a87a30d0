"""A job between two attempts is shown as retrying wherever its work is shown, with its error and when it is due."""

from uuid import uuid4

import pytest

from tests.samples import Work, all_samples
from tests.stack import Stack

BETWEEN = """
    UPDATE jobs SET state = 'scheduled', attempt = 1, max_attempts = 3, run_at = now() + interval '1 hour',
        started_at = now(), finished_at = NULL, expires_at = NULL, tier = 0, forget_on = NULL,
        error = '{"type": "Away", "message": "it was away", "traceback": ""}'
    WHERE id = %s
"""


def a_job(stack: Stack) -> tuple[str, str, str]:
    id = stack.submit("test.noop")["id"]
    return id, f"/api/jobs/{id}", f"/jobs/{id}"


def a_run(stack: Stack) -> tuple[str, str, str]:
    body = {"name": f"r {uuid4()}", "task": "test.noop", "crontab": "0 3 * * *"}
    id = stack.http.post("/api/schedules", json=body).json()["id"]
    job = stack.http.post(f"/api/schedules/{id}/run").json()["id"]
    return job, f"/api/schedules/{id}/history", f"/schedules/{id}"


MAKE: dict[str, Work] = {"a job": a_job, "a run": a_run}
for one in all_samples():
    MAKE |= one.work


@pytest.mark.parametrize("kind", MAKE)
def test_work_between_two_attempts_is_retrying(stack: Stack, kind: str) -> None:
    job, api, page = MAKE[kind](stack)
    stack.ended(job)

    stack.sql(BETWEEN, job)

    shown, seen = stack.http.get(api), stack.http.get(page)
    assert (shown.status_code, seen.status_code) == (200, 200)
    assert '"retrying":true' in shown.text.replace(" ", "") or '"next_attempt_at":"20' in shown.text.replace(" ", "")
    assert ">retrying</span>" in seen.text
    if kind not in {"a run", "an export", "an import"}:  # the first names its jobs, the others have ended here already
        assert "it was away" in seen.text
    stack.http.post(f"/api/jobs/{job}/cancel")
    assert ">retrying</span>" not in stack.http.get(page).text
