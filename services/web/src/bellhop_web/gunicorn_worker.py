"""Gunicorn's worker: only whole requests get a thread, and only until their answer is written down.

A client that sends or reads slowly, says nothing, or does not hang up is waited for by the one
poller of the process. Live views leave the threads too, and waiting requests go when the process
stops.
"""

import errno
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from selectors import EVENT_READ, EVENT_WRITE
from socket import SHUT_WR, socket
from threading import BoundedSemaphore
from typing import Any

from flask import Flask
from gunicorn.http import errors
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker

from bellhop.log import get_logger
from bellhop_web import metrics
from bellhop_web.gunicorn_answers import answer, status_of
from bellhop_web.gunicorn_arrival import Arrival
from bellhop_web.gunicorn_line import GRACE, SLOWEST, Line, TooSlow
from bellhop_web.live.desk import HandOver

log = get_logger(__name__)

HANDED_OVER = object()
"""Instead of whether a connection is kept: it is somebody else's now."""
HEAD_PATIENCE = 10.0
"""Seconds from the first byte of a request to the end of its headers, and of a small body besides."""
LINGER, MOST_DRAINED = 2.0, 65_536
"""Seconds, and bytes, for which a client that was answered may go on sending, so that it reads the answer."""
PIECE = 65_536
MOST_HELD = 64_000_000
"""Bytes of requests and answers that wait for slow clients in one process; beyond them the oldest goes."""


@dataclass
class Watch:
    """A connection that the poller waits for."""

    until: float
    """When the waiting ends."""
    late: Callable[[Any], None]
    """What happens then."""


