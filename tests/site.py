"""A web server outside of Bellhop that tells what it was asked."""

import json
import os
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Asked:
    """One request as it arrived; names of headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Says:
    """One answer."""

    status: int = 200
    body: bytes = b"done"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Raw:
    """Bytes as they are, after which the connection ends: with a reset, if that is wanted."""

    content: bytes
    by_byte: bool = False
    reset: bool = False
    silent: bool = False
    """Whether the connection stays open, without another byte, until the other side hangs up."""

    def send(self, sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in [bytes([byte]) for byte in self.content] if self.by_byte else [self.content]:
            sock.sendall(piece)
        if self.silent:
            sock.settimeout(30)
            sock.recv(1)
        if self.reset:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(sock.detach())


def redirect(location: str, status: int = 302) -> Says:
    """Answer with another place."""
    return Says(status, b"", (("Location", location),))


def echo(asked: Asked) -> Says:
    """Answer with all that was sent, as JSON."""
    return Says(200, json.dumps({"headers": asked.headers, "body": asked.body.decode()}).encode())


Answer = Says | Raw | Callable[[Asked], Says | Raw]


class Site(ThreadingHTTPServer):
    """Answers each path with what stands in `answers`, and remembers what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, Answer] = {}
        self.unread: dict[str, Raw] = {}
        """Answers that are given before the body of the request is read."""
        self.asked: list[Asked] = []
        self.thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"

    def close(self) -> None:
        self.shutdown()
        self.server_close()
        self.thread.join()


class Handler(BaseHTTPRequestHandler):
    server: Site

    def answer(self) -> None:
        if early := self.server.unread.get(self.path):
            self.close_connection = True
            early.send(self.connection)
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, self.path, headers, body)
        self.server.asked.append(asked)
        answer = self.server.answers.get(self.path, Says())
        says = answer(asked) if callable(answer) else answer
        with suppress(OSError):  # a client that has read enough hangs up
            if isinstance(says, Raw):
                self.close_connection = True
                says.send(self.connection)
                return
            self.send_response(says.status)
            for name, value in says.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(says.body)))
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else says.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        pass
