"""Measures how long quick calls take while something slow is going on."""

import time
from collections.abc import Callable
from statistics import median
from threading import Event, Thread
from typing import Self

from bellhop_demo.errors import DemoError

PAUSE = 0.05
"""Seconds between two calls."""


class Probe:
    """Makes a quick call again and again, in a thread of its own, and keeps the seconds each took."""

    def __init__(self, call: Callable[[], object]) -> None:
        self._call = call
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="probe", daemon=True)
        self.seconds: list[float] = []
        self.error: DemoError | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stopped.set()
        self._thread.join()

    @property
    def median(self) -> float:
        """The middle of the measured times, in seconds; infinite when nothing was measured."""
        return median(self.seconds) if self.seconds else float("inf")

    @property
    def slowest(self) -> float:
        """The longest of the measured times, in seconds."""
        return max(self.seconds, default=float("inf"))

    def _run(self) -> None:
        while not self._stopped.wait(PAUSE):
            began = time.perf_counter()
            try:
                self._call()
            except DemoError as error:
                self.error = error
                return
            self.seconds.append(time.perf_counter() - began)
