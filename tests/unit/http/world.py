"""The world outside: web servers that give one answer, and names that lead to them."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from bellhop_worker.http import AllowList, FetchFailed, FetchRefused, Limits, Page, fetch

LOOPBACK = AllowList.parse("127.0.0.0/8")
Answer = Callable[[BaseHTTPRequestHandler], object]
Serve = Callable[..., "Site"]


class Site(ThreadingHTTPServer):
    """A web server that gives one answer to every GET and remembers what it was asked."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, answer: Answer) -> None:
        self.asked: list[tuple[str, str]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.headers["Host"], self.path))
                with suppress(ConnectionError):
                    answer(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are what these tests are about."""

    def url(self, path: str = "/", host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.server_port}{path}"


def page(body: bytes = b"hello", status: int = 200, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def redirect(location: str) -> Answer:
    return page(b"", 302, Location=location)


def raw(*parts: bytes, then_for_ever: bytes = b"") -> Answer:
    """Bytes as they are, the last of them a drip that ends only with the connection."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"".join(parts))
        while then_for_ever:
            handler.wfile.write(then_for_ever)
            threading.Event().wait(0.005)

    return answer


def names(**addresses: str) -> Callable[[str, int], list[str]]:
    """A resolver that knows these names; `_` stands for a dot."""
    known = {name.replace("_", "."): found.split() for name, found in addresses.items()}
    return lambda host, port: known[host]


def get(url: str, **changes: Any) -> Page:
    return fetch(url, **{"allow": LOOPBACK, "limits": Limits(), **changes})


def refused(reason: str) -> AbstractContextManager[object]:
    return pytest.raises(FetchRefused, match=reason)


def failed(reason: str) -> AbstractContextManager[object]:
    return pytest.raises(FetchFailed, match=reason)
