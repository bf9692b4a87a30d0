"""Logs of jobs: what a body logs and prints is readable while it runs and afterwards, by those who may see the job."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.documents import blocks
from tests.listener import Listener
from tests.stack import Stack, wait_until

TASKS = "tests.tasks,tests.tasks.talks"
SECRET = "sesame-of-the-deployment"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A whole system whose own log is quieter than the logs of its jobs."""
    settings = {"BELLHOP_PLUGINS": TASKS, "LOG_LEVEL": "WARNING", "SMTP_PASSWORD": SECRET, "WORKER_CONCURRENCY": "1"}
    stack = Stack(tmp_path_factory.mktemp("talks"), **settings)
    try:
        yield stack.start("web", "worker", "scheduler")
    finally:
        stack.stop()


def log_of(system: Stack, id: str, **query: Any) -> dict[str, Any]:
    """The log of a job as the API gives it."""
    answer = system.http.get(f"/api/jobs/{id}/logs", params=query)
    assert answer.status_code == 200, answer.text
    log: dict[str, Any] = answer.json()
    return log


def said(system: Stack, id: str) -> list[str]:
    return [entry["message"] for entry in log_of(system, id)["entries"]]


def ran(system: Stack, task: str, **args: Any) -> str:
    """Run a job to its end and give its id."""
    return str(system.ended(system.submit(task, args=args)["id"])["id"])


def go_on(system: Stack, name: str) -> None:
    """Let a body go on that waits for this file."""
    (system.directory / name).touch()


def test_all_that_a_body_says_is_kept_with_its_level_and_who_says_it(system: Stack) -> None:
    log = log_of(system, ran(system, "test.talk", word="hello"))

    assert [(entry["level"], entry["logger"], entry["message"]) for entry in log["entries"]] == [
        ("info", "acme.plain", "logged: hello"),
        ("warning", "acme.structured", "structured word=hello pages=3"),
        ("info", "stdout", "printed: hello"),
        ("warning", "stderr", "printed loudly: hello"),
        ("error", "acme.plain", "failed: hello"),
    ]
    assert "in talk\n    raise ValueError(word)" in log["entries"][-1]["traceback"]
    assert [(entry["number"], entry["attempt"]) for entry in log["entries"]] == [(n, 1) for n in range(1, 6)]
    assert (log["truncated"], log["last"], log["state"]) == (0, 5, "succeeded")
    assert "logged: hello" not in system.log("worker")


def test_the_example_of_the_page_about_logs_runs(system: Stack) -> None:
    of_page = {block.language: block.code for block in blocks() if block.document == "docs/job-logs.md"}
    command = of_page["sh"].replace("http://127.0.0.1:8000", system.url)
    env = {**os.environ, "ID": ran(system, "test.talk", word="hello")}

    log = json.loads(subprocess.run(["bash", "-ec", command], env=env, capture_output=True, check=True).stdout)

    shown = json.loads(of_page["json"])
    assert log.keys() == shown.keys()
    assert log["entries"][0].keys() == shown["entries"][0].keys()


def test_the_lines_of_a_job_that_runs_are_read_and_followed(system: Stack) -> None:
    id = system.submit("test.talk_and_wait")["id"]

    wait_until(lambda: said(system, id) == ["began 1"])
    first = log_of(system, id)
    go_on(system, id)
    system.ended(id)

    assert (first["state"], first["last"]) == ("running", 1)
    then = log_of(system, id, after=first["last"])
    assert [(entry["number"], entry["message"]) for entry in then["entries"]] == [(2, "went on")]
    assert log_of(system, id, after=2)["entries"] == log_of(system, id, after=10**15)["entries"] == []


def test_a_job_that_says_nothing_has_an_empty_log(system: Stack) -> None:
    id = ran(system, "test.noop")

    assert log_of(system, id) == {"entries": [], "truncated": 0, "last": 0, "state": "succeeded", "withheld": False}
    assert system.sql("SELECT count(*) FROM job_logs WHERE job_id = %s", id) == [(0,)]


def test_each_attempt_adds_to_the_log(system: Stack) -> None:
    id = ran(system, "test.talk_and_fail", times=9)
    system.http.post(f"/api/jobs/{id}/retry")
    system.ended(id)

    entries = log_of(system, id)["entries"]
    assert [(entry["attempt"], entry["message"]) for entry in entries] == [(n, f"attempt {n}") for n in (1, 2, 3)] * 2
    assert [entry["number"] for entry in entries] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("fail", [False, True])
def test_what_an_atomic_body_says_is_kept_also_when_what_it_wrote_is_not(system: Stack, fail: bool) -> None:
    id = ran(system, "test.talk_atomic", key=f"fail-{fail}", fail=fail)

    assert said(system, id) == [f"wrote fail-{fail}"]
    assert (f"fail-{fail}" in system.effects()) is not fail


