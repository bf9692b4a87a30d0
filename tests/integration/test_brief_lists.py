"""Lists leave out what may be of any size and name it; the thing itself has it all."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.stack import Stack, wait_until

LARGE = "x" * 300_000
MOST = 20_000
"""Bytes of an answer that has one large thing in it."""
MOST_OF_A_PAGE = 40_000
"""The same for a page, which has the bars of time as well."""
ERROR = {"type": "ValueError", "message": f"no {LARGE}", "traceback": LARGE}
PAST = [{"state": "failed", "attempt": 1, "max_attempts": 5, "finished_at": "2030-01-31T09:30:00Z", "error": ERROR}]


@pytest.fixture(scope="module")
def job(stack: Stack) -> dict[str, Any]:
    """A job of which everything is large."""
    id = stack.submit("test.noop")["id"]
    stack.ended(id)
    stack.sql(
        "UPDATE jobs SET task = %s, args = %s, result = %s, error = %s, past_attempts = %s WHERE id = %s",
        *(f"test.large_{id[:8]}", json.dumps({"text": LARGE}), json.dumps([LARGE]), json.dumps(ERROR)),
        *(json.dumps(PAST), id),
    )
    return stack.job(id)


def listed(stack: Stack, path: str, name: str, **query: Any) -> dict[str, Any]:
    """Return the only thing of a list, which is short."""
    answer = stack.http.get(path, params=query)
    assert answer.status_code == 200, answer.text
    assert len(answer.content) < MOST
    [one] = answer.json()[name]
    return dict(one)


def test_a_job_in_a_list_names_what_is_left_out(stack: Stack, job: dict[str, Any]) -> None:
    found = listed(stack, "/api/jobs", "jobs", task=job["task"])

    assert found["omitted"] == ["args", "result", "error", "past_attempts"]
    assert (found["args"], found["result"], found["past_attempts"]) == ({}, None, [])
    assert found["error"] == {"type": "ValueError", "message": ("no " + LARGE)[:500], "traceback": ""}
    rest = found.keys() - {"omitted", *found["omitted"]}
    assert {name: found[name] for name in rest} == {name: job[name] for name in rest}
    assert (job["args"], job["result"], job["error"]) == ({"text": LARGE}, [LARGE], ERROR)
    assert "omitted" not in job


def test_the_page_of_jobs_is_short_too(stack: Stack, job: dict[str, Any]) -> None:
    page = stack.user("operator").http.get("/jobs", params={"task": job["task"]})

    assert (page.status_code, job["id"] in page.text) == (200, True)
    assert len(page.content) < MOST_OF_A_PAGE


def test_what_is_short_stands_in_the_list(stack: Stack) -> None:
    job = stack.ended(stack.submit("test.add", args={"a": 5, "b": 7})["id"])

    [found] = stack.http.get("/api/jobs", params={"task": "test.add", "limit": 1}).json()["jobs"]

    assert found == job | {"omitted": []}


def test_receipts_of_a_batch_leave_long_arguments_out(stack: Stack) -> None:
    jobs = [{"task": "test.write", "args": {"key": key}, "delay": 1e6} for key in ("a", "x" * 3_000)]

    short, long = stack.submit_many(jobs)

    assert (short["args"]["key"], short["omitted"]) == ("a", [])
    assert (long["args"], long["omitted"]) == ({}, ["args"])
    assert stack.job(long["id"])["args"]["key"] == "x" * 3_000


@pytest.fixture(scope="module")
def schedule(stack: Stack) -> Iterator[dict[str, Any]]:
    """A schedule with large arguments, which were changed once."""
    body = {"name": f"large {uuid.uuid4().hex}", "task": "test.write", "args": {"key": LARGE}, "crontab": "@yearly"}
    made = stack.http.post("/api/schedules", json=body).json()
    yield dict(stack.http.patch(f"/api/schedules/{made['id']}", json={"args": {"key": f"{LARGE}y"}}).json())
    stack.http.delete(f"/api/schedules/{made['id']}")


def test_a_schedule_in_a_list_has_no_large_arguments(stack: Stack, schedule: dict[str, Any]) -> None:
    found = listed(stack, "/api/schedules", "schedules", search=schedule["name"])

    assert (found["args"], found["omitted"]) == ({}, ["args"])
    whole = stack.http.get(f"/api/schedules/{schedule['id']}").json()
    assert whole["args"]["key"] == f"{LARGE}y"
    assert found == whole | {"args": {}, "omitted": ["args"]}


def test_a_change_in_a_list_has_no_large_values(stack: Stack, schedule: dict[str, Any]) -> None:
    path = f"/api/schedules/{schedule['id']}/changes"
    answer = stack.http.get(path)

    changed = answer.json()["changes"][0]
    assert len(answer.content) < MOST
    assert (changed["action"], changed["changes"], changed["omitted"]) == ("changed", {}, ["changes"])
    whole = stack.http.get(f"{path}/{changed['id']}").json()
    assert whole["changes"]["args"][1]["key"] == f"{LARGE}y"


def test_a_change_belongs_to_its_schedule(stack: Stack, schedule: dict[str, Any]) -> None:
    change = stack.http.get(f"/api/schedules/{schedule['id']}/changes").json()["changes"][0]["id"]

    of_another = stack.http.get(f"/api/schedules/{uuid.uuid4()}/changes/{change}")
    nowhere = stack.http.get(f"/api/schedules/{schedule['id']}/changes/{uuid.uuid4()}")

    assert [of_another.status_code, nowhere.status_code] == [404, 404]


def test_a_mail_in_a_list_has_no_large_text(stack: Stack) -> None:
    to = f"{uuid.uuid4().hex}@example.org"
    stack.ended(stack.submit("test.post", args={"to": to})["id"])
    wait_until(lambda: stack.sql("SELECT state FROM mails WHERE recipient = %s", to) == [("sent",)])
    stack.sql("UPDATE mails SET paragraphs = %s, reason = %s WHERE recipient = %s", json.dumps([LARGE]), LARGE, to)

    found = listed(stack, "/api/mails", "mails", to=to)

    assert (found["text"], found["html"], found["omitted"]) == ("", "", ["text", "html", "reason"])
    assert found["reason"] == LARGE[:500]
    whole = stack.http.get(f"/api/mails/{found['id']}").json()
    assert (LARGE in whole["text"], LARGE in whole["html"], whole["reason"]) == (True, True, LARGE)
