"""Slow clients: whoever sends slowly, reads slowly, says nothing or does not hang up holds nobody up."""

import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import httpx
import pytest

from tests.bystander import bystander
from tests.stack import TOKEN, Stack, wait_until

ASK = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
BEARER = f"Authorization: Bearer {TOKEN}\r\n".encode()
POST = b"POST /api/jobs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + BEARER
SLOW = {
    "silent": b"",
    "half a line": b"GET /li",
    "half the headers": b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    "half a body": b"POST /api/jobs HTTP/1.1\r\nHost: x\r\n" + BEARER + b"Content-Length: 50\r\n\r\n{",
    "half of the next": ASK + b"GET /livez HTTP/1.1\r\n",
    "an empty line": b"\r\n\r\n",
    "half a body of a length with zeros": POST + b"Content-Length: 0000000000000000000001000\r\n\r\n{",
    "half a large body": POST + b"Content-Length: 900000\r\n\r\n{",
    "half a body in chunks": POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
    "half a large body in chunks": POST + b"Transfer-Encoding: chunked\r\n\r\nf0000\r\n{\r\n",
    "a body that waits to be asked for": POST + b"Expect: 100-continue\r\nContent-Length: 50\r\n\r\n",
    "a large body that waits to be asked for": POST + b"Expect: 100-continue\r\nContent-Length: 900000\r\n\r\n",
    "half a form": b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 900000\r\n\r\nemail=",
    "half a file": b"POST /api/imports?kind=products HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\n"
    + BEARER
    + b"Content-Length: 90000000\r\n\r\nname,",
}


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One process with few threads: eight that hang would be the end of it."""
    made = Stack(tmp_path_factory.mktemp("slow"), WEB_WORKERS="1", WEB_THREADS="8", LOG_LEVEL="WARNING")
    try:
        yield made.start("web")
    finally:
        made.stop()


@contextmanager
def connected(
    stack: Stack, number: int, sends: bytes = b"", address: str = "127.0.0.1"
) -> Iterator[list[socket.socket]]:
    """Open so many connections from this address that send this and nothing more."""
    with ExitStack() as opened:
        made = []
        for _ in range(number):
            to, source = ("127.0.0.1", stack.port), (address, 0)
            connection = opened.enter_context(socket.create_connection(to, timeout=60, source_address=source))
            with suppress(ConnectionError):  # it may have made room already
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
    with connected(web, 200, sends), bystander(web) as other:
        other.served()


BODIES = {
    "JSON": b"POST /api/account/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n",
    "a form": b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n",
    "a file": b"POST /api/imports?kind=products HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\n" + BEARER,
}
FRAMES = {"of a length": b"Content-Length: 900000\r\n\r\n", "in chunks": b"Transfer-Encoding: chunked\r\n\r\nf0000\r\n"}


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
@pytest.mark.parametrize("head", BODIES.values(), ids=BODIES)
def test_bodies_that_come_just_fast_enough_hold_nobody_up(web: Stack, head: bytes, frame: bytes) -> None:
    with connected(web, 8, head + frame + b"{") as slow, trickling(slow), bystander(web) as other:
        other.served(20)


@contextmanager
def trickling(connections: list[socket.socket]) -> Iterator[None]:
    """Send some blanks on each all the time."""
    enough = Event()

    def send() -> None:
        while not enough.wait(0.1):
            for connection in connections:
                with suppress(ConnectionError):
                    connection.sendall(b" " * 1_500)

    thread = Thread(target=send)
    thread.start()
    yield
    enough.set()
    thread.join()


@pytest.mark.parametrize("frame", ["length", "chunks", "asks"])
def test_a_large_body_of_somebody_else_is_read_beside_slow_ones(web: Stack, frame: str) -> None:
    body = b'{"task": "test.noop", "delay": 3600}' + b" " * 100_000
    content = (piece for piece in (body[:50_000], body[50_000:])) if frame == "chunks" else body
    headers = {**web.http.headers, "Content-Type": "application/json"}
    if frame == "asks":
        headers["Expect"] = "100-continue"

    with (
        connected(web, 20, SLOW["half a large body"]) as slow,
        trickling(slow),
        httpx.Client(transport=httpx.HTTPTransport(local_address="127.0.0.2"), headers=headers) as other,
    ):
        answer = other.post(f"{web.url}/api/jobs", content=content, timeout=5)

    assert answer.status_code == 202, answer.text


def test_large_bodies_for_which_there_is_no_thread_are_told_so(web: Stack) -> None:
    with connected(web, 3, SLOW["half a large body"]) as slow, trickling(slow):
        answers = [one.recv(65_536) for one in slow[1:]]

    assert all(one.startswith(b"HTTP/1.1 503 ") for one in answers)
    assert all(b"Retry-After: 10" in one for one in answers)


def test_clients_who_do_not_hang_up_hold_nobody_up(web: Stack) -> None:
    closing = b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

    with connected(web, 50, closing), bystander(web) as other:
        other.served()


def read_all(connection: socket.socket) -> bytes:
    """Read until the other end has hung up: the head of an answer may come before its body."""
    return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_what_stops_half_way_leaves_threads_for_others_and_is_told_so(web: Stack) -> None:
    with (
        connected(web, 50, SLOW["half a body"]) as bodies,
        connected(web, 1, SLOW["half the headers"]) as heads,
        connected(web, 1, SLOW["half a large body"]) as large,
        connected(web, 1, SLOW["half a body in chunks"], "127.0.0.2") as chunked,
    ):
        answers = [httpx.get(f"{web.url}/readyz", timeout=20).status_code for _ in range(5)]
        refused = [read_all(connection) for connection in (heads[0], bodies[0], large[0], chunked[0])]

    assert answers == [200] * 5
    assert all(one.startswith(b"HTTP/1.1 408 ") for one in refused)
    assert all(b"did not come in time" in one for one in refused)


def test_readers_who_do_not_read_hold_nobody_up(web: Stack) -> None:
    stack_of_answers = b"GET /api/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 60

    with connected(web, 20, stack_of_answers), bystander(web) as other:
        other.served()


def test_slow_readers_of_large_answers_hold_nobody_up_nor_cut_other_readers_off(web: Stack) -> None:
    text = "x" * 900_000
    path = f"/api/jobs/{web.submit('test.give', args={'what': text}, delay=3600)['id']}"
    ask = f"GET {path} HTTP/1.1\r\nHost: x\r\n".encode() + BEARER + b"\r\n"

    with (
        connected(web, 20, ask * 10),  # more than the system keeps for one who does not read
        bystander(web) as other,
        httpx.Client(transport=httpx.HTTPTransport(local_address="127.0.0.2"), headers=web.http.headers) as reader,
    ):
        other.served()
        read = reader.get(f"{web.url}{path}", timeout=20)

    assert read.json()["args"]["what"] == text


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


def test_a_client_that_asks_before_it_sends_is_asked_once(web: Stack) -> None:
    head = POST + b"Expect: 100-continue\r\nContent-Length: 36\r\n\r\n"

    with connected(web, 1, head) as [client]:
        asked = client.recv(65_536)
        client.sendall(b'{"task": "test.noop", "delay": 3600}')
        answer = client.recv(65_536)

    assert asked == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert answer.startswith(b"HTTP/1.1 202 ")


def is_closed(connection: socket.socket) -> bool:
    """Whether the other end has hung up, after whatever it answered."""
    connection.setblocking(False)
    try:
        while connection.recv(65_536):
            pass
    except BlockingIOError:
        return False
    except ConnectionError:
        pass
    return True


def test_no_connection_stays_that_says_nothing(web: Stack) -> None:
    silent, blank, kept = b"", b"\r\n", ASK + b"\r\n"
    with ExitStack() as opened:
        quiet = [opened.enter_context(connected(web, 3, sends))[0] for sends in (silent, blank)]
        idle = opened.enter_context(connected(web, 1, kept))[0]
        assert idle.recv(65_536).startswith(b"HTTP/1.1 200 ")

        def all_closed() -> bool:
            for one in quiet:
                with suppress(ConnectionError):
                    one.send(b"\r\n")  # which is no byte of a request
            return all(is_closed(one) for one in quiet)

        wait_until(all_closed, patience=20)
        assert not is_closed(idle), "one that was answered may rest for longer"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One process that holds 40 connections besides those of its 8 threads, 12 of each address."""
    settings = {"WEB_WORKERS": "1", "WEB_THREADS": "8", "WEB_CONNECTIONS": "40", "LOG_LEVEL": "WARNING"}
    made = Stack(tmp_path_factory.mktemp("small"), **settings)
    try:
        yield made.start("web")
    finally:
        made.stop()


