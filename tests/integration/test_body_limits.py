"""How large and how odd a request may be; what is larger is refused with a problem that says so."""

import json
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.bystander import bystander
from tests.problems import fields_of
from tests.stack import TOKEN, Stack

BEARER = f"Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n".encode()
POST = b"POST /api/jobs HTTP/1.1\r\nHost: x\r\n" + BEARER


def answer_to(stack: Stack, sent: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", stack.port), timeout=60) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        return connection.recv(65_536)


@pytest.mark.parametrize("chunked", [False, True], ids=["whole", "chunked"])
def test_an_answer_that_leaves_some_of_the_body_unread_says_that_the_connection_ends(
    stack: Stack, chunked: bool
) -> None:
    def connection_after(size: int, status: int) -> str:
        body = b"{}" + b" " * (size - 2)
        sent = iter([body[: size // 2], body[size // 2 :]]) if chunked else body
        answer = stack.http.post("/api/jobs", content=sent, headers={"Content-Type": "application/json"})
        assert answer.status_code == status
        return answer.headers["Connection"]

    assert connection_after(900_000, 422) == "keep-alive"
    assert connection_after(3_000_000, 413) == "close"
    assert connection_after(100, 422) == "keep-alive"


RAW = {
    "a head without an end": (b"GET / HTTP/1.1\r\nX-Long: " + b"x" * 70_000, 431),
    "a long header": (b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 9_000 + b"\r\n\r\n", 431),
    "a length that no number is": (POST + b"Content-Length: 1e3\r\n\r\n", 400),
    "a length and chunks": (POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "chunks of no size": (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", 400),
    "an unknown coding": (POST + b"Transfer-Encoding: nonsense\r\n\r\n0\r\n\r\n", 501),
    "a body that says it is far too large": (POST + b"Content-Length: 999999999999\r\n\r\n" + b"x" * 100_000, 413),
}


@pytest.mark.parametrize(("sent", "status"), RAW.values(), ids=RAW)
def test_a_request_that_is_too_much_is_refused_with_a_problem(stack: Stack, sent: bytes, status: int) -> None:
    answer = answer_to(stack, sent)

    assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer[:200]
    assert b"application/problem+json" in answer
    assert b"X-Content-Type-Options: nosniff" in answer


def padded(size: int) -> bytes:
    """A job's JSON of so many bytes."""
    return b'{"task": "test.noop", "delay": 3600}'.ljust(size)


Edge = tuple[str, Callable[[int], bytes], str, int, int]
EDGES: dict[str, Edge] = {
    "a job": ("/api/jobs", padded, "application/json", 1_000_000, 202),
    "a batch": ("/api/jobs/batch", b'{"jobs": []}'.ljust, "application/json", 16_000_000, 422),
    "schedules": (
        "/api/schedules/import",
        b'{"schedules": [{}]}'.ljust,
        "application/json",
        16_000_000,
        422,
    ),
    "a form": (
        "/sign-in",
        lambda size: b"email=".ljust(size, b"x"),
        "application/x-www-form-urlencoded",
        1_000_000,
        403,
    ),
}


@pytest.mark.parametrize("in_chunks", [False, True])
@pytest.mark.parametrize("edge", EDGES.values(), ids=EDGES)
def test_a_body_is_refused_from_one_byte_too_many_on(stack: Stack, edge: Edge, *, in_chunks: bool) -> None:
    path, body, kind, most, status = edge

    def post(size: int) -> int:
        content = body(size)
        sent = (content[at : at + 50_000] for at in range(0, size, 50_000)) if in_chunks else content
        headers = {"Content-Type": kind} | (dict(stack.http.headers) if path.startswith("/api") else {})
        return httpx.post(f"{stack.url}{path}", content=sent, headers=headers, timeout=60).status_code

    assert [post(most), post(most + 1)] == [status, 413]


HUGE = {
    "a length": b"Content-Length: 9999999999999999999999999\r\n\r\n",
    "a length with zeros": b"Content-Length: 0000000000000000100100001\r\n\r\n",
    "a file of one byte too many": b"Content-Length: 100000001\r\n\r\n",
}


@pytest.mark.parametrize("frame", HUGE.values(), ids=HUGE)
def test_what_says_it_is_far_too_large_is_refused_before_it_comes(stack: Stack, frame: bytes) -> None:
    with socket.create_connection(("127.0.0.1", stack.port), timeout=5) as connection:
        connection.sendall(POST + frame)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))

    assert answer.startswith(b"HTTP/1.1 413 "), answer[:200]
    assert b"must have at most" in answer


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "identity, gzip"])
def test_a_compressed_body_is_not_unpacked(stack: Stack, coding: str) -> None:
    answer = stack.http.post("/api/jobs", content=b"\x1f\x8b", headers={"Content-Encoding": coding})

    assert fields_of(answer, 415) == ["Content-Encoding"]


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_json_that_is_nested_deeply_is_refused(stack: Stack, opening: str) -> None:
    headers = {"Content-Type": "application/json"}

    answer = stack.http.post("/api/jobs", content=opening * 100_000, headers=headers)

    assert fields_of(answer, 400) == ["body"]


FORMS: dict[str, dict[str, Any]] = {
    "very many parts": {"files": [(f"field{n}", (None, "x")) for n in range(1_001)]},
    "very many fields": {"data": {f"field{n}": "x" for n in range(1_001)}},
    "a very long field": {"data": {"email": "x" * 1_100_000}},
    "a file": {"files": {"email": ("a.txt", b"x")}},
}


@pytest.mark.parametrize(("form", "status"), list(zip(FORMS.values(), [413, 413, 413, 415], strict=True)), ids=FORMS)
def test_a_form_that_is_too_much_is_refused_on_a_page(stack: Stack, form: dict[str, Any], status: int) -> None:
    answer = httpx.post(f"{stack.url}/sign-in", headers={"Accept": "text/html"}, timeout=60, **form)

    assert answer.status_code == status
    assert "text/html" in answer.headers["Content-Type"]


COSTLY: dict[str, tuple[str, bytes]] = {
    "unknown fields": ("/api/account/session", json.dumps({f"f{n}": 1 for n in range(70_000)}).encode()),
    "unknown arguments": (
        "/api/jobs",
        json.dumps({"task": "test.noop", "args": {f"f{n}": 1 for n in range(70_000)}}).encode(),
    ),
    "a batch full of faults": (
        "/api/jobs/batch",
        json.dumps({"jobs": [{f"f{n}": 1 for n in range(40)}] * 10_000}).encode(),
    ),
    "schedules full of faults": (
        "/api/schedules/import",
        json.dumps({"schedules": [{f"f{n}": 1 for n in range(40)}] * 10_000}).encode(),
    ),
    "deep nesting": ("/api/account/session", b'{"a":' * 160_000),
    "a long number": ("/api/account/session", b'{"email": ' + b"9" * 900_000 + b"}"),
    "a long text": ("/api/account/session", json.dumps({"email": "a@" * 400_000, "password": "x"}).encode()),
    "long names": ("/api/account/session", json.dumps({"x" * 9_000 + str(n): 1 for n in range(100)}).encode()),
}


@pytest.mark.long
@pytest.mark.parametrize(("path", "body"), COSTLY.values(), ids=COSTLY)
def test_what_is_cheap_to_send_is_refused_without_holding_others_up(stack: Stack, path: str, body: bytes) -> None:
    def send() -> int:
        headers = {**stack.http.headers, "Content-Type": "application/json"}
        return httpx.post(f"{stack.url}{path}", content=body, headers=headers, timeout=60).status_code

    with ThreadPoolExecutor(2) as pool, bystander(stack) as other:
        statuses = [pool.submit(send) for _ in range(6)]
        other.served()
        seen = {status.result() for status in statuses}

    assert seen <= {400, 422}
