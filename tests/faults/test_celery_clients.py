"""A message of a plain Celery client: whatever stops, dies or is away, it becomes one job."""

import json
import signal
import time
from collections.abc import Callable

import pytest
import redis
from celery import Celery

from tests.stack import Stack, wait_until

MakeStack = Callable[..., Stack]


def client(stack: Stack) -> Celery:
    return Celery("plain", broker=stack.redis.url, set_as_current=False)


@pytest.mark.long
def test_a_countdown_survives_a_lost_connection_and_the_death_of_the_worker(make_stack: MakeStack) -> None:
    stack = make_stack("web", "worker", "scheduler")
    broker = redis.Redis.from_url(stack.redis.url)
    sent = [client(stack).send_task("test.write", kwargs={"key": str(n)}, countdown=8) for n in range(5)]
    wait_until(lambda: stack.states() == {"scheduled": 5})

    broker.execute_command("CLIENT", "KILL", "TYPE", "normal")
    stack.kill("worker")
    stack.start_service("worker")

    assert {stack.ended(one.id)["state"] for one in sent} == {"succeeded"}
    assert stack.effects() == sorted(map(str, range(5)))
    wait_until(lambda: broker.hlen("bellhop:unacked") == 0)  # the end is visible before the message is gone


@pytest.mark.long
def test_messages_wait_while_the_database_is_away_and_none_is_lost_with_the_worker(make_stack: MakeStack) -> None:
    stack = make_stack("worker", "scheduler")
    broker = redis.Redis.from_url(stack.redis.url)
    stack.postgres.stop()

    for n in range(20):
        client(stack).send_task("test.write", kwargs={"key": f"{n:02}"})
    broker.lpush("celery", "hello")
    wait_until(lambda: "message_put_back" in stack.log("worker"))
    stack.kill("worker")
    stack.start_service("worker")
    stack.postgres.start()

    wait_until(lambda: stack.states().get("succeeded", 0) == 20)
    wait_until(lambda: stack.sql("SELECT count(*) FROM jobs WHERE state = 'failed'") == [(1,)])
    assert stack.effects() == [f"{n:02}" for n in range(20)]


def test_a_message_that_could_not_be_written_is_put_back_when_the_worker_stops(make_stack: MakeStack) -> None:
    stack = make_stack("worker")
    broker = redis.Redis.from_url(stack.redis.url)
    stack.postgres.stop()
    for n in range(3):
        client(stack).send_task("test.write", kwargs={"key": str(n)}, countdown=60)
    wait_until(lambda: "message_put_back" in stack.log("worker"))

    stack.signal("worker", signal.SIGTERM)
    wait_until(lambda: stack.services["worker"].exit_code is not None)

    assert (broker.llen("celery"), broker.hlen("bellhop:unacked")) == (3, 0)


def test_a_message_that_a_worker_held_when_it_died_is_put_back(make_stack: MakeStack) -> None:
    stack = make_stack("scheduler")
    broker = redis.Redis.from_url(stack.redis.url)
    sent = client(stack).send_task("test.write", kwargs={"key": "held"})
    message = json.loads(broker.rpop("celery"))
    broker.hset("bellhop:unacked", "tag", json.dumps([message, "celery", "celery"]))
    broker.zadd("bellhop:unacked_index", {"tag": time.time() - 1})

    stack.start_service("worker")

    wait_until(lambda: stack.states() == {"succeeded": 1})
    assert stack.sql("SELECT id FROM jobs WHERE task = 'test.write'") == [(sent.id,)]


@pytest.mark.long
def test_a_queue_that_no_worker_serves_is_noticed(make_stack: MakeStack) -> None:
    stack = make_stack("worker", "scheduler")
    for n in range(3):
        client(stack).send_task("test.write", kwargs={"key": str(n)}, queue="orders", priority=n)

    wait_until(lambda: "queue_not_served" in stack.log("scheduler"))
    [line] = [line for line in stack.log("scheduler").splitlines() if "queue_not_served" in line][:1]
    assert "orders" in line
    assert "messages=3" in line
    wait_until(lambda: stack.metrics("scheduler")["bellhop_unserved_messages"] == 3)
