"""Exposition: `GET /metrics` on METRICS_PORT, which is for Prometheus alone and not for the public."""

import atexit
import os
import shutil
import socket
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from bellhop_ledger.platform.log import get_logger
from bellhop_ledger.platform.metrics.sharing import share_counts
from bellhop_ledger.platform.settings import SettingsError

log = get_logger(__name__)
this: list["Exposition"] = []
"""That of this service; none where METRICS_PORT is 0."""


class Exposition:
    """The port and the files of one service. Its processes inherit the port; any of them may answer."""

    def __init__(self, port: int):
        self._socket = listen(port)
        self._directory = empty_directory(port)  # nobody else uses it, for nobody else has the port
        atexit.register(self._tidy_up, os.getpid())
        self._registry = CollectorRegistry()
        MultiProcessCollector(self._registry, str(self._directory))  # type: ignore[no-untyped-call]

    def _tidy_up(self, main: int) -> None:
        """Leave nothing behind; processes that were forked come through here too."""
        if os.getpid() == main:
            shutil.rmtree(self._directory, ignore_errors=True)

    @property
    def directory(self) -> Path:
        """Where the processes count."""
        return self._directory

    def add(self, collector: Collector) -> None:
        """Show what this one collects too."""
        self._registry.register(collector)

    def serve(self) -> None:
        """Answer in this process, with a thread that ends with it."""
        server = Server(self._socket, self._registry)
        Thread(target=server.serve_forever, name="metrics", daemon=True).start()

    def close(self) -> None:
        """In a child that does not answer: let go of the port, or it would outlive its parent."""
        self._socket.close()


class Server(ThreadingHTTPServer):
    """An HTTP server on a socket that is listening already."""

    daemon_threads = True

    def __init__(self, listening: socket.socket, registry: CollectorRegistry):
        super().__init__(listening.getsockname(), Handler, bind_and_activate=False)
        self.socket.close()
        self.socket, self.registry = listening, registry

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log a scrape that failed; whoever asked sees that its connection ends."""
        log.warning("metrics_not_read", exc_info=True)


class Handler(BaseHTTPRequestHandler):
    """Answers one scrape."""

    server: Server
    timeout = 5

    def do_GET(self) -> None:
        """Send all counts as text."""
        if self.path.partition("?")[0] != "/metrics":
            self.send_error(404)
            return
        body = generate_latest(self.server.registry)
        self.send_response(200)
        self.send_header("Content-Type", CONTENT_TYPE_PLAIN_0_0_4)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Log nothing about a scrape."""


def expose(port: int) -> None:
    """Prepare to be scraped; before anything that counts is imported. Raises SettingsError; 0 means not at all."""
    if port:
        this.append(Exposition(port))
        share_counts(this[0].directory)


def serve() -> None:
    """Answer scrapes in this process, if there is a port for it."""
    for exposition in this:
        exposition.serve()


def close() -> None:
    """Do not answer in this process."""
    for exposition in this:
        exposition.close()


def add(collector: Collector) -> None:
    """Show what this one collects too."""
    for exposition in this:
        exposition.add(collector)


def listen(port: int) -> socket.socket:
    """Take the port on every address: it stands on an internal network."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("", port))
    except OSError as error:
        listening.close()
        raise SettingsError(f"METRICS_PORT: cannot listen on {port}: {error.strerror}") from None
    listening.listen(16)
    return listening


def empty_directory(port: int) -> Path:
    """Make the directory of the counts, and forget those of a service that was here before."""
    path = Path(tempfile.gettempdir()) / f"bellhop-metrics-{os.getuid()}-{port}"
    try:
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(mode=0o700)
    except OSError as error:
        raise SettingsError(f"METRICS_PORT: cannot count in {path}: {error.strerror}") from None
    return path
