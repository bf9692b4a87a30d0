"""The process of async bodies dies, hangs or is told to stop: no job is lost, and none pays for another one."""

import os
import signal
from collections.abc import Callable

import psutil
import pytest
import redis

from tests.stack import Stack, wait_until
from tests.workers import WithWorker

MakeStack = Callable[..., Stack]
TASKS = "tests.tasks,tests.tasks.waits"
WAIT = {"task": "test.wait", "args": {"seconds": 1.5}}
SERVICES = ("web", "worker", "scheduler")


def pool_of(stack: Stack) -> psutil.Process:
    """The process that runs async bodies, which says so when it starts."""
    [*_, line] = [line for line in stack.log("worker").splitlines() if "async_pool_started" in line]
    return psutil.Process(int(line.partition("pid=")[2].split()[0]))


def kill_pool(stack: Stack) -> None:
    pool_of(stack).kill()


def kill_worker(stack: Stack) -> None:
    stack.kill("worker")
    stack.start_service("worker")


@pytest.mark.parametrize("fault", [pytest.param(kill_pool, marks=pytest.mark.long), kill_worker])
def test_jobs_whose_process_is_killed_are_done(with_worker: WithWorker, fault: Callable[[Stack], None]) -> None:
    stack = with_worker(BELLHOP_PLUGINS=TASKS, WORKER_CONCURRENCY="8", WORKER_ASYNC_SLOTS="20")
    stack.submit_many([WAIT] * 60)
    wait_until(lambda: stack.states().get("running") == 20)

    fault(stack)

    wait_until(stack.all_ended)
    assert stack.states() == {"succeeded": 60}


@pytest.mark.long
def test_a_body_that_kills_its_process_once_costs_its_neighbours_nothing(with_worker: WithWorker) -> None:
    stack = with_worker(BELLHOP_PLUGINS=TASKS)
    neighbours = stack.submit_many([WAIT] * 10)
    wait_until(lambda: stack.states("test.wait").get("running") == 10)

    killer = stack.ended(stack.submit("test.kill_async", args={"once": True})["id"])

    wait_until(stack.all_ended)
    assert (killer["state"], killer["attempt"]) == ("succeeded", 1)
    assert {stack.job(job["id"])["attempt"] for job in neighbours} == {1}


@pytest.mark.long
def test_a_body_that_always_kills_its_process_fails_after_its_attempts(with_worker: WithWorker) -> None:
    stack = with_worker(BELLHOP_PLUGINS=TASKS)
    stack.submit_many([WAIT] * 10)
    wait_until(lambda: stack.states("test.wait").get("running") == 10)

    killer = stack.ended(stack.submit("test.kill_async", args={"once": False})["id"])

    wait_until(stack.all_ended)
    assert (killer["state"], killer["error"]["type"], killer["attempt"]) == ("failed", "WorkerLost", 2)
    assert stack.states("test.wait") == {"succeeded": 10}


@pytest.mark.long
def test_a_body_that_blocks_beyond_its_hard_limit_is_killed_and_the_others_are_not_charged(
    with_worker: WithWorker,
) -> None:
    stack = with_worker(BELLHOP_PLUGINS=TASKS)
    others = stack.submit_many([{"task": "test.wait", "args": {"seconds": 3}}] * 5)
    wait_until(lambda: stack.states("test.wait").get("running") == 5)

    blocking = stack.ended(stack.submit("test.block_for_ever")["id"])

    wait_until(stack.all_ended)
    assert blocking["state"] == "failed"
    assert "The process was killed: the job blocked the event loop beyond its hard limit" in stack.log("worker")
    assert {(stack.job(job["id"])["state"], stack.job(job["id"])["attempt"]) for job in others} == {("succeeded", 1)}


def test_a_stop_lets_bodies_end_and_hands_back_what_has_not_begun(with_worker: WithWorker) -> None:
    stack = with_worker(BELLHOP_PLUGINS=TASKS, WORKER_ASYNC_SLOTS="5", MESSAGE_BUDGET_SECONDS="60")
    stack.submit_many([WAIT] * 20)
    wait_until(lambda: stack.states().get("running") == 5)

    assert stack.services["worker"].stop(20)

    assert stack.states() == {"succeeded": 5, "queued": 15}
    assert stack.sql("SELECT DISTINCT attempt FROM jobs WHERE state = 'queued'") == [(0,)]


