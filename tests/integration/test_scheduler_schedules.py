"""The running scheduler and schedules: an edit wakes it, declared ones become rows, an upgrade is checked."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.stack import Stack, wait_until

MakeStack = Callable[..., Stack]


def created(stack: Stack, **body: Any) -> dict[str, Any]:
    values = {"name": f"schedule {uuid4().hex}", "task": "test.listed", "args": {"what": "scheduled"}, **body}
    answer = stack.http.post("/api/schedules", json=values)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def history(stack: Stack, schedule: dict[str, Any]) -> list[dict[str, Any]]:
    return list(stack.http.get(f"/api/schedules/{schedule['id']}/history").json()["runs"])


def tick(stack: Stack) -> dict[str, Any]:
    """The schedule that the platform declares."""
    query = {"source": "code", "task": "files.prune"}
    [found] = wait_until(lambda: stack.http.get("/api/schedules", params=query).json()["schedules"])
    return dict(found)


def test_a_schedule_runs_by_itself_and_says_how_late_it_was(stack: Stack) -> None:
    schedule = created(stack, once_at=(datetime.now(UTC) + timedelta(seconds=2)).isoformat())

    wait_until(lambda: [run["state"] for run in history(stack, schedule)] == ["succeeded"])

    [run] = history(stack, schedule)
    assert run["due_at"] == schedule["next_due_at"]
    assert run["lateness_seconds"] >= 0
    assert stack.http.get(f"/api/schedules/{schedule['id']}").json()["state"] == "over"


def test_an_edit_to_an_earlier_moment_takes_effect_at_once(stack: Stack) -> None:
    schedule = created(stack, once_at=(datetime.now(UTC) + timedelta(hours=1)).isoformat())

    at = time.time() + 1
    stack.http.patch(f"/api/schedules/{schedule['id']}", json={"once_at": at})

    wait_until(lambda: history(stack, schedule))
    assert history(stack, schedule)[0]["due_at"].startswith(f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S}")


def test_a_schedule_that_is_declared_in_code_can_be_seen_but_not_edited(stack: Stack) -> None:
    declared = tick(stack)

    assert (declared["interval_seconds"], declared["source"], declared["state"]) == (60, "code", "active")
    for answer in (
        stack.http.patch(f"/api/schedules/{declared['id']}", json={"note": "mine"}),
        stack.http.delete(f"/api/schedules/{declared['id']}"),
    ):
        assert (answer.status_code, "declared in code" in answer.json()["detail"]) == (409, True)


@pytest.mark.long
def test_what_the_code_declares_and_upgrades_change_is_stored_at_the_next_start(make_stack: MakeStack) -> None:
    stack = make_stack("web", "worker", "scheduler")
    paused = stack.http.post(f"/api/schedules/{tick(stack)['id']}/pause", json={"reason": "Rest"}).json()
    unfit, fits = created(stack, crontab="@daily"), created(stack, crontab="@daily")
    for service in ("scheduler", "worker"):
        stack.services[service].stop(15)
    stack.sql("UPDATE schedules SET interval_seconds = 7 WHERE task = 'files.prune'")
    stack.sql("UPDATE schedules SET args = '{}', fingerprint = 'before the upgrade' WHERE id = %s", unfit["id"])
    stack.sql(
        "UPDATE schedules SET disabled_reason = 'before', next_due_at = NULL, fire_at = NULL WHERE id = %s", fits["id"]
    )

    for service in ("worker", "scheduler"):
        stack.start_service(service)

    wait_until(lambda: stack.http.get(f"/api/schedules/{unfit['id']}").json()["state"] == "disabled")
    wait_until(lambda: stack.http.get(f"/api/schedules/{fits['id']}").json()["state"] == "active")
    assert "args.what: is required" in stack.http.get(f"/api/schedules/{unfit['id']}").json()["disabled_reason"]
    wait_until(lambda: tick(stack)["interval_seconds"] == 60)
    now = tick(stack)
    assert (now["id"], now["interval_seconds"], now["state"]) == (paused["id"], 60, "paused")
    answer = stack.http.post(f"/api/schedules/{unfit['id']}/run")
    assert (answer.status_code, "no longer fit" in answer.json()["detail"]) == (409, True)
