"""Messages of plain Celery clients: each becomes a job that waits, or one that says why it does not."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kombu.transport.virtual import Message

from bellhop_ledger.broker.envelopes import readable
from bellhop_ledger.ledger.adopt import Call, Refusal, job_id_of, request_id_of
from bellhop_ledger.ledger.tables import State
from bellhop_ledger.platform.database import uuid7
from bellhop_worker.celery_clients.messages import read, unstored
from tests.unit.test_envelopes import BareChannel, anything

ID = str(uuid7())
ADD = "test.add"
NO_CANVAS = dict.fromkeys(("callbacks", "errbacks", "chain", "chord"))
STEP = {"task": "test.noop", "args": [], "kwargs": {}, "options": {"task_id": str(uuid7())}, "subtask_type": None}


def raw(body: Any = ..., headers: Any = ..., priority: Any = 0, **options: Any) -> dict[str, Any]:
    """What a client of Celery's second protocol leaves in Redis."""
    said = [[1, 2], {}, NO_CANVAS] if body is ... else body
    return {
        "body": b64encode(json.dumps(said).encode()).decode(),
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "headers": {"task": ADD, "id": ID, "timelimit": [None, None], **options} if headers is ... else headers,
        "properties": {
            "delivery_tag": "mark",
            "delivery_info": {"exchange": "", "routing_key": "celery"},
            "body_encoding": "base64",
            "priority": priority,
        },
    }


def message(envelope: Any) -> Message:
    """The same as kombu hands it over."""
    text = json.dumps(envelope) if isinstance(envelope, dict) else envelope
    made = Message(json.loads(readable(text.encode("utf-8", "surrogatepass"), "celery")), channel=BareChannel())
    made.accept = {"application/json"}
    return made


def call(envelope: Any) -> Call:
    found = read(message(envelope))
    assert isinstance(found, Call), found
    return found


def refused(envelope: Any) -> Refusal:
    found = read(message(envelope))
    assert isinstance(found, list), found
    return found[0]


@pytest.mark.parametrize(
    "body",
    [[[1, 2], {}, NO_CANVAS], [[1], {"b": 2}, None], [[], {"b": 2, "a": 1}, {}], [[], {"a": 1, "b": 2}, {"chain": []}]],
)
def test_arguments_are_bound_as_python_does_it(body: Any) -> None:
    assert call(raw(body)).args == {"a": 1, "b": 2}


MISFITS = {
    "one too many": ([[1, 2, 99], {}, None], "TypeError", "takes 2 arguments but 3 were given"),
    "one twice": ([[1], {"a": 1, "b": 2}, None], "TypeError", "multiple values for argument 'a'"),
    "one too few": ([[1], {}, None], "ValidationError", "b: is required"),
    "one that is not known": ([[1, 2], {"c": 3}, None], "ValidationError", "c: is not known here"),
    "one of another type": ([[], {"a": "five", "b": 2}, None], "ValidationError", "a: must be an integer"),
    "NaN": ([[], {"a": float("nan"), "b": 1}, None], "UnstorableArguments", "kwargs.a: must be a finite number"),
    "infinity": ([[1, float("-inf")], {}, None], "UnstorableArguments", "args.1: must be a finite number"),
    "NUL": ([[], {"a": "a\0b", "b": 1}, None], "UnstorableArguments", "kwargs.a: must not contain the NUL character"),
    "NUL in a name": ([[], {"a\0": 1}, None], "UnstorableArguments", "must not contain the NUL character"),
    "half a pair": ([["\ud800"], {}, None], "UnstorableArguments", "args.0: must be valid Unicode"),
    "a huge number": ([[10**400, 1], {}, None], "UnstorableArguments", "args.0: must be a smaller number"),
    "nesting": ([[json.loads("[" * 200 + "]" * 200)], {}, None], "UnstorableArguments", "nested more than 100"),
    "bytes": ([[{"__type__": "base64", "__value__": "/w=="}], {}, None], "UnstorableArguments", "values of JSON"),
    "a marked date that is none": ([[{"__type__": "datetime", "__value__": "z"}], {}, None], "UnreadableMessage", ""),
    "a mark of no kind": ([[{"__type__": "spam", "__value__": "z"}], {}, None], "UnreadableMessage", ""),
    "a body of one": ([[1, 2]], "UnreadableMessage", "The body must be"),
    "a body of words": ("hello", "UnreadableMessage", "The body must be"),
    "a body of nothing": (None, "UnreadableMessage", "The body must be"),
    "arguments by name in a list": ([[], [], None], "UnreadableMessage", "its kwargs and its options objects"),
    "arguments in a text": (["ab", {}, None], "UnreadableMessage", "args must be a list"),
    "options in a text": ([[1, 2], {}, "chain"], "UnreadableMessage", "its kwargs and its options objects"),
}