@pytest.mark.parametrize(
    "task",
    [
        "test.wait",
        *(pytest.param(task, marks=pytest.mark.long) for task in ("test.wait_stubbornly_long", "test.block")),
    ],
)
def test_a_stop_hands_back_what_takes_too_long_without_using_up_an_attempt(with_worker: WithWorker, task: str) -> None:
    stack = with_worker(BELLHOP_PLUGINS=TASKS, WORKER_STOP_TIMEOUT="1")
    args = {} if "stubborn" in task else {"seconds": 50}
    job = stack.submit(task, args=args)
    stack.in_state(job["id"], "running")

    assert stack.services["worker"].stop(30), "the worker had to be killed"

    assert (stack.job(job["id"])["state"], stack.job(job["id"])["attempt"]) == ("queued", 0)


def test_the_leases_of_bodies_are_kept_up_also_while_one_blocks_the_loop(with_worker: WithWorker) -> None:
    stack = with_worker(BELLHOP_PLUGINS=TASKS, LEASE_SECONDS="1")
    jobs = stack.submit_many([{"task": "test.wait", "args": {"seconds": 2}}] * 5)
    wait_until(lambda: stack.states().get("running") == 5)

    jobs.append(stack.ended(stack.submit("test.block", args={"seconds": 4})["id"]))

    assert {(stack.ended(job["id"])["state"], stack.job(job["id"])["attempt"]) for job in jobs} == {("succeeded", 1)}


@pytest.mark.long
def test_a_worker_that_hangs_loses_its_leases_and_cannot_finish_the_jobs_later(with_worker: WithWorker) -> None:
    stack = with_worker(BELLHOP_PLUGINS=TASKS)
    job = stack.submit("test.wait", args={"seconds": 4})
    stack.in_state(job["id"], "running")
    os.killpg(stack.services["worker"].pid, signal.SIGSTOP)

    stack.start_service("worker-2")
    done = stack.ended(job["id"])
    os.killpg(stack.services["worker"].pid, signal.SIGCONT)

    assert done["state"] == "succeeded"
    wait_until(lambda: "lease_lost" in stack.log("worker"))
    assert stack.job(job["id"]) == done


@pytest.mark.long
def test_a_restart_of_postgres_in_the_middle_of_bodies_loses_none(make_stack: MakeStack) -> None:
    stack = make_stack(*SERVICES, BELLHOP_PLUGINS=TASKS, WORKER_ASYNC_SLOTS="10")
    stack.submit_many([WAIT] * 40)
    wait_until(lambda: stack.states().get("running"))

    stack.postgres.stop()
    stack.postgres.start()

    wait_until(stack.all_ended)
    assert stack.states() == {"succeeded": 40}


@pytest.mark.long
def test_messages_that_redis_has_lost_are_sent_again_to_the_pool(make_stack: MakeStack) -> None:
    stack = make_stack("web", "scheduler", BELLHOP_PLUGINS=TASKS)
    stack.start_service("worker")
    stack.wait_ready("worker")
    stack.services["worker"].stop(20)
    stack.submit_many([WAIT] * 20)
    sent = "SELECT count(*) FROM jobs WHERE task = 'test.wait' AND published_at IS NOT NULL"
    wait_until(lambda: stack.sql(sent) == [(20,)])

    redis.Redis.from_url(stack.redis.url).delete("default:async\x06\x164")
    stack.start_service("worker")

    wait_until(stack.all_ended)
    assert stack.states() == {"succeeded": 20}


def test_a_worker_without_slots_does_not_start_where_a_task_is_async(make_stack: MakeStack) -> None:
    stack = make_stack("web", BELLHOP_PLUGINS=TASKS, WORKER_ASYNC_SLOTS="0")

    worker = stack.start_service("worker")
    wait_until(lambda: worker.exit_code is not None)

    assert worker.exit_code == 1
    assert stack.log("worker") == (
        "bellhop: test.wait: the body is async, and this worker runs none (WORKER_ASYNC_SLOTS is 0)\n"
    )
