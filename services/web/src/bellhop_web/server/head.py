"""Heads: gunicorn's own parser reads each before a thread is taken, so there is one opinion of where a request ends."""

import re
from dataclasses import dataclass
from typing import Any

from gunicorn.http.body import ChunkedReader
from gunicorn.http.errors import NoMoreData, ParseException
from gunicorn.http.message import Request
from gunicorn.http.unreader import IterUnreader

from bellhop_web.http.limits import most_of_all
from bellhop_web.server.answers import status_of

MOST_BODY = 65_536
"""Bytes of a body that is gathered without a thread."""
HOST = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=%-]*|\[[0-9A-Fa-f:.]+\])(?::\d*)?")
"""RFC 9110, section 7.2: a name or an address, and a port."""


class Unfit(Exception):
    """A request that is refused without a thread."""

    def __init__(self, status: int, message: str, field: str = "", retry_after: int | None = None):
        super().__init__(message)
        self.status, self.field, self.retry_after = status, field, retry_after


@dataclass(frozen=True)
class Head:
    """What a head says of the body after it."""

    length: int
    """Bytes of it that are gathered without a thread."""
    streamed: bool
    """Whether a thread reads the body itself: it is large, comes in chunks, or waits until it is asked for."""


def read_head(config: Any, data: bytes, peer: Any) -> Head:
    """Read the request line and headers. Raises Unfit."""
    try:
        request = Request(config, IterUnreader([data]), peer)
    except ParseException as error:
        raise Unfit(status_of(error), str(error)) from None
    except (NoMoreData, StopIteration):
        raise Unfit(400, "The request line and headers have no end") from None
    _check_host(request)
    reader = request.body.reader
    chunked = isinstance(reader, ChunkedReader)
    length = 0 if chunked else int(reader.length)
    if length > most_of_all():  # a path's own limit is checked by the application
        raise Unfit(413, f"must have at most {most_of_all():,} bytes", "body")
    waits = any(name == "EXPECT" for name, _ in request.headers)
    return Head(length, chunked or waits or length > MOST_BODY)


def is_unread(reader: Any) -> bool:
    """Whether some of a body has not been read by who serves its request."""
    return reader.parser is not None if isinstance(reader, ChunkedReader) else reader.length > 0


def _check_host(request: Request) -> None:
    """Require what RFC 9112, section 3.2, does. Two of it gunicorn has refused."""
    host = next((value for name, value in request.headers if name == "HOST"), None)
    if host is None and request.version >= (1, 1):
        raise Unfit(400, "is required", "Host")
    if host is not None and not HOST.fullmatch(host):
        raise Unfit(400, "must be a name or an address, and a port if any", "Host")
