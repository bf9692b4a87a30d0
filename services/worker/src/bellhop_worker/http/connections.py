"""Connections to a checked address, which keep to the limits of their fetch."""

import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPConnection
from typing import TYPE_CHECKING, cast

from bellhop_ledger.platform import tracing
from bellhop_ledger.platform.tracing import Facts, Kind
from bellhop_worker.http.addresses import IPAddress
from bellhop_worker.http.limits import Meter
from bellhop_worker.http.responses import Response
from bellhop_worker.http.target import Target

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class _PlainSocket(socket.socket):
    """A socket on which every single read ends at the deadline of the whole fetch: a time-out
    per read would let a server drip one byte at a time for ever, in headers as in bodies."""

    meter: Meter

    def recv_into(self, buffer: "WriteableBuffer", nbytes: int = 0, flags: int = 0) -> int:
        self.settimeout(self.meter.seconds_left())
        return self.meter.receive(super().recv_into(buffer, nbytes, flags))


class _TlsSocket(ssl.SSLSocket):
    """The same below TLS."""

    meter: Meter

    def recv_into(self, buffer: "WriteableBuffer", nbytes: int | None = None, flags: int = 0) -> int:
        self.settimeout(self.meter.seconds_left())
        return self.meter.receive(super().recv_into(buffer, nbytes, flags))


STANDARD = {"user-agent": "bellhop", "accept": "*/*"}
"""Headers that a request may set otherwise."""


@dataclass(frozen=True)
class Message:
    """What is sent; the names of headers are in lower case."""

    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    traced: bool = False
    """Whether the request carries its trace context to the other side."""


PLAIN_GET = Message()


@contextmanager
def exchange(
    target: Target, addresses: Sequence[IPAddress], meter: Meter, message: Message = PLAIN_GET
) -> Iterator[Response]:
    """Send a request to the first address that answers; yields the response, its body unread and
    not decoded. Raises OSError, FetchRefused and the errors of http.client."""
    with (
        tracing.span(message.method, Kind.CLIENT, _facts(target, message)) as span,
        _connect(target, addresses, meter) as sock,
    ):
        traced = tracing.headers_of(span.context) if message.traced else {}
        with _send(sock, target, message, traced, meter) as response:
            span.note({"http.response.status_code": response.status})
            yield response


def _send(sock: socket.socket, target: Target, message: Message, traced: Mapping[str, str], meter: Meter) -> Response:
    connection = HTTPConnection(target.host, target.port)
    connection.response_class = Response
    connection.sock = sock
    connection.auto_open = 0  # never a second connection: it would resolve the name again
    sock.settimeout(meter.seconds_left())
    headers = {
        **STANDARD,
        **traced,
        **message.headers,
        "host": target.authority,
        "accept-encoding": "gzip, deflate",
        "connection": "close",
    }
    try:
        connection.request(message.method, target.path, body=message.body, headers=headers)
    except (BrokenPipeError, ConnectionResetError):
        return _refusal(connection)
    return cast("Response", connection.getresponse())


def _refusal(connection: HTTPConnection) -> Response:
    """Return what a server says that hung up in the middle of our body, if it says why it does not want it.

    Raises the OSError that is being handled: anything but a refusal speaks of a request that did not arrive.
    """
    response = cast("Response", connection.getresponse())
    if response.status >= 400:
        return response
    response.close()
    raise ConnectionResetError


def _facts(target: Target, message: Message) -> Facts:
    """What a span says of a request. The path and the query of a stranger's URL may be secrets."""
    scheme = "https" if target.is_encrypted else "http"
    return {
        "http.request.method": message.method,
        "server.address": target.host,
        "server.port": target.port,
        "url.scheme": scheme,
    }


def _connect(target: Target, addresses: Sequence[IPAddress], meter: Meter) -> socket.socket:
    for address in addresses[:-1]:
        try:
            return _open(target, address, meter)
        except OSError:
            continue
    return _open(target, addresses[-1], meter)


def _open(target: Target, address: IPAddress, meter: Meter) -> socket.socket:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    sock = _PlainSocket(family, socket.SOCK_STREAM)
    sock.meter = meter
    try:
        sock.settimeout(_seconds_to_connect(meter))
        sock.connect((str(address), target.port))
        return _encrypt(sock, target.host) if target.is_encrypted else sock
    except BaseException:
        sock.close()
        raise


def _encrypt(sock: _PlainSocket, host: str) -> _TlsSocket:
    """The certificate is checked for the name in the URL, not for the address."""
    sock.settimeout(_seconds_to_connect(sock.meter))
    encrypted = cast("_TlsSocket", tls_context().wrap_socket(sock, server_hostname=host))
    encrypted.meter = sock.meter
    return encrypted


def _seconds_to_connect(meter: Meter) -> float:
    return min(meter.limits.connect_seconds, meter.seconds_left())


@cache  # reading the system's certificates takes longer than many a fetch
def tls_context() -> ssl.SSLContext:
    """The system's certificates, or those of SSL_CERT_FILE, as OpenSSL has it."""
    context = ssl.create_default_context()
    context.sslsocket_class = _TlsSocket
    context.set_alpn_protocols(["http/1.1"])
    return context
