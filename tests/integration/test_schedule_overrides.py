"""What a schedule says of all its jobs, and what it may not say."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.problems import fields_of
from tests.stack import Stack, wait_until

CHOSEN: dict[str, Any] = {"queue": "slow", "max_attempts": 2, "timeout": 7.5, "tags": ["nightly"], "label": "Report"}
EXPIRES = {"expires_after": 3600}


def schedule(**more: Any) -> dict[str, Any]:
    """A schedule that is not due before next month."""
    at = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    return {"name": uuid4().hex, "task": "test.flexible", "once_at": at, "overrides": CHOSEN} | more


def created(stack: Stack, **more: Any) -> dict[str, Any]:
    answer = stack.http.post("/api/schedules", json=schedule(**more))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def said_of(job: dict[str, Any]) -> dict[str, Any]:
    return {name: job[name] for name in CHOSEN}


def test_a_run_that_is_due_is_as_its_schedule_says(stack: Stack) -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    made = created(stack, once_at=soon)

    [job] = wait_until(lambda: stack.http.get("/api/jobs", params={"schedule": made["id"]}).json()["jobs"])

    assert said_of(job) == CHOSEN
    assert job["expires"] is None


def test_a_run_expires_so_long_after_it_was_due(stack: Stack) -> None:
    made = created(stack, once_at=(datetime.now(UTC) + timedelta(seconds=1)).isoformat(), overrides=CHOSEN | EXPIRES)

    [job] = wait_until(lambda: stack.http.get("/api/jobs", params={"schedule": made["id"]}).json()["jobs"])
    asked = stack.http.post(f"/api/schedules/{made['id']}/run").json()

    for one in (job, asked):
        waits = datetime.fromisoformat(one["expires"]) - datetime.fromisoformat(one["created_at"])
        assert timedelta(seconds=3590) < waits < timedelta(seconds=3610)


def test_a_run_that_no_worker_takes_in_time_is_expired(stack: Stack) -> None:
    made = created(stack, overrides={"queue": "people", "expires_after": 0.5})
    hold = {"reason": "Nothing may begin"}
    assert stack.http.post("/api/tasks/test.flexible/pause", json=hold).status_code == 200
    try:
        job = stack.http.post(f"/api/schedules/{made['id']}/run").json()
        ended = stack.ended(job["id"])
    finally:
        stack.http.post("/api/tasks/test.flexible/resume")

    assert (ended["state"], ended["expired"]) == ("cancelled", True)
    runs = stack.http.get(f"/api/schedules/{made['id']}/history").json()["runs"]
    assert [run["state"] for run in runs] == ["cancelled"]


def test_a_run_that_somebody_asks_for_is_too(stack: Stack) -> None:
    made = created(stack)

    job = stack.http.post(f"/api/schedules/{made['id']}/run").json()

    assert said_of(job) == CHOSEN
    page = stack.http.get(f"/schedules/{made['id']}").text
    assert "<dt>Label</dt><dd>Report</dd>" in page


def test_it_can_be_changed_and_taken_back_and_stays_otherwise(stack: Stack) -> None:
    path = f"/api/schedules/{created(stack)['id']}"

    stays = stack.http.patch(path, json={"priority": 7}).json()["overrides"]
    changed = stack.http.patch(path, json={"overrides": {"label": "Other"}}).json()["overrides"]
    taken_back = stack.http.patch(path, json={"overrides": None}).json()["overrides"]

    assert (stays, changed, taken_back) == (CHOSEN, {"label": "Other"}, None)
    changes = stack.http.get(f"{path}/changes").json()["changes"]
    assert changes[0]["changes"]["overrides"] == [{"label": "Other"}, None]


def test_what_the_task_does_not_allow_is_refused_by_name(stack: Stack) -> None:
    wrong = schedule(task="test.noop")

    assert fields_of(stack.http.post("/api/schedules", json=wrong)) == [
        "overrides.max_attempts",
        "overrides.queue",
        "overrides.timeout",
    ]
    moved = stack.http.patch(f"/api/schedules/{created(stack)['id']}", json={"task": "test.noop", "args": {}})
    assert "overrides.queue" in fields_of(moved)
    imported = stack.http.post("/api/schedules/import", json={"schedules": [schedule(), wrong]})
    assert fields_of(imported)[0] == "schedules.1.overrides.max_attempts"


@pytest.mark.parametrize(
    "wrong",
    [
        {"expires": "2090-01-01"},
        {"tags": ["two words"]},
        {"timeout": 61},
        {"queue": "nowhere"},
        {"label": 5},
        [],
        {"expires_after": 0},
    ],
    ids=str,
)
def test_a_value_that_cannot_be_is_refused(stack: Stack, wrong: Any) -> None:
    fields = fields_of(stack.http.post("/api/schedules", json=schedule(overrides=wrong)))

    assert [field.partition(".")[0] for field in fields] == ["overrides"]
