"""The private hosts and networks that an operator lets fetches reach: the setting FETCH_ALLOW."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_network

from bellhop_worker.http.addresses import IPAddress

IPNetwork = IPv4Network | IPv6Network

_HOST_ENTRY = re.compile(
    r"(?:\[(?P<ipv6>[0-9a-f:.]+)\]|(?P<name>[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?))"
    r"(?::(?P<port>[0-9]+))?",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True)
class AllowList:
    """Hosts, each with one port or (None) with all, and networks that may be reached although
    their addresses are not public. No other rule of a fetch is lifted."""

    hosts: frozenset[tuple[str, int | None]] = frozenset()
    networks: frozenset[IPNetwork] = frozenset()

    @classmethod
    def parse(cls, setting: str) -> "AllowList":
        """Read 'host:port,host,10.0.0.0/8,[::1]:8080'; raises ValueError for an entry that is
        none of these."""
        entries = [entry.strip() for entry in setting.split(",") if entry.strip()]
        return cls(
            hosts=frozenset(_host(entry) for entry in entries if "/" not in entry),
            networks=frozenset(_network(entry) for entry in entries if "/" in entry),
        )

    def permits(self, host: str, port: int, address: IPAddress) -> bool:
        """Whether a fetch from this host and port may reach this address although it is private."""
        name = canonical_host(host)
        if (name, port) in self.hosts or (name, None) in self.hosts:
            return True
        return any(address in network for network in self.networks)


def canonical_host(host: str) -> str:
    """One spelling for one host: lower case, no brackets, no trailing dot, IPv6 compressed."""
    name = host.lower().strip("[]").rstrip(".")
    return str(IPv6Address(name)) if ":" in name else name


def _host(entry: str) -> tuple[str, int | None]:
    parts = _HOST_ENTRY.fullmatch(entry)
    if parts is None:
        raise _bad(entry)
    port = int(parts["port"]) if parts["port"] else None
    if port is not None and not 0 < port < 65536:
        raise _bad(entry)
    try:
        return canonical_host(parts["ipv6"] or parts["name"]), port
    except ValueError as error:
        raise _bad(entry) from error


def _network(entry: str) -> IPNetwork:
    try:
        return ip_network(entry)
    except ValueError as error:
        raise _bad(entry) from error


def _bad(entry: str) -> ValueError:
    return ValueError(f"FETCH_ALLOW: {entry!r} is neither host, host:port nor a network like 10.0.0.0/8")
