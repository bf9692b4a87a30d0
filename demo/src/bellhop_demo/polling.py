"""Polling: look at something again and again until it has changed."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PAUSE = 0.1
"""Seconds between two looks."""
TIMEOUT = 60.0


def poll_until(
    look: Callable[[], T],
    is_over: Callable[[T], bool],
    show: Callable[[T], object] = lambda seen: None,
    timeout: float = TIMEOUT,
) -> T:
    """Look and show until it is over, or for `timeout` seconds; return what was seen last."""
    deadline = time.monotonic() + timeout
    while True:
        seen = look()
        show(seen)
        if is_over(seen) or time.monotonic() >= deadline:
            return seen
        time.sleep(PAUSE)