def test_each_job_of_a_message_has_a_log_of_its_own(system: Stack) -> None:
    jobs = system.submit_many([{"task": "test.talk_in_batch", "args": {"word": f"word {n}"}} for n in range(100)])
    wait_until(lambda: system.all_ended("test.talk_in_batch"))

    assert [said(system, job["id"]) for job in jobs] == [[f"word {n}"] for n in range(100)]


def test_async_bodies_that_interleave_have_logs_of_their_own(system: Stack) -> None:
    jobs = system.submit_many([{"task": "test.talk_together", "args": {"word": f"word {n}"}} for n in range(30)])
    wait_until(lambda: system.all_ended("test.talk_together"))

    assert [said(system, job["id"]) for job in jobs] == [[f"word {n}"] * 20 for n in range(30)]


def test_threads_that_a_body_starts_belong_to_its_job_and_processes_do_not(system: Stack) -> None:
    assert said(system, ran(system, "test.talk_in_threads")) == [
        "in a thread",
        "in its thread",
        "in a thread of asyncio",
    ]


def test_a_thread_that_outlives_its_job_says_nothing_in_the_log_of_another(system: Stack) -> None:
    left = ran(system, "test.talk_later", go="go")
    listening = ran(system, "test.talk_and_listen", go="go")

    assert (said(system, left), said(system, listening)) == ([], ["go"])


def test_no_secret_is_in_a_log(system: Stack) -> None:
    id = ran(system, "test.talk_secretly", pin="open sesame")

    assert said(system, id) == [
        "the pin is ***",
        'arguments: {"pin": "***"}',
        "secrets key=*** pins=['***']",
    ]
    kept = str(system.sql("SELECT entries FROM job_logs WHERE job_id = %s", id))
    assert not [word for word in ("sesame", "sealed", SECRET) if word in kept]


def test_what_cannot_be_stored_or_formatted_fails_nothing(system: Stack) -> None:
    first, second = (said(system, ran(system, "test.talk_oddly")) for _ in range(2))

    assert first == second == ["NUL \ufffd and half ? a pair"] * 2 + ["(this line cannot be shown)"]


def test_a_body_that_prints_without_end_takes_no_room_and_its_newest_lines_are_kept(system: Stack) -> None:
    job = system.ended(system.submit("test.talk_much", args={"megabytes": 30})["id"])

    log = log_of(system, job["id"])
    [(size,)] = system.sql("SELECT length(entries::text) FROM job_logs WHERE job_id = %s", job["id"])
    assert (job["state"], log["last"]) == ("succeeded", 300_000)
    assert log["truncated"] == 300_000 - len(log["entries"])
    assert 250 < len(log["entries"]) < 400
    assert (job["result"] < 20_000, size < 100_000) == (True, True)


def test_users_see_the_logs_of_their_own_jobs_without_tracebacks(system: Stack) -> None:
    ada, bob = system.user(), system.user()
    id = ran(system, "test.talk", word="hello")
    system.sql("UPDATE jobs SET user_id = %s WHERE id = %s", str(ada.id), id)

    own = ada.http.get(f"/api/jobs/{id}/logs")
    assert (own.status_code, own.json()["entries"][-1]["traceback"]) == (200, None)
    assert bob.http.get(f"/api/jobs/{id}/logs").status_code == 404
    assert system.client().get(f"/api/jobs/{id}/logs").status_code == 401


@pytest.mark.parametrize("query", ["after=-1", "after=x", "after=1.5", f"after={2**63}", "before=1"])
def test_a_wrong_question_is_refused_with_the_name_of_the_field(system: Stack, query: str) -> None:
    answer = system.http.get(f"/api/jobs/{ran(system, 'test.noop')}/logs?{query}")

    assert answer.status_code == 422
    assert query.partition("=")[0] in answer.text


def test_a_job_that_is_not_there_has_no_log(system: Stack) -> None:
    assert system.http.get("/api/jobs/019c1e6c-e0fc-7e0f-a76d-98e69dc27f9d/logs").status_code == 404


def test_the_page_of_a_job_shows_its_log_and_goes_on_with_it(system: Stack, listen: Callable[..., Listener]) -> None:
    id = system.submit("test.talk_and_wait")["id"]
    wait_until(lambda: said(system, id))
    page = system.http.get(f"/jobs/{id}").text
    stream = listen(system, f"job_log:{id}")
    stream.wait_for("began 1")

    assert "began 1" in page
    assert b"went on" not in stream.heard
    go_on(system, id)

    stream.wait_for("went on")
