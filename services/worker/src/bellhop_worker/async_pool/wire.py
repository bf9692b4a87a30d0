"""The wire between the main process and that of the pool: lines of JSON over a socket, each a kind and its facts."""

import json
import select
import socket
from collections.abc import Iterator
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any

CHUNK = 65_536

Line = tuple[str, dict[str, Any]]


class Wire:
    """One end. A thread writes, so that whoever sends never waits for the other end."""

    def __init__(self, end: socket.socket):
        self._socket = end
        self._outgoing: SimpleQueue[bytes | None] = SimpleQueue()
        self._read = b""
        self.ended = False
        """Whether the other end is gone."""

    def start(self) -> None:
        """Start to write, in the process that has this end."""
        self._writer = Thread(target=self._write, name="async-wire", daemon=True)
        self._writer.start()

    def fileno(self) -> int:
        """Return the descriptor, which is readable when a line has come."""
        return self._socket.fileno()

    def send(self, kind: str, **facts: Any) -> None:
        """Send a line; returns at once."""
        self._outgoing.put(json.dumps([kind, facts]).encode() + b"\n")

    def receive(self, timeout: float = 0.0) -> Iterator[Line]:
        """Yield the lines that have come, after waiting so many seconds for one at most."""
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        if not poll.poll(timeout * 1000):
            return
        chunk = b""
        with suppress(ConnectionError):
            chunk = self._socket.recv(CHUNK)
        self.ended = not chunk
        *lines, self._read = (self._read + chunk).split(b"\n")
        for line in lines:
            kind, facts = json.loads(line)
            yield kind, facts

    def close(self, timeout: float) -> None:
        """Close this end once what was sent is written, waiting so many seconds for that."""
        self._outgoing.put(None)
        self._writer.join(timeout)

    def drop(self) -> None:
        """Close this end in a process that does not use it."""
        self._socket.close()

    def _write(self) -> None:
        while (line := self._outgoing.get()) is not None:
            try:
                self._socket.sendall(line)
            except OSError:  # the other end is gone, which the reader notices
                break
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)


def pair() -> tuple[Wire, Wire]:
    """Make both ends of a wire."""
    ours, theirs = socket.socketpair()
    return Wire(ours), Wire(theirs)
