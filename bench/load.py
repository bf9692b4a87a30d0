"""A load generator in a process of its own: some connections, each of which sends as soon as it has its answer."""

import argparse
import asyncio
import json
import re
import time
from statistics import quantiles

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CLOSE = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)


class Connection(asyncio.Protocol):
    """One connection, which is never idle and reconnects when the server has closed it."""

    def __init__(self, load: "Load"):
        self._load = load
        self._received = b""
        self._sent_at = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def _send(self) -> None:
        assert self._transport is not None
        if time.perf_counter() >= self._load.until:
            self._transport.close()
            return
        self._received = b""
        self._sent_at = time.perf_counter()
        self._transport.write(self._load.request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        length = LENGTH.search(head) if separator else None
        if length is None or len(body) < int(length[1]):
            return
        self._load.note(head, time.perf_counter() - self._sent_at)
        if CLOSE.search(head):
            assert self._transport is not None
            self._transport.close()
        else:
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        self._load.lost()


class Load:
    """All connections together, and what they have seen."""

    def __init__(self, port: int, request: bytes, seconds: float):
        self.port, self.request = port, request
        self.until = time.perf_counter() + seconds
        self.latencies: list[float] = []
        self.refused: list[str] = []
        self._done = asyncio.Event()
        self._open = 0

    def note(self, head: bytes, seconds: float) -> None:
        """Note one answer."""
        status = head.split(b" ", 2)[1]
        if status.startswith(b"2"):
            self.latencies.append(seconds)
        else:
            self.refused.append(head[:200].decode())

    def lost(self) -> None:
        """Open a new connection in place of one that is gone, until the time is up."""
        self._open -= 1
        if time.perf_counter() < self.until and not self.refused:
            asyncio.get_running_loop().create_task(self._connect())
        elif self._open == 0:
            self._done.set()

    async def _connect(self) -> None:
        self._open += 1
        await asyncio.get_running_loop().create_connection(lambda: Connection(self), "127.0.0.1", self.port)

    async def run(self, connections: int) -> None:
        """Keep so many connections busy until the time is up."""
        for _ in range(connections):
            await self._connect()
        await self._done.wait()


def request_of(method: str, path: str, body: str, headers: list[str]) -> bytes:
    """Return the request, which is the same each time."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json", *headers]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]).encode()


async def load(port: int, request: bytes, connections: int, seconds: float) -> dict[str, float]:
    """Load the server and say what came back. Latencies in milliseconds."""
    made = Load(port, request, seconds)
    began = time.perf_counter()
    await made.run(connections)
    took = time.perf_counter() - began
    assert not made.refused, made.refused[0]
    cuts = quantiles(made.latencies, n=100)
    return {"requests/s": len(made.latencies) / took, "p50 ms": cuts[49] * 1000, "p99 ms": cuts[98] * 1000}


def main() -> None:
    """Read the arguments, load the server, and print what came back as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("path")
    parser.add_argument("--method", default="POST")
    parser.add_argument("--body", default="{}")
    parser.add_argument("--header", action="append", default=[])
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=5.0)
    given = parser.parse_args()
    request = request_of(given.method, given.path, given.body, given.header)
    print(json.dumps(asyncio.run(load(given.port, request, given.connections, given.seconds))))


if __name__ == "__main__":
    main()
