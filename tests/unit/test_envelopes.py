"""Envelopes: whatever lies in a queue becomes something that kombu can take."""

import gzip
import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kombu.transport.virtual import Message

from bellhop_ledger.broker.envelopes import LARGEST, UNREADABLE, Unreadable, check, is_ours, is_task, readable, sent_at
from bellhop_ledger.broker.transport import Channel
from bellhop_ledger.platform.database import uuid7

OURS = {
    "id": str(uuid7()),
    "task": "test.noop",
    "jobs": [str(uuid7())],
    "suspect": False,
    "sent": 1_700_000_000.5,
    "timelimit": [None, None],
}


def envelope(headers: Any = None, body: Any = "e30=", **properties: Any) -> dict[str, Any]:
    """A message as kombu writes it, with other properties or without those that are given as ..."""
    usual = {"delivery_tag": "tag", "delivery_info": {"exchange": "", "routing_key": "default"}, "priority": 0}
    given = {**usual, "body_encoding": "base64", **properties}
    return {
        "body": body,
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "headers": {"task": "test.noop", "id": str(uuid7())} if headers is None else headers,
        "properties": {name: value for name, value in given.items() if value is not ...},
    }


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def text(value: Any) -> bytes:
    return json.dumps(value).encode()


UNREADABLES = {
    "no JSON": b"hello",
    "nothing": b"",
    "no UTF-8": b"\xff\xfe",
    "a list": b"[]",
    "a number": b"7",
    "null": b"null",
    "an object": b"{}",
    "a hundred thousand brackets": b"[" * 100_000,
    "a marked value of no kind": b'{"__type__": "?", "__value__": 1}',
    "a marked date that is none": b'{"headers": {"__type__": "datetime", "__value__": "zzz"}}',
    "no properties": text({"body": "e30=", "headers": {}}),
    "no tag": text(envelope(delivery_tag=...)),
    "a tag of nothing": text(envelope(delivery_tag="")),
    "a tag of half a pair": text(envelope({**OURS}, delivery_tag="\ud800")),
    "no delivery": text(envelope(delivery_info=...)),
    "a delivery from nowhere": text(envelope(delivery_info={})),
    "a priority of infinity": text(envelope(priority=float("inf"))),
    "a priority of words": text(envelope(priority="high")),
    "another encoding": text(envelope(body_encoding="rot13")),
    "half a base64": text(envelope(body="e30")),
    "our own with half a base64": text(envelope({**OURS}, body="e30")),
    "a body of numbers": text(envelope(body=7)),
    "headers in a list": text(envelope(headers=["task"])),
    "headers nested 900 deep": text(envelope({"task": "a", "id": "1", "x": nested(900)})),
    "our own with a header nested 900 deep": text(envelope({**OURS, "x": nested(900)})),
    "a header of 5000 digits": b'{"headers": {"x": ' + b"7" * 5_000 + b"}}",
    "a compression of no name": text(envelope({"task": "a", "compression": "zip"})),
    "a compression in a list": text(envelope({"task": "a", "compression": [1]})),
    "a body that is not compressed": text(envelope({"task": "a", "compression": "application/x-gzip"})),
}


@pytest.mark.parametrize("item", UNREADABLES.values(), ids=UNREADABLES)
def test_what_kombu_could_not_take_arrives_in_an_envelope_that_says_why(item: bytes) -> None:
    carried = json.loads(readable(item, "slow"))

    assert carried["headers"][UNREADABLE]
    assert carried["properties"]["delivery_info"] == {"exchange": "", "routing_key": "slow"}
    assert taken(carried).body == item
    check(carried)


TAKEN = {
    "ours": OURS,
    "a client's": {"task": "a", "id": "1"},
    "protocol 1": {},
    "NaN": {"task": "a", "x": float("nan")},
    "NUL": {"task": "a\0"},
    "half a pair": {"task": "a", "x": "\udc00"},
    "a huge number": {"task": "a", "x": 10**400},
}


@pytest.mark.parametrize("headers", TAKEN.values(), ids=TAKEN)
def test_a_message_that_kombu_can_take_arrives_as_it_is(headers: dict[str, Any]) -> None:
    item = text(envelope(headers))

    assert readable(item, "default") is item


def test_a_small_body_that_would_be_huge_once_decompressed_is_refused() -> None:
    bomb = b64encode(gzip.zlib.compress(b"0" * (LARGEST + 1))).decode()  # type: ignore[attr-defined]

    with pytest.raises(Unreadable, match="when it is decompressed"):
        check(envelope({"task": "a", "compression": "application/x-gzip"}, body=bomb))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
names = st.sampled_from(["body", "headers", "properties", "content-type", "content-encoding", "__type__", "x"])
inside = st.sampled_from(["delivery_tag", "delivery_info", "body_encoding", "priority", "compression", "task", "id"])


@given(st.dictionaries(names, anything | st.dictionaries(inside, anything)))
def test_kombu_can_take_whatever_has_been_looked_at(changes: dict[str, Any]) -> None:
    taken(json.loads(readable(text(envelope() | changes), "default")))


@given(st.binary())
def test_kombu_can_take_any_bytes_that_have_been_looked_at(item: bytes) -> None:
    taken(json.loads(readable(item, "default")))


class BareChannel(Channel):
    """A channel without a connection."""

    def __init__(self) -> None:
        pass


def taken(raw: dict[str, Any]) -> Message:
    """What kombu makes of it, and whether it could put it back."""
    message = Message(raw, channel=BareChannel())
    assert not message.errors
    json.dumps([message._raw, message.delivery_info["exchange"], message.delivery_info["routing_key"]])
    assert isinstance(message.delivery_tag, str)
    return message


def test_our_own_headers_are_known_as_ours() -> None:
    assert is_ours(OURS)


NOT_OURS = {
    "no jobs": {"jobs": []},
    "jobs that are no list": {"jobs": OURS["id"]},
    "jobs that are no ids": {"jobs": ["1", "2"]},
    "a job that is a number": {"jobs": [7]},
    "an id in capitals": {"jobs": [str(OURS["id"]).upper()]},
    "a suspicion in words": {"suspect": "no"},
    "no moment": {"sent": None},
    "a moment in words": {"sent": "now"},
    "no moment at all": {"sent": float("nan")},
    "a moment beyond all": {"sent": 10**400},
    "a time limit": {"timelimit": [1, None]},
    "an odd time limit": {"timelimit": "zzz"},
    "a date": {"eta": "zzz"},
    "an expiry": {"expires": "2030-01-01"},
    "a task without a name": {"task": None},
    "an id without text": {"id": 7},
}


@pytest.mark.parametrize("change", NOT_OURS.values(), ids=NOT_OURS)
def test_headers_that_only_resemble_ours_are_a_clients(change: dict[str, Any]) -> None:
    assert not is_ours({**OURS, **change})
    assert sent_at(text({"headers": {**OURS, **change}})) == 0.0


@pytest.mark.parametrize("item", UNREADABLES.values(), ids=UNREADABLES)
def test_of_anything_in_a_queue_it_can_be_said_when_it_was_sent_or_that_nobody_knows(item: bytes) -> None:
    assert sent_at(item) in {0.0, OURS["sent"]}
    assert not is_task(item)


def test_of_our_own_message_it_is_known_when_it_was_sent() -> None:
    assert sent_at(text(envelope(OURS))) == OURS["sent"]


def test_an_answer_to_remote_control_asks_for_no_task() -> None:
    assert is_task(text(envelope({})))
    assert not is_task(text(envelope({"ticket": "1", "clock": 2})))
