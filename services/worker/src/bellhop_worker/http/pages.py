"""Fetch a page from a URL that a stranger gave us, without letting it into private networks."""

import builtins
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPException

from bellhop_worker.http.allow_list import AllowList
from bellhop_worker.http.bodies import read_body
from bellhop_worker.http.codings import UnknownCoding
from bellhop_worker.http.connections import exchange
from bellhop_worker.http.errors import FetchFailed, FetchRefused, Unreachable
from bellhop_worker.http.limits import Limits, Meter
from bellhop_worker.http.ports import Ports
from bellhop_worker.http.resolution import Resolver, look_up, permitted_addresses
from bellhop_worker.http.responses import Response
from bellhop_worker.http.target import Target


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
    ports: Ports | None = None,
    keep_body: bool = False,
    resolve: Resolver = look_up,
) -> Page:
    """GET a page, following redirects; every status is a result. Each hop is resolved once,
    all its addresses are checked, and the connection goes to a checked address (no DNS
    rebinding). `ports` are those that may be asked, by default all. Raises FetchRefused and FetchFailed."""
    meter = Meter(limits)
    target = Target.parse(url)
    for redirects in range(limits.redirects + 1):
        with faults_explained(target, meter):
            addresses = permitted_addresses(target, allow, resolve, meter.seconds_left(), ports)
            with exchange(target, addresses, meter) as response:
                if not response.location:
                    page = _page(response, target, redirects, meter)
                    return page if keep_body else replace(page, body=None)
        target = target.join(response.location)
    raise FetchRefused(f"the page redirects more than {limits.redirects} times")


def _page(response: Response, target: Target, redirects: int, meter: Meter) -> Page:
    body = read_body(response, meter, meter.limits.body_bytes + 1)
    if body.error and not isinstance(body.error, UnknownCoding):
        kind = FetchRefused if isinstance(body.error, FetchRefused) else FetchFailed
        raise kind(f"{target.host} answered with status {response.status}, but {body.error}")
    return Page(
        status=response.status,
        bytes=len(body.content),
        seconds=meter.seconds,
        url=target.url,
        redirects=redirects,
        content_type=response.field("content-type") or None,
        body=body.content,
    )


@contextmanager
def faults_explained(target: Target, meter: Meter) -> Iterator[None]:
    """Put network faults into words. The causes are dropped (`from None`): they may name an
    address, and the traceback of a job is public."""
    try:
        yield
    except TimeoutError:
        if meter.is_out_of_time:
            raise Unreachable(f"took longer than {meter.limits.total_seconds:g} seconds") from None
        raise Unreachable(f"{target.host} did not answer in time") from None
    except ssl.SSLCertVerificationError as error:
        reason = error.verify_message
        raise Unreachable(f"{target.host} has no valid certificate: {reason}") from None
    except ssl.SSLError:
        raise Unreachable(f"{target.host} does not speak TLS as it should") from None
    except ConnectionRefusedError:
        raise Unreachable(f"{target.host} refused the connection") from None
    except (OSError, HTTPException):
        raise Unreachable(f"{target.host} could not be reached or gave no valid answer") from None
