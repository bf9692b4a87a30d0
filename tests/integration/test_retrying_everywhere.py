"""A job between two attempts is shown as retrying wherever its work is shown, with its error and when it is due."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.stack import Stack

BETWEEN = """
    UPDATE jobs SET state = 'scheduled', attempt = 1, max_attempts = 3, run_at = now() + interval '1 hour',
        started_at = now(), finished_at = NULL, expires_at = NULL,
        error = '{"type": "Away", "message": "it was away", "traceback": ""}'
    WHERE id = %s
"""
Made = tuple[str, str, str]
"""A job, where the API shows its work, and the page that does."""


def an_export(stack: Stack) -> Made:
    export = stack.http.post("/api/exports").json()
    return export["job_id"], f"/api/exports/{export['id']}", f"/products/exports/{export['id']}"


def an_import(stack: Stack) -> Made:
    csv = {"content": b"sku,name,description,price,currency\n", "headers": {"Content-Type": "text/csv"}}
    made = stack.http.post("/api/imports", **csv)
    assert made.status_code == 202, made.text
    return made.json()["job_id"], f"/api/imports/{made.json()['id']}", f"/products/imports/{made.json()['id']}"


def a_job(stack: Stack) -> Made:
    id = stack.submit("test.noop")["id"]
    return id, f"/api/jobs/{id}", f"/jobs/{id}"


def a_sum(stack: Stack) -> Made:
    id = stack.submit("products.very_slow_add", args={"a": 1, "b": 2})["id"]
    return id, f"/api/jobs/{id}", f"/products/sums/{id}"


def a_fetch(stack: Stack) -> Made:
    fetch = stack.http.post("/api/fetches", json={"urls": ["http://127.0.0.1:9/"]}).json()
    return fetch["pages"][0]["job_id"], f"/api/fetches/{fetch['id']}", f"/fetches/{fetch['id']}"


def a_run(stack: Stack) -> Made:
    body = {"name": f"r {uuid4()}", "task": "test.noop", "crontab": "0 3 * * *"}
    id = stack.http.post("/api/schedules", json=body).json()["id"]
    job = stack.http.post(f"/api/schedules/{id}/run").json()["id"]
    return job, f"/api/schedules/{id}/history", f"/schedules/{id}"


@pytest.mark.parametrize("make", [an_export, an_import, a_job, a_sum, a_fetch, a_run])
def test_work_between_two_attempts_is_retrying(stack: Stack, make: Callable[[Stack], Made]) -> None:
    job, api, page = make(stack)
    stack.ended(job)

    stack.sql(BETWEEN, job)

    shown, seen = stack.http.get(api), stack.http.get(page)
    assert (shown.status_code, seen.status_code) == (200, 200)
    assert '"retrying":true' in shown.text.replace(" ", "") or '"next_attempt_at":"20' in shown.text.replace(" ", "")
    assert ">retrying</span>" in seen.text
    if make not in (a_run, an_export, an_import):  # the first names its jobs, the others have ended here already
        assert "it was away" in seen.text
    stack.http.post(f"/api/jobs/{job}/cancel")
    assert ">retrying</span>" not in stack.http.get(page).text
