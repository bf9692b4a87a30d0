"""A door that speaks TLS before a server that does not, as managed Redis offers it."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

from bellhop_local.ports import HOST


@contextmanager
def tls_door(certificate: Path, port: int, *, client_ca: Path | None = None) -> Iterator[int]:
    """Listen on a port of this machine, which is given, and pass on to that one what comes over TLS."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=client_ca)
    context.load_cert_chain(certificate)
    if client_ca:
        context.verify_mode = ssl.CERT_REQUIRED
    with socket.create_server((HOST, 0)) as door:
        Thread(target=_serve, args=(door, context, port), daemon=True).start()
        yield door.getsockname()[1]
        door.shutdown(socket.SHUT_RDWR)


def _serve(door: socket.socket, context: ssl.SSLContext, port: int) -> None:
    with suppress(OSError):
        while True:
            guest, _ = door.accept()
            Thread(target=_let_in, args=(guest, context, port), daemon=True).start()


def _let_in(guest: socket.socket, context: ssl.SSLContext, port: int) -> None:
    with (
        suppress(OSError),
        context.wrap_socket(guest, server_side=True) as safe,
        socket.create_connection((HOST, port)) as server,
    ):
        Thread(target=_pass_on, args=(server, safe), daemon=True).start()
        _pass_on(safe, server)


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_RDWR)
