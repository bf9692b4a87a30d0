"""The poller: one thread of a process that waits for all clients, each for as long as it may take, and makes room."""

import errno
import time
from collections.abc import Callable
from socket import socket
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from bellhop_web.http.addresses import network_of
from bellhop_web.server.crowd import Crowd, Watch
from bellhop_web.server.line import Line
from bellhop_web.settings import WebSettings

MOST_ACCEPTED = 64
"""Connections that are taken before the poller looks after the others again."""
FAREWELL = 2.0
"""Seconds for which a process that stops waits for a request that may be on its way."""
MOST_HELD = 64_000_000
"""Bytes of requests and answers that wait for slow clients in one process; beyond them the oldest goes."""


class Poller(ThreadWorker):  # type: ignore[misc]
    """Connections as they come and go; what they say is for Worker."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.proxied = WebSettings.load().trusted_proxies > 0
        """Whether all connections are a proxy's, so that none says by its address whose it is."""
        most = self.worker_connections
        self._crowd = Crowd(most - 1, most if self.proxied else max(most // 4, 1))
        self._next_look = 0.0

    def accept(self, listener: socket) -> None:
        """Take the connections that are there."""
        for _ in range(MOST_ACCEPTED):
            try:
                client, address = listener.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in (errno.EMFILE, errno.ENFILE):
                    raise
                self._make_room("")
                return
            self._take(client, address, listener)

    def _take(self, client: socket, address: Any, listener: socket) -> None:
        who = network_of(address[0]) if isinstance(address, tuple) else ""
        conn = TConn(self.cfg, Line(client, who), address, listener.getsockname())
        conn.who = who
        self.nr_conns += 1
        self._crowd.enter(who)
        if self._crowd.is_full(who) and not self._make_room(who):
            self.drop(conn)
        else:
            self.welcome(conn)

    def welcome(self, conn: Any) -> None:
        """Begin to serve a connection."""
        raise NotImplementedError

    def watch(
        self, conn: Any, event: int, then: Callable[[Any], None], patience: float, late: Callable[[Any], None]
    ) -> None:
        """Call `then` at this event, or `late` when it does not come in time. Without an event it only waits."""
        self._crowd.wait(conn, Watch(time.monotonic() + patience, late, event))
        if event:
            self.poller.register(conn.sock, event, lambda _: then(conn) if conn in self._crowd else None)

    def extend(self, conn: Any, patience: float) -> None:
        """Wait for it until so many seconds from now."""
        self._crowd[conn].until = time.monotonic() + patience

    def unwatch(self, conn: Any) -> None:
        """Wait for it no longer."""
        watch = self._crowd.take(conn)
        if watch and watch.event:
            self.poller.unregister(conn.sock)

    def drop(self, conn: Any) -> None:
        """Close a connection."""
        self.unwatch(conn)
        self.nr_conns -= 1
        self._crowd.leave(conn.who)
        conn.sock.close()

    def _make_room(self, who: str) -> bool:
        """Close the connection that has waited longest, of this address if it has too many. Whether there is one."""
        oldest = self._crowd.oldest(who)
        if oldest is not None:
            self.drop(oldest)
        return oldest is not None

    def notify(self) -> None:
        """Report to gunicorn, and twice a second end the waiting for those who are late or hold too much together."""
        super().notify()
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + 0.5
        for conn, watch in self._crowd:
            if not self.alive and not conn.sock.unsent and not conn.arrival.begun:
                watch.until = min(watch.until, now + FAREWELL)
            if now > watch.until:
                watch.late(conn)
        self._hold_less()

    def _hold_less(self) -> None:
        held = {conn: len(conn.arrival.data) + len(conn.sock.unsent) for conn, _ in self._crowd}
        total = sum(held.values())
        for conn, size in held.items():
            if total <= MOST_HELD:
                return
            self.drop(conn)
            total -= size
