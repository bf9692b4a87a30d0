"""Celery's remote control: what concerns jobs goes through the ledger, the rest is refused with a sentence."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from celery import Celery
from celery.worker.control import Panel

from bellhop_worker.celery_clients import remote
from tests.stack import Stack, wait_until
from tests.workers import WithWorker

ONE_REPLY: dict[str, Any] = {"reply": True, "timeout": 30, "limit": 1}
"""Wait for the answer of the one worker that there is, and for no second one."""


@pytest.fixture(scope="module")
def plain(stack: Stack) -> Celery:
    """A Celery application that knows nothing but the broker."""
    made = Celery("plain", broker=stack.redis.url)
    made.conf.broker_transport_options = {"priority_steps": list(range(10))}
    return made


def answer(replies: list[dict[str, dict[str, str]]]) -> dict[str, str]:
    """What the one worker has answered."""
    [reply] = replies
    return next(iter(reply.values()))


def cancelled(stack: Stack, id: str) -> bool:
    return bool(stack.sql("SELECT 1 FROM jobs WHERE id = %s AND state = 'cancelled'", id))


@pytest.mark.parametrize("how", [{}, {"terminate": True}, {"terminate": True, "signal": "SIGKILL"}])
def test_a_revoked_job_that_waits_is_cancelled_for_good(stack: Stack, plain: Celery, how: dict[str, Any]) -> None:
    job = stack.submit("test.sleep", args={"seconds": 0}, delay=3600)

    said = answer(plain.control.revoke(job["id"], **ONE_REPLY, **how))

    assert said == {"ok": f"task {job['id']} is cancelled"}
    assert stack.ended(job["id"])["state"] == "cancelled"


@pytest.mark.parametrize("how", [{}, {"terminate": True, "signal": "SIGTERM"}])
def test_a_revoked_job_that_runs_is_stopped_and_cancelled(stack: Stack, plain: Celery, how: dict[str, Any]) -> None:
    job = stack.submit("test.sleep", args={"seconds": 60})
    stack.in_state(job["id"], "running")

    said = answer(plain.control.revoke(job["id"], **ONE_REPLY, **how))

    assert said == {"ok": f"task {job['id']} is asked to stop"}
    assert stack.ended(job["id"])["state"] == "cancelled"


def test_many_are_revoked_at_once_and_what_has_ended_stays_as_it_is(stack: Stack, plain: Celery) -> None:
    waiting = [stack.submit("test.sleep", args={"seconds": 0}, delay=3600)["id"] for _ in range(3)]
    done = stack.ended(stack.submit("test.noop")["id"])

    plain.control.terminate([*waiting, done["id"]])

    assert [stack.ended(id)["state"] for id in waiting] == ["cancelled"] * 3
    assert stack.job(done["id"]) == done


@pytest.mark.parametrize("id", [str(uuid4()), f"my-order-{uuid4()}"], ids=["a UUID", "another text"])
def test_a_task_that_is_revoked_before_it_is_sent_does_not_run(stack: Stack, plain: Celery, id: str) -> None:
    said = answer(plain.control.revoke(id, **ONE_REPLY))
    plain.send_task("test.write", kwargs={"key": id}, queue="default", task_id=id)
    after = stack.ended(stack.submit("test.noop", priority=0)["id"])

    assert said == {"ok": f"task {id} is cancelled"}
    assert after["state"] == "succeeded"
    wait_until(lambda: cancelled(stack, str(remote.job_id_of(id))))
    assert id not in stack.effects()


def test_a_result_that_is_revoked_is_a_cancelled_job(stack: Stack, plain: Celery) -> None:
    sent = plain.send_task("test.sleep", kwargs={"seconds": 60}, queue="slow")
    wait_until(lambda: stack.http.get(f"/api/jobs/{sent.id}").status_code == 200)

    sent.revoke(terminate=True)

    assert stack.ended(sent.id)["state"] == "cancelled"


COMMANDS: dict[str, Callable[[Celery], Any]] = {
    "rate_limit": lambda app: app.control.rate_limit("test.noop", "1/h", **ONE_REPLY),
    "time_limit": lambda app: app.control.time_limit("test.noop", soft=1, hard=2, **ONE_REPLY),
    "pool_grow": lambda app: app.control.pool_grow(3, **ONE_REPLY),
    "pool_shrink": lambda app: app.control.pool_shrink(1, **ONE_REPLY),
    "pool_restart": lambda app: app.control.pool_restart(**ONE_REPLY),
    "autoscale": lambda app: app.control.autoscale(5, 1, **ONE_REPLY),
    "add_consumer": lambda app: app.control.add_consumer("other", **ONE_REPLY),
    "cancel_consumer": lambda app: app.control.cancel_consumer("default", **ONE_REPLY),
    "revoke_by_stamped_headers": lambda app: app.control.revoke_by_stamped_headers(
        {"order": ["17"]}, terminate=True, **ONE_REPLY
    ),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_what_the_ledger_does_not_know_of_is_refused_with_a_sentence(stack: Stack, plain: Celery, command: str) -> None:
    said = answer(COMMANDS[command](plain))

    assert said["error"].startswith(f"{command} is refused. ")
    assert said["error"].endswith(remote.REFUSED[command])
    assert stack.ended(stack.submit("test.noop")["id"])["state"] == "succeeded"


@pytest.mark.parametrize("ids", [None, 5, [], [5], {"a": "b"}])
def test_a_revoke_of_what_is_no_id_is_refused(stack: Stack, plain: Celery, ids: Any) -> None:
    said = answer(plain.control.broadcast("revoke", {"task_id": ids}, **ONE_REPLY))

    assert said == {"error": "task_id: must be an id or a list of ids"}


@pytest.mark.parametrize("command", ["enable_events", "heartbeat", "election", "ping", "stats", "active", "clock"])
def test_what_changes_no_job_stays_celery_s(stack: Stack, plain: Celery, command: str) -> None:
    arguments = {"id": "1", "topic": "t"} if command == "election" else {}

    plain.control.broadcast(command, arguments)

    assert answer(plain.control.ping(timeout=30, limit=1)) == {"ok": "pong"}


def test_every_command_of_celery_is_decided() -> None:
    ours = {"revoke", "terminate", "hello", "shutdown"}
    harmless = {"election", "enable_events", "disable_events", "heartbeat"}
    changing = {name for name, about in Panel.meta.items() if about.type == "control"}

    assert changing - ours - harmless == set(remote.REFUSED)


@pytest.mark.long
def test_a_purge_loses_no_job(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack("web", "scheduler")
    jobs = [stack.submit("test.write", args={"key": str(n)}) for n in range(3)]
    app = Celery("plain", broker=stack.redis.url)
    app.conf.task_default_queue = "default"
    app.conf.broker_transport_options = {"priority_steps": list(range(10))}
    purged = wait_until(app.control.purge)

    stack.start_service("worker")

    assert purged
    assert [stack.ended(job["id"])["state"] for job in jobs] == ["succeeded"] * 3
    assert stack.effects() == ["0", "1", "2"]


@pytest.mark.long
def test_a_revoke_waits_for_a_ledger_that_is_away(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack("web", "worker")
    plain = Celery("plain", broker=stack.redis.url)
    job = stack.submit("test.sleep", args={"seconds": 0}, delay=3600)
    stack.postgres.stop()

    said = answer(plain.control.revoke(job["id"], reply=True, timeout=20))
    stack.postgres.start()

    assert said["error"].startswith("The ledger cannot be reached")
    wait_until(lambda: cancelled(stack, job["id"]))


def test_a_shutdown_by_remote_control_loses_nothing(with_worker: WithWorker) -> None:
    stack = with_worker(WORKER_STOP_TIMEOUT="1")
    job = stack.submit("test.sleep", args={"seconds": 5})
    stack.in_state(job["id"], "running")

    Celery("plain", broker=stack.redis.url).control.shutdown()

    worker = stack.services["worker"]
    wait_until(lambda: worker.exit_code is not None)
    assert worker.exit_code == 0
    assert (stack.job(job["id"])["state"], stack.job(job["id"])["attempt"]) == ("queued", 0)
