"""Where one hop of a fetch goes, read once from its URL."""

from dataclasses import dataclass
from urllib.parse import urljoin

from urllib3.util import Url, parse_url

from bellhop_worker.http.allow_list import canonical_host
from bellhop_worker.http.errors import FetchRefused

_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Target:
    """A checked URL in parts. `lookup` is the host for the resolver (a trailing dot matters
    there), `host` the same for everybody else."""

    url: str
    scheme: str
    lookup: str
    host: str
    port: int
    path: str

    @classmethod
    def parse(cls, url: str) -> "Target":
        """Read a URL; raises FetchRefused unless it is plain http or https to a host."""
        try:
            parts = parse_url(url)
            name = canonical_host(parts.host or "")
        except ValueError:  # from None: the cause quotes the URL, which may hold a password
            raise FetchRefused("url: cannot be read") from None
        _check(parts, name)
        scheme = str(parts.scheme)
        port = _DEFAULT_PORTS[scheme] if parts.port is None else parts.port
        return cls(parts.url, scheme, str(parts.host).strip("[]"), name, port, parts.request_uri)

    def join(self, location: str) -> "Target":
        """The target that a Location header leads to from here; raises FetchRefused."""
        # Header bytes reach us as Latin-1; what servers send is UTF-8.
        location = location.encode("latin-1").decode("utf-8", "replace")
        try:
            url = urljoin(self.url, location)
        except ValueError:
            raise FetchRefused("url: cannot be read") from None
        return Target.parse(url)

    @property
    def is_encrypted(self) -> bool:
        """Whether this hop speaks TLS."""
        return self.scheme == "https"

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{self.scheme}://{self.host}:{self.port}"

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def _check(parts: Url, name: str) -> None:
    if parts.scheme not in _DEFAULT_PORTS:
        raise FetchRefused("url: only http and https are fetched")
    if parts.auth is not None:
        raise FetchRefused("url: must not carry a user name or a password")
    if not name or name.startswith("."):
        raise FetchRefused("url: has no host")
