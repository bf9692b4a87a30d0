"""An arrival: what has come of a request so far. A thread gets it when it need not wait for the rest."""

import re
from collections.abc import Callable

from bellhop_web.server.head import Head, Unfit

MOST_LINE, MOST_HEAD = 8_190, 65_536
"""Bytes of a request line, and of it and the headers together."""
END = b"\r\n\r\n"
EMPTY_LINES = re.compile(rb"(?:\r\n)*")
"""They may stand before a request (RFC 9112, section 2.2)."""
BARE_LF = re.compile(rb"(?<!\r)\n")
"""With it a head would never end as it is read here; gunicorn refuses it."""


class Arrival:
    """A request on its way."""

    def __init__(self, read_head: Callable[[bytes], Head]):
        self._read_head = read_head
        self._head: Head | None = None
        self._body_at = 0
        self.data = bytearray()
        self.begun = False
        """Whether its first byte has come. Empty lines are none."""
        self.whole = False
        """Whether a thread can have it."""
        self.streamed = False
        """Whether the thread reads the rest of the body itself."""

    def add(self, data: bytes) -> None:
        """Take some more in. Raises Unfit."""
        seen = max(len(self.data) - len(END), 0)
        self.data += data
        if self._head is None:
            del self.data[: EMPTY_LINES.match(self.data).end()]  # type: ignore[union-attr]
            self.begun = self.begun or bool(self.data.strip(b"\r\n"))
            self._find_head(seen)
        if self._head is not None:
            self.streamed = self._head.streamed
            self.whole = self.streamed or len(self.data) - self._body_at >= self._head.length

    def _find_head(self, seen: int) -> None:
        end = self.data.find(END, seen)
        if end < 0 and not self._is_hopeless(seen):
            return
        length = end + len(END) if end >= 0 else len(self.data)
        if length > MOST_HEAD and self._line_ends():
            raise Unfit(431, f"The request line and headers must have at most {MOST_HEAD:,} bytes together")
        self._head, self._body_at = self._read_head(bytes(self.data[:length])), length

    def _is_hopeless(self, seen: int) -> bool:
        """Whether gunicorn would refuse what has come of a head, whatever comes after it."""
        return len(self.data) > MOST_HEAD or not self._line_ends() or bool(BARE_LF.search(self.data, seen))

    def _line_ends(self) -> bool:
        return len(self.data) <= MOST_LINE + 2 or self.data.find(b"\r\n", 0, MOST_LINE + 2) >= 0
