"""Whatever lies in a queue: the worker goes on, nothing stays behind in Redis, and a row says what it was."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import redis
from hypothesis import given, settings
from hypothesis import strategies as st

from bellhop_ledger.ledger.adopt import job_id_of
from tests.stack import Stack, wait_until
from tests.unit.test_envelopes import OURS, UNREADABLES, anything, envelope, names
from tests.unit.test_plain_messages import BODIES, MISFITS, raw


@pytest.fixture(scope="module")
def broker(stack: Stack) -> Iterator[redis.Redis]:
    """The Redis of the shared stack."""
    with redis.Redis.from_url(stack.redis.url) as client:
        yield client


def goes_on(stack: Stack, broker: redis.Redis) -> bool:
    """Whether a job still runs, by the same worker, and no message is left behind."""
    pid = stack.services["worker"].pid
    assert stack.ended(stack.submit("test.noop")["id"])["state"] == "succeeded"
    wait_until(lambda: not broker.hlen("bellhop:unacked") and not broker.zcard("bellhop:unacked_index"))
    return stack.services["worker"].exit_code is None and stack.services["worker"].pid == pid


@pytest.mark.parametrize("queue", ["default", "celery"])
def test_what_is_no_message_becomes_a_failed_job_and_the_worker_goes_on(
    stack: Stack, broker: redis.Redis, queue: str
) -> None:
    before = seen(stack)

    broker.lpush(queue, *UNREADABLES.values())

    wait_until(lambda: seen(stack) == before + len(UNREADABLES))
    assert goes_on(stack, broker)


def seen(stack: Stack) -> int:
    """How many messages the worker has refused, or known again by their id."""
    return stack.log("worker").count("message_refused") + stack.log("worker").count("message_repeated")


@pytest.mark.parametrize(
    "made",
    [*({"body": body} for body, _, _ in MISFITS.values()), {"eta": "zzz"}, {"expires": []}, {"id": "x" * 500_000}],
)
def test_a_message_that_cannot_be_a_job_fails_under_its_id(
    stack: Stack, broker: redis.Redis, made: dict[str, Any]
) -> None:
    message = raw(**{"id": str(uuid4()), **made})

    broker.lpush("default", json.dumps(message))

    job = stack.adopted(str(job_id_of(message["headers"]["id"])))
    assert job["attempt"] == len(made["id"]) // 500_000 if "id" in made else job["state"] == "failed"


def test_bodies_that_cannot_be_read_and_headers_that_resemble_ours_end_nothing(
    stack: Stack, broker: redis.Redis
) -> None:
    ours = [
        {**OURS, "jobs": [str(uuid4())]},
        {**OURS, "retries": "x"},
        {**OURS, "task": "shop.newer"},
        {**OURS, "id": ""},
    ]
    bodies = [{**raw(id=str(uuid4())), **change} for change in BODIES.values()]

    broker.lpush("slow", *(json.dumps(message) for message in [*bodies, *(envelope(one) for one in ours)]))

    assert goes_on(stack, broker)


def test_what_is_said_on_the_channel_of_remote_control_ends_nothing(stack: Stack, broker: redis.Redis) -> None:
    for item in UNREADABLES.values():
        broker.publish("/0.celery.pidbox", item)

    assert goes_on(stack, broker)


headers = st.dictionaries(
    st.sampled_from(["task", "id", "jobs", "sent", "eta", "timelimit", "compression", "x"]), anything
)


@settings(max_examples=150)
@given(st.dictionaries(names, anything), headers, st.binary(max_size=20))
def test_no_message_that_can_be_made_up_ends_a_worker(
    stack: Stack, broker: redis.Redis, changes: dict[str, Any], headers: dict[str, Any], garbage: bytes
) -> None:
    likely = raw(headers={"task": "test.noop", "id": str(uuid4()), **headers})

    broker.lpush("default", garbage, json.dumps({**likely, **changes}), json.dumps(likely))

    assert stack.services["worker"].exit_code is None


def test_after_all_that_the_worker_still_works(stack: Stack, broker: redis.Redis) -> None:
    assert goes_on(stack, broker)
