"""Slow clients: whoever sends slowly, reads slowly, says nothing or does not hang up holds nobody up."""

import os
import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.stack import TOKEN, Stack, wait_until

ASK = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
BEARER = f"Authorization: Bearer {TOKEN}\r\n".encode()
SLOW = {
    "silent": b"",
    "half a line": b"GET /li",
    "half the headers": b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    "half a body": b"POST /api/jobs HTTP/1.1\r\nHost: x\r\n" + BEARER + b"Content-Length: 50\r\n\r\n{",
    "half of the next": ASK + b"GET /livez HTTP/1.1\r\n",
    "an empty line": b"\r\n\r\n",
}


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One process with few threads: four that hang would be the end of it."""
    made = Stack(tmp_path_factory.mktemp("slow"), WEB_WORKERS="1", WEB_THREADS="4", LOG_LEVEL="WARNING")
    try:
        yield made.start("web")
    finally:
        made.stop()


@contextmanager
def connected(stack: Stack, number: int, sends: bytes = b"") -> Iterator[list[socket.socket]]:
    """Open so many connections that send this and nothing more."""
    with ExitStack() as opened:
        made = []
        for _ in range(number):
            connection = opened.enter_context(socket.create_connection(("127.0.0.1", stack.port), timeout=60))
            connection.sendall(sends)
            made.append(connection)
        yield made


@pytest.fixture
def many_files() -> Iterator[None]:
    """Let this process open as many files as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65_536) if hard > 0 else 65_536, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("sends", SLOW.values(), ids=SLOW)
def test_two_hundred_clients_who_send_slowly_hold_nobody_up(web: Stack, sends: bytes) -> None:
    with connected(web, 200, sends):
        answers = [httpx.get(f"{web.url}/readyz", timeout=20).status_code for _ in range(5)]

    assert answers == [200] * 5


def test_clients_who_do_not_hang_up_hold_nobody_up(web: Stack) -> None:
    closing = b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

    with connected(web, 50, closing):
        answer = httpx.get(f"{web.url}/readyz", timeout=20)

    assert answer.status_code == 200


def test_what_stops_half_way_leaves_threads_for_others_and_is_told_so(web: Stack) -> None:
    head = b"POST /api/jobs HTTP/1.1\r\nHost: x\r\n" + BEARER + b"Content-Type: application/json\r\n"
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"

    with connected(web, 50, chunked) as bodies, connected(web, 1, SLOW["half the headers"]) as heads:
        answers = [httpx.get(f"{web.url}/readyz", timeout=20).status_code for _ in range(5)]
        refused = [connection.recv(65_536) for connection in (heads[0], bodies[0])]

    assert answers == [200] * 5
    assert all(one.startswith(b"HTTP/1.1 408 ") for one in refused)
    assert all(b"did not come in time" in one for one in refused)


def test_readers_who_do_not_read_hold_nobody_up(web: Stack) -> None:
    stack_of_answers = b"GET /api/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 60

    with connected(web, 20, stack_of_answers):
        answers = [httpx.get(f"{web.url}/readyz", timeout=20).status_code for _ in range(5)]

    assert answers == [200] * 5


def test_an_answer_is_whole_for_a_reader_who_takes_a_rest(web: Stack) -> None:
    whole = httpx.get(f"{web.url}/api/openapi.json").content
    many = 30

    with connected(web, 1, b"GET /api/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * many) as [reader]:
        wait_until(lambda: reader.recv(1, socket.MSG_PEEK))
        assert httpx.get(f"{web.url}/readyz").status_code == 200
        received = b""
        while received.count(whole) < many:
            piece = reader.recv(1_000_000)
            assert piece, "the answers must all come"
            received += piece


def test_requests_that_come_together_are_answered_in_their_order(web: Stack) -> None:
    with connected(web, 1, b"".join(b"GET /nowhere/%d HTTP/1.1\r\nHost: x\r\n\r\n" % n for n in range(3))) as [client]:
        received = b""
        while received.count(b"HTTP/1.1 404") < 3 or not received.endswith(b"}\n"):
            received += client.recv(65_536)

    assert received.count(b"HTTP/1.1 404") == 3


def test_a_client_that_asks_before_it_sends_is_told_to_go_on(web: Stack) -> None:
    head = b"POST /api/jobs HTTP/1.1\r\nHost: x\r\n" + BEARER + b"Content-Type: application/json\r\n"

    with connected(web, 1, head + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n") as [client]:
        assert client.recv(65_536).startswith(b"HTTP/1.1 100 ")
        client.sendall(b"{}")
        assert client.recv(65_536).startswith(b"HTTP/1.1 422 ")


@pytest.mark.usefixtures("many_files")
def test_two_thousand_idle_connections_leave_room_for_a_new_one(web: Stack) -> None:
    before = memory_of(web)

    with connected(web, 2_000, ASK) as idle:
        assert all(one.recv(4096).startswith(b"HTTP/1.1 200 ") for one in idle)
        answer = httpx.get(f"{web.url}/readyz", timeout=20)
        grown = memory_of(web) - before
        idle[0].sendall(ASK)
        again = idle[0].recv(4096)

    assert answer.status_code == 200
    assert again.startswith(b"HTTP/1.1 200 ")
    assert grown < 100_000_000, f"{grown:,} bytes for 2,000 connections"


def memory_of(stack: Stack) -> int:
    """Bytes of the serving process."""
    pid = stack.services["web"].pid
    [process] = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_a_web_server_with_slow_clients_stops_as_quickly_as_any(web: Stack) -> None:
    with connected(web, 20), connected(web, 20, SLOW["half a line"]):
        assert httpx.get(f"{web.url}/livez").status_code == 200
        web.services["web"].stop(19)
        code = web.services["web"].exit_code

    web.start_service("web")
    web.wait_ready("web")
    assert code == 0
