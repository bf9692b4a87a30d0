"""Notifications over Redis pub/sub: a job ended or a live view changed. Losing one costs a moment."""

import json
import os
import time
from collections.abc import Sequence
from functools import lru_cache
from threading import Lock
from typing import Any
from uuid import UUID

import redis
from redis.backoff import NoBackoff
from redis.client import PubSub
from redis.retry import Retry

from bellhop_ledger.platform.log import get_logger
from bellhop_ledger.platform.metrics import faults
from bellhop_ledger.platform.settings import Settings

log = get_logger(__name__)

ENDED = "bellhop:ended"
CHANGED = "bellhop:changed"
PAUSE_AFTER_FAILURE = 5.0


@lru_cache(maxsize=1)
def client() -> redis.Redis:
    """Return this process' client for notifications: short time-outs and no retries, for nobody waits for one."""
    return Settings.load().redis.client(
        socket_timeout=0.5,
        socket_connect_timeout=0.5,
        retry=Retry(NoBackoff(), 0),
    )


def listen(*channels: str) -> PubSub:
    """Subscribe to channels, over a connection of its own. Raises RedisError."""
    made = Settings.load().redis.client(
        socket_connect_timeout=1,
        socket_timeout=3,
        retry=Retry(NoBackoff(), 0),
    )
    listener: PubSub = made.pubsub()  # type: ignore[no-untyped-call]
    listener.subscribe(*channels)
    return listener


class Notifier:
    """Publishes messages over a connection on which Redis does not answer.

    So a message costs a write and no wait. One that is published right after Redis has closed the connection is lost.
    """

    def __init__(self) -> None:
        self._connection: Any = None
        self._lock = Lock()
        self._paused_until = 0.0

    def notify(self, channel: str, message: str) -> None:
        """Publish a message. After a failure publish nothing for 5 s, so that a dead Redis slows nothing down."""
        with self._lock:
            if time.monotonic() < self._paused_until:
                return
            try:
                self._send(channel, message)
            except redis.RedisError as error:
                self._paused_until = time.monotonic() + PAUSE_AFTER_FAILURE
                faults.HINTS.inc()
                log.debug("announcement_failed", error=repr(error))

    def _send(self, *words: str) -> None:
        if self._connection is not None:
            try:
                self._connection.send_command("PUBLISH", *words)
                return
            except redis.RedisError:
                self._connection = None  # it was closed since
        self._connection = _silent_connection()
        self._connection.send_command("PUBLISH", *words)


def _silent_connection() -> Any:
    connection: Any = client().connection_pool.make_connection()
    connection.connect()
    connection.send_command("CLIENT", "REPLY", "OFF")
    return connection


@lru_cache(maxsize=1)
def notifier() -> Notifier:
    """Return this process' notifier."""
    return Notifier()


os.register_at_fork(after_in_child=notifier.cache_clear)


def announce_ended(ids: Sequence[UUID]) -> None:
    """Publish that these jobs ended."""
    if ids:
        notifier().notify(ENDED, json.dumps([str(id) for id in ids]))


def announce_changed(topics: Sequence[str]) -> None:
    """Publish that what these topics of live views show has changed, each of them once."""
    if topics:
        notifier().notify(CHANGED, json.dumps(sorted(set(topics))))
