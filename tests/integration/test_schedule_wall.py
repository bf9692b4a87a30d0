"""The wall of schedules: what each did in a time, run by run or hour by hour, those in trouble first."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.integration.test_api_schedules import created, faults, named
from tests.stack import Stack

JOB = """
    INSERT INTO jobs (id, task, args, queue, priority, state, attempt, max_attempts, run_at, created_at, queued_at,
                      started_at, finished_at, expires_at, schedule, due_at, tier, forget_on)
    SELECT gen_random_uuid(), 'test.noop', '{}', 'default', 5, which.state, which.attempt, 3, due, due, due,
           due + make_interval(secs => which.late), due + make_interval(secs => which.late + which.took),
           due + interval '30 days', which.id, due, 2, CURRENT_DATE + 30
    FROM (SELECT %s::text, %s::timestamptz, %s::timestamptz, %s::text, %s::int, %s::float8, %s::float8)
             AS which (id, first, last, state, attempt, late, took),
         generate_series(which.first, which.last, interval '1 minute') AS due
"""
LINES = """
    INSERT INTO schedule_runs (schedule_id, due_at, outcome, job_id)
    SELECT CAST(schedule AS uuid), due_at, 'fired', id FROM jobs WHERE schedule = %s
"""
LINE = "INSERT INTO schedule_runs (schedule_id, due_at, outcome, missed_until, reason) VALUES (%s, %s, %s, %s, %s)"
NOW = datetime.now(UTC).replace(microsecond=0)


def ago(**length: float) -> datetime:
    return NOW - timedelta(**length)


def ran(
    stack: Stack,
    id: str,
    due: datetime,
    state: str = "succeeded",
    *,
    attempt: int = 1,
    late: float = 0,
    took: float = 1,
    last: datetime | None = None,
) -> None:
    """Let jobs of a schedule have ended: one, or one each minute up to the last."""
    stack.sql(JOB, id, due, last or due, state, attempt, late, took)


def wall(stack: Stack, **query: Any) -> list[dict[str, Any]]:
    answer = stack.http.get("/api/schedules/wall", params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["schedules"])


def row_of(stack: Stack, made: dict[str, Any], **query: Any) -> dict[str, Any]:
    [row] = wall(stack, schedule=made["id"], **query)
    return row


def test_each_run_is_shown_with_what_became_of_it(stack: Stack) -> None:
    made = created(stack)
    ran(stack, made["id"], ago(hours=5), took=12)
    ran(stack, made["id"], ago(hours=4), attempt=2)
    ran(stack, made["id"], ago(hours=3), late=300, took=60)
    ran(stack, made["id"], ago(hours=2), "cancelled")
    ran(stack, made["id"], ago(hours=1), "failed")
    stack.sql(LINE, made["id"], ago(hours=20), "missed", ago(hours=10), None)
    stack.sql(LINE, made["id"], ago(minutes=50), "skipped", None, None)

    row = row_of(stack, made)

    states = ["missed", "succeeded", "retried", "succeeded", "cancelled", "failed", "skipped"]
    assert [run["state"] for run in row["runs"]] == states
    assert [run["late"] for run in row["runs"]] == [False, False, False, True, False, False, False]
    assert (row["runs"][1]["took_seconds"], row["runs"][3]["lateness_seconds"]) == (12, 300)
    assert row["runs"][6]["reason"] == "An earlier run had not ended"
    assert row["hours"] == []


def test_a_run_by_hand_is_a_job_that_can_be_looked_at(stack: Stack) -> None:
    made = created(stack)
    job = stack.http.post(f"/api/schedules/{made['id']}/run").json()
    stack.ended(job["id"])

    [run] = row_of(stack, made)["runs"]

    assert (run["state"], run["manual"], run["job_id"]) == ("succeeded", True, job["id"])
    assert run["took_seconds"] >= 0


def test_what_was_missed_before_and_into_the_time_is_shown(stack: Stack) -> None:
    made = created(stack)
    stack.sql(LINE, made["id"], ago(hours=40), "missed", ago(hours=20), None)

    since = ago(hours=24).isoformat().replace("+00:00", "Z")

    assert [run["state"] for run in row_of(stack, made, since=since)["runs"]] == ["missed"]
    assert wall(stack, schedule=made["id"], since=ago(hours=10).isoformat().replace("+00:00", "Z")) == []


def test_a_run_whose_job_is_gone_is_known_from_the_history(stack: Stack) -> None:
    made = created(stack)
    stack.sql(
        "INSERT INTO schedule_runs (schedule_id, due_at, outcome, job_id, state) "
        "VALUES (%s, %s, 'fired', %s, 'failed')",
        made["id"],
        ago(hours=2),
        str(uuid4()),
    )

    assert [run["state"] for run in row_of(stack, made)["runs"]] == ["failed"]


def test_a_schedule_of_each_minute_is_counted_by_the_hour(stack: Stack) -> None:
    made = created(stack, crontab="* * * * *")
    hour = ago(hours=5).replace(minute=0, second=0)
    ran(stack, made["id"], hour, last=hour + timedelta(minutes=119))
    ran(stack, made["id"], hour + timedelta(seconds=30), "failed", last=hour + timedelta(minutes=4, seconds=30))
    stack.sql(
        "UPDATE jobs SET started_at = due_at + interval '5 minutes' WHERE schedule = %s AND state = 'failed'",
        made["id"],
    )

    row = row_of(stack, made, until=(hour + timedelta(hours=3)).isoformat().replace("+00:00", "Z"))

    assert row["runs"] == []
    assert [(one["runs"], one["states"], one["late"]) for one in row["hours"]] == [
        (65, {"succeeded": 60, "failed": 5}, 5),
        (60, {"succeeded": 60}, 0),
    ]


def test_what_is_wrong_comes_first_and_what_did_not_run_is_left_out(stack: Stack) -> None:
    prefix = named("wall")
    made = {name: created(stack, name=f"{prefix} {name}")["id"] for name in "abcdef"}
    ran(stack, made["a"], ago(hours=1))
    for name in "de":
        ran(stack, made[name], ago(hours=2), "failed")
    ran(stack, made["e"], ago(hours=1))
    for name in "ade":
        stack.sql(LINES, made[name])
    stack.http.post(f"/api/schedules/{made['f']}/pause", json={"reason": "moving"})

    rows = wall(stack, search=prefix)

    assert [(row["name"][-1], row["trouble"]) for row in rows] == [
        ("d", "failing"),
        ("e", None),
        ("f", "paused"),
        ("a", None),
    ]


def test_the_pages_of_the_wall_are_the_whole_of_it(stack: Stack) -> None:
    prefix = named("paged")
    for name in "abcde":
        stack.sql(LINE, created(stack, name=f"{prefix} {name}")["id"], ago(hours=1), "skipped", None, None)

    names, query = "", {"search": prefix, "limit": "2"}
    while query.get("cursor") is not None or not names:
        page = stack.http.get("/api/schedules/wall", params=query).json()
        names += "".join(row["name"][-1] for row in page["schedules"])
        query["cursor"] = page["next_cursor"]

    assert names == "abcde"


def test_a_schedule_whose_run_has_not_begun_is_late(stack: Stack) -> None:
    made = created(stack)
    job = (
        "INSERT INTO jobs (id, task, args, queue, priority, state, max_attempts, run_at, created_at, queued_at, "
        "published_at, schedule, due_at) "
        "SELECT gen_random_uuid(), 'test.noop', '{}', 'nobody', 5, 'queued', 1, due, due, due, due, %s, due "
        "FROM (SELECT now() - interval '5 minutes') AS one (due)"
    )
    stack.sql(job, made["id"])

    row = row_of(stack, made)

    assert (row["trouble"], [(run["state"], run["late"]) for run in row["runs"]]) == ("late", [("late", True)])
    assert stack.http.get(f"/api/schedules/{made['id']}").json()["trouble"] == "late"
    found = stack.http.get("/api/schedules", params={"trouble": "late", "search": made["name"]}).json()["schedules"]
    assert [one["id"] for one in found] == [made["id"]]
    stack.sql("DELETE FROM jobs WHERE schedule = %s", made["id"])


@pytest.mark.parametrize(
    ("since", "until", "field"),
    [
        ("2030-01-02", "2030-01-01", "since"),
        ("2020-01-01", "2020-01-04", "until"),
        ("2999-01-01", "", "since"),
        ("9999-12-31T23:59:59Z", "", "since"),
        ("", "0001-01-01", "since"),
    ],
)
def test_a_time_that_cannot_be_shown_is_refused(stack: Stack, since: str, until: str, field: str) -> None:
    query = {name: value for name, value in (("since", since), ("until", until)) if value}

    answer = stack.http.get("/api/schedules/wall", params=query)

    assert (answer.status_code, list(faults(answer))) == (422, [field])


def page(stack: Stack, path: str) -> httpx.Response:
    return httpx.get(stack.url + path, cookies=stack.user("operator").cookies)


@pytest.mark.parametrize("day", ["", "last-night", "2026-03-29"])
def test_the_page_shows_a_day_or_a_night(stack: Stack, day: str) -> None:
    answer = page(stack, f"/schedules/wall?day={day}")

    assert answer.status_code == 200
    assert "Last night" in answer.text


@pytest.mark.parametrize("day", ["someday", "0001-01-01", "9999-12-31"])
def test_a_day_that_is_none_is_named(stack: Stack, day: str) -> None:
    answer = page(stack, f"/schedules/wall?day={day}")

    assert answer.status_code == 422
    assert "day: must be a date" in answer.text


def test_a_schedule_is_followed_back_day_by_day(stack: Stack) -> None:
    made = created(stack)
    ran(stack, made["id"], ago(days=9), "failed")

    assert ": failed" not in page(stack, f"/schedules/{made['id']}/days").text
    until = ago(days=7).date().isoformat()
    assert ": failed" in page(stack, f"/schedules/{made['id']}/days?until={until}").text
    for none in ("x", "0001-01-01"):
        assert page(stack, f"/schedules/{made['id']}/days?until={none}").status_code == 422
