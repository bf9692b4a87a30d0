"""Link: where Bellhop is, with which token, and how a request becomes one of httpx. Nothing here is sent."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from bellhop_client.exchange import Lost, Request, Ring
from bellhop_client.retries import Retries
from bellhop_client.version import VERSION

if TYPE_CHECKING:
    import httpx

NOT_SENT = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout"})
"""Errors of httpx after which no request can have arrived."""


class Token:
    """A token, which stays out of every repr and message. As httpx's `auth` it signs a request.

    It may be a function, which is asked for each request: a file's secret can be replaced meanwhile.
    """

    __slots__ = ("_read",)

    def __init__(self, token: str | Callable[[], str]):
        self._read = token if callable(token) else lambda: token
        self._text()

    def _text(self) -> str:
        text = self._read()
        if not isinstance(text, str) or not re.fullmatch(r"[!-~]+", text.strip()):
            raise ValueError("token: must be a text of visible ASCII characters")
        return text.strip()  # of a file it has the end of the line

    def __repr__(self) -> str:
        return "Token(***)"

    def __call__(self, request: "httpx.Request") -> "httpx.Request":
        """Sign a request; httpx keeps the header out of its reprs."""
        request.headers["Authorization"] = f"Bearer {self._text()}"
        return request


def _has_good_port(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:
        return False


@dataclass(frozen=True)
class Link:
    """All that a driver needs to know of the server."""

    url: str
    token: Token
    timeout: float = 30.0
    retries: Retries = field(default_factory=Retries)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if not _has_good_port(parts):
            raise ValueError("url: must have a port from 1 to 65535, or none")
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
            raise ValueError("url: must be http:// or https:// and a host, without a user name or password")
        if parts.query or parts.fragment:
            raise ValueError("url: must end with the host, the port or a path")

    def arguments(self, request: Request) -> dict[str, Any]:
        """Return a request as arguments of httpx."""
        headers = {"Accept": "application/json", "User-Agent": f"bellhop-client/{VERSION}"}
        if request.body is not None:
            headers["Content-Type"] = "application/json"
        if request.key is not None:
            headers["Idempotency-Key"] = request.key
        return {
            "method": request.method,
            "url": f"{self.base}{request.path}",
            "params": list(request.query),
            "content": request.body,
            "headers": headers,
            "auth": self.token,
            "timeout": (self.timeout, self.timeout + request.seconds, self.timeout, self.timeout),
            "follow_redirects": False,
        }

    def stream(self, ring: Ring) -> dict[str, Any]:
        """Return the request for a stream of live views as arguments of httpx."""
        query = tuple(("topic", topic) for topic in ring.topics)
        return self.arguments(Request("GET", "/live", query)) | {
            "timeout": (self.timeout, ring.silence, self.timeout, self.timeout)
        }

    def lost(self, request: Request, error: Exception) -> Lost:
        """Return what became of a request without an answer."""
        kind = type(error).__name__
        return Lost(f"{request.method} {self.base}{request.path}: {kind}: {error}", sent=kind not in NOT_SENT)

    @property
    def base(self) -> str:
        """The URL, without the slash at its end."""
        return self.url.rstrip("/")


def is_event(line: str) -> bool:
    """Whether a line of a stream ends its silence with something to look at."""
    return line.startswith("data:")
