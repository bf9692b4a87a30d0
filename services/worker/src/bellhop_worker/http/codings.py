"""Content codings: bodies are decoded piece by piece, and one that breaks off is not taken for a whole one."""

import zlib
from collections.abc import Callable, Iterable, Iterator

from bellhop_worker.http.errors import FetchFailed, FetchRefused

PIECE = 64 * 1024
"""Bytes that are decoded at once, at most: a small body may decode to gigabytes."""
MOST_CODINGS = 5
GZIP_MAGIC = b"\x1f\x8b"


class Undecodable(FetchRefused):
    """The body is not what its Content-Encoding says."""


class UnknownCoding(FetchRefused):
    """The body is coded in a way that was not asked for."""

    def __init__(self, coding: str):
        super().__init__(f"the body is coded as {coding[:40]!r}, which cannot be decoded here")


class Incomplete(FetchFailed):
    """The coded body ends before its end."""


Bounded = Callable[[Iterator[bytes]], Iterator[bytes]]


def decode(pieces: Iterator[bytes], codings: list[str], bounded: Bounded) -> Iterator[bytes]:
    """Yield a body decoded; `codings` are in the order in which they were applied, and `bounded` limits what comes
    out of each (a coded body may decode to nothing for ever). Raises Undecodable, UnknownCoding and Incomplete."""
    if len(codings) > MOST_CODINGS:
        raise UnknownCoding(", ".join(codings))
    for coding in reversed(codings):
        if coding not in STREAMS:
            raise UnknownCoding(coding)
        pieces = bounded(_inflate(pieces, coding))
    return pieces


def _gzip(_: bytes) -> "zlib._Decompress":
    return zlib.decompressobj(16 + zlib.MAX_WBITS)


def _deflate(start: bytes) -> "zlib._Decompress":
    """RFC 9110 means zlib's format by deflate; some servers send the bare stream, as RFC 1951 has it."""
    is_zlib = start[0] & 0x0F == 8 and int.from_bytes(start[:2], "big") % 31 == 0
    return zlib.decompressobj(zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS)


STREAMS: dict[str, Callable[[bytes], "zlib._Decompress"]] = {"gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate}


def _inflate(pieces: Iterator[bytes], coding: str) -> Iterator[bytes]:
    waiting = _Rest(pieces)
    if not waiting.has(1):  # no body at all, as HEAD and 304 have it, whatever its headers say
        return
    while True:
        waiting.has(2)
        stream = STREAMS[coding](waiting.data)
        yield from _one_stream(stream, waiting, coding)
        # gzip knows members in a row; what else follows, such as zeros, is passed over as gzip itself does.
        if "gzip" not in coding or not waiting.has(2) or not waiting.data.startswith(GZIP_MAGIC):
            return


def _one_stream(stream: "zlib._Decompress", waiting: "_Rest", coding: str) -> Iterator[bytes]:
    while not stream.eof:
        if not waiting.has(1):
            raise Incomplete(f"the {coding} body broke off")
        before = stream.copy()
        try:
            decoded = stream.decompress(waiting.data, PIECE)
        except zlib.error:
            if coding != "deflate":  # which may be a bare stream, as which any text decodes to something
                yield _sound_part(before, waiting.data)
            raise Undecodable(f"the body is not {coding}, as it is said to be") from None
        waiting.data = stream.unused_data if stream.eof else stream.unconsumed_tail
        yield decoded


def _sound_part(stream: "zlib._Decompress", data: bytes) -> bytes:
    """Return what comes before the error: zlib gives nothing of a piece that holds one."""
    decoded = bytearray()
    try:
        for byte in data:
            decoded += stream.decompress(bytes([byte]), PIECE)
            if len(decoded) > PIECE:
                break
    except zlib.error:
        pass
    return bytes(decoded)


class _Rest:
    """What has arrived and is not decoded yet."""

    def __init__(self, pieces: Iterable[bytes]):
        self._pieces = iter(pieces)
        self.data = b""

    def has(self, count: int) -> bool:
        """Whether so many bytes are there; reads on until they are."""
        while len(self.data) < count:
            if (piece := next(self._pieces, None)) is None:
                return False
            self.data += piece
        return True
