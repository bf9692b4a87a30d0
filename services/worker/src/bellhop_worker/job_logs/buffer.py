"""The buffer of one run: the newest lines of its log that are not written yet."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from threading import RLock, get_ident
from time import time
from typing import Any, NamedTuple
from uuid import UUID

from bellhop_ledger.ledger.job_logs import LINE_BYTES, MOST_BYTES, NewLines
from bellhop_ledger.platform.jsontext import cleaned
from bellhop_ledger.platform.secrets import forms_of, hidden

LONGEST_TEXT = 8_000
"""Characters of a line, and of a traceback; the middle of a longer one is left out."""
LONGEST_NAME = 200


class Line(NamedTuple):
    """One line, whose texts can be stored."""

    at: float
    level: str
    logger: str
    message: str
    traceback: str
    bytes: int


class LogBuffer:
    """Takes the lines of one run from any thread, and keeps of them no more than is kept of a whole job.

    Lines are counted from the beginning of the run; those that had to go before they were written leave a gap, which
    the count of the next write shows.
    """

    _bytes = _end = _written = 0
    _noted = _closed = False

    def __init__(self, job_id: UUID, attempt: int, note: Callable[["LogBuffer"], None], hide: Sequence[str] = ()):
        self.job_id, self.attempt = job_id, attempt
        self._note, self._hide = note, hide
        self._lock = RLock()  # a signal's handler may log in the middle of a line, and so may a finalizer
        self._lines: deque[Line] = deque()
        self._unended: dict[tuple[str, str, int], str] = {}
        """By level, stream and thread: `print` writes a line and then its end, and threads take turns."""

    def hide(self, secrets: Iterable[str]) -> None:
        """Write *** for these texts from now on."""
        self._hide = forms_of([*self._hide, *secrets])

    def add(self, level: str, logger: str, message: str, traceback: str = "") -> None:
        """Add a line."""
        message, traceback = self._storable(message), self._storable(traceback)
        size = LINE_BYTES + bytes_of(message) + bytes_of(traceback)
        line = Line(time(), cleaned(level, LONGEST_NAME), cleaned(logger, LONGEST_NAME), message, traceback, size)
        with self._lock:
            if not self._closed:
                self._lines.append(line)
                self._bytes += size
                self._end += 1
                while self._bytes > MOST_BYTES:
                    self._bytes -= self._lines.popleft().bytes
                self._note_once()

    def print(self, level: str, stream: str, text: str) -> None:
        """Add what is written to a stream, line by line; one that has no end yet waits for it."""
        with self._lock:
            if self._closed:
                return
            place = (level, stream, get_ident())
            text = self._unended.pop(place, "") + text
            if len(text) > MOST_BYTES:
                text = self._newest(text)
            *lines, rest = text.split("\n")
            for line in lines:
                self.add(level, stream, shown(line))
            self._wait_for_end(place, rest)

    def close(self) -> None:
        """Take no more lines: the run has ended, and what a thread of it still logs belongs to no job."""
        with self._lock:
            for (level, stream, _), text in self._unended.items():
                self.add(level, stream, shown(text))
            self._unended.clear()
            self._closed = True

    def unwritten(self) -> NewLines | None:
        """Return what is to be written, all at once. It stays here until `written`."""
        with self._lock:
            self._noted = False
            if self._end == self._written:
                return None
            return NewLines(self.job_id, [self._entry(line) for line in self._lines], self._end - self._written)

    def written(self, new: NewLines) -> None:
        """Forget what has been written since `unwritten`."""
        with self._lock:
            self._written += new.lines
            while self._lines and self._end - len(self._lines) < self._written:
                self._bytes -= self._lines.popleft().bytes

    def _wait_for_end(self, place: tuple[str, str, int], rest: str) -> None:
        begun = max(map(len, self._hide), default=1)
        """Of the end so much may be the beginning of a secret."""
        if len(rest) > LONGEST_TEXT + begun:
            rest = hidden(shown(rest), self._hide)
        if len(rest) > LONGEST_TEXT + begun:
            self.add(*place[:2], rest[:-begun])
            rest = rest[-begun:]
        if rest:
            self._unended[place] = rest

    def _newest(self, text: str) -> str:
        """Return the end of a very long text, without the line in which it begins, and count what is left out."""
        text = hidden(text, self._hide)
        end = len(text) - 1  # what ends there is the line that is kept at least
        start = text.find("\n", len(text) - MOST_BYTES, end) + 1 or text.rfind("\n", 0, end) + 1
        if left_out := text.count("\n", 0, start):
            self._lines.clear()
            self._bytes = 0
            self._end += left_out
        return text[start:]

    def _note_once(self) -> None:
        if not self._noted:
            self._noted = True
            self._note(self)

    def _storable(self, text: str) -> str:
        text = hidden(text, self._hide)
        if len(text) <= LONGEST_TEXT and text.isascii() and "\0" not in text:
            return text
        return cleaned(text, LONGEST_TEXT)

    def _entry(self, line: Line) -> dict[str, Any]:
        at = datetime.fromtimestamp(line.at, UTC).isoformat()
        entry = {"at": at, "level": line.level, "logger": line.logger, "attempt": self.attempt, "message": line.message}
        return entry | {"traceback": line.traceback} if line.traceback else entry


def bytes_of(text: str) -> int:
    """Return how long a text is in UTF-8."""
    return len(text) if text.isascii() else len(text.encode())


def shown(line: str) -> str:
    """Return what a terminal would show of a line: what was written over is gone."""
    return line.rstrip("\r").rpartition("\r")[2] if "\r" in line else line


current: ContextVar[LogBuffer | None] = ContextVar("job_log", default=None)
"""That of the run to which the running code belongs. What a body starts in asyncio inherits it."""
