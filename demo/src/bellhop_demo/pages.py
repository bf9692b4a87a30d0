"""Five slow pages, served by the demo itself so that it needs no other machine."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from bellhop_demo.errors import DemoError

PREFIX = "/slow/"
LONGEST = 10.0


def length(seconds: float) -> int:
    """How many bytes the page has that takes so many seconds: by its length one page is told from another."""
    return int(seconds * 1000)


class SlowPage(BaseHTTPRequestHandler):
    """`/slow/1.5` answers after 1.5 seconds."""

    def do_GET(self) -> None:
        """Wait, then answer."""
        try:
            seconds = float(self.path.removeprefix(PREFIX))
        except ValueError:
            seconds = -1.0
        if not (self.path.startswith(PREFIX) and 0 <= seconds <= LONGEST):
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        time.sleep(seconds)
        self._answer(b"." * length(seconds))

    def _answer(self, body: bytes) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Log nothing: the terminal belongs to the demo."""


class SlowPages(ThreadingHTTPServer):
    """A server whose open connections do not keep the demo from ending."""

    daemon_threads = True
    request_queue_size = 32


@contextmanager
def served(address: tuple[str, int]) -> Iterator[None]:
    """Serve the pages inside the block."""
    try:
        server = SlowPages(address, SlowPage)
    except OSError as error:
        raise DemoError(f"DEMO_BIND={address[0]}:{address[1]}: cannot listen there: {error.strerror}") from error
    with server:
        Thread(target=server.serve_forever, name="slow-pages", daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()
