"""Somebody who listens to a live view."""

import socket
from contextlib import suppress

from tests.stack import TOKEN, Stack, wait_until


class Listener:
    """A page's stream of events, read without a thread of its own."""

    def __init__(self, stack: Stack, *topics: str, token: str | None = TOKEN):
        query = "&".join(f"topic={topic}" for topic in topics)
        self.socket = socket.create_connection(("127.0.0.1", stack.port), timeout=30)
        head = f"GET /live?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        self.socket.sendall((head + (f"Authorization: Bearer {token}\r\n" if token else "") + "\r\n").encode())
        self.heard = b""

    def hear(self) -> bytes:
        """Read what has come, and give all that was heard so far; the end of the stream is said so."""
        self.socket.setblocking(False)
        with suppress(BlockingIOError):
            while piece := self.socket.recv(65536):
                self.heard += piece
            self.heard += b"<end>"
        return self.heard

    def wait_for(self, words: str) -> None:
        """Wait until something was said."""
        wait_until(lambda: words.encode() in self.hear())
