"""From the host of a URL to the addresses that we may connect to."""

import socket
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from ipaddress import ip_address

from bellhop_worker.http.addresses import IPAddress, is_public
from bellhop_worker.http.allow_list import AllowList
from bellhop_worker.http.errors import FetchRefused, Unreachable
from bellhop_worker.http.ports import Ports, port_refused, refuse_bad_port
from bellhop_worker.http.target import Target

# Takes a host and a port, answers with addresses as text; raises OSError.
Resolver = Callable[[str, int], Iterable[str]]


def look_up(host: str, port: int) -> list[str]:
    """Ask the system's resolver. It also reads 127.1, 0x7f.1 and 2130706433 as what they are."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(sockaddr[0]) for *_, sockaddr in found]


def permitted_addresses(
    target: Target, allow: AllowList, resolve: Resolver, seconds: float, ports: Ports | None = None
) -> list[IPAddress]:
    """Return every address of the target, in the resolver's order. One forbidden address is enough to
    raise FetchRefused: a public server has no reason to publish a private one.

    `ports` are those that may be asked (None: all); what the allow-list permits it permits with its ports, but for
    those of other protocols, which it must name.
    """
    if ports is not None:
        refuse_bad_port(target, allow, ports)
    addresses = _resolve_within(seconds, target, resolve)
    for address in addresses:
        if allow.permits(target.host, target.port, address):
            continue
        if not is_public(address):
            raise FetchRefused(f"{target.host} resolves to an address that is not public")
        if ports is not None and target.port not in ports:
            raise port_refused(target)
    return addresses


def _resolve_within(seconds: float, target: Target, resolve: Resolver) -> list[IPAddress]:
    """Resolve in a thread, for getaddrinfo knows no deadline. A thread that we stop waiting for
    ends with the resolver's own time-out; as a daemon it does not hold up a stopping worker."""
    answer: Future[list[IPAddress]] = Future()

    def ask() -> None:
        try:
            found = resolve(target.lookup, target.port)
            answer.set_result([ip_address(text) for text in found])
        except Exception as error:
            answer.set_exception(error)

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    return _result_of(answer, target, seconds)


def _result_of(answer: Future[list[IPAddress]], target: Target, seconds: float) -> list[IPAddress]:
    try:
        addresses = answer.result(timeout=seconds)
    except TimeoutError:
        raise
    except (OSError, UnicodeError):  # UnicodeError: a label that no DNS name can have
        addresses = []
    if not addresses:
        raise Unreachable(f"{target.host} could not be resolved")
    return addresses
