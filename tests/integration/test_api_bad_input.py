"""Bad input: always a 4xx that names the field, and nothing is stored."""

import json
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.problems import ADDITION, LATER, fields_of
from tests.samples import all_samples
from tests.stack import Stack

JSON = {"Content-Type": "application/json"}
ID = "ce791cc5-e2d6-42b1-8a2f-d72b0dc51b0e"  # the same in every process that collects these tests


def stored(stack: Stack) -> Any:
    return stack.sql("SELECT count(*), max(id::text) FROM jobs WHERE submitter IS NOT NULL")


def nested(levels: int) -> str:
    return '{"a":' * levels + "1" + "}" * levels


BODIES: dict[str, tuple[Any, str]] = {
    "no task": ({}, "task"),
    "unknown task": ({"task": "no.such"}, "task"),
    "task is a number": ({"task": 1}, "task"),
    "task is null": ({"task": None}, "task"),
    "task is empty": ({"task": ""}, "task"),
    "task is long": ({"task": "x" * 100_000}, "task"),
    "task with NUL": ({"task": "test.noop\0"}, "task"),
    "task with half a surrogate pair": ({"task": "\ud800"}, "task"),
    "missing argument": (ADDITION | {"args": {"a": 5}}, "args.b"),
    "missing arguments": ({"task": "test.add"}, "args.a"),
    "extra argument": (ADDITION | {"args": {"a": 5, "b": 7, "c": 9}}, "args.c"),
    "argument is text": (ADDITION | {"args": {"a": "5", "b": 7}}, "args.a"),
    "argument is a fraction": (ADDITION | {"args": {"a": 5.5, "b": 7}}, "args.a"),
    "argument is true": (ADDITION | {"args": {"a": True, "b": 7}}, "args.a"),
    "argument is null": (ADDITION | {"args": {"a": None, "b": 7}}, "args.a"),
    "argument is huge": (ADDITION | {"args": {"a": 10**400, "b": 7}}, "args.a"),
    "argument with NUL": ({"task": "test.write", "args": {"key": "a\0b"}}, "args.key"),
    "argument with half a surrogate pair": ({"task": "test.write", "args": {"key": "\udc00"}}, "args.key"),
    "argument's name with NUL": ({"task": "test.noop", "args": {"a\0": 1}}, r"args.'a\x00'"),
    "argument's name with a surrogate": ({"task": "test.noop", "args": {"\ud83d": 1}}, r"args.'\ud83d'"),
    "URL without a scheme": ({"task": "fetches.fetch_url", "args": {"url": "example.org"}}, "args.url"),
    "arguments are a list": (ADDITION | {"args": [5, 7]}, "args"),
    "arguments are null": (ADDITION | {"args": None}, "args"),
    "unknown field": (ADDITION | {"colour": "red"}, "colour"),
    "unknown field with NUL": (ADDITION | {"\0": "red"}, r"'\x00'"),
    "two moments": (LATER | {"run_at": "2035-06-01"}, "delay"),
    "delay is negative": (ADDITION | {"delay": -0.1}, "delay"),
    "delay is text": (ADDITION | {"delay": "5"}, "delay"),
    "delay is true": (ADDITION | {"delay": True}, "delay"),
    "delay of centuries": (ADDITION | {"delay": 1e10}, "delay"),
    "delay of ages": (ADDITION | {"delay": 1e308}, "delay"),
    "priority above 9": (ADDITION | {"priority": 10}, "priority"),
    "priority below 0": (ADDITION | {"priority": -1}, "priority"),
    "priority is true": (ADDITION | {"priority": True}, "priority"),
    "priority is text": (ADDITION | {"priority": "5"}, "priority"),
    "priority is a fraction": (ADDITION | {"priority": 5.5}, "priority"),
    "priority is null": (ADDITION | {"priority": None}, "priority"),
    "body is a list": ([ADDITION], "body"),
    "body is null": (None, "body"),
    "body is text": ("noop", "body"),
}

