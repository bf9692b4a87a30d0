"""Send any request to a URL that a stranger gave us, and read the beginning of its answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from urllib3.response import HTTPResponse

from bellhop_worker.http.allow_list import AllowList
from bellhop_worker.http.connections import Message, exchange
from bellhop_worker.http.errors import FetchRefused
from bellhop_worker.http.limits import Limits, Meter
from bellhop_worker.http.pages import SentBody, faults_explained
from bellhop_worker.http.resolution import Resolver, look_up, permitted_addresses
from bellhop_worker.http.target import Target

_CHUNK_BYTES = 16 * 1024


@dataclass(frozen=True)
class Outgoing:
    """A request. `headers` go wherever it is redirected to; `private`, made from the body that is sent, to the
    first scheme, host and port alone. Names of headers are in lower case."""

    url: str
    method: str
    headers: Mapping[str, str] = field(default_factory=dict)
    private: Callable[[bytes], Mapping[str, str]] = lambda body: {}
    body: bytes | None = None

    def message(self, at_home: bool) -> Message:
        """What goes over the wire to one hop."""
        private = self.private(self.body or b"") if at_home else {}
        own_trace = "traceparent" in self.headers or "traceparent" in private
        return Message(self.method, {**self.headers, **private}, self.body, traced=at_home and not own_trace)

    def redirected(self, status: int) -> "Outgoing":
        """The request that follows on a redirect (RFC 9110, 15.4): after 303, and as browsers do after 301 and 302
        of a POST, it becomes a GET."""
        seen_elsewhere = status == 303 and self.method != "HEAD"
        if seen_elsewhere or (status in {301, 302} and self.method == "POST"):
            headers = {name: value for name, value in self.headers.items() if not name.startswith("content-")}
            return replace(self, method="GET", body=None, headers=headers)
        return self


@dataclass(frozen=True)
class Reply:
    """What came back: `beginning` is the first decoded bytes of the body, `more` whether there are others,
    `seconds` the wall time of it all and `url` where the redirects ended."""

    status: int
    seconds: float
    url: str
    headers: Mapping[str, str]
    beginning: bytes
    more: bool


def send(
    request: Outgoing,
    *,
    allow: AllowList,
    limits: Limits,
    wanted: Callable[[int], bool],
    keep: int,
    resolve: Resolver = look_up,
) -> Reply:
    """Send the request and follow redirects, but for those that are `wanted` themselves; `keep` is how many bytes of
    the body are read. Each hop is checked as those of a fetch are. A body is not carried on to another
    host. Raises FetchRefused and FetchFailed."""
    meter = Meter(limits)
    home = target = Target.parse(request.url)
    for _ in range(limits.redirects + 1):
        at_home = target.origin == home.origin
        if request.body is not None and not at_home:
            raise FetchRefused(f"the answer redirects a {request.method} with its body to another host")
        with faults_explained(target, meter):
            addresses = permitted_addresses(target, allow, resolve, meter.seconds_left())
            with exchange(target, addresses, meter, request.message(at_home)) as response:
                location = response.get_redirect_location()
                if not location or wanted(response.status):
                    return _reply(response, target, meter, keep)
                request = request.redirected(response.status)
        target = target.join(location)
    raise FetchRefused(f"the answer redirects more than {limits.redirects} times")


def _reply(response: HTTPResponse, target: Target, meter: Meter, keep: int) -> Reply:
    body = _beginning(response, meter, keep + 1)
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Reply(response.status, meter.seconds, target.url, headers, body[:keep], len(body) > keep)


def _beginning(response: HTTPResponse, meter: Meter, count: int) -> bytes:
    """So many decoded bytes at most; the rest is never read."""
    encoding = response.headers.get("Content-Encoding", "")
    decoded = HTTPResponse(SentBody(response, meter), headers={"Content-Encoding": encoding}, preload_content=False)
    body = bytearray()
    for chunk in decoded.stream(_CHUNK_BYTES):
        body += chunk
        if len(body) >= count:
            break
    return bytes(body[:count])
