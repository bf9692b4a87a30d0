"""TCP ports of this machine's own address."""

import os
import socket
from itertools import count, islice
from pathlib import Path

from bellhop_local.files import write_private

HOST = "127.0.0.1"
FIRST, BLOCK, BLOCKS = 10_000, 100, 200
"""Where free ports are looked for: below those that connections get, in as many blocks of so many ports."""
_turns = count()


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port that nobody uses, and that no other process is about to be given: each has a block of its own.

    The operating system would give the same one to two processes that ask before either has
    begun to listen.
    """
    first = FIRST + os.getpid() % BLOCKS * BLOCK
    ports = (first + turn % BLOCK for turn in islice(_turns, BLOCK))
    return next(filter(is_free, ports), 0) or _any_free_port()


def _any_free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def stored_port(path: Path) -> int:
    """The port kept in the file while it is free, otherwise a new one that is kept from then on."""
    try:
        port = int(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        port = 0
    if not (port and is_free(port)):
        port = free_port()
        write_private(path, f"{port}\n")
    return port
