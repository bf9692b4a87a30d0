"""Send any request to a URL that a stranger gave us, and read the beginning of its answer."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from bellhop_worker.http.allow_list import AllowList
from bellhop_worker.http.bodies import read_body
from bellhop_worker.http.connections import Message, exchange
from bellhop_worker.http.errors import FetchError, FetchRefused
from bellhop_worker.http.limits import Limits, Meter
from bellhop_worker.http.pages import faults_explained
from bellhop_worker.http.resolution import Resolver, look_up, permitted_addresses
from bellhop_worker.http.responses import Response
from bellhop_worker.http.target import Target

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that only ask (RFC 9110, 9.2.1)."""


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

    def changed_by(self, status: int, elsewhere: bool) -> str | None:
        """Return why the other side of a redirect would not get what was sent; nothing where it would."""
        after = self.redirected(status)
        if after.method != self.method:
            return f"the {self.method} would become a {after.method}"
        if after.body != self.body:
            return f"the body of the {self.method} would be dropped"
        if elsewhere and (self.body is not None or self.method not in SAFE):
            return f"the {self.method} would go to another scheme, host or port"
        return None


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
    body_error: str | None = None
    """Why the body is not whole, or not decoded."""
    stopped: str | None = None
    """Why a redirect was not followed."""


def send(
    request: Outgoing,
    *,
    allow: AllowList,
    limits: Limits,
    wanted: Callable[[int], bool],
    follow: bool | None,
    keep: int,
    resolve: Resolver = look_up,
) -> Reply:
    """Send the request and follow redirects, but for those that are `wanted` themselves; `keep` is how many bytes of
    the body are read. Each hop is checked as those of a fetch are.

    Unless it is said whether to `follow`, only what arrives as it was sent is sent on. A redirect that is not
    followed is the reply. Raises FetchRefused and FetchFailed.
    """
    meter, home, via = Meter(limits), Target.parse(request.url), ""
    target, left = home, limits.redirects
    while True:
        with _naming(via), faults_explained(target, meter):
            addresses = permitted_addresses(target, allow, resolve, meter.seconds_left())
            with exchange(target, addresses, meter, request.message(target.origin == home.origin)) as response:
                if not response.location or wanted(response.status):
                    return _reply(response, target, meter, keep)
                onward = _onward(request, response, target, home, follow) if left else _too_many(limits)
                if isinstance(onward, str):
                    return replace(_reply(response, target, meter, keep), stopped=onward)
        request, target, left = request.redirected(response.status), onward, left - 1
        via = f"after a redirect ({response.status}) to {onward.url}: "


def _too_many(limits: Limits) -> str:
    return f"the answer redirects more than {limits.redirects} times"


def _onward(request: Outgoing, response: Response, target: Target, home: Target, follow: bool | None) -> Target | str:
    """Return where a redirect leads to, or why it is not followed."""
    try:
        onward = target.join(response.location)
    except FetchRefused as refused:
        return str(refused).removeprefix("url: ")
    if follow is False:
        return "follow_redirects is false"
    stopped = request.changed_by(response.status, onward.origin != home.origin)
    return onward if follow or stopped is None else stopped


@contextmanager
def _naming(via: str) -> Iterator[None]:
    """Add to an error which redirect has led to it."""
    try:
        yield
    except FetchError as error:
        raise (type(error)(f"{via}{error}") if via else error) from None


def _reply(response: Response, target: Target, meter: Meter, keep: int) -> Reply:
    body = read_body(response, meter, keep + 1)
    content, error = body.content, str(body.error) if body.error else None
    return Reply(
        response.status, meter.seconds, target.url, response.fields, content[:keep], len(content) > keep, error
    )
