"""A line to a client: what is to be sent waits here and not in a thread, and nobody may be slow for ever."""

import socket
import time
from contextlib import suppress
from typing import Any

from bellhop.errors import Refused
from bellhop_web.server.crowd import Shares

MOST_UNSENT = 1_000_000
"""Bytes of an answer that wait for a slow reader without a thread; beyond them the thread waits, at a pace."""
GRACE, SLOWEST = 10.0, 10_000
"""Seconds that everybody may take, and the bytes in a second that are asked for after them."""


class TooSlow(Refused):
    """The rest of the request did not come in time."""

    status = 408


class Line(socket.socket):
    """A connection of gunicorn's, whose blocking calls have an end."""

    waiting = Shares(1, 1)
    """Has places for the threads of this process that may wait for slow readers at once."""

    def __init__(self, accepted: socket.socket, who: str = ""):
        super().__init__(fileno=accepted.detach())
        self.who = who
        """The address of the client."""
        self.unsent = bytearray()
        self.set_pace()

    def set_pace(self) -> None:
        """Reset the counts: a request begins."""
        self._began, self._received, self._waited = time.monotonic(), 0, 0.0

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        """Receive; in a thread only for as long as the pace allows. Raises TooSlow.

        With a time-out gunicorn drops what nobody has read of a body: what is not there yet no thread waits for.
        """
        patience = self.gettimeout()
        if patience is None:
            self._await_data()
        data = self._recv_at_once(bufsize, flags) if patience else super().recv(bufsize, flags)
        self._received += len(data)
        return data

    def _recv_at_once(self, bufsize: int, flags: int) -> bytes:
        self.settimeout(0)
        try:
            return super().recv(bufsize, flags)
        except BlockingIOError:
            raise TimeoutError from None

    def _await_data(self) -> None:
        left = GRACE + self._received / SLOWEST - self._waited
        began = time.monotonic()
        self.settimeout(max(left, 0.001))
        try:
            super().recv(1, socket.MSG_PEEK)
        except TimeoutError:
            raise TooSlow from None
        finally:
            self._waited += time.monotonic() - began
            self.settimeout(None)

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send what the network takes now and keep the rest, of which a thread waits only for what is too much."""
        self.unsent += data
        self.send_some()
        if len(self.unsent) > MOST_UNSENT:
            self._await_reader()

    def _await_reader(self) -> None:
        """Wait until not too much is left, at a pace, and with not too many others."""
        if not self.waiting.take(self.who):
            raise ConnectionAbortedError("too many readers are slow")
        try:
            began, before = time.monotonic(), len(self.unsent)
            while len(self.unsent) > MOST_UNSENT:
                sent = before - len(self.unsent)
                self._await_room(GRACE + sent / SLOWEST - (time.monotonic() - began))
                self.send_some()
        finally:
            self.waiting.give_back(self.who)

    def _await_room(self, patience: float) -> None:
        self.settimeout(max(patience, 0.001))
        try:
            sent = self.send(memoryview(self.unsent)[:65_536])
            del self.unsent[:sent]
        except TimeoutError:
            raise ConnectionAbortedError("the reader is too slow") from None
        finally:
            self.settimeout(None)

    def send_some(self) -> None:
        """Send what can be sent without waiting. Raises OSError when the connection is gone."""
        with suppress(BlockingIOError):
            while self.unsent:
                sent = self.send(memoryview(self.unsent)[:262_144], socket.MSG_DONTWAIT)
                del self.unsent[:sent]