DATES = [
    "10000-01-01T00:00:00Z",
    "+10000-01-01T00:00:00Z",
    "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00+14:00",
    "0000-01-01",
    "-0001-01-01",
    "2035-02-30",
    "2035-06-01T25:00:00Z",
    "2035-06-01T12:00:00+99:00",
    "2035-06-01x12:00:00",
    "2035-06-01T12:00:00Z\n",
    "２０３５-06-01",
    "٢٠٣٥-06-01",
    "17111123412",
    "2064398400",
    "1e5",
    "NaN",
    "now",
    "",
    253_402_300_800,
    -62_135_596_801,
    2_064_398_400_000,
    1e308,
    -1e308,
    10**30,
    10**400,
    True,
    [2035, 6, 1],
    {"year": 2035},
]

TEXTS: dict[str, tuple[str | bytes, int, str]] = {
    "nothing": ("", 400, "body"),
    "half an object": ('{"task": "test.noop"', 400, "body"),
    "two objects": ('{"task": "test.noop"} {}', 400, "body"),
    "a comma too many": ('{"task": "test.noop",}', 400, "body"),
    "single quotes": ("{'task': 'test.noop'}", 400, "body"),
    "NUL behind it": ('{"task": "test.noop"}\0', 400, "body"),
    "NUL in a text": (b'{"task": "test.noop\0"}', 400, "body"),
    "not UTF-8": (b'{"task": "\xff"}', 400, "body"),
    "half a surrogate pair in bytes": (b'{"task": "\xed\xa0\x80"}', 422, "task"),
    "NaN as date": ('{"task": "test.noop", "run_at": NaN}', 400, "body"),
    "infinity as date": ('{"task": "test.noop", "run_at": -Infinity}', 400, "body"),
    "more than a double as date": ('{"task": "test.noop", "run_at": 1e999}', 422, "run_at"),
    "more than a double as delay": ('{"task": "test.noop", "delay": 1e999}', 422, "delay"),
    "too many digits": ('{"task": "test.noop", "run_at": ' + "9" * 5_000 + "}", 400, "body"),
    "a hundred levels": (f'{{"task": "test.noop", "args": {nested(101)}}}', 422, "args"),
    "a thousand levels": (f'{{"task": "test.noop", "args": {nested(1_000)}}}', 400, "body"),
    "a hundred thousand levels": ("[" * 100_000, 400, "body"),
}

QUERIES = {
    "wait=-1": "wait",
    "wait=61": "wait",
    "wait=60.001": "wait",
    "wait=nan": "wait",
    "wait=inf": "wait",
    "wait=abc": "wait",
    "wait=": "wait",
    "wait=%00": "wait",
    "wait=1_0": "wait",
    "wait=0x1": "wait",
    "wait=%20 1": "wait",
    "wait=٥": "wait",
    "wait=1&wait=2": "wait",
    "wait=0&colour=red": "colour",
    "%00=1": "\0",
}

FILTERS = {
    "state=asleep": "state",
    "state=": "state",
    "state=queued&state=running": "state",
    "task=%00": "task",
    "task=%ff": "task",
    "task=%ed%a0%80": "task",
    "q=%ff": "q",
    "q=error:%ed%a0%80": "q",
    "tag=a%ff": "tag",
    "%ff=1": "\ufffd",
    "task=": "task",
    f"task={'x' * 201}": "task",
    "queue=%00": "queue",
    "queue=a b": "queue",
    "limit=0": "limit",
    "limit=201": "limit",
    "limit=1.5": "limit",
    "limit=1_0": "limit",
    "limit=٥": "limit",
    "limit=ten": "limit",
    f"limit={'9' * 5000}"[:3000]: "limit",
    "created_after=yesterday": "created_after",
    "created_after=nan": "created_after",
    "created_after=1e308": "created_after",
    "created_after=253402300800": "created_after",
    "created_after=٥": "created_after",
    "created_after=2035-06-01T12:00:00+02:00": "created_after",
    "created_before=-1e20": "created_before",
    "created_before=10000-01-01": "created_before",
    "created_before=%00": "created_before",
    "cursor=": "cursor",
    "cursor=%00": "cursor",
    "cursor=é": "cursor",
    f"cursor={'x' * 301}": "cursor",
    "colour=red": "colour",
}

IDS = ["x", "4711", "%00", "%ff", "%ed%a0%80", "１", f"{ID}0", f"{ID}%0a", ID.replace("-", "_"), "null", "..%00"]


@pytest.mark.parametrize(("body", "field"), BODIES.values(), ids=BODIES)
def test_a_bad_body_is_refused_by_the_name_of_the_field(stack: Stack, body: Any, field: str) -> None:
    before = stored(stack)

    answer = stack.http.post("/api/jobs", content=json.dumps(body), headers=JSON)

    assert field in fields_of(answer)
    assert stored(stack) == before


