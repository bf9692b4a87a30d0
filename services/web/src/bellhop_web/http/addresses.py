"""Addresses: from which network a request comes."""

import ipaddress

from flask import current_app, request


def client_address() -> str:
    """Return the network address of who asks, as the proxies that we trust saw it; of IPv6 the network's part."""
    return network_of(_seen() or "")


def address_of_client() -> str | None:
    """Return the whole address of who asks, as the proxies that we trust saw it; None where that is no address."""
    try:
        return str(ipaddress.ip_address(_seen() or ""))
    except ValueError:
        return None


def _seen() -> str | None:
    proxies = int(current_app.config["TRUSTED_PROXIES"])
    seen = [one.strip() for one in ",".join(request.headers.getlist("X-Forwarded-For")).split(",") if one.strip()]
    return seen[-proxies] if 0 < proxies <= len(seen) else request.remote_addr


def network_of(given: str) -> str:
    """Return what one household or office shares: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        address = ipaddress.ip_address(given)
    except ValueError:
        return given
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped  # IPv4 over a socket of both kinds; else all of it would be one network
        return str(mapped or ipaddress.ip_network((address, 64), strict=False))
    return given
