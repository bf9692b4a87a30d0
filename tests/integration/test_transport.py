"""The transport: what is put back into a queue arrives in one, whatever it is."""

import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import redis

from bellhop_ledger.broker import transport
from bellhop_ledger.broker.celery_app import app
from bellhop_ledger.broker.transport import Channel, Connection
from tests.stack import Stack
from tests.unit.test_envelopes import OURS, UNREADABLES, envelope


@pytest.fixture
def broker(ledger: Stack) -> Iterator[redis.Redis]:
    """An empty Redis, and what is in it."""
    with redis.Redis.from_url(ledger.redis.url) as client:
        client.flushdb()
        yield client
        client.flushdb()


def connect(stack: Stack) -> Connection:
    """A connection as our application has them."""
    return app.connection(stack.redis.url)


@pytest.fixture
def channel(ledger: Stack) -> Iterator[Channel]:
    """A channel of ours."""
    with connect(ledger) as connection:
        yield connection.channel()


def noted(broker: redis.Redis, item: Any) -> str:
    """Put something among what was not acknowledged, and return its tag."""
    tag = uuid4().hex
    broker.hset("bellhop:unacked", tag, item if isinstance(item, bytes) else json.dumps(item))
    broker.zadd("bellhop:unacked_index", {tag: 1})
    return tag


def lists(broker: redis.Redis) -> dict[str, int]:
    return {key.decode(): broker.llen(key) for key in broker.scan_iter(_type="list")}


def left(broker: redis.Redis) -> int:
    return broker.hlen("bellhop:unacked") + broker.zcard("bellhop:unacked_index")


ODD = {
    "an object": b"{}",
    "a list of one": b"[1]",
    "a message without headers": [{**envelope(), "headers": None}, "", "default"],
    "a message without properties": [{"body": ""}, "", "default"],
    "a message nested 900 deep": [envelope({"x": json.loads("[" * 900 + "]" * 900)}), "", "default"],
    "a priority of infinity": [envelope(priority=float("inf")), "", "default"],
    **{name: item for name, item in UNREADABLES.items() if item},
}


@pytest.mark.parametrize("item", ODD.values(), ids=ODD)
def test_what_cannot_be_put_back_goes_to_the_queue_that_every_worker_serves(
    broker: redis.Redis, channel: Channel, item: Any
) -> None:
    channel.qos.restore_by_tag(noted(broker, item))

    assert (lists(broker), left(broker)) == ({"celery": 1}, 0)


@pytest.mark.parametrize(
    ("exchange", "routing_key", "queue"),
    [("", "slow", "slow"), ("", "", "celery"), (None, None, "celery"), ("nowhere", "default", "celery")],
)
def test_a_message_goes_back_to_its_queue_or_to_the_door_when_that_is_not_known(
    broker: redis.Redis, channel: Channel, exchange: str | None, routing_key: str | None, queue: str
) -> None:
    channel.qos.restore_by_tag(noted(broker, [envelope(), exchange, routing_key]))

    assert (lists(broker), left(broker)) == ({queue: 1}, 0)


def test_an_answer_that_nobody_waits_for_any_more_is_no_message(broker: redis.Redis, channel: Channel) -> None:
    answer = channel.prepare_message("{}", headers={"ticket": "1"})

    channel.basic_publish(answer, exchange="reply.celery.pidbox", routing_key=uuid4().hex)

    assert lists(broker) == {}


def delivered(channel: Channel, headers: dict[str, Any]) -> None:
    raw = envelope(headers, delivery_tag=uuid4().hex)
    message = channel.Message(raw, channel=channel)
    channel.qos.append(message, message.delivery_tag)


def test_a_channel_that_is_closed_puts_back_what_has_no_row_and_only_that(ledger: Stack, broker: redis.Redis) -> None:
    channel = connect(ledger).channel()
    delivered(channel, {"task": "test.noop", "id": "1"})
    delivered(channel, OURS)

    channel.close()

    assert (lists(broker), broker.hlen("bellhop:unacked")) == ({"default": 1}, 1)


def test_what_could_not_be_put_back_is_when_the_next_channel_begins(
    ledger: Stack, broker: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = connect(ledger).channel()
    delivered(channel, {"task": "test.noop", "id": "1"})
    with monkeypatch.context() as patch:
        patch.setattr(transport.redis.QoS, "restore_by_tag", refuse)
        channel.close()
    assert (lists(broker), broker.hlen("bellhop:unacked")) == ({}, 1)

    with connect(ledger) as connection:
        connection.channel().basic_consume("slow", no_ack=False, callback=print, consumer_tag="1")

    assert (lists(broker), broker.hlen("bellhop:unacked"), transport.left_behind) == ({"default": 1}, 0, set())


def refuse(*_: Any, **__: Any) -> None:
    raise redis.ConnectionError


def test_messages_without_a_row_that_a_dead_worker_held_are_put_back_and_others_are_not(
    broker: redis.Redis, channel: Channel
) -> None:
    noted(broker, [envelope(), "", "default"])
    noted(broker, b"garbage")
    ours = noted(broker, [envelope(OURS), "", "default"])
    fresh = noted(broker, [envelope(), "", "default"])
    broker.zadd("bellhop:unacked_index", {fresh: time.time()})

    assert channel.put_back_stranded(30) == 2

    assert lists(broker) == {"default": 1, "celery": 1}
    assert set(broker.hkeys("bellhop:unacked")) == {ours.encode(), fresh.encode()}
