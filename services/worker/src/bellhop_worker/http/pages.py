"""Fetch a page from a URL that a stranger gave us, without letting it into private networks."""

import builtins
import io
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPException

from urllib3 import exceptions
from urllib3.response import HTTPResponse

from bellhop_worker.http.allow_list import AllowList
from bellhop_worker.http.connections import exchange
from bellhop_worker.http.errors import FetchFailed, FetchRefused
from bellhop_worker.http.limits import Limits, Meter
from bellhop_worker.http.resolution import Resolver, look_up, permitted_addresses
from bellhop_worker.http.target import Target

_CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True)
class Page:
    """What a fetch found: `bytes` is the size of the decoded body, `seconds` the wall time of
    the whole fetch, `url` where the redirects ended, `body` None unless it was asked for."""

    status: int
    bytes: int
    seconds: float
    url: str
    redirects: int
    content_type: str | None
    body: builtins.bytes | None = None


def fetch(
    url: str,
    *,
    allow: AllowList,
    limits: Limits,
    read_body: bool = False,
    resolve: Resolver = look_up,
) -> Page:
    """GET a page, following redirects; every status is a result. Each hop is resolved once,
    all its addresses are checked, and the connection goes to a checked address (no DNS
    rebinding). Raises FetchRefused and FetchFailed."""
    meter = Meter(limits)
    target = Target.parse(url)
    for redirects in range(limits.redirects + 1):
        with faults_explained(target, meter):
            addresses = permitted_addresses(target, allow, resolve, meter.seconds_left())
            with exchange(target, addresses, meter) as response:
                location = response.get_redirect_location()
                if not location:
                    page = _page(response, target, redirects, meter)
                    return page if read_body else replace(page, body=None)
        target = target.join(location)
    raise FetchRefused(f"the page redirects more than {limits.redirects} times")


def _page(response: HTTPResponse, target: Target, redirects: int, meter: Meter) -> Page:
    body = _body(response, meter)
    return Page(
        status=response.status,
        bytes=len(body),
        seconds=meter.seconds,
        url=target.url,
        redirects=redirects,
        content_type=response.headers.get("Content-Type"),
        body=body,
    )


def _body(response: HTTPResponse, meter: Meter) -> bytes:
    """The decoded body. urllib3 decodes no more at a time than one chunk asks for."""
    encoding = response.headers.get("Content-Encoding", "")
    decoded = HTTPResponse(SentBody(response, meter), headers={"Content-Encoding": encoding}, preload_content=False)
    body = bytearray()
    for chunk in decoded.stream(_CHUNK_BYTES):
        body += chunk
        if len(body) > meter.limits.body_bytes:
            raise meter.too_large()
    return bytes(body)


class SentBody(io.RawIOBase):
    """The body as it is sent, counted. urllib3 alone would count it only after decoding, and
    would read on and on where compressed bytes decode to nothing."""

    def __init__(self, response: HTTPResponse, meter: Meter) -> None:
        self._chunks = response.stream(_CHUNK_BYTES, decode_content=False)
        self._left = meter.limits.body_bytes
        self._meter = meter

    def read(self, size: int = -1, /) -> bytes:
        """Give the next chunk; its size is the server's choice."""
        chunk = next(self._chunks, b"")
        self._left -= len(chunk)
        if self._left < 0:
            raise self._meter.too_large()
        return chunk


@contextmanager
def faults_explained(target: Target, meter: Meter) -> Iterator[None]:
    """Put network faults into words. The causes are dropped (`from None`): they may name an
    address, and the traceback of a job is public."""
    try:
        yield
    except (TimeoutError, exceptions.TimeoutError):
        if meter.is_out_of_time:
            raise FetchFailed(f"took longer than {meter.limits.total_seconds:g} seconds") from None
        raise FetchFailed(f"{target.host} did not answer in time") from None
    except ssl.SSLCertVerificationError as error:
        reason = error.verify_message
        raise FetchFailed(f"{target.host} has no valid certificate: {reason}") from None
    except ssl.SSLError:
        raise FetchFailed(f"{target.host} does not speak TLS as it should") from None
    except ConnectionRefusedError:
        raise FetchFailed(f"{target.host} refused the connection") from None
    except (OSError, HTTPException, exceptions.HTTPError):
        raise FetchFailed(f"{target.host} could not be reached or gave no valid answer") from None
