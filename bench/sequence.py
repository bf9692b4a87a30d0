"""One job after another. It needs the standard library only, as the environments of peers have nothing else of ours."""

import time
from collections.abc import Callable

PERIOD = 0.05
"""Seconds from one job to the next."""


def in_sequence(run_one: Callable[[], None], times: int) -> list[float]:
    """Run one job after another and return how long each took, in milliseconds."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        run_one()
        took.append((time.perf_counter() - began) * 1000)
        time.sleep(max(began + PERIOD - time.perf_counter(), 0))
    return took


def poll(look: Callable[[], object], seconds: float = 30.0) -> None:
    """Ask each millisecond until the answer is true: for results that cannot be waited for. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not look():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.001)
