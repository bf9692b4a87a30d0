"""Pausing and resuming queues and tasks over HTTP, with a worker and a scheduler at work."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.integration.test_pages_jobs import csrf_of
from tests.problems import fields_of
from tests.stack import Stack, wait_until

REASON = {"reason": "The printer burns"}
WORDS = "The task test.write is paused: The printer burns"


@pytest.fixture(autouse=True)
def _resumed(stack: Stack) -> Iterator[None]:
    yield
    for hold in held(stack):
        stack.http.post(f"/api/{hold['kind']}s/{hold['name']}/resume")
    wait_until(lambda: not stack.sql("SELECT 1 FROM jobs WHERE state = 'blocked'"))


def held(stack: Stack) -> list[dict[str, Any]]:
    return list(stack.http.get("/api/holds").json()["holds"])


def pause(stack: Stack, path: str, **body: Any) -> dict[str, Any]:
    answer = stack.http.post(f"/api/{path}/pause", json=REASON | body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def resume(stack: Stack, path: str) -> None:
    assert stack.http.post(f"/api/{path}/resume").status_code == 204


def test_what_is_paused_is_accepted_waits_and_runs_in_order_when_it_is_resumed(stack: Stack) -> None:
    made = pause(stack, "tasks/test.write")
    assert (made["kind"], made["name"], made["reason"], made["until"]) == ("task", "test.write", REASON["reason"], None)
    assert made["by"].startswith("token:")

    jobs = [stack.submit("test.write", args={"key": f"held {n}"}, priority=n) for n in range(3)]
    other = stack.submit("test.noop")

    assert {job["state"] for job in jobs} == {"blocked"}
    assert stack.ended(other["id"])["state"] == "succeeded"
    shown = stack.job(jobs[0]["id"])
    assert (shown["state"], shown["blocked_by"], shown["notice"]) == ("blocked", "task:test.write", WORDS)
    assert [hold["waiting"] for hold in held(stack)] == [3]
    listed = stack.http.get("/api/jobs", params={"state": "blocked", "task": "test.write"}).json()["jobs"]
    assert {job["notice"] for job in listed} == {WORDS}

    resume(stack, "tasks/test.write")

    ended = [stack.ended(job["id"]) for job in jobs]
    assert {job["state"] for job in ended} == {"succeeded"}
    assert {job["notice"] for job in ended} == {None}
    assert held(stack) == []
    [event] = stack.http.get(f"/api/jobs/{jobs[0]['id']}/events").json()["events"]
    assert (event["action"], event["by"], event["details"]["reason"]) == ("released", made["by"], REASON["reason"])
    assert event["request_id"]
    assert "Released from task test.write" in stack.http.get(f"/jobs/{jobs[0]['id']}").text


def test_a_running_job_ends_and_the_one_behind_it_waits(stack: Stack) -> None:
    running = stack.submit("test.sleep", args={"seconds": 60})["id"]
    stack.in_state(running, "running")
    pause(stack, "queues/slow")
    waiting = stack.submit("test.sleep", args={"seconds": 60})["id"]
    cancelled = stack.submit("test.sleep", args={"seconds": 60})["id"]

    assert stack.http.post(f"/api/jobs/{cancelled}/cancel").json()["state"] == "cancelled"
    assert stack.http.post(f"/api/jobs/{running}/cancel").status_code == 202
    assert stack.ended(running)["state"] == "cancelled"
    assert stack.job(waiting)["state"] == "blocked"
    assert stack.http.post(f"/api/jobs/{waiting}/cancel").json()["state"] == "cancelled"


def test_a_pause_ends_by_itself(stack: Stack) -> None:
    [(soon,)] = stack.sql("SELECT extract(epoch FROM now()) + 2")
    until = pause(stack, "tasks/test.write", until=float(soon))["until"]
    job = stack.submit("test.write", args={"key": "until"})
    assert job["state"] == "blocked"
    assert f" until {until[:10]}" in stack.job(job["id"])["notice"]

    assert stack.ended(job["id"])["state"] == "succeeded"
    assert held(stack) == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "reason"),
        ({"reason": ""}, "reason"),
        ({"reason": "a\x00b"}, "reason"),
        ({"reason": "x" * 900_000}, "reason"),
        ({"reason": 7}, "reason"),
        (REASON | {"until": "soon"}, "until"),
        (REASON | {"for": 60}, "for"),
    ],
)
def test_a_pause_that_is_not_right_names_the_field(stack: Stack, body: dict[str, Any], field: str) -> None:
    assert fields_of(stack.http.post("/api/queues/default/pause", json=body), 422) == [field]
    assert held(stack) == []


def test_a_pause_that_is_over_already_is_refused(stack: Stack) -> None:
    answer = stack.http.post("/api/queues/default/pause", json=REASON | {"until": "2001-01-01T00:00:00Z"})

    assert fields_of(answer, 409) == ["until"]
    assert held(stack) == []


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("queues/defualt", "There is no queue 'defualt'; is 'default' meant?"),
        ("tasks/test.wriet", "There is no task 'test.wriet'"),
        ("tasks/default", "There is no task 'default'"),
    ],
)
def test_what_is_not_there_is_neither_paused_nor_resumed(stack: Stack, path: str, words: str) -> None:
    for verb, body in (("pause", REASON), ("resume", None)):
        answer = stack.http.post(f"/api/{path}/{verb}", json=body)
        assert answer.status_code == 404, answer.text
        assert answer.json()["detail"].startswith(words)


def test_the_calls_of_a_host_are_paused_however_its_name_is_written(stack: Stack) -> None:
    made = pause(stack, "hosts/Held.Example.")
    url = {"url": "http://HELD.example:8080/path"}
    held_job = stack.submit("http.request", args=url)
    other = stack.submit("http.request", args={"url": "http://not.held.example/"}, delay=1_000_000)

    assert (made["kind"], made["name"]) == ("host", "held.example")
    assert (held_job["state"], held_job["blocked_by"]) == ("blocked", "host:held.example")
    assert other["state"] == "scheduled"
    for job in (held_job, other):
        stack.http.post(f"/api/jobs/{job['id']}/cancel")
    resume(stack, "hosts/held.example")


def test_a_task_that_is_gone_can_still_be_resumed(stack: Stack) -> None:
    stack.sql("INSERT INTO holds VALUES ('task', 'gone.task', 'It is gone', 'user:x')")

    resume(stack, "tasks/gone.task")

    assert held(stack) == []


@pytest.mark.parametrize("name", ["%00", "a b", "x" * 300, "a@b"])
@pytest.mark.parametrize("kind", ["queues", "tasks", "hosts"])
def test_a_name_that_none_can_have_is_refused(stack: Stack, kind: str, name: str) -> None:
    answer: httpx.Response = stack.http.post(f"/api/{kind}/{name}/pause", json=REASON)

    assert answer.status_code in {404, 422}
    assert held(stack) == []


def test_holds_are_for_operators(stack: Stack) -> None:
    user = stack.user()

    assert user.http.get("/api/holds").status_code == 403
    assert user.http.post("/api/queues/default/pause", json=REASON).status_code == 403
    assert user.http.post("/api/hosts/held.example/pause", json=REASON).status_code == 403
    assert user.http.post("/api/queues/default/resume").status_code == 403


def test_operators_pause_and_resume_on_a_page(stack: Stack) -> None:
    browser = stack.user("operator").http
    form = {"kind": "task", "name": "test.write", "reason": "<b>Fire</b>", "seconds": "3600"}

    token = {"csrf_token": csrf_of(browser.get("/holds").text)}
    assert browser.post("/holds/pause", data=form | token).status_code == 303
    shown = browser.get("/holds").text
    assert "&lt;b&gt;Fire&lt;/b&gt;" in shown
    assert "test.write" in browser.get("/dashboard").text
    job = stack.submit("test.write", args={"key": "page"})
    assert "The task test.write is paused until" in browser.get(f"/jobs/{job['id']}").text

    wrong = browser.post("/holds/pause", data=form | token | {"kind": "queue"})
    assert wrong.status_code == 404
    assert browser.post("/holds/pause", data=token | {"kind": "host", "name": "a/b"}).status_code == 422
    assert browser.post("/holds/resume", data=token | {"kind": "task", "name": "test.write"}).status_code == 303
    assert stack.ended(job["id"])["state"] == "succeeded"
    assert "Nothing is paused." in browser.get("/holds").text