class Worker(ThreadWorker):  # type: ignore[misc]
    """Threads, with manners of our own."""

    def __init__(self, *args: Any, **kwargs: Any):
        self._watched: dict[Any, Watch] = {}
        self._next_look = 0.0
        self._long = 0
        self._waiting: deque[Any] = deque()
        super().__init__(*args, **kwargs)
        self._most_long = max(self.cfg.threads // 4, 1)
        Line.waiting = BoundedSemaphore(self._most_long)

    @property
    def alive(self) -> bool:
        """Whether it takes new requests."""
        return self._alive

    @alive.setter
    def alive(self, alive: bool) -> None:
        """Note it. Whoever stops the worker, a signal or max_requests, comes through here."""
        self._alive = alive
        application = getattr(self, "wsgi", None)
        if not alive and isinstance(application, Flask):
            application.extensions["waiters"].stopping = True
            application.extensions["live"].hub.stop()

    # A request comes.

    def accept(self, listener: socket) -> None:
        """Take a connection. It gets a thread when it has sent a whole request."""
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        except OSError as error:
            if error.errno not in (errno.EMFILE, errno.ENFILE):
                raise
            self._make_room()
            return
        self.nr_conns += 1
        if self.nr_conns >= self.worker_connections - 1:
            self._make_room()
        self._expect(TConn(self.cfg, Line(client), address, listener.getsockname()), self.cfg.keepalive)

    def on_client_socket_readable(self, conn: Any, client: socket) -> None:
        """Begin to read the next request of a connection that was kept, if it did not just make room for another."""
        if conn.sock.fileno() < 0:
            return
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._expect(conn, HEAD_PATIENCE)

    def _expect(self, conn: Any, patience: float, data: bytes = b"") -> None:
        """Read a request, of which some may have come with the one before."""
        conn.sock.setblocking(False)
        conn.sock.set_pace()
        conn.arrival = Arrival(data)
        self._take_in(conn, patience)

    def _take_in(self, conn: Any, patience: float = HEAD_PATIENCE) -> None:
        """Read what there is of a request, and wait for more or give it a thread."""
        new = not conn.arrival.data
        if not conn.arrival.whole and not self._read(conn):
            self._drop(conn)
        elif conn.arrival.whole:
            self._unwatch(conn)
            self._dispatch(conn)
        elif conn.arrival.too_large:
            self._refuse(conn, 431, "The request line and headers have too many bytes")
        elif conn not in self._watched:
            patience = HEAD_PATIENCE if conn.arrival.data else patience
            self._watch(conn, EVENT_READ, self._take_in, patience, self._give_up_on_request)
        elif new:
            self._watched[conn].until = time.monotonic() + HEAD_PATIENCE

    def _read(self, conn: Any) -> bool:
        """Read once, without waiting; say whether the connection is still there."""
        try:
            data = conn.sock.recv(PIECE)
        except BlockingIOError:
            return True
        except OSError:
            return False
        conn.arrival.add(data)
        return bool(data)

    def _dispatch(self, conn: Any) -> None:
        """Give it a thread; a long body one of those that are for them, or a place in the queue for these."""
        if conn.arrival.long and self._long >= self._most_long:
            self._waiting.append(conn)
            return
        self._long += conn.arrival.long
        conn.init()
        conn.sock.setblocking(True)
        conn.parser.unreader.unread(bytes(conn.arrival.data))
        conn.arrival.data.clear()
        conn.data_ready = True
        self.enqueue_req(conn)

    def handle(self, conn: Any) -> Any:
        """Serve a request. One that became a live view gives its connection away, and its thread back."""
        try:
            return super().handle(conn)
        except HandOver as handed:
            handed.to_hub(conn.sock)
            return HANDED_OVER

    # It was answered.

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Write what is left of the answer; then keep or close the connection, unless it is no longer ours."""
        self._long -= conn.arrival.long
        if conn.arrival.long and self._waiting:
            self._dispatch(self._waiting.popleft())
        keep = not fs.cancelled() and fs.exception() is None and fs.result()
        if keep is HANDED_OVER:
            self.nr_conns -= 1
        elif conn.sock.fileno() < 0:
            self._drop(conn)
        else:
            self._write_rest(conn, bool(keep))

    def _write_rest(self, conn: Any, keep: bool) -> None:
        conn.sock.setblocking(False)
        if not conn.sock.unsent:
            self._answered(conn, keep)
            return
        patience = GRACE + len(conn.sock.unsent) / SLOWEST
        self._watch(conn, EVENT_WRITE, partial(self._write_more, keep=keep), patience, self._drop)

    def _write_more(self, conn: Any, keep: bool) -> None:
        try:
            conn.sock.send_some()
        except OSError:
            self._drop(conn)
            return
        if not conn.sock.unsent:
            self._unwatch(conn)
            self._answered(conn, keep)

    def _answered(self, conn: Any, keep: bool) -> None:
        if not keep:
            self._hang_up(conn)
        elif rest := conn.parser.unreader.take_buffered():
            self._expect(conn, HEAD_PATIENCE, rest)
        else:
            self._keep(conn)

    def _keep(self, conn: Any) -> None:
        conn.set_timeout()
        if not self.alive:
            conn.timeout = min(conn.timeout, time.monotonic() + STOP_KEEPALIVE_LINGER)
        self.keepalived_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_client_socket_readable, conn))

    def _hang_up(self, conn: Any) -> None:
        """Say that nothing more comes, and wait a little until the client has read that (RFC 9112, 9.6)."""
        try:
            conn.sock.shutdown(SHUT_WR)
        except OSError:
            self._drop(conn)
            return
        conn.drained = 0
        self._watch(conn, EVENT_READ, self._drain, LINGER, self._drop)

    def _drain(self, conn: Any) -> None:
        try:
            data = conn.sock.recv(PIECE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        conn.drained += len(data)
        if not data or conn.drained > MOST_DRAINED:
            self._drop(conn)

    # It does not come, or is no request.

    def handle_error(self, req: Any, client: socket, addr: Any, exc: Exception) -> None:
        """Answer a request that never reached the application."""
        if isinstance(exc, TooSlow):
            return  # while the rest of a body was dropped: the answer is out
        if not isinstance(exc, errors.ParseException):
            super().handle_error(req, client, addr, exc)
            return
        log.warning("request_not_understood", error=type(exc).__name__)  # its words quote the request
        status = status_of(exc)
        metrics.count_unreadable(status)
        write_nonblock(client, answer(status, str(exc)))

    def _give_up_on_request(self, conn: Any) -> None:
        if conn.arrival.data:
            self._refuse(conn, 408, "The rest of the request did not come in time")
        else:
            self._drop(conn)

    def _refuse(self, conn: Any, status: int, detail: str) -> None:
        log.warning("request_not_understood", error=detail)
        metrics.count_unreadable(status)
        self._unwatch(conn)
        conn.arrival.data.clear()
        with suppress(OSError):
            conn.sock.sendall(answer(status, detail))
        self._hang_up(conn)

    def murder_pending(self) -> None:
        """End the waiting for those who are late, and for the oldest when all together hold too much."""
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + 0.5
        for conn, watch in list(self._watched.items()):
            if now > watch.until or (not self.alive and not conn.sock.unsent and not conn.arrival.data):
                watch.late(conn)
        held = {conn: len(conn.arrival.data) + len(conn.sock.unsent) for conn in self._watched}
        for conn in list(held):
            if sum(held.values()) <= MOST_HELD:
                break
            self._drop(conn)
            del held[conn]

    # The poller.

    def _watch(
        self, conn: Any, event: int, then: Callable[[Any], None], patience: float, late: Callable[[Any], None]
    ) -> None:
        self._watched[conn] = Watch(time.monotonic() + patience, late)
        self.poller.register(conn.sock, event, lambda _: then(conn) if conn in self._watched else None)

    def _unwatch(self, conn: Any) -> None:
        if self._watched.pop(conn, None):
            self.poller.unregister(conn.sock)

    def _drop(self, conn: Any) -> None:
        self._unwatch(conn)
        self.nr_conns -= 1
        conn.sock.close()

    def _make_room(self) -> None:
        """Close the connection that has been idle for the longest time."""
        if self.keepalived_conns:
            self.keepalived_conns[0].timeout = 0.0
            self.murder_keepalived()
