"""The answers of http.client, stricter and kinder than it: the only place that knows its inside.

Interim answers are passed over, the white space around values is no part of them (RFC 9110, 5.5), and an answer
that breaks off is told from one that ended.
"""

import http.client
import re
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any, cast

from bellhop_worker.http.codings import PIECE
from bellhop_worker.http.errors import FetchFailed, FetchRefused

FOLD = re.compile(r"\r?\n[ \t]+")
OWS = " \t\r\n"
LONGEST_LENGTH = 18
"""Digits of a Content-Length that is believed."""
BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})
REDIRECTS = frozenset({301, 302, 303, 307, 308})


class BrokenOff(FetchFailed):
    """The answer ended before its end."""


class Response(http.client.HTTPResponse):
    """An answer whose status and headers have arrived."""

    _fields: Sequence[tuple[str, str]] = ()
    _broken: str | None = None

    def begin(self) -> None:
        """Read up to the body, past every interim answer. Raises what http.client does, and FetchRefused."""
        file, lines = self.fp, _Lines(self.fp)
        self.fp = cast("Any", lines)
        super().begin()
        while self.status < 200:
            if self.status == HTTPStatus.SWITCHING_PROTOCOLS:
                raise FetchRefused("the answer was 101 Switching Protocols, for which nobody asked")
            self.headers = cast("Any", None)  # begin() does nothing while there are some
            super().begin()
        self.fp = file
        self._fields = [(name.lower(), FOLD.sub(" ", value).strip(OWS)) for name, value in self.headers.items()]
        self._frame()
        if lines.last == b"":
            self._broken = "the answer broke off within its headers"

    def field(self, name: str) -> str:
        """Return the first value of a header, or an empty text."""
        return next((value for known, value in self._fields if known == name), "")

    @property
    def fields(self) -> dict[str, str]:
        """The headers by their names in lower case; of several with one name the first, but for lists."""
        return {
            name: ", ".join(self._tokens(name)) if name == "content-encoding" else self.field(name)
            for name, _ in self._fields
        }

    @property
    def codings(self) -> list[str]:
        """What the body is coded with, in the order in which it was applied."""
        named = [*self._tokens("content-encoding"), *self._tokens("transfer-encoding")]
        return [coding.lower() for coding in named if coding.lower() not in {"identity", "chunked"}]

    @property
    def location(self) -> str:
        """Where a redirect leads to; empty: this is none, or it does not say."""
        return self.field("location") if self.status in REDIRECTS else ""

    def pieces(self) -> Iterator[bytes]:
        """Yield the body as it arrives, without its framing. Raises OSError, HTTPException and BrokenOff."""
        if self._has_body():
            while piece := self.read1(PIECE):
                yield piece
            if self.length:
                raise BrokenOff(f"the body broke off, with {self.length} bytes missing")
        if self._broken:
            raise BrokenOff(self._broken)

    def _has_body(self) -> bool:
        return self._method != "HEAD" and self.status not in BODILESS  # type: ignore[attr-defined]

    def _tokens(self, name: str) -> list[str]:
        values = (value for known, value in self._fields if known == name)
        return [token.strip(OWS) for value in values for token in value.split(",") if token.strip(OWS)]

    def _frame(self) -> None:
        """Decide again where the body ends: http.client reads these headers with the blanks around them."""
        self.chunked = "chunked" in {token.lower() for token in self._tokens("transfer-encoding")}
        if self.chunked:
            self.chunk_left, self.length = None, None
            return
        lengths = set(self._tokens("content-length"))
        if not lengths or not self._has_body():
            return
        number = lengths.pop()
        if lengths or not (number.isascii() and number.isdigit() and len(number) <= LONGEST_LENGTH):
            self.length, self._broken = None, "the Content-Length cannot be read"
        else:
            self.length = int(number)


class _Lines:
    """A file that remembers its last line: http.client takes the end of the connection for the end of the headers."""

    def __init__(self, file: Any):
        self._file = file
        self.last = b""

    def readline(self, *limit: int) -> bytes:
        self.last = self._file.readline(*limit)
        return self.last

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
