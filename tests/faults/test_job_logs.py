"""A process or a worker is killed in the middle of a body: what the body had said is still readable."""

from collections.abc import Callable

import psutil
import pytest

from tests.stack import Stack, wait_until
from tests.workers import WithWorker

MakeStack = Callable[..., Stack]
TASKS = "tests.tasks,tests.tasks.talks"


def said(stack: Stack, id: str) -> list[str]:
    entries = stack.http.get(f"/api/jobs/{id}/logs").json()["entries"]
    return [f"{entry['attempt']}: {entry['message']}" for entry in entries]


def kill_process(stack: Stack) -> None:
    for process in psutil.Process(stack.services["worker"].pid).children():
        process.kill()


def kill_worker(stack: Stack) -> None:
    stack.kill("worker")
    stack.start_service("worker")


@pytest.mark.parametrize("fault", [kill_process, pytest.param(kill_worker, marks=pytest.mark.long)])
def test_lines_that_were_readable_before_a_kill_stay_and_the_next_attempt_adds_to_them(
    with_worker: WithWorker, fault: Callable[[Stack], None]
) -> None:
    stack = with_worker(BELLHOP_PLUGINS=TASKS)
    id = stack.submit("test.talk_and_wait")["id"]
    wait_until(lambda: said(stack, id) == ["1: began 1"])

    fault(stack)

    wait_until(lambda: said(stack, id) == ["1: began 1", "2: began 2"])
    (stack.directory / id).touch()
    assert stack.ended(id)["state"] == "succeeded"
    assert said(stack, id) == ["1: began 1", "2: began 2", "2: went on"]


def test_a_crash_costs_only_lines_that_were_not_written_yet(with_worker: WithWorker) -> None:
    stack = with_worker(BELLHOP_PLUGINS=TASKS)
    id = stack.submit("test.talk_and_wait", args={"die": True})["id"]
    wait_until(lambda: said(stack, id) == ["1: began 1"])

    (stack.directory / id).touch()

    assert stack.ended(id)["error"]["type"] == "WorkerLost"
    assert said(stack, id)[0] == "1: began 1"


def test_a_stop_writes_what_an_interrupted_body_has_said(with_worker: WithWorker) -> None:
    stack = with_worker(BELLHOP_PLUGINS=TASKS, WORKER_STOP_TIMEOUT="0")
    id = stack.submit("test.talk_and_wait")["id"]
    wait_until((stack.directory / f"{id}.began").exists)

    assert stack.services["worker"].stop(30)

    assert (stack.job(id)["state"], said(stack, id)) == ("queued", ["1: began 1"])


@pytest.mark.long
def test_a_restart_of_postgres_costs_no_line(make_stack: MakeStack) -> None:
    stack = make_stack("web", "worker", "scheduler", BELLHOP_PLUGINS=TASKS)
    id = stack.submit("test.talk_and_wait")["id"]
    wait_until(lambda: said(stack, id) == ["1: began 1"])

    stack.postgres.stop()
    (stack.directory / id).touch()
    stack.postgres.start()

    assert stack.ended(id)["state"] == "succeeded"
    assert said(stack, id) == ["1: began 1", "1: went on"]
