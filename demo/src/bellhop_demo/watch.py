"""Watches something that changes by itself."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PAUSE = 0.1
"""Seconds between two looks."""
TIMEOUT = 60.0


def watch(
    look: Callable[[], T],
    is_over: Callable[[T], bool],
    show: Callable[[T], object] = lambda seen: None,
    timeout: float = TIMEOUT,
) -> T:
    """Look and show until it is over, or for so many seconds; give what was seen last."""
    deadline = time.monotonic() + timeout
    while True:
        seen = look()
        show(seen)
        if is_over(seen) or time.monotonic() >= deadline:
            return seen
        time.sleep(PAUSE)