@pytest.mark.parametrize(("body", "kind", "reason"), MISFITS.values(), ids=MISFITS)
def test_a_call_that_does_not_fit_is_refused_with_the_reason(body: Any, kind: str, reason: str) -> None:
    refusal = refused(raw(body))

    assert (refusal.id, refusal.task, refusal.kind, refusal.state) == (UUID(ID), ADD, kind, State.FAILED)
    assert reason in refusal.reason


@pytest.mark.parametrize(
    "name", ["shop.unknown", "celery.map", "celery.backend_cleanup", "celery.chord_unlock", " ", "é"]
)
def test_a_task_that_is_not_in_the_registry_is_refused_by_its_name(name: str) -> None:
    refusal = refused(raw([[], {"x": 1}, None], task=name))

    assert (refusal.task, refusal.kind, refusal.args) == (name, "NotRegistered", {"x": 1})


CANVASES = {
    "chain": {"chain": [STEP]},
    "link": {"callbacks": [STEP]},
    "link_error": {"errbacks": [STEP]},
    "chord": {"chord": STEP},
}


@pytest.mark.parametrize(("name", "options"), CANVASES.items(), ids=CANVASES)
def test_a_canvas_is_refused_and_with_it_all_that_would_have_followed(name: str, options: dict[str, Any]) -> None:
    found = read(message(raw([[1, 2], {}, {**NO_CANVAS, **options}])))

    assert isinstance(found, list)
    assert [one.task_id for one in found] == [ID, STEP["options"]["task_id"]]  # type: ignore[index]
    assert {one.kind for one in found} == {"CanvasRefused"}
    assert found[0].reason.endswith(f": {name}")
    assert found[1].args == {"part_of": ID}


def test_what_stands_anywhere_in_a_canvas_is_refused_too() -> None:
    ids = [str(uuid7()) for _ in range(3)]
    steps = [{**STEP, "options": {"task_id": id}} for id in ids]
    whole = {"task": "celery.group", "kwargs": {"tasks": steps[:2]}, "options": {"link": [steps[2]]}}

    found = read(message(raw([[1, 2], {}, {**NO_CANVAS, "chain": [whole]}])))

    assert isinstance(found, list)
    assert {one.task_id for one in found} == {ID, *ids}


def test_a_task_of_a_group_is_refused() -> None:
    assert refused(raw(group=str(uuid7()))).reason.endswith(": group")


def test_a_refused_canvas_cannot_be_tried_again_without_it() -> None:
    refusal = refused(raw([[1], {"b": 2}, {**NO_CANVAS, "chain": [STEP]}]))

    assert refusal.args == {"args": [1], "kwargs": {"b": 2}}


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("2090-01-31T09:30:00+02:00", datetime(2090, 1, 31, 7, 30, tzinfo=UTC)),
        ("2090-01-31T09:30:00", datetime(2090, 1, 31, 9, 30, tzinfo=UTC)),
        ("2090-01-31T09:30:00.123456Z", datetime(2090, 1, 31, 9, 30, 0, 123456, tzinfo=UTC)),
        ("1990-01-31T09:30:00+00:00", datetime(1990, 1, 31, 9, 30, tzinfo=UTC)),
        ("9999-12-31T23:59:59+00:00", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (None, None),
    ],
)
def test_an_eta_is_when_the_job_is_due(given: str | None, moment: datetime | None) -> None:
    assert call(raw(eta=given)).run_at == moment


