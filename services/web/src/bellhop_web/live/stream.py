"""A stream: one browser's connection, taken over from gunicorn, and what is still to be written to it."""

import json
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from socket import SHUT_RDWR, socket

from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import Caller
from bellhop_web.live.topics import Fragments

MOST_UNREAD = 512_000
LONGEST_BLOCKED = 20.0
"""Bytes, and seconds without any progress, after which a reader is too slow for us."""


class Gone(Exception):
    """Nobody reads any more, or too slowly."""


@dataclass(eq=False)
class Stream:
    """One listener. Only the hub's thread touches it once it has been adopted."""

    viewer: str
    """Whose it is: a user, the system's token, or an address."""
    caller: Caller | None
    access: Access
    """What its topics ask for; when the caller has that no more, the stream ends."""
    topics: frozenset[str]
    chunked: bool
    """Whether the connection speaks HTTP/1.1, where a body of no known length goes in chunks."""
    connection: socket | None = None
    greeted: set[str] = field(default_factory=set)
    """The topics that it has received in full; of others it receives what changed."""
    unsent: bytearray = field(default_factory=bytearray)
    progressed: float = 0.0

    def put(self, text: bytes) -> None:
        """Add something to be written. Raises Gone when too much waits already."""
        if len(self.unsent) > MOST_UNREAD:
            raise Gone
        if not self.unsent:
            self.progressed = time.monotonic()
        self.unsent += b"%x\r\n%b\r\n" % (len(text), text) if self.chunked else text

    def write(self) -> None:
        """Write as much as the connection takes now. Raises Gone."""
        assert self.connection is not None
        try:
            while self.unsent:
                sent = self.connection.send(self.unsent)
                del self.unsent[:sent]
                self.progressed = time.monotonic()
        except BlockingIOError:
            if time.monotonic() > self.progressed + LONGEST_BLOCKED:
                raise Gone from None
        except OSError:
            raise Gone from None

    def check_reader(self) -> None:
        """Take in what the browser sends, which is nothing but its end. Raises Gone at it."""
        assert self.connection is not None
        with suppress(BlockingIOError):
            try:
                if not self.connection.recv(4096):
                    raise Gone
            except ConnectionError:
                raise Gone from None

    def close(self) -> None:
        """End the answer, as far as the connection still takes it, and the connection."""
        assert self.connection is not None
        with suppress(OSError):
            if self.chunked and not self.unsent:
                self.connection.send(b"0\r\n\r\n")
            self.connection.shutdown(SHUT_RDWR)
        self.connection.close()


GONE = b"event: gone\ndata: {}\n\n"
"""What a page is about is not there any more."""


def heartbeat(now: datetime) -> bytes:
    """Return the event of a heartbeat: what the page shows is true, and this is the server's time."""
    return f'event: beat\ndata: {{"now": "{now.isoformat()}"}}\n\n'.encode()


def event(fragments: Fragments) -> bytes:
    """Return the event of changed fragments."""
    return f"event: fragments\ndata: {json.dumps(fragments)}\n\n".encode()
