"""How large and how odd a request may be; what is larger is refused with a problem that says so."""

import socket
from typing import Any

import httpx
import pytest

from tests.problems import fields_of
from tests.stack import TOKEN, Stack

BEARER = f"Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n".encode()
POST = b"POST /api/jobs HTTP/1.1\r\nHost: x\r\n" + BEARER


def answer_to(stack: Stack, sent: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", stack.port), timeout=60) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        return connection.recv(65_536)


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
    "very many fields": {"files": [(f"field{n}", (None, "x")) for n in range(1_001)]},
    "a very long field": {"data": {"email": "x" * 1_100_000}},
    "a file": {"files": {"email": ("a.txt", b"x")}},
}


@pytest.mark.parametrize(("form", "status"), list(zip(FORMS.values(), [413, 413, 415], strict=True)), ids=FORMS)
def test_a_form_that_is_too_much_is_refused_on_a_page(stack: Stack, form: dict[str, Any], status: int) -> None:
    answer = httpx.post(f"{stack.url}/sign-in", headers={"Accept": "text/html"}, timeout=60, **form)

    assert answer.status_code == status
    assert "text/html" in answer.headers["Content-Type"]
