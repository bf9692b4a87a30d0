"""The hub: one thread that holds all streams of this process, however many pages are open."""

import os
import selectors
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from socket import socket
from threading import Lock, Thread

from bellhop_ledger.platform import clock
from bellhop_ledger.platform.log import get_logger
from bellhop_web.live.stream import GONE, Gone, Stream, event, heartbeat
from bellhop_web.live.topics import Fragments

log = get_logger(__name__)

HEARTBEAT = 10.0
"""Seconds between two signs of life, by which proxies and browsers see that the stream lives, and we that they do."""
KEEP_ALIVE = b": still here\n\n"
"""For a stream whose topics could not be read lately: the connection lives, what is shown may be old."""


class Hub:
    """Writes what is published to those who listen. Everything but `stop` may be called from any thread."""

    def __init__(
        self,
        most: int,
        joined: Callable[[Stream], None],
        left: Callable[[Stream], None],
        fresh: Callable[[frozenset[str]], bool],
    ):
        self._most, self._joined, self._left, self._fresh = most, joined, left, fresh
        self._streams: set[Stream] = set()
        self._by_topic: dict[str, set[Stream]] = defaultdict(set)
        self._orders: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._selector = selectors.DefaultSelector()
        self._bell, self._ring = os.pipe()
        os.set_blocking(self._bell, False)
        os.set_blocking(self._ring, False)
        self._lock = Lock()
        self._thread: Thread | None = None
        self._next_heartbeat = time.monotonic() + HEARTBEAT
        self._stopping = False

    @property
    def full(self) -> bool:
        """Whether no more streams are taken."""
        return self._stopping or len(self._streams) >= self._most

    @property
    def streams(self) -> list[Stream]:
        """All streams there are."""
        with self._lock:
            return list(self._streams)

    def adopt(self, connection: socket, stream: Stream) -> None:
        """Take a connection over; from now on it is the hub's to write to and to close."""
        connection.setblocking(False)
        stream.connection = connection
        self._order(lambda: self._add(stream))
        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._run, name="live-hub", daemon=True)
                self._thread.start()

    def publish(self, topic: str, everything: Fragments, changed: Fragments) -> None:
        """Send what changed to those who listen to a topic, and everything to those who are new to it."""
        self._order(lambda: self._publish(topic, everything, changed))

    def publish_gone(self, topic: str) -> None:
        """Send those who listen to a topic that there is no such thing any more."""
        self._order(lambda: self._publish_gone(topic))

    def drop(self, streams: Iterable[Stream]) -> None:
        """End these streams."""
        for stream in streams:
            self._order(partial(self._remove, stream))

    def stop(self) -> None:
        """End all streams at once. Safe in a signal handler: the thread sees the flag when it is woken."""
        self._stopping = True
        self._wake()

    def _order(self, order: Callable[[], None]) -> None:
        self._orders.put(order)
        self._wake()

    def _wake(self) -> None:
        with suppress(BlockingIOError):  # then it has been rung often enough
            os.write(self._ring, b"!")

    def _run(self) -> None:
        self._selector.register(self._bell, selectors.EVENT_READ, None)
        while True:
            for key, events in self._selector.select(max(self._next_heartbeat - time.monotonic(), 0)):
                if key.data is None:
                    os.read(self._bell, 4096)
                else:
                    self._serve(key.data, events)
            self._follow_orders()
            if self._stopping:
                self._end_all()
            elif time.monotonic() >= self._next_heartbeat:
                self._send_heartbeats()

    def _follow_orders(self) -> None:
        while True:
            try:
                self._orders.get_nowait()()
            except Empty:
                return
            except Exception:
                log.exception("live_order_failed")

    def _serve(self, stream: Stream, events: int) -> None:
        try:
            if events & selectors.EVENT_READ:
                stream.check_reader()
            self._write(stream)
        except Gone:
            self._remove(stream)

    def _add(self, stream: Stream) -> None:
        assert stream.connection is not None
        with self._lock:
            self._streams.add(stream)
        for topic in stream.topics:
            self._by_topic[topic].add(stream)
        self._selector.register(stream.connection, selectors.EVENT_READ, stream)
        self._joined(stream)

    def _remove(self, stream: Stream) -> None:
        if stream not in self._streams or stream.connection is None:
            return
        with self._lock:
            self._streams.discard(stream)
        for topic in stream.topics:
            self._by_topic[topic].discard(stream)
            if not self._by_topic[topic]:
                del self._by_topic[topic]
        self._selector.unregister(stream.connection)
        stream.close()
        self._left(stream)

    def _publish(self, topic: str, everything: Fragments, changed: Fragments) -> None:
        whole, part = event(everything), event(changed) if changed else b""
        for stream in list(self._by_topic.get(topic, ())):
            self._send(stream, part if topic in stream.greeted else whole)
            stream.greeted.add(topic)

    def _publish_gone(self, topic: str) -> None:
        for stream in list(self._by_topic.get(topic, ())):
            self._send(stream, GONE)

    def _send_heartbeats(self) -> None:
        self._next_heartbeat = time.monotonic() + HEARTBEAT
        for stream in self.streams:
            self._send(stream, heartbeat(clock.now()) if self._fresh(stream.topics) else KEEP_ALIVE)

    def _send(self, stream: Stream, text: bytes) -> None:
        try:
            if text:
                stream.put(text)
                self._write(stream)
        except Gone:
            self._remove(stream)

    def _write(self, stream: Stream) -> None:
        stream.write()
        assert stream.connection is not None
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if stream.unsent else 0)
        if self._selector.get_key(stream.connection).events != wanted:
            self._selector.modify(stream.connection, wanted, stream)

    def _end_all(self) -> None:
        for stream in self.streams:
            self._remove(stream)
        self._next_heartbeat = time.monotonic() + HEARTBEAT
