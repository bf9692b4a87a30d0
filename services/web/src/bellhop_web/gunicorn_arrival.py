"""An arrival: what has come of a request so far. A thread gets it when it need not wait for the rest."""

import re

MOST_HEAD, MOST_BODY = 65_536, 65_536
"""Bytes of request line and headers that are taken, and of a body that is gathered without a thread."""
LENGTH = re.compile(rb"\r\nContent-Length:[ \t]*(\d{1,18})[ \t]*(?=\r\n)", re.IGNORECASE)
OPEN_ENDED = re.compile(rb"\r\n(?:Transfer-Encoding|Expect):", re.IGNORECASE)
END = b"\r\n\r\n"


class Arrival:
    """A request on its way. What is wrong with it gunicorn says; here it is only told where it ends."""

    def __init__(self, data: bytes = b""):
        self.data = bytearray()
        self.whole = False
        """Whether a thread can have it."""
        self.long = False
        """Whether the thread reads the body itself: it is large, of unknown length, or waited with."""
        self._needed = 0
        if data:
            self.add(data)

    @property
    def too_large(self) -> bool:
        """Whether the head has no end within what is taken."""
        return not self._needed and len(self.data) > MOST_HEAD

    def add(self, data: bytes) -> None:
        """Take some more in."""
        seen = max(len(self.data) - len(END), 0)
        self.data += data
        if not seen:
            self.data = self.data.lstrip(b"\r\n")  # which may stand before a request (RFC 9112, 2.2)
        if not self._needed and (end := self.data.find(END, seen)) >= 0:
            self._measure(bytes(self.data[: end + 2]), end + len(END))
        self.whole = self._needed > 0 and (self.long or len(self.data) >= self._needed)

    def _measure(self, head: bytes, begin: int) -> None:
        lengths = LENGTH.findall(head)
        body = int(lengths[0]) if len(lengths) == 1 else 0  # several are refused, so nothing is waited for
        self.long = body > MOST_BODY or OPEN_ENDED.search(head) is not None
        self._needed = begin + body
