"""A breaker: while Redis is away or hangs, one request in some seconds asks for it, and the others do not wait."""

import time
from collections.abc import Callable
from threading import Lock
from typing import TypeVar

import redis
from prometheus_client import Counter

from bellhop_ledger.platform.log import get_logger

log = get_logger(__name__)

T = TypeVar("T")
PAUSE = 5.0
"""Seconds after a failure in which Redis is left alone."""
UNAVAILABLE = Counter(
    "bellhop_rate_limiter_unavailable_total", "Times that a limit was not checked because Redis could not be asked"
)


class Breaker:
    """Asks Redis, unless it was away a moment ago."""

    def __init__(self) -> None:
        self._closed_until = 0.0
        self._lock = Lock()

    def ask(self, question: Callable[[], T]) -> T | None:
        """Return the answer, or nothing when there is none."""
        if self._may_ask():
            try:
                answer = question()
                self._closed_until = 0.0
                return answer
            except redis.RedisError as error:
                self._closed_until = time.monotonic() + PAUSE
                log.warning("rate_limiter_away", error=repr(error))
        UNAVAILABLE.inc()
        return None

    def _may_ask(self) -> bool:
        with self._lock:
            now = time.monotonic()
            if now < self._closed_until:
                return False
            if self._closed_until:  # this one finds out; the others go on without
                self._closed_until = now + PAUSE
            return True


breaker = Breaker()
"""This process' one."""