@pytest.mark.parametrize("name", ["eta", "expires"])
@pytest.mark.parametrize(
    "given", ["zzz", "", 5, 5.5, True, [], {}, "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"]
)
def test_a_date_that_is_none_is_refused_by_its_name(name: str, given: Any) -> None:
    refusal = refused(raw(**{name: given}))

    assert refusal.kind == "InvalidTaskError"
    assert refusal.reason.startswith(f"{name}: ")


def test_an_expiry_is_kept_and_one_that_has_passed_is_what_celery_calls_revoked() -> None:
    late = refused(raw(expires="2020-01-01T00:00:00+00:00"))

    assert call(raw(expires="2090-01-01T00:00:00+00:00")).start_before == datetime(2090, 1, 1, tzinfo=UTC)
    assert (late.kind, late.state, late.args) == ("Expired", State.CANCELLED, {"a": 1, "b": 2})


@pytest.mark.parametrize(("given", "ours"), [(0, 5), (None, 5), (1, 1), (9, 9), (255, 9), (-3, 5), (5.0, 5), ("7", 7)])
def test_a_priority_is_that_of_the_client(given: Any, ours: int) -> None:
    assert call(raw(priority=given)).priority == ours


def test_options_that_a_job_has_no_place_for_are_named() -> None:
    assert call(raw()).ignored == ()
    assert call(raw(timelimit=[2, 1], shadow="x", ignore_result=True, stamps={"a": "b"})).ignored == (
        "time limits",
        "shadow",
        "ignore_result",
        "stamps",
    )


@pytest.mark.parametrize(
    "odd",
    [{"retries": "many"}, {"retries": -1}, {"timelimit": "zzz"}, {"suspect": []}, {"jobs": ["x"]}, {"jobs": 7},
     {"lang": 1}, {"origin": {}}, {"root_id": 5}, {"x": float("nan")},
     {"argsrepr": []}, {"replaced_task_nesting": "deep"}, {"stamped_headers": 1}],
)  # fmt: skip
def test_an_odd_header_that_does_not_matter_does_no_harm(odd: dict[str, Any]) -> None:
    assert call(raw(**odd)).args == {"a": 1, "b": 2}


def test_dates_and_ids_as_kombu_writes_them_arrive_as_text() -> None:
    marked = {"__type__": "uuid", "__value__": {"hex": "0" * 32, "version": 4}}
    when = {"__type__": "datetime", "__value__": "2030-01-31T09:30:00+00:00"}

    refusal = refused(raw([[], {"id": marked, "at": when}, None], task="shop.unknown"))

    assert refusal.args["at"] == "2030-01-31T09:30:00Z"
    assert refusal.args["id"].replace("-", "")[:12] == "0" * 12


OLD = {"task": ADD, "id": ID, "args": [1], "kwargs": {"b": 2}, "eta": "2090-01-01T00:00:00", "utc": True}