@pytest.mark.parametrize("sends", [b"", b"\r\n", b"GET / HT", ASK, SLOW["half a body"]])
@pytest.mark.parametrize("addresses", [1, 30])
def test_the_oldest_connections_make_room_whatever_they_have_sent(small: Stack, addresses: int, sends: bytes) -> None:
    with ExitStack() as opened, bystander(small, "127.0.0.100") as other:
        made: list[socket.socket] = []
        for _ in range(4):
            for number in range(addresses):
                made += opened.enter_context(connected(small, 30 // addresses, sends, f"127.0.1.{number}"))
        other.served()

        most = 12 if addresses == 1 else 48
        wait_until(lambda: sum(map(is_closed, made)) >= len(made) - most)
        assert is_closed(made[0]) or sends == ASK, "one that was answered counts from its answer"


def test_an_address_with_very_many_connections_costs_others_none(small: Stack) -> None:
    with connected(small, 5, ASK, "127.0.0.50") as others:
        assert all(one.recv(65_536) for one in others)
        with connected(small, 100, b"", "127.0.0.51") as many:
            wait_until(lambda: sum(map(is_closed, many)) >= 88)
            assert sum(map(is_closed, many)) == 88
            assert not any(map(is_closed, others))


SILENT = """
import resource, socket, sys
port, number, address = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
made = []
for _ in range(number):
    one = socket.socket()
    one.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT: more ports than one search finds
    one.bind((address, 0))
    one.connect(("127.0.0.1", port))
    made.append(one)
print("connected", flush=True)
sys.stdin.read()
"""


@pytest.mark.long
def test_an_idle_connection_is_kept_for_75_seconds(web: Stack) -> None:
    with connected(web, 1, ASK) as [idle]:
        assert idle.recv(65_536).startswith(b"HTTP/1.1 200 ")
        began = time.monotonic()
        wait_until(lambda: is_closed(idle), patience=90)

    assert time.monotonic() - began > 74


@pytest.mark.long
@pytest.mark.parametrize("addresses", [1, 4])
def test_twenty_thousand_silent_connections_hold_nobody_up(make_stack: Callable[..., Stack], addresses: int) -> None:
    stack = make_stack("web")

    with ExitStack() as opened, bystander(stack, "127.0.0.100") as other:
        for number in range(4):
            argv = [sys.executable, "-c", SILENT, str(stack.port), "5000", f"127.0.1.{number % addresses}"]
            child = opened.enter_context(subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
            assert child.stdin
            assert child.stdout
            opened.callback(child.stdin.close)
            assert child.stdout.readline() == b"connected\n"
        other.served(30)


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
