"""A real Caddy with the files that are shipped, and what stands before and behind it in a test."""

import json
import socketserver
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bellhop_local.ports import free_port
from tests.stack import BIN, ROOT

CADDY = BIN / "caddy"


class Echo(BaseHTTPRequestHandler):
    """Answers with what it was sent, as JSON: the method, the path, the headers and the size of the body."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): ", ".join(self.headers.get_all(name) or ()) for name in self.headers}
        answer = json.dumps({"method": self.command, "path": self.path, "headers": headers, "size": len(body)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None: ...


@contextmanager
def web_replica(address: str, port: int) -> Iterator[ThreadingHTTPServer]:
    """A replica of web that echoes."""
    with ThreadingHTTPServer((address, port), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class Names(socketserver.BaseRequestHandler):
    """Answers every question for an address with all replicas, and any other question with nothing."""

    replicas: tuple[str, ...] = ()

    def handle(self) -> None:
        query, socket = self.request
        end = query.index(b"\0", 12) + 5
        asked = int.from_bytes(query[end - 4 : end - 2], "big")
        found = self.replicas if asked == 1 else ()
        records = b"".join(
            b"\xc0\x0c\0\x01\0\x01\0\0\0\0\0\x04" + bytes(map(int, address.split("."))) for address in found
        )
        head = query[:2] + b"\x84\0\0\x01" + len(found).to_bytes(2, "big") + b"\0\0\0\0"
        socket.sendto(head + query[12:end] + records, self.client_address)


@contextmanager
def name_server(*replicas: str) -> Iterator[int]:
    """A name server to which `web` means these addresses; yields its UDP port."""
    handler = type("Names", (Names,), {"replicas": replicas})
    with socketserver.UDPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def caddy(directory: Path, file: Path, changes: Mapping[str, str], **settings: str) -> Iterator[None]:
    """Run Caddy with a shipped file in which some words are others, such as its ports."""
    for source in (ROOT / "compose/caddy/web.caddy", file):
        text = source.read_text()
        for old, new in changes.items():
            text = text.replace(old, new)
        (directory / source.name).write_text(text)
    (directory / "flower.caddy").write_text('header_up Authorization "Basic eDp5"\n')
    command = [CADDY, "run", "--config", file.name, "--adapter", "caddyfile"]
    env = {"HOME": str(directory), "XDG_DATA_HOME": str(directory), "XDG_CONFIG_HOME": str(directory), **settings}
    with (directory / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=directory, env=env, stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            process.wait(10)


def ports(*names: str) -> dict[str, int]:
    """A free port for each of these."""
    return {name: free_port() for name in names}