def test_a_message_of_the_first_protocol_is_taken_too() -> None:
    taken = call(raw(OLD, headers={}))

    assert (taken.task_id, taken.args, taken.run_at) == (ID, {"a": 1, "b": 2}, datetime(2090, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    "change",
    [{"callbacks": [STEP]}, {"errbacks": [STEP]}, {"chord": STEP}, {"taskset": str(uuid7())}, {"group": str(uuid7())}],
)
def test_a_canvas_of_the_first_protocol_is_refused_too(change: dict[str, Any]) -> None:
    assert refused(raw({**OLD, **change}, headers={})).kind == "CanvasRefused"


BODIES = {
    "pickle": {"content-type": "application/x-python-serialize", "body": "gAQpLg=="},
    "yaml": {"content-type": "application/x-yaml"},
    "a type of no name": {"content-type": "application/spam"},
    "no type": {"content-type": None},
    "bytes": {"body": "//8="},
    "half of it": {"body": b64encode(b"[[1, 2], {").decode()},
    "no body": {"body": None},
    "brackets": {"body": b64encode(b"[" * 100_000).decode()},
}


@pytest.mark.parametrize("change", BODIES.values(), ids=BODIES)
def test_a_body_that_cannot_be_read_is_refused_under_the_clients_id(change: dict[str, Any]) -> None:
    refusal = refused({**raw(), **change})

    assert (refusal.task_id, refusal.task, refusal.state) == (ID, ADD, State.FAILED)


def test_what_is_no_message_is_refused_under_its_mark_in_redis_and_quotes_nothing() -> None:
    refusal = refused("hello")

    assert (refusal.task, refusal.kind, refusal.args) == ("unknown", "UnreadableMessage", {})
    assert refusal.task_id.startswith("message-")
    assert "hello" not in refusal.reason


def test_a_message_that_kombu_could_not_take_is_refused_under_the_clients_id() -> None:
    envelope = raw()
    del envelope["properties"]["delivery_tag"]

    assert refused(envelope).task_id == ID


@pytest.mark.parametrize("id", [None, "", True, 1.5, [], {}, ["a"]])
def test_a_message_without_an_id_that_can_be_used_is_one_job_however_often_it_comes(id: Any) -> None:
    assert call(raw(id=id)).id == call(raw(id=id)).id == job_id_of("message-mark")


@pytest.mark.parametrize(
    "id",
    ["my-order-17", "x" * 500_000, "é\u2028", 17, "a/b", "{" + ID + "}", ID.upper()],
    ids=["a word", "a long one", "odd signs", "a number", "a slash", "braces", "capitals"],
)
def test_any_other_id_leads_to_a_job(id: Any) -> None:
    assert call(raw(id=id)).id == job_id_of(str(id))


def test_an_id_that_is_no_uuid_becomes_the_one_that_python_makes_of_it() -> None:
    assert job_id_of("my-order-17") == uuid5(NAMESPACE_OID, "my-order-17")
    assert job_id_of("\ud800").version == 5


def test_the_clients_own_id_is_shown_beside_the_jobs_where_it_can_be() -> None:
    assert request_id_of("my-order-17") == "my-order-17"
    assert request_id_of(ID) is None
    assert request_id_of("two words\r\n") is None


def test_secrets_of_a_refused_message_are_masked() -> None:
    secret = {"url": "https://example.org", "signing_secret": "whsec_abc", "method": 7}

    known = refused(raw([[], secret, None], task="http.request"))
    misspelt = refused(raw([[], secret, None], task="http.reqest"))
    by_place = refused(raw([["https://example.org"] * 40, secret, None], task="http.request"))

    assert "whsec_abc" not in repr([known, misspelt, by_place])


def test_what_the_database_did_not_take_is_refused_with_as_little_as_possible() -> None:
    [refusal] = unstored(message(raw()))

    assert (refusal.task_id, refusal.task, refusal.args) == (ID, ADD, {})


fields = st.sampled_from(["task", "id", "eta", "expires", "timelimit", "retries", "jobs", "group", "shadow", "suspect"])


@given(st.dictionaries(fields, anything), anything | st.lists(anything, min_size=3, max_size=3), anything)
def test_whatever_a_message_says_it_is_a_call_or_a_refusal_that_can_be_stored(
    headers: Any, body: Any, prio: Any
) -> None:
    for envelope in (
        raw(body, priority=prio, **headers),
        raw({**OLD, **headers}, headers={}),
        raw(body, headers=headers),
    ):
        found = read(message(envelope))

        for one in [found] if isinstance(found, Call) else found:
            stored = json.dumps([one.args, getattr(one, "task", ""), getattr(one, "reason", "")], allow_nan=False)
            assert "\\u0000" not in stored
            assert isinstance(one.id, UUID)
