"""The body of an answer, as far as it arrived: an error is reported, and what arrived before it is kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.client import HTTPException

from bellhop_worker.http.codings import Undecodable, UnknownCoding, decode
from bellhop_worker.http.errors import FetchError, FetchFailed
from bellhop_worker.http.limits import Meter
from bellhop_worker.http.responses import Response


@dataclass(frozen=True)
class Body:
    """The decoded bytes of a body; those that were sent where they cannot be decoded."""

    content: bytes
    error: FetchError | None = None
    """Why it is not whole, or not decoded."""


def read_body(response: Response, meter: Meter, most: int) -> Body:
    """Read a body to its end, or to so many decoded bytes: the rest is never read."""
    codings = response.codings
    sent = _Sent(_bounded(response.pieces(), meter), most if codings else 0)
    content = bytearray()
    try:
        for piece in decode(sent, codings, partial(_bounded, meter=meter)):
            content += piece
            if len(content) >= most:
                break
    except (FetchError, OSError, HTTPException) as error:
        return _broken(bytes(content), sent, most, _explained(error, meter))
    return Body(bytes(content[:most]))


def _broken(content: bytes, sent: "_Sent", most: int, error: FetchError) -> Body:
    if content or not isinstance(error, Undecodable | UnknownCoding):
        return Body(content[:most], error)
    try:
        while len(sent.beginning) < most and next(sent, None) is not None:
            pass
    except (FetchError, OSError, HTTPException):
        pass  # the first error is reported
    return Body(bytes(sent.beginning[:most]), error)


def _explained(error: Exception, meter: Meter) -> FetchError:
    if isinstance(error, FetchError):
        return error
    if isinstance(error, TimeoutError):
        return FetchFailed(f"the body took longer than {meter.limits.total_seconds:g} seconds")
    return FetchFailed("the body broke off")


def _bounded(pieces: Iterator[bytes], meter: Meter) -> Iterator[bytes]:
    """Pass on no more than the limit, and nothing after the deadline."""
    left = meter.limits.body_bytes
    for piece in pieces:
        left -= len(piece)
        if left < 0:
            raise meter.too_large()
        meter.seconds_left()
        yield piece


class _Sent:
    """The body as it is sent; its beginning is kept for the case that it cannot be decoded."""

    def __init__(self, pieces: Iterator[bytes], most: int):
        self._pieces, self._most = pieces, most
        self.beginning = bytearray()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = next(self._pieces)
        self.beginning += piece[: max(self._most - len(self.beginning), 0)]
        return piece
