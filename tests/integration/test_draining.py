"""Draining a worker under load: what it runs ends, nothing new begins, nothing is lost and nothing runs twice."""

import os
import subprocess
from datetime import datetime
from typing import Any

import pytest

from bellhop_ledger.accounts.roles import Role
from tests.documents import blocks
from tests.stack import BIN, TOKEN, Stack, wait_until
from tests.workers import WithWorker

REASON = {"reason": "The machine is replaced"}
ALL = [f"{place:04}" for place in range(150)]
"""The effects of the load."""
LATE = [f"late {place}" for place in range(5)]


def workers(stack: Stack) -> list[dict[str, Any]]:
    return list(stack.http.get("/api/workers").json()["workers"])


def one(stack: Stack, name: str) -> dict[str, Any]:
    return dict(stack.http.get(f"/api/workers/{name}").json())


def only(stack: Stack) -> str:
    """Wait until the worker has been heard of, and give its name."""
    [worker] = wait_until(lambda: workers(stack))
    return str(worker["name"])


def drain(stack: Stack, name: str) -> None:
    answer = stack.http.post(f"/api/workers/{name}/drain", json=REASON)
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "draining"


def drained(stack: Stack, name: str) -> dict[str, Any]:
    wait_until(lambda: one(stack, name)["state"] == "drained")
    return one(stack, name)


def heard_again(stack: Stack, name: str, times: int = 2) -> None:
    """Wait for so many further heartbeats."""
    for _ in range(times):
        before = one(stack, name)["seen_at"]
        wait_until(lambda before=before: one(stack, name)["seen_at"] > before)


def load(stack: Stack) -> None:
    """Submit jobs of three kinds, each of which leaves an effect."""
    kinds = [("test.write", {"seconds": 0.05}), ("test.write_leased", {"seconds": 0.05}), ("test.write_batch", {})]
    chosen = [(key, *kinds[place % 3]) for place, key in enumerate(ALL)]
    stack.submit_many([{"task": task, "args": {"key": key, **more}} for key, task, more in chosen])


@pytest.mark.long
def test_under_load_it_ends_what_it_runs_begins_nothing_and_goes_on_when_it_is_resumed(
    with_worker: WithWorker,
) -> None:
    stack = with_worker()
    name = only(stack)
    long = stack.submit("test.sleep", args={"seconds": 4})["id"]
    stack.in_state(long, "running")
    load(stack)
    wait_until(stack.effects)

    drain(stack, name)
    wait_until(lambda: one(stack, name)["draining"]["known"])
    shown = drained(stack, name)
    done, late = (
        stack.effects(),
        [stack.submit("test.write", args={"key": f"late {place}"})["id"] for place in range(5)],
    )
    heard_again(stack, name)

    assert stack.job(long)["state"] == "succeeded"
    assert len(set(done)) == len(done) < len(ALL)
    assert stack.effects() == done
    assert {stack.job(id)["state"] for id in late} == {"queued"}
    assert stack.states().keys() <= {"queued", "succeeded"}
    assert shown["draining"]["reason"] == REASON["reason"]
    assert (shown["running"], [process["job"] for process in shown["processes"]]) == (0, [None, None])

    assert stack.http.post(f"/api/workers/{name}/resume").status_code == 204
    wait_until(stack.all_ended)
    assert stack.effects() == sorted(
        [*(f"{place:04}" for place in range(150)), *(f"late {place}" for place in range(5))]
    )
    assert one(stack, name)["state"] == "alive"


@pytest.mark.long
def test_another_worker_takes_over_what_the_drained_one_leaves(with_worker: WithWorker) -> None:
    stack = with_worker()
    name = only(stack)
    load(stack)
    wait_until(stack.effects)

    drain(stack, name)
    stack.start_service("worker-2")
    wait_until(stack.all_ended)

    assert stack.effects() == ALL
    assert one(stack, name)["state"] in {"draining", "drained"}
    drained(stack, name)
    queue = wait_until(lambda: (found := stack.http.get("/api/queues/default").json())["workers"] and found)
    assert (queue["workers"], name in queue["served_by"]) == (1, False)


