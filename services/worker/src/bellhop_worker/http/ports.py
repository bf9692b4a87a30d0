"""Which ports of a host may be asked for a stranger: the setting FETCH_PORTS."""

from bellhop_worker.http.allow_list import AllowList, canonical_host
from bellhop_worker.http.errors import FetchRefused
from bellhop_worker.http.target import Target

BAD_PORTS = frozenset(
    {0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95}
    | {101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179}
    | {
        389,
        427,
        465,
        512,
        513,
        514,
        515,
        526,
        530,
        531,
        532,
        540,
        548,
        554,
        556,
        563,
        587,
        601,
        636,
        989,
        990,
        993,
        995,
    }
    | {1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566}
    | {6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080}
)
"""Where other protocols live that take a request of HTTP for one of theirs: https://fetch.spec.whatwg.org/#port-blocking"""

Ports = frozenset[int]


def parse_ports(setting: str) -> Ports:
    """Read '80,443'. Raises ValueError for an entry that is no port."""
    ports = frozenset(_port(entry.strip()) for entry in setting.split(",") if entry.strip())
    if not ports:
        raise ValueError("FETCH_PORTS: must name at least one port")
    return ports


def _port(entry: str) -> int:
    if not (entry.isascii() and entry.isdigit() and len(entry) <= 5 and 0 < int(entry) < 65536):
        raise ValueError(f"FETCH_PORTS: {entry!r} is not a port")
    return int(entry)


def refuse_bad_port(target: Target, allow: AllowList, ports: Ports) -> None:
    """Raise FetchRefused for a port of another protocol, unless a setting names it."""
    named = target.port in ports or (canonical_host(target.host), target.port) in allow.hosts
    if target.port in BAD_PORTS and not named:
        raise port_refused(target)


def port_refused(target: Target) -> FetchRefused:
    """Return the error for a port that is not asked."""
    return FetchRefused(f"url: port {target.port} is not one from which pages are fetched")
