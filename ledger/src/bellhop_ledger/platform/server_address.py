"""Addresses of servers: what is wrong with one is said when a command begins, and no part of it is quoted."""

import re
from urllib.parse import SplitResult, urlsplit

HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_.])?|[0-9A-Fa-f:.]+")


def check_server(url: str, *, host_required: bool = True) -> None:
    """Raise ValueError unless an address names one server. A part could be half of a password, so none is quoted."""
    if not url.isprintable() or " " in url.rpartition("@")[2]:
        raise ValueError("must not contain line breaks, nor blanks but in a password")
    if "#" in url:
        raise ValueError("must not contain '#'; in a password write %23")
    if (parts := _split(url)) is None:
        raise ValueError("the port must be a number from 1 to 65535; in a password write / as %2F and : as %3A")
    if "," in parts.netloc.rpartition("@")[2]:
        raise ValueError("must name one server")
    if host_required and not parts.hostname:
        raise ValueError("must name a server")


def _split(url: str) -> SplitResult | None:
    """Return the parts of an address, or nothing when what stands at the port's place is none."""
    try:
        parts = urlsplit(url)
        several = "," in parts.netloc.rpartition("@")[2]
        fits = several or (parts.port != 0 and not parts.netloc.endswith(":"))
    except ValueError:
        return None
    return parts if fits else None


def check_web_address(url: str) -> str:
    """Return the address of something on the web. Raises ValueError."""
    if not url.lower().startswith(("http://", "https://")):
        raise ValueError("must be an http or https URL")
    check_server(url)
    return url


def check_origin(url: str) -> str:
    """Return an address that consists of scheme, host and port. Raises ValueError."""
    parts = urlsplit(check_web_address(url))
    if parts.path or parts.query or "?" in url or "@" in parts.netloc:
        raise ValueError("must be no more than https://, a host, and a port if need be, such as https://example.org")
    return url


def check_host(name: str) -> str:
    """Return the name or the IP address of a server. Raises ValueError."""
    if not HOST.fullmatch(name):
        raise ValueError("must be the name or the IP address of a server, without a port")
    return name
