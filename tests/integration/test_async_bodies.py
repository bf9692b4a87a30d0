"""Async bodies: hundreds run side by side in one process, with all that other bodies have."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery

from tests.stack import Stack, wait_until

TASKS = "tests.tasks,tests.tasks.waits"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A whole system with a pool of fifty slots."""
    stack = Stack(tmp_path_factory.mktemp("async"), BELLHOP_PLUGINS=TASKS, WORKER_ASYNC_SLOTS="50", LOG_FORMAT="json")
    try:
        yield stack.start("web", "worker", "scheduler")
    finally:
        stack.stop()


def ended(system: Stack, task: str, **args: Any) -> dict[str, Any]:
    """Run a job to its end."""
    return system.ended(system.submit(task, args=args)["id"])


def logged(system: Stack, event: str, job: dict[str, Any]) -> list[dict[str, Any]]:
    """What the worker has logged of this kind about a job."""
    lines = [json.loads(line) for line in system.log("worker").splitlines() if event in line]
    return [line for line in lines if line["event"] == event and line.get("job_id") == job["id"]]


def test_a_thousand_jobs_all_end_and_never_more_run_at_once_than_there_are_slots(system: Stack) -> None:
    system.submit_many([{"task": "test.wait_together", "args": {"seconds": 0.3}}] * 1000)

    wait_until(lambda: system.all_ended("test.wait_together"))

    [(most,)] = system.sql("SELECT max(result::int) FROM jobs WHERE task = 'test.wait_together'")
    assert system.states("test.wait_together") == {"succeeded": 1000}
    assert 10 < most <= 50


def test_sync_jobs_have_their_places_while_the_pool_is_full(system: Stack) -> None:
    waiting = system.submit_many([{"task": "test.wait", "args": {"seconds": 30}}] * 60)
    wait_until(lambda: system.states("test.wait").get("running") == 50)

    assert ended(system, "test.add", a=5, b=7)["result"] == 12

    assert system.states("test.wait") == {"running": 50, "queued": 10}
    for job in waiting:
        system.http.post(f"/api/jobs/{job['id']}/cancel")
    wait_until(lambda: system.all_ended("test.wait"))
    assert system.states("test.wait") == {"cancelled": 60}


def test_a_cancelled_body_may_tidy_up(system: Stack) -> None:
    job = system.submit("test.wait_and_tidy_up")
    system.in_state(job["id"], "running")

    system.http.post(f"/api/jobs/{job['id']}/cancel")

    assert system.ended(job["id"])["state"] == "cancelled"
    assert "tidied up" in system.log("worker") or system.job(job["id"])["progress"]["message"] == "tidied up"


@pytest.mark.parametrize("in_group", [False, True])
def test_a_body_over_its_soft_limit_is_told_so_and_may_save_what_it_has(system: Stack, in_group: bool) -> None:
    saved = ended(system, "test.wait_too_long", in_group=in_group, save=True)
    failed = ended(system, "test.wait_too_long", in_group=in_group, save=False)

    assert saved["result"] == ("saved, stopped first second" if in_group else "saved, stopped ")
    assert failed["error"]["type"] == "SoftTimeLimitExceeded"
    assert failed["error"]["message"] == "The job took longer than its limit of 0.5 s"


def test_a_body_has_no_more_time_than_its_submission_says(system: Stack) -> None:
    short = system.submit("test.wait", args={"seconds": 50}, timeout=0.3, max_attempts=1)
    long = system.submit("test.wait", args={"seconds": 0.8}, timeout=50)

    failed = system.ended(short["id"])
    assert (failed["state"], failed["error"]["type"]) == ("failed", "SoftTimeLimitExceeded")
    assert failed["error"]["message"] == "The job took longer than its limit of 0.3 s"
    assert system.ended(long["id"])["state"] == "succeeded"


def test_a_body_that_ignores_its_hard_limit_is_left_alone_and_its_job_ends(system: Stack) -> None:
    job = ended(system, "test.wait_stubbornly")

    assert (job["state"], job["error"]["type"]) == ("failed", "TimeLimitExceeded")
    assert job["error"]["message"] == "The job was broken off: it took longer than its hard limit of 1 s"
    assert logged(system, "body_abandoned", job)


def test_progress_is_seen_while_a_body_runs(system: Stack) -> None:
    job = system.submit("test.wait_in_steps", args={"steps": 20, "seconds": 0.2})

    wait_until(lambda: (system.job(job["id"])["progress"] or {}).get("current") == 3)

    assert system.job(job["id"])["state"] == "running"
    system.http.post(f"/api/jobs/{job['id']}/cancel")


def test_a_body_that_fails_is_tried_again_by_its_policy(system: Stack) -> None:
    twice, always = (ended(system, "test.wait_and_fail", times=times) for times in (2, 9))

    assert (twice["state"], twice["result"], twice["attempt"]) == ("succeeded", 3, 3)
    assert (always["state"], always["error"]["type"], always["attempt"]) == ("failed", "ValueError", 3)
    assert 'raise ValueError("asked to fail")' in always["error"]["traceback"]


def test_a_secret_reaches_the_body_and_no_other_place(system: Stack) -> None:
    job = ended(system, "test.wait_secretly", pin="open sesame")

    assert (job["result"], job["args"]) == (11, {"pin": "***"})
    assert "open sesame" not in system.log("worker")
    assert system.sql("SELECT count(*) FROM jobs WHERE args::text LIKE '%%open sesame%%'") == [(0,)]


def test_what_a_body_logs_names_its_job_and_request(system: Stack) -> None:
    job = system.submit("test.wait_secretly", args={"pin": "1234"}, headers={"X-Request-ID": "asked-by-a-test"})
    system.ended(job["id"])

    [line] = logged(system, "waited_secretly", job)
    assert (line["task"], line["request_id"]) == ("test.wait_secretly", "asked-by-a-test")


@pytest.mark.parametrize("in_task", [False, True])
def test_a_body_that_blocks_the_loop_is_named_with_the_place_and_the_time(system: Stack, in_task: bool) -> None:
    job = ended(system, "test.block", seconds=2 if in_task else 1.5, in_task=in_task)

    [blocked, *_] = logged(system, "event_loop_blocked", job)
    free = logged(system, "event_loop_free", job)
    assert (blocked["task"], blocked["seconds"] >= 0.5, free[-1]["seconds"] >= 0.5) == ("test.block", True, True)
    assert re.search(r"tests/tasks/waits\.py:\d+ in _?block$", blocked["where"])


def test_a_task_of_a_body_cannot_end_the_process(system: Stack) -> None:
    waiting = system.submit("test.wait", args={"seconds": 1})

    assert ended(system, "test.leave")["result"] == "stayed"

    assert system.ended(waiting["id"])["attempt"] == 1
    assert "exit_refused" in system.log("worker")


def test_a_plain_celery_client_calls_an_async_task_as_any_other(system: Stack) -> None:
    client = Celery("elsewhere", broker=system.redis.url, set_as_current=False)
    client.conf.task_default_queue = "default"

    id = client.send_task("test.wait", kwargs={"seconds": 0.01}).id

    assert system.adopted(id)["result"] == "waited"


def test_everybody_can_see_which_tasks_are_async(system: Stack) -> None:
    tasks = {task["name"]: task["is_async"] for task in system.http.get("/api/tasks").json()["tasks"]}

    assert (tasks["test.wait"], tasks["test.add"]) == (True, False)
