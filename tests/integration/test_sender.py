"""The sender: what it puts into Redis is what Celery and kombu would have put there."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from kombu import Connection, Producer

from bellhop_ledger.broker.celery_app import PRIORITIES, app
from bellhop_ledger.broker.messages import ReadyJob, redis_priority
from bellhop_ledger.broker.sender import NO_ARGUMENTS, Sender
from bellhop_ledger.platform.database import uuid7
from bellhop_ledger.platform.policies import Policy, policies
from bellhop_scheduler.broker import key_of
from tests.stack import ROOT, Stack
from tests.tasks.signatures import noop_batch

AWKWARD = "100 % %s %(id)s \"quoted\" \\ 'single' ünïcödé \x06 \n gap for id"


@pytest.fixture
def broker(ledger: Stack) -> Iterator[redis.Redis]:
    """An empty Redis, and what is in it."""
    client: redis.Redis = redis.Redis.from_url(ledger.redis.url)
    client.flushdb()
    yield client
    client.flushdb()


def ready(task: str = "test.noop", priority: int = 5, summary: str = "{}", *, suspect: bool = False) -> ReadyJob:
    return ReadyJob(uuid7(), task, "default", priority, suspect, summary)


def taken(broker: redis.Redis, priority: int = 5) -> list[dict[str, Any]]:
    """What the queue holds, the first that a worker will get first."""
    texts = broker.lrange(key_of("default", priority), 0, -1)
    return [json.loads(text) for text in reversed(texts)]


def by_celery(broker: redis.Redis, url: str, one: ReadyJob) -> dict[str, Any]:
    """The message that Celery's and kombu's own functions leave in Redis."""
    message = app.amqp.as_task_v2(str(one.id), one.task, argsrepr="()", kwargsrepr=one.summary, origin="somebody")
    with Connection(url, transport_options={"priority_steps": PRIORITIES}) as connection:
        Producer(connection.channel()).publish(
            NO_ARGUMENTS,
            exchange="",
            routing_key=one.queue,
            priority=redis_priority(one.priority),
            content_type="application/json",
            content_encoding="utf-8",
            headers=message.headers,
            **message.properties,
        )
    [found] = taken(broker, one.priority)
    broker.flushdb()
    return found


@pytest.mark.parametrize("priority", [9, 5, 0])
@pytest.mark.parametrize("summary", ["{}", AWKWARD], ids=["plain", "awkward"])
def test_a_message_is_that_of_celery_with_the_names_of_its_jobs(
    ledger: Stack, broker: redis.Redis, summary: str, priority: int
) -> None:
    one = ready(priority=priority, summary=summary)
    theirs = by_celery(broker, ledger.redis.url, one)

    Sender().send([one])

    [ours] = taken(broker, priority)
    named = {name: ours["headers"].pop(name) for name in ("jobs", "suspect", "sent")}
    assert (named["jobs"], named["suspect"]) == ([str(one.id)], False)
    assert isinstance(named["sent"], float)
    for message in (ours, theirs):
        del message["headers"]["origin"], message["properties"]["delivery_tag"]
    assert ours == theirs


def test_each_message_has_a_mark_of_its_own_even_for_the_same_job(broker: redis.Redis) -> None:
    one = ready()

    Sender().send([one, one])

    tags = {message["properties"]["delivery_tag"] for message in taken(broker)}
    assert len(tags) == 2


def test_messages_keep_the_order_of_their_jobs(broker: redis.Redis) -> None:
    several = [ready(summary=str(place)) for place in range(5)]

    Sender().send(several)

    assert [message["headers"]["id"] for message in taken(broker)] == [str(one.id) for one in several]


def test_a_message_of_several_jobs_names_all_of_them_and_says_how_many(
    broker: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(policies, noop_batch.name, Policy(batch=3))
    several = [ready(noop_batch.name, summary=AWKWARD) for _ in range(3)]

    Sender().send(several)

    [message] = taken(broker)
    assert message["headers"]["jobs"] == [str(one.id) for one in several]
    assert message["headers"]["kwargsrepr"] == "3 jobs"


def test_a_secret_is_masked_and_a_suspect_job_is_called_so(broker: redis.Redis) -> None:
    encrypted = f"sealed:v1:{'0' * 16}:gAAAA=="

    Sender().send([ready(summary=f'{{"token": "{encrypted}"}}', suspect=True)])

    [message] = taken(broker)
    assert message["headers"]["kwargsrepr"] == '{"token": "***"}'
    assert message["headers"]["suspect"] is True


def test_messages_are_sent_by_a_process_that_used_plain_celery_before(ledger: Stack, broker: redis.Redis) -> None:
    program = [
        "from celery import Celery",
        f"Celery(broker={ledger.redis.url!r}).send_task('plain.task', queue='plain')",
        "from tests.integration.test_sender import ready",
        "from bellhop_ledger.broker.sender import Sender",
        "Sender().send([ready()])",
    ]
    subprocess.run([sys.executable, "-c", "\n".join(program)], env=ledger.env, cwd=ROOT, check=True)

    assert len(taken(broker)) == 1


def test_a_task_with_an_odd_name_reaches_its_queue(broker: redis.Redis) -> None:
    Sender().send([ready('50 % "off" %(id)s')])

    [message] = taken(broker)
    assert message["headers"]["task"] == '50 % "off" %(id)s'
