"""Problems: whatever goes wrong, the answer is problem+json, also before a request reaches the application."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.problems import LATER, fields_of
from tests.stack import Stack

CAN_READ = {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize(
    "path", ["/nowhere", "/api", "/api/", "/api/jobs/", "/api//jobs", "/openapi", "/%00", "/\u202e"]
)
def test_an_unknown_path_is_not_found(stack: Stack, path: str) -> None:
    assert fields_of(stack.http.get(f"http://127.0.0.1:{stack.port}{path}"), 404) == []


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "BREW"])
@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/api/jobs", CAN_READ | {"POST"}),
        ("/api/jobs/batch", {"POST", "OPTIONS"}),
        ("/api/tasks", CAN_READ),
        ("/api/docs", CAN_READ),
        ("/livez", CAN_READ),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(stack: Stack, method: str, path: str, allowed: set[str]) -> None:
    answer = stack.http.request(method, path)

    assert fields_of(answer, 405) == []
    assert set(answer.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize("path", ["/api/jobs/", "/api//jobs", "/api/jobs///"])
def test_a_slash_too_many_is_named(stack: Stack, path: str) -> None:
    detail = stack.http.get(path).json()["detail"]

    assert detail == "There is nothing at this path; is /api/jobs meant, without a further slash?"


def test_nothing_is_meant_by_a_path_that_is_like_no_other(stack: Stack) -> None:
    detail = stack.http.get("/api/nope/").json()["detail"]

    assert detail == "There is nothing at this path; GET /api/openapi.json lists what there is"


def test_a_wrong_method_is_answered_in_words(stack: Stack) -> None:
    assert stack.http.put("/api/jobs").json()["detail"] == "The method must be GET or POST here"


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ('{"task": "test.add", "task": "test.add", "args": {"a": 1, "b": 2}}', "task"),
        ('{"task": "test.add", "args": {"a": 1, "b": 2, "a": 1}}', "a"),
    ],
)
def test_a_name_that_stands_twice_in_an_object_is_refused(stack: Stack, body: str, name: str) -> None:
    answer = stack.http.post("/api/jobs", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert answer.json()["detail"] == f"body: has the name '{name}' twice in one object"


def test_a_batch_cannot_be_read(stack: Stack) -> None:
    assert fields_of(stack.http.get("/api/jobs/batch"), 405) == []


def test_head_answers_as_get_without_a_body(stack: Stack) -> None:
    get, head = (stack.http.request(method, "/api/tasks") for method in ("GET", "HEAD"))

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == get.headers["Content-Length"]


def test_options_names_the_methods(stack: Stack) -> None:
    answer = stack.http.options("/api/tasks")

    assert answer.status_code == 200
    assert set(answer.headers["Allow"].split(", ")) == CAN_READ


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "json", ""])
def test_a_body_that_is_not_declared_as_json_is_refused(stack: Stack, kind: str) -> None:
    answer = stack.http.post("/api/jobs", content=b'{"task": "test.noop"}', headers={"Content-Type": kind})

    assert fields_of(answer, 415) == ["Content-Type"]


def test_a_body_without_a_type_is_refused(stack: Stack) -> None:
    assert fields_of(stack.http.post("/api/jobs", content=b'{"task": "test.noop"}'), 415) == ["Content-Type"]


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON", "application/vnd.api+json"])
def test_json_may_be_declared_in_every_way(stack: Stack, kind: str) -> None:
    content = b'{"task": "test.noop", "delay": 1000000}'

    assert stack.http.post("/api/jobs", content=content, headers={"Content-Type": kind}).status_code == 202


@pytest.mark.parametrize(("path", "limit"), [("/api/jobs", 1_000_000), ("/api/jobs/batch", 16_000_000)])
@pytest.mark.parametrize("chunked", [False, True], ids=["whole", "chunked"])
def test_a_body_may_be_as_large_as_is_said_and_no_larger(stack: Stack, path: str, limit: int, chunked: bool) -> None:
    def send(size: int) -> list[str]:
        body = b"{}" + b" " * (size - 2)
        headers = {"Content-Type": "application/json"}
        answer = stack.http.post(path, content=pieces(body) if chunked else body, headers=headers)
        return fields_of(answer, 422 if size == limit else 413)

    assert send(limit) == ["task" if path == "/api/jobs" else "jobs"]
    assert send(limit + 1) == ["body"]
    assert send(limit * 2) == ["body"]


def pieces(body: bytes) -> Iterator[bytes]:
    return (body[start : start + 100_000] for start in range(0, len(body), 100_000))


def test_a_conflict_tells_the_state_of_the_job(stack: Stack) -> None:
    job = stack.ended(stack.submit("test.noop")["id"])

    answer = stack.http.post(f"/api/jobs/{job['id']}/cancel")

    assert fields_of(answer, 409) == []
    assert answer.json()["state"] == "succeeded"


def test_a_problem_carries_the_request_s_id(stack: Stack) -> None:
    answer = stack.http.get("/nowhere", headers={"X-Request-Id": "find-me"})

    assert answer.json()["request_id"] == answer.headers["X-Request-Id"] == "find-me"


@pytest.mark.parametrize("odd", ["", "a b", "x" * 129, "<script>", b"\xff"])
def test_an_odd_request_id_is_replaced(stack: Stack, odd: Any) -> None:
    answer = stack.http.get("/nowhere", headers={"X-Request-Id": odd})

    assert answer.headers["X-Request-Id"].isalnum()


RAW = {
    "NUL in a header": (b"GET /api/jobs HTTP/1.1\r\nHost: x\r\nX-Odd: a\0b\r\n\r\n", 400),
    "NUL in the path": (b"GET /api/\0 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "bare bytes in the path": (b"GET /api/\xff HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "a header that is none": (b"GET /api/jobs HTTP/1.1\r\nHost: x\r\nodd\r\n\r\n", 400),
    "a negative length": (b"POST /api/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
    "two lengths": (b"POST /api/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    "a length in other digits": (b"POST /api/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: \xd9\xa5\r\n\r\n", 400),
    "not HTTP at all": (b"\x16\x03\x01\r\n\r\n", 400),
    "a very long line": (b"GET /" + b"x" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    "very many headers": (b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(200)) + b"\r\n", 431),
    "an unknown expectation": (b"POST /api/jobs HTTP/1.1\r\nHost: x\r\nExpect: more\r\nContent-Length: 2\r\n\r\n", 417),
    "a token in bare bytes": (b"GET /api/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\n\r\n", 401),
}


@pytest.mark.parametrize(("request_bytes", "status"), RAW.values(), ids=RAW)
def test_what_is_not_good_http_is_a_problem_too(stack: Stack, request_bytes: bytes, status: int) -> None:
    with socket.create_connection(("127.0.0.1", stack.port), timeout=30) as connection:
        connection.sendall(request_bytes)
        head = connection.recv(65536)

    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"application/problem+json" in head


def test_no_answer_of_the_api_is_kept_by_a_cache(stack: Stack) -> None:
    answer = stack.http.get(f"/api/jobs/{stack.submit(**LATER)['id']}")

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
