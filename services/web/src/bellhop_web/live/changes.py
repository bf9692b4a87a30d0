"""Notifications from Redis of what has changed, and of jobs that have ended."""

import json
import time
from collections.abc import Callable, Iterable
from threading import Thread

import redis
from redis.client import PubSub

from bellhop_ledger.broker.pubsub import CHANGED, ENDED, listen
from bellhop_ledger.platform.log import get_logger

log = get_logger(__name__)

PAUSE = 1.0
"""Seconds before Redis is tried again."""


class ChangeListener:
    """One thread that subscribes to notifications, once there is a stream."""

    def __init__(self, notify: Callable[[Iterable[str]], None]):
        self._notify = notify
        self._thread: Thread | None = None

    def start(self) -> None:
        """Listen from now on."""
        if self._thread is None:
            self._thread = Thread(target=self._run, name="live-changes", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                self._receive(listen(CHANGED, ENDED))
            except redis.RedisError as error:
                log.debug("notifications_lost", error=repr(error))
                time.sleep(PAUSE)

    def _receive(self, listener: PubSub) -> None:
        while True:
            message = listener.get_message(ignore_subscribe_messages=True, timeout=PAUSE)
            if message:
                self._notify(topics_of(message["channel"].decode(), json.loads(message["data"])))


def topics_of(channel: str, things: list[str]) -> list[str]:
    """Return the topics that a message is about: those it names, or those of the jobs that have ended.

    Who follows a job by its news hears of what is new of it and of its log.
    """
    named = things if channel == CHANGED else [f"job:{id}" for id in things]
    parts = (one.partition(":") for one in named)
    return [*named, *(f"job_news:{id}" for kind, _, id in parts if kind in {"job", "job_log"})]
