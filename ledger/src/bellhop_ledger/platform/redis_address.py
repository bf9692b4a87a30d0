"""The address of Redis: read once, for kombu and redis-py alike, which would not read it alike."""

import os
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from bellhop_ledger.platform.server_address import check_server

if TYPE_CHECKING:
    from redis import Redis

SCHEMES = ("redis://", "rediss://")
REQUIREMENTS = {"required": ssl.CERT_REQUIRED, "optional": ssl.CERT_OPTIONAL, "none": ssl.CERT_NONE}
TRUTH = {"true": True, "yes": True, "1": True, "on": True, "false": False, "no": False, "0": False, "off": False}


def _requirement(value: str) -> ssl.VerifyMode:
    try:
        return REQUIREMENTS[value.lower().removeprefix("cert_")]
    except KeyError:
        raise ValueError("must be required, optional or none") from None


def _truth(value: str) -> bool:
    try:
        return TRUTH[value.lower()]
    except KeyError:
        raise ValueError("must be true or false") from None


def _readable(path: str) -> str:
    if not os.access(path, os.R_OK):
        raise ValueError(f"cannot read {path}")
    return path


PARAMETERS: dict[str, Callable[[str], Any]] = {
    "ssl_cert_reqs": _requirement,
    "ssl_check_hostname": _truth,
    "ssl_ca_certs": _readable,
    "ssl_ca_path": _readable,
    "ssl_certfile": _readable,
    "ssl_keyfile": _readable,
    "ssl_password": str,
    "ssl_ciphers": str,
}
"""What may stand behind the question mark, in the words of both libraries; time-outs are ours to choose."""


@dataclass(frozen=True)
class RedisAddress:
    """Where Redis is, and how its certificate is verified."""

    url: str = field(repr=False)
    """Without parameters."""
    tls: dict[str, Any] = field(repr=False)
    """Keyword arguments for redis-py, which kombu passes on as well; empty without TLS."""

    def client(self, **options: Any) -> "Redis":
        """Return a client of redis-py."""
        from redis import Redis

        return Redis.from_url(self.url, **self.tls, **options)


def read(url: str) -> RedisAddress:
    """Read an address. Raises ValueError, which names what is wrong and quotes no secret.

    The certificate of a rediss:// server is verified, with its host name, unless the address says otherwise.
    """
    if not url.startswith(SCHEMES):
        raise ValueError("must begin with redis:// or rediss://")
    check_server(url)
    parts = urlsplit(url)
    if (database := parts.path.strip("/")) and not (database.isascii() and database.isdigit()):
        raise ValueError("the path must be the number of a database, such as /0")
    given = _parameters(parts.query)
    if parts.scheme == "redis" and given:
        raise ValueError(f"{next(iter(given))}: needs TLS, so the address must begin with rediss://")
    return RedisAddress(parts._replace(query="").geturl(), _tls(given) if parts.scheme == "rediss" else {})


def _tls(given: dict[str, Any]) -> dict[str, Any]:
    tls = {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True, **given}
    if tls["ssl_cert_reqs"] is ssl.CERT_NONE:
        tls["ssl_check_hostname"] = False
    return tls


def _parameters(query: str) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in PARAMETERS:
            raise ValueError(f"{name}: is no parameter that is taken here; there are {', '.join(PARAMETERS)}")
        try:
            given[name] = PARAMETERS[name](value)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
    return given
