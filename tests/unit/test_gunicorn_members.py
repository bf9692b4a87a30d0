"""What our worker uses of gunicorn: all of it stands here, and a new release must still have it as it is."""

import ast
import inspect
import os
import socket
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.http.body import Body, ChunkedReader, LengthReader
from gunicorn.http.message import Request
from gunicorn.http.unreader import IterUnreader, Unreader
from gunicorn.workers.base import Worker as DocumentedWorker
from gunicorn.workers.gthread import TConn, ThreadWorker

from bellhop_web import server
from bellhop_web.server.line import Line
from bellhop_web.server.poller import Poller
from bellhop_web.server.worker import Worker

IMPORTED = {
    "gunicorn.app.wsgiapp": {"run"},
    "gunicorn.glogging": {"Logger"},
    "gunicorn.http": {"errors"},
    "gunicorn.http.body": {"ChunkedReader"},
    "gunicorn.http.errors": {"NoMoreData", "ParseException"},
    "gunicorn.http.message": {"Request"},
    "gunicorn.http.unreader": {"IterUnreader"},
    "gunicorn.workers.gthread": {"TConn", "ThreadWorker"},
}
DOCUMENTED = {"alive", "cfg", "notify", "handle_error"}
"""What gunicorn's base class has for workers of one's own."""
OF_THE_WORKER = {
    *("accept", "enqueue_req", "finish_request", "handle_request"),
    *("worker_connections", "nr_conns", "poller"),
}
OF_A_CONNECTION = {"sock", "client", "parser", "init"}
SIGNATURES = {
    ThreadWorker.accept: "(self, listener)",
    ThreadWorker.enqueue_req: "(self, conn)",
    ThreadWorker.finish_request: "(self, conn, fs)",
    ThreadWorker.handle_request: "(self, req, conn)",
    Request.should_close: "(self)",
    DocumentedWorker.handle_error: "(self, req, client, addr, exc)",
    DocumentedWorker.notify: "(self)",
    TConn: "(cfg, sock, client, server)",
    TConn.init: "(self)",
    Request: "(cfg, unreader, peer_addr, req_number=1)",
    IterUnreader: "(iterable)",
    Unreader.unread: "(self, data)",
    Unreader.take_buffered: "(self)",
}
FOLDER = Path(str(server.__file__)).parent


def sources() -> Iterator[ast.Module]:
    """All modules of the server."""
    for path in sorted(FOLDER.glob("*.py")):
        yield ast.parse(path.read_text())


def attributes_of(name: str) -> set[str]:
    """What is asked of the variable of this name in the worker."""
    trees = [ast.parse((FOLDER / f"{module}.py").read_text()) for module in ("poller", "worker")]
    found = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    return {node.attr for node in found if isinstance(node.value, ast.Name) and node.value.id == name}


def test_nothing_is_imported_from_gunicorn_but_this() -> None:
    imports = [node for tree in sources() for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    used: dict[str, set[str]] = {}
    for one in imports:
        if one.module and one.module.partition(".")[0] == "gunicorn":
            used.setdefault(one.module, set()).update(alias.name for alias in one.names)

    assert used == {module: names for module, names in IMPORTED.items() if module != "gunicorn.app.wsgiapp"}


def test_nothing_is_used_of_the_worker_but_this(made: ThreadWorker) -> None:
    theirs = {name for name in {*dir(ThreadWorker), *vars(made)} if not name.startswith("__")}
    ours = {*vars(Poller), *vars(Worker)}

    assert theirs & (ours | attributes_of("self")) == DOCUMENTED | OF_THE_WORKER


def test_nothing_is_used_of_a_connection_but_this() -> None:
    assert attributes_of("conn") - {"who", "arrival", "drained"} == OF_A_CONNECTION


@pytest.mark.parametrize(("member", "signature"), SIGNATURES.items(), ids=lambda one: getattr(one, "__qualname__", ""))
def test_it_is_called_as_we_call_it(member: Any, signature: str) -> None:
    assert str(inspect.signature(member)) == signature


@pytest.fixture
def made() -> Iterator[ThreadWorker]:
    """A worker of gunicorn as it is before it serves."""
    config = Config()
    worker = ThreadWorker(1, os.getpid(), [], None, 30, config, Logger(config))
    yield worker
    worker.tmp.close()


def test_a_worker_counts_its_connections_and_says_how_many_it_may_have(made: ThreadWorker) -> None:
    assert (made.nr_conns, made.worker_connections, made.poller) == (0, Config().worker_connections, None)


def test_a_connection_has_a_parser_that_keeps_what_was_read_of_the_next_request() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        made = TConn(Config(), ours, ("192.0.2.1", 50_000), ("127.0.0.1", 8000))
        made.init()
        made.parser.unreader.unread(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}GET /")
        request = next(made.parser)

        assert request.body.read() == b"{}"
        assert (made.sock, made.client) == (ours, ("192.0.2.1", 50_000))
        assert made.parser.unreader.take_buffered() == b"GET /"


def test_what_nobody_reads_of_a_body_is_dropped_without_waiting_for_the_rest() -> None:
    ours, theirs = socket.socketpair()
    line = Line(ours)
    with line, theirs:
        theirs.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n{}")
        made = TConn(Config(), line, ("192.0.2.1", 50_000), ("127.0.0.1", 8000))
        made.init()
        next(made.parser)

        assert made.parser.finish_body(deadline=time.monotonic() + 3600) is False  # so the connection is closed


HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"


@pytest.mark.parametrize(
    ("field", "kind"), [(b"Content-Length: 2", LengthReader), (b"Transfer-Encoding: chunked", ChunkedReader)]
)
def test_a_request_tells_its_headers_its_version_and_how_its_body_ends(field: bytes, kind: type) -> None:
    request = Request(Config(), IterUnreader([HEAD + field + b"\r\n\r\n"]), ("192.0.2.1", 50_000))

    assert request.version == (1, 1)
    assert ("EXPECT", "100-continue") in request.headers
    assert isinstance(request.body, Body)
    assert isinstance(request.body.reader, kind)
    assert (request.body.reader.parser is not None) if kind is ChunkedReader else request.body.reader.length == 2


@pytest.mark.parametrize("module", IMPORTED)
def test_what_is_imported_is_there(module: str) -> None:
    assert all(hasattr(import_module(module), name) for name in IMPORTED[module])
