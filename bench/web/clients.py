"""Clients of a web server that misbehave, and one beside them who wants an answer."""

import http.client
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import NamedTuple

SOURCES = tuple(f"127.0.1.{n}" for n in range(1, 5))
"""Addresses from which many connections come: of one alone a server may take only some."""
IP_BIND_ADDRESS_NO_PORT = 24
AT_ONCE = 4_500
"""Connections that one process of clients opens."""
PATIENCE = 10.0
"""Seconds after which whoever wants an answer gives up."""


def connected(port: int, source: str, sends: bytes = b"", *, reads: int = 0) -> socket.socket:
    """Open a connection from this address and send this. Of what is not read it takes about so many bytes."""
    made = socket.socket()
    if reads:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, reads)
    made.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)  # more ports than one search finds
    made.bind((source, 0))
    made.settimeout(10)
    made.connect(("127.0.0.1", port))
    with suppress(OSError):  # a server that is full may have closed it
        made.sendall(sends)
    return made


def connecting(port: int, source: str) -> socket.socket:
    """Begin to open a connection from this address, however long the server may take to accept it."""
    made = socket.socket()
    made.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
    made.bind((source, 0))
    made.setblocking(False)
    made.connect_ex(("127.0.0.1", port))
    return made


def raise_limit() -> None:
    """Let this process open as many files as it may."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@contextmanager
def silent(port: int, number: int) -> Iterator[None]:
    """Keep so many connections open on which nothing is said, in processes of their own."""
    with ExitStack() as running:
        for first in range(0, number, AT_ONCE):
            argv = [sys.executable, "-m", "bench.web.clients", str(port), str(min(AT_ONCE, number - first))]
            child = running.enter_context(subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
            assert child.stdin
            assert child.stdout
            running.callback(child.stdin.close)
            child.stdout.readline()
        yield


@contextmanager
def trickling(port: int, number: int, head: bytes, each: float = 1.0) -> Iterator[None]:
    """Keep so many connections open that send this, and then one more blank now and then."""
    enough = threading.Event()
    made = [connected(port, SOURCES[n % len(SOURCES)], head) for n in range(number)]

    def send() -> None:
        while not enough.wait(each):
            for one in made:
                with suppress(OSError):
                    one.sendall(b" ")

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()
        for one in made:
            one.close()


@contextmanager
def not_reading(port: int, number: int, asks: bytes) -> Iterator[None]:
    """Keep so many connections open that ask for something large and read nothing of it."""
    made = [connected(port, SOURCES[n % len(SOURCES)], asks, reads=4096) for n in range(number)]
    time.sleep(8)  # writing so many answers is work, which is not what is measured
    try:
        yield
    finally:
        for one in made:
            one.close()


class Request(NamedTuple):
    """What is asked."""

    method: str
    path: str
    body: str
    headers: dict[str, str]


def times_of(port: int, request: Request, number: int, seconds: float, patience: float = PATIENCE) -> list[float]:
    """Send a request again and again, each on a new connection; return how many seconds each answer took.

    After so many answers, or so many seconds, it is over. What was not answered well counts as endless.
    """
    times: list[float] = []
    until = time.perf_counter() + seconds
    while len(times) < number and time.perf_counter() < until:
        began = time.perf_counter()
        try:
            good = ask(port, request, patience)
        except (OSError, http.client.HTTPException):
            good = False
        times.append(time.perf_counter() - began if good else float("inf"))
    return times


def ask(port: int, request: Request, patience: float) -> bool:
    """Whether a request on a connection of its own is answered with a success."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=patience, source_address=("127.0.0.100", 0))
    try:
        client.request(request.method, request.path, request.body or None, request.headers)
        answer = client.getresponse()
        answer.read()
        return answer.status < http.client.MULTIPLE_CHOICES
    finally:
        client.close()


def main(arguments: Sequence[str]) -> None:
    """Open silent connections until standard input ends."""
    raise_limit()
    made = [connecting(int(arguments[0]), SOURCES[n % len(SOURCES)]) for n in range(int(arguments[1]))]
    print(f"{len(made)} connections", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1:])