@pytest.mark.long
def test_async_bodies_end_and_no_others_begin(with_worker: WithWorker) -> None:
    stack = with_worker(BELLHOP_PLUGINS="tests.tasks,tests.tasks.waits")
    name = only(stack)
    running = stack.submit("test.wait", args={"seconds": 15})["id"]
    stack.in_state(running, "running")
    wait_until(lambda: (one(stack, name)["async_pool"] or {}).get("running"))
    seen = one(stack, name)["async_pool"]

    drain(stack, name)
    wait_until(lambda: one(stack, name)["draining"]["known"])
    late = stack.submit("test.wait", args={"seconds": 0})["id"]
    drained(stack, name)
    heard_again(stack, name)

    assert [job["id"] for job in seen["jobs"]] == [running]
    assert stack.job(running)["state"] == "succeeded"
    assert stack.job(late)["state"] == "queued"
    stack.http.post(f"/api/workers/{name}/resume")
    assert stack.ended(late)["state"] == "succeeded"


def test_a_worker_shows_what_each_process_runs_since_when(with_worker: WithWorker) -> None:
    stack = with_worker(BELLHOP_RELEASE="r42")
    name = only(stack)
    id = stack.submit("test.sleep", args={"seconds": 30})["id"]
    wait_until(lambda: any(process["job"] for process in one(stack, name)["processes"]))

    shown = one(stack, name.rpartition(":")[0])  # as the row of a job has it

    [busy] = [process for process in shown["processes"] if process["job"]]
    assert (shown["name"], shown["release"], shown["state"], shown["running"]) == (name, "r42", "alive", 1)
    assert shown["queues"] == ["default", "slow", "people"]
    assert (busy["job"]["id"], busy["job"]["task"], busy["job"]["queue"], busy["claimed"]) == (
        id,
        "test.sleep",
        "slow",
        1,
    )
    assert abs(seconds_between(busy["job"]["since"], stack.job(id)["started_at"])) < 2
    assert busy["memory_mib"] > 1
    assert shown["memory_of_all_mib"] > shown["memory_mib"] > 1
    assert len(shown["processes"]) == 2
    stack.http.post(f"/api/jobs/{id}/cancel")


@pytest.mark.long
def test_a_start_forgets_that_the_worker_before_was_drained(with_worker: WithWorker) -> None:
    stack = with_worker()
    name = only(stack)
    drain(stack, name)
    drained(stack, name)

    stack.services["worker"].stop(30)
    assert workers(stack) == []
    stack.start_service("worker")

    assert [worker["state"] for worker in wait_until(lambda: workers(stack))] == ["alive"]


@pytest.mark.parametrize(
    ("pool", "seen", "status", "words"),
    [
        ("'{}'", "now() - interval '1 minute'", 409, "silent"),
        ("NULL", "now()", 409, "stop it instead"),
    ],
)
def test_who_would_not_learn_of_it_is_not_drained(
    without_worker: Stack, pool: str, seen: str, status: int, words: str
) -> None:
    without_worker.sql(
        f"INSERT INTO heartbeats (name, service, pool, seen_at) VALUES ('worker@old:1', 'worker', {pool}, {seen})"
    )
    try:
        answer = without_worker.http.post("/api/workers/worker@old:1/drain", json=REASON)
    finally:
        without_worker.sql("DELETE FROM heartbeats WHERE service = 'worker'")

    assert answer.status_code == status
    assert words in answer.json()["detail"]


@pytest.mark.long
def test_the_examples_of_the_page_run(with_worker: WithWorker) -> None:
    stack = with_worker()
    name = only(stack)
    env = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "BELLHOP_URL": stack.url, "BELLHOP_TOKEN": TOKEN}
    code = [
        block.code for block in blocks() if (block.document, block.language) == ("docs/workers-and-queues.md", "sh")
    ]

    script = "\n".join(["set -euo pipefail", *code])
    done = subprocess.run(["bash", "-c", script], env=env, capture_output=True, text=True, timeout=120, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert f"resumed {name}" in done.stdout
    assert one(stack, name)["state"] == "alive"


def test_a_worker_that_is_not_there_is_not_found_and_a_reason_is_required(without_worker: Stack) -> None:
    http = without_worker.http

    assert http.post("/api/workers/worker@nowhere/drain", json=REASON).status_code == 404
    assert http.post("/api/workers/worker@nowhere/resume").status_code == 404
    assert http.get("/api/workers/worker@nowhere").status_code == 404
    assert http.get("/api/workers/a%00b").status_code == 422
    assert http.post("/api/workers/worker@nowhere/drain", json={}).status_code == 422


def test_viewers_look_at_workers_and_drain_none(without_worker: Stack) -> None:
    viewer = without_worker.user(Role.VIEWER).http

    assert viewer.get("/api/workers").status_code == 200
    assert viewer.post("/api/workers/worker@host:1/drain", json=REASON).status_code == 403


def seconds_between(one: str, other: str) -> float:
    return (datetime.fromisoformat(one) - datetime.fromisoformat(other)).total_seconds()