@pytest.mark.parametrize("run_at", DATES, ids=lambda date: str(date)[:30])
def test_a_date_that_is_none_is_refused(stack: Stack, run_at: Any) -> None:
    before = stored(stack)

    answer = stack.http.post("/api/jobs", content=json.dumps(ADDITION | {"run_at": run_at}), headers=JSON)

    assert fields_of(answer) == ["run_at"]
    assert stored(stack) == before


@pytest.mark.parametrize(("text", "status", "field"), TEXTS.values(), ids=TEXTS)
def test_what_is_not_good_json_is_refused(stack: Stack, text: str | bytes, status: int, field: str) -> None:
    before = stored(stack)

    answer = stack.http.post("/api/jobs", content=text, headers=JSON)

    assert fields_of(answer, status)[0].startswith(field)
    assert stored(stack) == before


@pytest.mark.parametrize("query", QUERIES)
def test_a_bad_wait_is_refused(stack: Stack, query: str) -> None:
    assert QUERIES[query] in fields_of(stack.http.get(f"/api/jobs/{ID}?{query}"))


@pytest.mark.parametrize("query", FILTERS, ids=lambda query: query[:40])
def test_a_bad_filter_is_refused(stack: Stack, query: str) -> None:
    assert FILTERS[query] in fields_of(stack.http.get(f"/api/jobs?{query}"))


def test_a_plus_that_was_not_escaped_is_explained(stack: Stack) -> None:
    answer = stack.http.get("/api/jobs?created_after=2035-06-01T12:00:00+02:00")

    assert "+ is written %2B" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/api/tasks", "/api/system-tokens"])
def test_a_query_of_a_route_that_has_none_is_refused(stack: Stack, path: str) -> None:
    assert fields_of(stack.http.get(f"{path}?colour=red")) == ["colour"]


def test_a_delay_in_the_query_is_not_overlooked(stack: Stack) -> None:
    assert fields_of(stack.http.post("/api/jobs?delay=60", json={"task": "test.noop"})) == ["delay"]


@pytest.mark.parametrize("id", IDS, ids=repr)
@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("POST", "/cancel"), ("POST", "/retry")])
def test_no_text_is_refused_as_a_job_s_id_for_celery_clients_choose_their_own(
    stack: Stack, method: str, path: str, id: str
) -> None:
    assert fields_of(stack.http.request(method, f"/api/jobs/{id}{path}"), 404) == []


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("POST", "/cancel"), ("POST", "/retry")])
def test_a_job_that_does_not_exist_is_not_found(stack: Stack, method: str, path: str) -> None:
    assert fields_of(stack.http.request(method, f"/api/jobs/{uuid4()}{path}"), 404) == []


def test_a_task_that_is_nearly_right_is_suggested(stack: Stack) -> None:
    answer = stack.http.post("/api/jobs", json=ADDITION | {"task": "test.ad"})

    assert "is 'test.add'" in answer.json()["detail"]


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["\0", "\ud800", "test.noop"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
PATHS = ["/api/jobs", "/api/jobs/batch"]
PATHS += [path for one in all_samples() for path, (body, _) in one.bodies.items() if isinstance(body, dict)]
fields = st.sampled_from(["task", "args", "run_at", "delay", "priority", "jobs", "urls", "x"])


@settings(max_examples=60)
@given(body=st.dictionaries(fields, anything), path=st.sampled_from(PATHS))
def test_no_body_whatever_is_our_fault(stack: Stack, body: dict[str, Any], path: str) -> None:
    answer = stack.http.post(path, content=json.dumps(body), headers=JSON)

    assert answer.status_code in {201, 202} or fields_of(answer, answer.status_code)
    assert answer.status_code < 500


@settings(max_examples=40)
@given(
    query=st.dictionaries(st.sampled_from(["state", "task", "queue", "limit", "cursor", "created_after"]), st.text())
)
def test_no_query_whatever_is_our_fault(stack: Stack, query: dict[str, str]) -> None:
    sendable = {name: value.encode("utf-8", "surrogatepass") for name, value in query.items()}

    answer = stack.http.get("/api/jobs", params=sendable)

    assert answer.status_code == 200 or fields_of(answer)
