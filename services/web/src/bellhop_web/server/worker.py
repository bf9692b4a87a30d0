"""Gunicorn's worker: only whole requests get a thread, and only until their answer is written down.

A client that sends or reads slowly, says nothing, or does not hang up is waited for by the one
poller of the process. Live views leave the threads too, and waiting requests go when the process
stops.
"""

from contextlib import suppress
from functools import partial
from selectors import EVENT_READ, EVENT_WRITE
from socket import SHUT_WR, socket
from typing import Any

from flask import Flask
from gunicorn.http import errors

from bellhop_web.server.answers import refusal, status_of
from bellhop_web.server.arrival import Arrival
from bellhop_web.server.crowd import Shares
from bellhop_web.server.head import Unfit, is_unread, read_head
from bellhop_web.server.line import GRACE, SLOWEST, Line
from bellhop_web.server.poller import Poller

HEAD_PATIENCE = 10.0
"""Seconds to the first byte of a new connection, and from there to the end of the headers and of a small body."""
QUEUE_PATIENCE = 10
"""Seconds for which a body waits until there is a thread that reads it."""
LINGER, LONG_LINGER, MOST_DRAINED = 2.0, 5.0, 400_000_000
"""Seconds for which a client that was answered may go on sending so that it reads the answer, more of them when some of
its body is still to come, and bytes."""
PIECE = 65_536


class Worker(Poller):
    """Threads, with manners of our own."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        most = max(self.cfg.threads // 4, 1)
        shares = most, most if self.proxied else max(most // 2, 1)
        self._readers, Line.waiting = Shares(*shares), Shares(*shares)
        self._queue: dict[Any, None] = {}
        """Bodies for which there is no thread yet."""

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

    def welcome(self, conn: Any) -> None:
        """Wait for the first request of a connection. It gets a thread when all of it is there."""
        self._expect(conn, HEAD_PATIENCE)

    def _expect(self, conn: Any, patience: float, data: bytes = b"") -> None:
        """Read a request, of which some may have come with the one before; its first byte may take this patience."""
        conn.sock.setblocking(False)
        conn.sock.set_pace()
        conn.arrival = Arrival(partial(read_head, self.cfg, peer=conn.client))
        if self._take_in(conn, data):
            patience = HEAD_PATIENCE if conn.arrival.begun else patience
            self.watch(conn, EVENT_READ, self._read_on, patience, self._give_up_on_request)

    def _read_on(self, conn: Any) -> None:
        """Read some more of a request. With its first byte the time begins to run in which all of it must come."""
        begun = conn.arrival.begun
        if self._take_in(conn) and conn.arrival.begun and not begun:
            self.extend(conn, HEAD_PATIENCE)

    def _take_in(self, conn: Any, data: bytes = b"") -> bool:
        """Read what there is of a request. Whether to wait for more; otherwise it has a thread, or is refused."""
        try:
            data = data or conn.sock.recv(PIECE)
            conn.arrival.add(data)
        except BlockingIOError:
            return True
        except Unfit as unfit:
            self._refuse(conn, unfit)
            return False
        except OSError:
            data = b""
        if not data:
            self.drop(conn)
        elif conn.arrival.whole:
            self.unwatch(conn)
            self._dispatch(conn)
        return bool(data) and not conn.arrival.whole

    def _dispatch(self, conn: Any) -> None:
        """Serve it in a thread. For reading a body there are few threads, and a queue for them."""
        if not conn.arrival.streamed or self._readers.take(conn.who):
            self._serve(conn)
        else:
            self._queue[conn] = None
            full = Unfit(
                503,
                "Too many large or chunked bodies are on their way; try again",
                retry_after=QUEUE_PATIENCE,
            )
            self.watch(conn, 0, self._serve, QUEUE_PATIENCE, partial(self._refuse, unfit=full))

    def _serve(self, conn: Any) -> None:
        conn.init()
        conn.sock.setblocking(True)
        conn.parser.unreader.unread(bytes(conn.arrival.data))
        conn.arrival.data.clear()
        self.enqueue_req(conn)

    def handle_request(self, req: Any, conn: Any) -> bool:
        """Serve a request. An answer that leaves some of its body unread says that the connection ends with it.

        Otherwise the client would send its next request on a connection that is about to be closed.
        """
        if conn.arrival.streamed:
            asked = req.should_close
            req.should_close = lambda: asked() or is_unread(req.body.reader)
        return bool(super().handle_request(req, conn))

    def unwatch(self, conn: Any) -> None:
        """Wait for it no longer, neither for the client nor for a thread."""
        self._queue.pop(conn, None)
        super().unwatch(conn)

    # It was answered.

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Write what is left of the answer; then keep or close the connection, unless it is no longer ours."""
        if conn.arrival.streamed:
            self._readers.give_back(conn.who)
            self._call_next()
        keep = not fs.cancelled() and fs.exception() is None and fs.result()
        if conn.sock.fileno() < 0:
            self.drop(conn)
        else:
            self._write_rest(conn, bool(keep))

    def _call_next(self) -> None:
        """Start those in the queue on threads; whose address has its share is passed over."""
        for conn in list(self._queue):
            if self._readers.take(conn.who):
                self.unwatch(conn)
                self._serve(conn)

    def _write_rest(self, conn: Any, keep: bool) -> None:
        conn.sock.setblocking(False)
        if not conn.sock.unsent:
            self._answered(conn, keep)
            return
        patience = GRACE + len(conn.sock.unsent) / SLOWEST
        self.watch(conn, EVENT_WRITE, partial(self._write_more, keep=keep), patience, self.drop)

    def _write_more(self, conn: Any, keep: bool) -> None:
        try:
            conn.sock.send_some()
        except OSError:
            self.drop(conn)
            return
        if not conn.sock.unsent:
            self.unwatch(conn)
            self._answered(conn, keep)

    def _answered(self, conn: Any, keep: bool) -> None:
        if not keep:
            self._hang_up(conn)
        else:
            self._expect(conn, self.cfg.keepalive, conn.parser.unreader.take_buffered())

    def _hang_up(self, conn: Any) -> None:
        """Shut down our side, and wait a little until the client has read that (RFC 9112, 9.6)."""
        try:
            conn.sock.shutdown(SHUT_WR)
        except OSError:
            self.drop(conn)
            return
        conn.drained = 0
        answered = conn.arrival.whole and not conn.arrival.streamed
        patience = LINGER if answered or not self.alive else LONG_LINGER
        self.watch(conn, EVENT_READ, self._drain, patience, self.drop)

    def _drain(self, conn: Any) -> None:
        try:
            data = conn.sock.recv(PIECE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        conn.drained += len(data)
        if not data or conn.drained > MOST_DRAINED:
            self.drop(conn)

    # It does not come, or is no request.

    def handle_error(self, req: Any, client: socket, addr: Any, exc: Exception) -> None:
        """Answer a request that never reached the application."""
        if isinstance(exc, errors.ParseException):
            client.sendall(refusal(status_of(exc), str(exc)))
        else:
            super().handle_error(req, client, addr, exc)

    def _give_up_on_request(self, conn: Any) -> None:
        if conn.arrival.data:
            self._refuse(conn, Unfit(408, "The rest of the request did not come in time"))
        else:
            self.drop(conn)

    def _refuse(self, conn: Any, unfit: Unfit) -> None:
        self.unwatch(conn)
        conn.arrival.data.clear()
        with suppress(OSError):
            conn.sock.sendall(refusal(unfit.status, str(unfit), unfit.field, unfit.retry_after))
        self._hang_up(conn)
