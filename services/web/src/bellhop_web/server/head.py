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

HOST = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=%-]*|\[[0-9A-Fa-f:.]+\])(?::\d*)?")
"""RFC 9110, section 7.2: a name or an address, and a port."""


class Unfit(Exception):
    """A request that is refused without a thread."""

    def __init__(self, status: int, message: str, field: str = "", retry_after: int | None = None):
        super().__init__(message)
        self.status, self.field, self.retry_after = status, field, retry_after


class TooMuch(Unfit):
    """The body is larger than any may be; a path's own limit is for the application to tell."""

    def __init__(self) -> None:
        super().__init__(413, f"must have at most {most_of_all():,} bytes", "body")


@dataclass(frozen=True)
class Head:
    """What a head says of the body after it."""

    length: int | None
    """Bytes of it; None: it comes in chunks."""
    asks: bool = False
    """Whether the client waits until it is told to go on (RFC 9110, section 10.1.1)."""


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
    length = None if isinstance(reader, ChunkedReader) else int(reader.length)
    if length is not None and length > most_of_all():
        raise TooMuch
    return Head(length, request._expected_100_continue)


def _check_host(request: Request) -> None:
    """Require what RFC 9112, section 3.2, does. Two of it gunicorn has refused."""
    host = next((value for name, value in request.headers if name == "HOST"), None)
    if host is None and request.version >= (1, 1):
        raise Unfit(400, "is required", "Host")
    if host is not None and not HOST.fullmatch(host):
        raise Unfit(400, "must be a name or an address, and a port if any", "Host")
