"""Bodies in chunks (RFC 9112, section 7.1): where they end, and that no chunk says it is larger than a body may be."""

import re
from typing import Any

from gunicorn.http.body import ChunkedReader

from bellhop.errors import Fault
from bellhop_web.http import limits
from bellhop_web.http.limits import TooLarge
from bellhop_web.server.head import TooMuch

LINE = re.compile(rb"([0-9A-Fa-f]+)(?:[ \t]*;.*)?", re.DOTALL)
MOST_LINE = 8_190
"""Bytes of a line that says how large a chunk is; of longer ones gunicorn refuses the body."""
MOST_TRAILERS = 65_536


class Chunks:
    """Finds the end of a body in chunks; whether they are good ones gunicorn says."""

    def __init__(self, begin: int):
        self._begin = self.next_at = begin
        """Where the next line stands, or will stand, that says how large a chunk is."""

    def end_in(self, data: bytearray) -> bool:
        """Whether the body ends in the data, or is so wrong that gunicorn asks for no more of it. Raises TooMuch."""
        while not self._is_broken(data) and (line_end := data.find(b"\r\n", self.next_at)) >= 0:
            line = LINE.fullmatch(data, self.next_at, line_end)
            if not line:
                return True
            size = int(line[1], 16)
            if size > limits.most_of_all():
                raise TooMuch
            if size == 0:
                return self._trailers_end(data, line_end)
            self.next_at = line_end + 2 + size + 2
        return self._is_broken(data) or len(data) - self.next_at > MOST_LINE + 1

    def _is_broken(self, data: bytearray) -> bool:
        """Whether something else stands where the last chunk must end."""
        return len(data) >= self.next_at > self._begin and not data.endswith(b"\r\n", 0, self.next_at)

    def _trailers_end(self, data: bytearray, line_end: int) -> bool:
        if data.startswith(b"\r\n", line_end + 2) or data.find(b"\r\n\r\n", line_end) >= 0:
            return True
        return len(data) - line_end > MOST_TRAILERS


def is_unread(reader: Any) -> bool:
    """Whether some of a body was not asked for."""
    return reader.parser is not None if isinstance(reader, ChunkedReader) else reader.length > 0


class BoundedReader(ChunkedReader):  # type: ignore[misc]
    """Gunicorn's reader, which refuses a chunk that says it is too large, in place of waiting for all of it."""

    def parse_chunk_size(self, *args: Any, **kwargs: Any) -> Any:
        """Read how large the next chunk is. Raises TooLarge."""
        size, rest = super().parse_chunk_size(*args, **kwargs)
        most = limits.most(self.req.path)
        if size > most:
            raise TooLarge(faults=[Fault("body", f"must have at most {most:,} bytes")])
        return size, rest
