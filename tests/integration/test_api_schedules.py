"""Schedules over the API: create, look, change, pause, delete, preview, and who did it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.problems import fields_of
from tests.stack import Stack, wait_until

DAILY = {"task": "test.listed", "args": {"what": "schedules"}, "crontab": "30 2 * * *", "time_zone": "Europe/Vienna"}


def named(prefix: str = "schedule") -> str:
    """A name that no other test has."""
    return f"{prefix} {uuid4().hex[:12]}"


def post(stack: Stack, **body: Any) -> httpx.Response:
    return stack.http.post("/api/schedules", json={"name": named(), **DAILY, **body})


def created(stack: Stack, **body: Any) -> dict[str, Any]:
    answer = post(stack, **body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def patched(stack: Stack, schedule: dict[str, Any], **body: Any) -> httpx.Response:
    return stack.http.patch(f"/api/schedules/{schedule['id']}", json=body)


def faults(answer: httpx.Response) -> dict[str, str]:
    return {fault["field"]: fault["message"] for fault in answer.json()["errors"]}


def test_a_schedule_is_created_and_shown_with_its_next_run_and_in_words(stack: Stack) -> None:
    made = created(stack)

    assert stack.http.get(f"/api/schedules/{made['id']}").json() == made
    assert (made["state"], made["words"], made["source"]) == ("active", "every day at 02:30", "api")
    assert datetime.fromisoformat(made["next_due_at"]) > datetime.now(UTC)


@pytest.mark.parametrize("field", ["interval_seconds", "grace_seconds"])
def test_a_time_longer_than_can_be_stored_is_refused(stack: Stack, field: str) -> None:
    rule = {"crontab": None, "interval_seconds": 60, "anchor": "2020-01-01T00:30:00Z"}

    assert created(stack, **rule | {field: 2**31 - 1})[field] == 2**31 - 1
    assert post(stack, **rule | {field: 2**31}).status_code == 422


def test_an_interval_is_counted_from_its_anchor(stack: Stack) -> None:
    made = created(stack, crontab=None, interval_seconds=3600, anchor="2020-01-01T00:30:00Z")

    assert datetime.fromisoformat(made["next_due_at"]).minute == 30


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({"crontab": "61 * * * *"}, "crontab", "minute"),
        ({"crontab": "0 0 L * *"}, "crontab", "not supported"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "is not a time zone"),
        ({"interval_seconds": 60}, "crontab", "give one of"),
        ({"crontab": None}, "once_at", "give one of"),
        ({"anchor": "2020-01-01"}, "anchor", "belongs to interval_seconds"),
        ({"starts_at": "2031-01-01", "ends_at": "2030-01-01"}, "ends_at", "must not lie before"),
        ({"ends_at": "2020-01-01"}, "crontab", "has no run to come"),
        ({"crontab": None, "once_at": "2020-01-01"}, "once_at", "has no run to come"),
        ({"task": "test.listen"}, "task", "is 'test.listed'"),
        ({"args": {"what": 5}}, "args.what", "must be text"),
        ({"overlap": "perhaps"}, "overlap", "must be 'allow', 'skip' or 'queue'"),
        ({"ceiling": 0}, "ceiling", "must be at least 1"),
        ({"name": "two\nlines"}, "name", "must be one line of text"),
        ({"name": " "}, "name", "must be one line of text"),
    ],
)
def test_a_wrong_field_is_refused_by_name(stack: Stack, body: dict[str, Any], field: str, message: str) -> None:
    answer = post(stack, **body)

    assert answer.status_code == 422
    assert message in faults(answer)[field]


def test_blanks_around_a_name_are_no_part_of_it(stack: Stack) -> None:
    assert created(stack, name=f" {(name := uuid4().hex)}\n")["name"] == name


def test_a_name_is_given_once(stack: Stack) -> None:
    made = created(stack)

    assert faults(post(stack, name=made["name"])) == {"name": "is the name of another schedule"}
    assert patched(stack, created(stack), name=made["name"]).status_code == 409


def test_the_name_of_a_deleted_schedule_is_free_again(stack: Stack) -> None:
    made = created(stack)
    gone = stack.http.delete(f"/api/schedules/{made['id']}").json()

    assert (gone["state"], gone["next_due_at"]) == ("deleted", None)
    assert created(stack, name=made["name"])["id"] != made["id"]
    assert patched(stack, made, note="too late").status_code == 404


def test_a_change_of_the_time_moves_the_next_run_and_says_when_in_one_way(stack: Stack) -> None:
    made = created(stack)
    soon = datetime.now(UTC) + timedelta(hours=1)

    changed = patched(stack, made, once_at=soon.isoformat()).json()

    assert (changed["crontab"], changed["version"]) == (None, 2)
    assert datetime.fromisoformat(changed["next_due_at"]) == soon


def test_a_change_of_a_note_leaves_the_next_run_alone(stack: Stack) -> None:
    made = created(stack)

    changed = patched(stack, made, note="for the accountants").json()

    assert changed["note"] == "for the accountants"
    assert changed["next_due_at"] == made["next_due_at"]


def test_a_change_of_an_earlier_version_is_a_conflict(stack: Stack) -> None:
    made = created(stack)
    patched(stack, made, note="first", version=1)

    answer = patched(stack, made, note="second", version=1)

    assert (answer.status_code, answer.json()["version"]) == (409, 2)


def test_a_paused_schedule_has_no_next_run_until_it_is_resumed(stack: Stack) -> None:
    made = created(stack)

    paused = stack.http.post(f"/api/schedules/{made['id']}/pause", json={"reason": "Rest"}).json()
    assert (paused["pause_reason"], paused["resume_at"]) == ("Rest", None)
    assert paused["paused_by"].startswith("token:")
    resumed = stack.http.post(f"/api/schedules/{made['id']}/resume").json()

    assert (paused["state"], paused["next_due_at"]) == ("paused", None)
    assert (resumed["state"], resumed["next_due_at"]) == ("active", made["next_due_at"])
    assert (resumed["pause_reason"], resumed["paused_by"]) == (None, None)


def test_a_schedule_that_is_paused_until_a_date_is_resumed_by_itself(stack: Stack) -> None:
    made = created(stack)
    [(soon,)] = stack.sql("SELECT extract(epoch FROM now()) + 1")
    path = f"/api/schedules/{made['id']}"

    paused = stack.http.post(f"{path}/pause", json={"reason": "Rest", "until": float(soon)}).json()
    assert (paused["state"], paused["resume_at"] is not None) == ("paused", True)
    assert "Rest" in stack.user("operator").http.get(f"/schedules/{made['id']}").text

    wait_until(lambda: stack.http.get(path).json()["state"] == "active")
    shown = stack.http.get(path).json()
    assert (shown["next_due_at"], shown["pause_reason"], shown["resume_at"]) == (made["next_due_at"], None, None)
    changes = stack.http.get(f"{path}/changes").json()["changes"]
    assert (changes[0]["action"], changes[0]["changed_by"]) == ("resumed", "code")


def test_a_pause_wants_a_reason(stack: Stack) -> None:
    made = created(stack)

    answer = stack.http.post(f"/api/schedules/{made['id']}/pause", json={})

    assert fields_of(answer, 422) == ["reason"]


def test_every_change_is_recorded_with_who_and_what(stack: Stack) -> None:
    made = created(stack)
    patched(stack, made, priority=7)
    stack.http.post(f"/api/schedules/{made['id']}/pause", json={"reason": "Rest"})
    stack.http.delete(f"/api/schedules/{made['id']}")

    changes = stack.http.get(f"/api/schedules/{made['id']}/changes").json()["changes"]

    assert [change["action"] for change in changes] == ["deleted", "paused", "changed", "created"]
    assert changes[2]["changes"] == {"priority": [5, 7]}
    assert all(change["changed_by"].startswith("token:") for change in changes)


def test_a_run_now_is_a_job_and_stands_in_the_history(stack: Stack) -> None:
    made = created(stack)

    job = stack.http.post(f"/api/schedules/{made['id']}/run").json()

    assert stack.ended(job["id"])["state"] == "succeeded"
    [run] = stack.http.get(f"/api/schedules/{made['id']}/history").json()["runs"]
    assert (run["job_id"], run["manual"], run["outcome"], run["state"]) == (job["id"], True, "fired", "succeeded")
    assert run["lateness_seconds"] >= 0


def test_a_preview_marks_the_jumps_of_the_clock(stack: Stack) -> None:
    body = {"crontab": "30 2 * * *", "time_zone": "Europe/Vienna", "starts_at": "2030-03-30", "count": 3}

    shown = stack.http.post("/api/schedules/preview", json=body).json()

    assert [(run["local"], run["jump"]) for run in shown["runs"][:2]] == [
        ("2030-03-30T02:30:00+01:00", None),
        ("2030-03-31T03:00:00+02:00", "forward"),
    ]
    assert shown["runs"][1]["at"] == "2030-03-31T01:00:00Z"


def test_a_stored_schedule_is_previewed_by_its_own_rule(stack: Stack) -> None:
    made = created(stack)

    shown = stack.http.get(f"/api/schedules/{made['id']}/preview", params={"count": 2}).json()

    assert shown["runs"][0]["at"] == made["next_due_at"]
    assert (len(shown["runs"]), shown["words"]) == (2, "every day at 02:30")


def test_schedules_are_listed_by_name_page_by_page(stack: Stack) -> None:
    prefix = named("listed")
    for letter in "cab":
        created(stack, name=f"{prefix} {letter}")

    first = stack.http.get("/api/schedules", params={"search": prefix.upper(), "limit": 2}).json()
    rest = {"search": prefix.upper(), "limit": 2, "cursor": first["next_cursor"]}
    second = stack.http.get("/api/schedules", params=rest).json()

    names = [schedule["name"][-1] for schedule in first["schedules"] + second["schedules"]]
    assert (names, second["next_cursor"]) == (["a", "b", "c"], None)


def test_schedules_are_found_by_their_state(stack: Stack) -> None:
    made = created(stack, enabled=False)

    def found(state: str) -> bool:
        return bool(
            stack.http.get("/api/schedules", params={"search": made["name"], "state": state}).json()["schedules"]
        )

    assert {state: found(state) for state in ("active", "paused", "deleted")} == {
        "active": False,
        "paused": True,
        "deleted": False,
    }


def test_those_that_cannot_run_and_those_that_are_over_are_found_by_their_state(stack: Stack) -> None:
    prefix = named("states")
    ids = {state: created(stack, name=f"{prefix} {state}")["id"] for state in ("active", "disabled", "over")}
    no_run = "UPDATE schedules SET next_due_at = NULL, fire_at = NULL, disabled_reason = %s WHERE id = %s"
    stack.sql(no_run, "There is no such task any more", ids["disabled"])
    stack.sql(no_run, None, ids["over"])

    for state, id in ids.items():
        query = {"search": prefix, "state": state}
        found = stack.http.get("/api/schedules", params=query).json()["schedules"]
        assert [(one["id"], one["state"]) for one in found] == [(id, state)]
